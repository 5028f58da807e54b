//! Changes that make a version offered, smallest first.
//!
//! In:  a machine, and the version that is wanted.
//! Out: each change that the model confirms, as text to apply and text to undo it.
//! Not here: the model. A change is only proposed if the machine that has it offers more.

use std::fmt::Write as _;

use super::machine::{Input, Machine, Origin, Place, text};
use super::worlds::{Answer, Possible, possible};
use super::{Client, consequence, dotnet, named, native, programs, schannel};
use crate::content::{ChangeRow, Program, Risk, Side, Text, library};
use crate::tls::Version;

/// A change, proved by the model.
#[derive(Clone, Debug)]
pub struct Change {
    /// The version that it makes offered.
    pub makes: Version,
    /// What is done: a file to import, a line of code …
    pub form: Form,
    /// The language of its text, as fences have it.
    pub fence: &'static str,
    /// What it does, in a few words.
    pub title: Text,
    /// What to apply.
    pub text: String,
    /// What takes it back.
    pub undo: Text,
    /// What has to be started again.
    pub restart: Restart,
    /// What it puts at risk.
    pub risk: Risk,
    /// It works only where this question has one of these answers.
    pub only_if: Option<(Input, Vec<Answer>)>,
    /// An update that has to be installed first.
    pub needs: Option<&'static str>,
    /// The same as operations on a machine.
    pub operations: Vec<Operation>,
}

/// How a change is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A `.reg` file.
    Reg,
    /// A PowerShell command.
    PowerShell,
    /// A fragment of the program's configuration file.
    AppConfig,
    /// A line of code.
    Code,
    /// An option of a command.
    Command,
    /// Lines of a configuration file.
    Config,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 6] =
        [Self::Reg, Self::PowerShell, Self::AppConfig, Self::Code, Self::Command, Self::Config];

    /// The name in the contract's JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reg => "reg",
            Self::PowerShell => "powershell",
            Self::AppConfig => "app-config",
            Self::Code => "code",
            Self::Command => "command",
            Self::Config => "config",
        }
    }

    /// The language of a fence around it, where nothing more is said.
    fn fence(self) -> &'static str {
        match self {
            Self::Reg => "reg",
            Self::PowerShell => "powershell",
            Self::AppConfig => "xml",
            Self::Code => "csharp",
            Self::Command => "sh",
            Self::Config => "ini",
        }
    }
}

/// What has to be started again before a change acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Nothing.
    None,
    /// The program.
    Program,
    /// The machine.
    Machine,
}

impl Restart {
    /// The name in the contract's JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Program => "program",
            Self::Machine => "machine",
        }
    }
}

/// One step of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Makes a setting.
    Set(Place, String, String),
    /// Takes a setting away.
    Unset(Place, String),
    /// Installs an update.
    Install(&'static str),
}

/// The machine after some operations.
#[must_use]
pub fn applied(machine: &Machine, operations: &[Operation]) -> Machine {
    let mut changed = machine.clone();
    for operation in operations {
        match operation {
            Operation::Set(place, name, value) => changed.set(*place, name, value, Origin::Supposed),
            Operation::Unset(place, name) => changed.unset(*place, name),
            Operation::Install(kb) => changed.suppose(Input::Update(kb), "installed"),
        }
    }
    changed
}

/// The operations that take others back on a machine that did not have them yet. An update stays.
#[must_use]
pub fn undone(machine: &Machine, operations: &[Operation]) -> Vec<Operation> {
    operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::Set(place, name, _) | Operation::Unset(place, name) => {
                Some(match machine.setting(*place, name) {
                    Some(before) => Operation::Set(*place, name.clone(), before.value.clone()),
                    None => Operation::Unset(*place, name.clone()),
                })
            }
            Operation::Install(_) => None,
        })
        .collect()
}

/// A change that might help.
struct Idea {
    form: Form,
    title: Text,
    operations: Vec<Operation>,
    /// For code and configuration: the line itself.
    line: Option<String>,
    /// The language of the line, where its form does not say it.
    fence: Option<&'static str>,
    restart: Restart,
    risk: Risk,
}

/// Every change that makes a version offered where it is not, smallest first.
pub(super) fn changes(machine: &Machine, before: &[Possible], wanted: Version) -> Vec<Change> {
    let mut found: Vec<Change> = Vec::new();
    for idea in ideas(machine, wanted) {
        // Nothing is taken away that is not there.
        let idle = |operation: &Operation| match operation {
            Operation::Unset(place, name) => machine.setting(*place, name).is_none(),
            Operation::Set(..) | Operation::Install(_) => false,
        };
        if idea.operations.iter().all(idle) {
            continue;
        }
        if found.iter().any(|other| other.operations == idea.operations) {
            continue;
        }
        let changed = applied(machine, &idea.operations);
        let Ok(after) = possible(&changed) else { continue };
        let Some(only_if) = helps(&changed, before, &after, wanted) else { continue };
        let undo = undone(machine, &idea.operations);
        let needs = idea.operations.iter().find_map(|operation| match operation {
            Operation::Install(kb) => Some(*kb),
            _ => None,
        });
        let (shown, undo) = match (&idea.line, idea.form) {
            (Some(line), _) => (line.clone(), take_out(idea.form)),
            (None, _) => {
                let undo = reg(&undo);
                (reg(&idea.operations), text(undo.clone(), undo))
            }
        };
        found.push(Change {
            makes: wanted,
            form: idea.form,
            fence: idea.fence.unwrap_or_else(|| idea.form.fence()),
            title: idea.title,
            text: shown,
            undo,
            restart: idea.restart,
            risk: idea.risk,
            only_if,
            needs,
            operations: idea.operations,
        });
    }
    // What a smaller change does already needs no larger one.
    let all = found.clone();
    found.retain(|change| {
        !all.iter().any(|smaller| {
            let part = smaller.operations.iter().all(|operation| change.operations.contains(operation));
            let as_good = smaller.only_if.is_none() || smaller.only_if == change.only_if;
            part && as_good && smaller.operations.len() < change.operations.len()
        })
    });
    // What helps whatever is unknown stands first; the order of the ideas is that of their reach.
    found.sort_by_key(|change| change.only_if.is_some());
    found
}

fn take_out(form: Form) -> Text {
    match form {
        Form::PowerShell => text("Close the session.", "关闭这个会话。"),
        Form::Command => text("Leave the option out again.", "去掉这个选项。"),
        Form::Reg | Form::AppConfig | Form::Code | Form::Config => {
            text("Take the line out, or put the old one back.", "删掉这一行，或恢复原来的写法。")
        }
    }
}

/// Whether a version is offered after a change where it was not before: always, or only with some answers.
type OnlyIf = Option<(Input, Vec<Answer>)>;

fn helps(changed: &Machine, before: &[Possible], after: &[Possible], wanted: Version) -> Option<OnlyIf> {
    let in_all = |worlds: &[Possible]| worlds.iter().all(|world| world.outcome.has(wanted));
    if in_all(before) {
        return None;
    }
    if in_all(after) {
        return Some(None);
    }
    let mut questions: Vec<Input> = Vec::new();
    for assumed in after.iter().chain(before).flat_map(|world| &world.assumed) {
        if !questions.contains(&assumed.input) {
            questions.push(assumed.input);
        }
    }
    questions.into_iter().find_map(|input| {
        let mut answers: Vec<Answer> = Vec::new();
        for answer in after.iter().chain(before).filter_map(|world| world.answer(input)) {
            if !answers.contains(answer) {
                answers.push(answer.clone());
            }
        }
        answers.retain(|answer| {
            let offers =
                |worlds: &[Possible]| consequence(input, answer.clone(), worlds).offers.contains(&wanted);
            // A world that never asked may be another where the answer is known.
            let mut answered = changed.clone();
            answered.suppose(input, &answer.value);
            offers(after) && !offers(before) && possible(&answered).is_ok_and(|worlds| in_all(&worlds))
        });
        (!answers.is_empty()).then_some(Some((input, answers)))
    })
}

/// What might help, in the order of reach: the program, one user, all programs of a kind, the machine.
fn ideas(machine: &Machine, wanted: Version) -> Vec<Idea> {
    if let Some(program) = machine.client.program() {
        return program.changes.iter().filter_map(|row| of_table(program, row, wanted)).collect();
    }
    let mut ideas = Vec::new();
    let name = wanted.to_string();
    // What .NET calls the version: Tls12.
    let enumerated = format!("Tls{}", name.trim_start_matches("TLS ").replace('.', ""));
    let in_code = |line: String, place_name: &str, value: String| Idea {
        form: Form::Code,
        title: text(format!("Name {name} in the code"), format!("在代码里指定 {name}")),
        operations: vec![Operation::Set(Place::Code, place_name.to_owned(), value)],
        line: Some(line),
        fence: None,
        restart: Restart::Program,
        risk: Risk::Caution,
    };
    match machine.client {
        Client::SmtpClient
        | Client::HttpWebRequest
        | Client::WebClient
        | Client::Wcf
        | Client::PowerShell => {
            let before =
                machine.setting(Place::Code, dotnet::SECURITY_PROTOCOL).map(|setting| &setting.value);
            let value = match before {
                Some(before) if before.starts_with("|= ") => format!("{before}, {name}"),
                Some(before) => format!("{before}, {name}"),
                None => format!("|= {name}"),
            };
            if machine.client == Client::PowerShell {
                ideas.push(Idea {
                    form: Form::PowerShell,
                    restart: Restart::None,
                    risk: Risk::Safe,
                    ..in_code(
                        format!("[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::{enumerated}"),
                        dotnet::SECURITY_PROTOCOL,
                        value,
                    )
                });
                ideas.push(Idea {
                    form: Form::PowerShell,
                    restart: Restart::None,
                    risk: Risk::Safe,
                    ..in_code(
                        format!("Invoke-WebRequest -SslProtocol {enumerated} …"),
                        dotnet::SSL_PROTOCOLS,
                        name.clone(),
                    )
                });
            } else {
                ideas.push(in_code(
                    format!("ServicePointManager.SecurityProtocol |= SecurityProtocolType.{enumerated};"),
                    dotnet::SECURITY_PROTOCOL,
                    value,
                ));
                if machine.setting(Place::Config, dotnet::WCF_BINDING).is_none() {
                    ideas.extend(app_config());
                }
            }
            ideas.extend(dotnet_registry(wanted));
            ideas.extend(clr_2_registry(machine, wanted));
        }
        Client::SslStream | Client::MailKit => {
            let line = match machine.client {
                Client::MailKit => format!("client.SslProtocols = SslProtocols.{enumerated};"),
                _ => format!("stream.AuthenticateAsClient(host, null, SslProtocols.{enumerated}, true);"),
            };
            ideas.push(in_code(line, dotnet::SSL_PROTOCOLS, name.clone()));
            if machine.client == Client::SslStream {
                ideas.extend(app_config());
            }
            ideas.extend(dotnet_registry(wanted));
        }
        Client::Dotnet => {
            let line = format!(
                "handler.SslOptions.EnabledSslProtocols = SslProtocols.{enumerated}; // SocketsHttpHandler; SslStream: SslClientAuthenticationOptions"
            );
            ideas.push(in_code(line, dotnet::SSL_PROTOCOLS, name.clone()));
        }
        Client::WinHttp => ideas.extend(winhttp(machine, wanted)),
        Client::WinInet => {
            let bits = wininet_bits(machine) | native::to_bits(&[wanted]);
            ideas.push(registry(
                text(format!("Add {name} to this user's list"), format!("把 {name} 加入当前用户的列表")),
                vec![Operation::Set(Place::Registry, native::WININET.to_owned(), bits.to_string())],
                Restart::Program,
            ));
        }
        Client::CurlSchannel => ideas.push(Idea {
            form: Form::Command,
            title: text(format!("Let curl name {name}"), format!("让 curl 指定 {name}")),
            operations: vec![Operation::Unset(Place::Code, native::CURL_NEWEST.to_owned())],
            line: Some("curl … # without --tls-max".to_owned()),
            fence: None,
            restart: Restart::None,
            risk: Risk::Safe,
        }),
        Client::SqlClient | Client::Iis | Client::Exchange | Client::Program(_) => {}
    }
    ideas.push(schannel_keys(wanted, machine.client.side()));
    ideas
}

/// A change of a program's table, for the version that is wanted.
fn of_table(program: &'static Program, row: &ChangeRow, wanted: Version) -> Option<Idea> {
    if !row.makes.contains(&wanted) {
        return None;
    }
    let operations = row.sets.iter().map(|set| {
        let place = programs::place_in(program, &filled(&set.name, wanted))?;
        Some(Operation::Set(place, filled(&set.name, wanted), filled(&set.value, wanted)))
    });
    let title = row.title.text();
    let old = wanted.rank() < Version::TLS12.rank();
    Some(Idea {
        form: Form::ALL.into_iter().find(|form| form.name() == row.form)?,
        title: text(filled(&title.en, wanted), filled(&title.zh, wanted)),
        operations: operations.collect::<Option<_>>()?,
        line: Some(filled(&row.text, wanted)),
        fence: program.fences.get(&row.form).map(String::as_str),
        restart: match row.restart.as_str() {
            "none" => Restart::None,
            "machine" => Restart::Machine,
            _ => Restart::Program,
        },
        risk: row.risk.unwrap_or(if old { Risk::Unsafe } else { Risk::Safe }),
    })
}

/// A text of a table with the version in its places.
fn filled(text: &str, version: Version) -> String {
    let name = version.to_string();
    let number = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    // The first one is mostly called TLSv1.
    let short = number.trim_end_matches(".0");
    let nth = Version::ALL.iter().position(|other| *other == version).unwrap_or(0).saturating_sub(1);
    text.replace("{version}", &name)
        .replace("{n}", number)
        .replace("{v}", &format!("TLSv{short}"))
        .replace("{w}", &format!("TLSv{}", short.replace('.', "_")))
        .replace("{u}", &short.replace('.', "_"))
        .replace("{d}", &number.replace('.', ""))
        .replace("{m}", &nth.to_string())
}

fn schannel_keys(wanted: Version, side: Side) -> Idea {
    let title = match side {
        Side::Client => text(
            format!("Switch {wanted} on for all programs that leave the choice to Windows"),
            format!("为所有由 Windows 决定版本的程序开启 {wanted}"),
        ),
        Side::Server => text(
            format!("Switch {wanted} on for all servers on this machine that leave the choice to Windows"),
            format!("为本机所有由 Windows 决定版本的服务器开启 {wanted}"),
        ),
    };
    registry(title, schannel_operations(wanted, side), Restart::Machine)
}

fn registry(title: Text, operations: Vec<Operation>, restart: Restart) -> Idea {
    Idea { form: Form::Reg, title, operations, line: None, fence: None, restart, risk: Risk::Safe }
}

fn schannel_operations(wanted: Version, side: Side) -> Vec<Operation> {
    [("DisabledByDefault", "0"), ("Enabled", "1")]
        .into_iter()
        .map(|(value, number)| {
            let name = schannel::value_name(wanted, side, value);
            Operation::Set(Place::Registry, name, number.to_owned())
        })
        .collect()
}

fn app_config() -> Vec<Idea> {
    let idea = |switches: &[(&str, &str)]| {
        let value: Vec<String> = switches.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Idea {
            form: Form::AppConfig,
            title: text("Let .NET name the versions for this program", "让 .NET 为这个程序指定版本"),
            operations: switches
                .iter()
                .map(|(name, value)| Operation::Set(Place::Config, (*name).to_owned(), (*value).to_owned()))
                .collect(),
            line: Some(format!(
                "<configuration>\n  <runtime>\n    <AppContextSwitchOverrides value=\"{}\" />\n  </runtime>\n</configuration>",
                value.join(";")
            )),
            fence: None,
            restart: Restart::Program,
            risk: Risk::Safe,
        }
    };
    vec![
        idea(&[(dotnet::SYSTEM_SWITCH, "true")]),
        idea(&[(dotnet::STRONG_SWITCH, "false")]),
        idea(&[(dotnet::SYSTEM_SWITCH, "true"), (dotnet::STRONG_SWITCH, "false")]),
    ]
}

/// Both copies, so that the program's bitness makes no difference.
fn both_views(clr: dotnet::Clr, value: &str, number: Option<&str>) -> Vec<Operation> {
    [false, true]
        .into_iter()
        .map(|wow| {
            let name = dotnet::registry_name(clr, wow, value);
            match number {
                Some(number) => Operation::Set(Place::Registry, name, number.to_owned()),
                None => Operation::Unset(Place::Registry, name),
            }
        })
        .collect()
}

fn dotnet_registry(wanted: Version) -> Vec<Idea> {
    use dotnet::Clr::Four;
    let strong = both_views(Four, dotnet::STRONG_VALUE, Some("1"));
    let not_system = both_views(Four, dotnet::SYSTEM_VALUE, Some("0"));
    let system = both_views(Four, dotnet::SYSTEM_VALUE, Some("1"));
    let no_system = both_views(Four, dotnet::SYSTEM_VALUE, None);
    let all =
        |parts: &[&Vec<Operation>]| parts.iter().flat_map(|part| part.iter().cloned()).collect::<Vec<_>>();
    let named = || {
        text(
            "Let .NET Framework 4.x name TLS 1.0 to 1.2 for its programs",
            "让 .NET Framework 4.x 为其程序指定 TLS 1.0 至 1.2",
        )
    };
    let follows = || {
        text(
            "Let programs of .NET Framework 4.x leave the choice to Windows",
            "让 .NET Framework 4.x 的程序由 Windows 决定版本",
        )
    };
    let keys = schannel_operations(wanted, Side::Client);
    vec![
        registry(named(), strong.clone(), Restart::Program),
        registry(named(), no_system.clone(), Restart::Program),
        registry(named(), all(&[&no_system, &strong]), Restart::Program),
        schannel_keys(wanted, Side::Client),
        registry(named(), not_system.clone(), Restart::Program),
        registry(named(), all(&[&not_system, &strong]), Restart::Program),
        registry(follows(), system.clone(), Restart::Program),
        registry(follows(), all(&[&system, &keys]), Restart::Machine),
    ]
}

fn clr_2_registry(machine: &Machine, wanted: Version) -> Vec<Idea> {
    let is_two =
        |input| machine.known(input).is_some_and(|given| dotnet::clr_of(&given.value) == dotnet::Clr::Two);
    let two = is_two(Input::Target)
        || is_two(Input::Dotnet)
        || (machine.client == Client::PowerShell && is_two(Input::ClientVersion));
    if !two {
        return Vec::new();
    }
    let system = both_views(dotnet::Clr::Two, dotnet::SYSTEM_VALUE, Some("1"));
    let os = machine.known(Input::Os).map(|given| given.value.as_str());
    let windows = library().windows.iter().find(|windows| Some(windows.is.as_str()) == os);
    let update = windows.and_then(|windows| windows.clr2_update.as_deref()).filter(|kb| *kb != "none");
    let install: Vec<Operation> = update.into_iter().map(Operation::Install).collect();
    let follows = || {
        text(
            "Let programs of .NET 2.0 to 3.5 leave the choice to Windows",
            "让 .NET 2.0 至 3.5 的程序由 Windows 决定版本",
        )
    };
    let with_keys =
        install.iter().chain(&system).cloned().chain(schannel_operations(wanted, Side::Client)).collect();
    vec![
        registry(follows(), install.iter().chain(&system).cloned().collect(), Restart::Program),
        registry(follows(), with_keys, Restart::Machine),
    ]
}

fn winhttp(machine: &Machine, wanted: Version) -> Vec<Idea> {
    let os = machine.known(Input::Os).map(|given| given.value.as_str());
    let windows = library().windows.iter().find(|windows| Some(windows.is.as_str()) == os);
    let update = windows.and_then(|windows| windows.winhttp_update.as_deref());
    let set =
        machine.setting(Place::Registry, &native::winhttp_name(false)).and_then(|setting| setting.number());
    // TLS 1.0 to 1.2, and what is set already: nothing that works now is taken away.
    let usual = native::to_bits(&[Version::TLS10, Version::TLS11, Version::TLS12, wanted]);
    let bits = set.unwrap_or(0) | usual;
    let values: Vec<Operation> = [false, true]
        .into_iter()
        .map(|wow| Operation::Set(Place::Registry, native::winhttp_name(wow), bits.to_string()))
        .collect();
    let install: Vec<Operation> = update.into_iter().map(Operation::Install).collect();
    let title = || {
        text(format!("Add {wanted} to what WinHTTP names"), format!("把 {wanted} 加入 WinHTTP 指定的版本"))
    };
    let mut ideas = vec![
        registry(title(), install.iter().chain(&values).cloned().collect(), Restart::Program),
        registry(
            title(),
            install.iter().chain(&values).cloned().chain(schannel_operations(wanted, Side::Client)).collect(),
            Restart::Machine,
        ),
    ];
    if machine
        .setting(Place::Code, native::WINHTTP_OPTION)
        .is_some_and(|by| !named(&by.value).contains(&wanted))
    {
        ideas.insert(
            0,
            Idea {
                form: Form::Code,
                title: text(format!("Name {wanted} in the code"), format!("在代码里指定 {wanted}")),
                operations: vec![Operation::Set(
                    Place::Code,
                    native::WINHTTP_OPTION.to_owned(),
                    wanted.to_string(),
                )],
                line: Some(format!("http.Option(9) = &H{:X}", native::to_bits(&[wanted]))),
                fence: Some("vb"),
                restart: Restart::Program,
                risk: Risk::Caution,
            },
        );
    }
    ideas
}

fn wininet_bits(machine: &Machine) -> u32 {
    let set = machine.setting(Place::Registry, native::WININET).and_then(|setting| setting.number());
    set.unwrap_or_else(|| native::to_bits(&[Version::TLS10, Version::TLS11, Version::TLS12]))
}

/// A key, and its values: each set to something, or taken away.
type Key<'o> = (&'o str, Vec<(&'o str, Option<&'o str>)>);

/// The registry operations, by key, in the order in which the keys come up.
fn by_key(operations: &[Operation]) -> Vec<Key<'_>> {
    let mut keys: Vec<Key<'_>> = Vec::new();
    for operation in operations {
        let (name, value) = match operation {
            Operation::Set(Place::Registry, name, value) => (name, Some(value.as_str())),
            Operation::Unset(Place::Registry, name) => (name, None),
            _ => continue,
        };
        let Some((key, name)) = name.rsplit_once('\\') else { continue };
        match keys.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push((name, value)),
            None => keys.push((key, vec![(name, value)])),
        }
    }
    keys
}

/// Registry operations as a `.reg` file.
#[must_use]
pub fn reg(operations: &[Operation]) -> String {
    let mut out = String::from("Windows Registry Editor Version 5.00\n");
    for (key, values) in by_key(operations) {
        let key =
            key.replacen("HKLM\\", "HKEY_LOCAL_MACHINE\\", 1).replacen("HKCU\\", "HKEY_CURRENT_USER\\", 1);
        let _ = write!(out, "\n[{key}]\n");
        for (name, value) in values {
            let _ = match value.map(|value| (value.parse::<u32>(), value)) {
                Some((Ok(number), _)) => writeln!(out, "\"{name}\"=dword:{number:08x}"),
                Some((Err(_), words)) => writeln!(out, "\"{name}\"=\"{words}\""),
                None => writeln!(out, "\"{name}\"=-"),
            };
        }
    }
    out
}

/// The same as PowerShell, to be run as an administrator.
#[must_use]
pub fn powershell(operations: &[Operation]) -> String {
    let mut out = String::new();
    for (key, values) in by_key(operations) {
        let key = key.replacen('\\', ":\\", 1);
        let _ = writeln!(out, "$key = '{key}'");
        // New-Item -Force would empty a key that is there already.
        if values.iter().any(|(_, value)| value.is_some()) {
            out.push_str("if (!(Test-Path $key)) { New-Item $key -Force | Out-Null }\n");
        }
        for (name, value) in values {
            let _ = match value.map(|value| (value.parse::<u32>(), value)) {
                Some((Ok(number), _)) => writeln!(out, "Set-ItemProperty $key {name} {number} -Type DWord"),
                Some((Err(_), words)) => writeln!(out, "Set-ItemProperty $key {name} '{words}' -Type String"),
                None => writeln!(out, "Remove-ItemProperty $key {name}"),
            };
        }
    }
    out
}
