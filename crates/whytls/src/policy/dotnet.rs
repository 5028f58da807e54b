//! What a .NET program asks of the TLS below it: .NET Framework, .NET (Core), PowerShell, WCF, MailKit.
//!
//! In:  its target framework, the versions named in its code, its AppContext switches, the values
//!      under `.NETFramework`.
//! Out: the versions that .NET names for it, or that it leaves the choice to Windows.
//! Not here: what Schannel makes of that.

use super::machine::{Input, Place, Setting, text};
use super::{Answer, Answered, Client, Decision, Outcome, Request, World, listed, named, numbers, schannel};
use crate::content::{Text, library};
use crate::tls::Version;

/// The code's own list, for all connections of a process.
pub const SECURITY_PROTOCOL: &str = "ServicePointManager.SecurityProtocol";
/// The versions that code names for one connection.
pub const SSL_PROTOCOLS: &str = "SslProtocols";
/// The switch that takes back what a target of 4.7 or later does.
pub const SYSTEM_SWITCH: &str = "Switch.System.Net.DontEnableSystemDefaultTlsVersions";
/// The switch that takes back what a target of 4.6 or later does.
pub const STRONG_SWITCH: &str = "Switch.System.Net.DontEnableSchUseStrongCrypto";
/// The registry's word on the first.
pub const SYSTEM_VALUE: &str = "SystemDefaultTlsVersions";
/// The registry's word on the second.
pub const STRONG_VALUE: &str = "SchUseStrongCrypto";
/// Which of WCF's bindings a configuration has.
pub const WCF_BINDING: &str = "binding";

const OLD: [Version; 2] = [Version::SSL3, Version::TLS10];
const STRONG: [Version; 3] = [Version::TLS10, Version::TLS11, Version::TLS12];

/// Which CLR runs a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clr {
    /// .NET 2.0, 3.0, 3.5.
    Two,
    /// .NET Framework 4.x.
    Four,
    /// .NET Core, .NET 5 and later.
    Core,
}

/// The key of a value of .NET Framework, in the view of one bitness.
pub(super) fn registry_name(clr: Clr, wow: bool, value: &str) -> String {
    let view = if wow { r"Wow6432Node\" } else { "" };
    let version = if clr == Clr::Two { "v2.0.50727" } else { "v4.0.30319" };
    format!(r"HKLM\SOFTWARE\{view}Microsoft\.NETFramework\{version}\{value}")
}

/// A program whose connections ServicePointManager speaks for.
pub(super) fn framework(world: &World<'_>) -> Answered<Outcome> {
    match clr(world)? {
        Clr::Core => core(world),
        Clr::Two => schannel::client(world, &clr_2(world)?, Version::TLS12),
        Clr::Four => {
            let request = service_point_manager(world, true, target)?;
            schannel::client(world, &request, Version::TLS13)
        }
    }
}

/// `SslStream`, whose callers may name versions for each connection.
pub(super) fn ssl_stream(world: &World<'_>) -> Answered<Outcome> {
    if let Some(request) = per_connection(world) {
        return schannel::client(world, &request, Version::TLS13);
    }
    if none_in_code(world) {
        return system_or_nothing(world);
    }
    match clr(world)? {
        Clr::Core => core(world),
        Clr::Two => schannel::client(world, &clr_2(world)?, Version::TLS12),
        // What code sets in ServicePointManager does not reach it.
        Clr::Four => {
            let request = service_point_manager(world, false, target)?;
            schannel::client(world, &request, Version::TLS13)
        }
    }
}

/// WCF: over HTTP it is HttpWebRequest; net.tcp has a list of its own.
pub(super) fn wcf(world: &World<'_>) -> Answered<Outcome> {
    let tcp = world.setting(Place::Config, WCF_BINDING).filter(|setting| setting.value.contains("netTcp"));
    let Some(binding) = tcp else { return framework(world) };
    if let Some(request) = per_connection(world) {
        return schannel::client(world, &request, Version::TLS13);
    }
    let target = numbers(target(world)?);
    let newest = if target < vec![4] { Version::TLS12 } else { Version::TLS13 };
    let list: Option<&[Version]> = match &target {
        target if *target < vec![4, 6] => Some(&OLD),
        target if *target < vec![4, 7, 1] => Some(&STRONG),
        _ => None,
    };
    let says = match list {
        Some(list) => text(
            format!("For this target framework net.tcp of WCF names {}.", listed(list)),
            format!("对于这个目标框架，WCF 的 net.tcp 指定 {}。", listed(list)),
        ),
        None => text(
            "For a target of 4.7.1 or later net.tcp of WCF leaves the choice to Windows.",
            "目标框架为 4.7.1 或更高版本时，WCF 的 net.tcp 把版本交给 Windows 决定。",
        ),
    };
    let unsure = list == Some(&STRONG);
    let request = Request { named: list.map(<[_]>::to_vec), decided_by: Decision::by(binding), says, unsure };
    schannel::client(world, &request, newest)
}

/// PowerShell: up to 5.1 a program of .NET Framework, from 6 on one of .NET.
pub(super) fn powershell(world: &World<'_>) -> Answered<Outcome> {
    let version = world.ask(Input::ClientVersion, || {
        vec![
            Answer::named("5.1", "Windows PowerShell 3.0 to 5.1", "Windows PowerShell 3.0 至 5.1"),
            Answer::named("7", "PowerShell 6, 7", "PowerShell 6、7"),
            Answer::named("2.0", "Windows PowerShell 2.0", "Windows PowerShell 2.0"),
        ]
    })?;
    match numbers(version).first() {
        Some(0..=2) => schannel::client(world, &clr_2(world)?, Version::TLS12),
        Some(3..=5) => {
            // The host is built for 4.5 or later, and follows what is installed.
            let mut request = service_point_manager(world, true, installed_as_target)?;
            request.unsure |= world.setting(Place::Code, SECURITY_PROTOCOL).is_none();
            schannel::client(world, &request, Version::TLS13)
        }
        _ => core(world),
    }
}

/// Windows PowerShell behaves as if built for 4.7 where 4.7 or later is installed.
fn installed_as_target<'w>(world: &World<'w>) -> Answered<&'w str> {
    const LATER: &str = "4.7";
    const EARLIER: &str = "4.5.2";
    let of = |version: &str| if numbers(version) >= vec![4, 7] { LATER } else { EARLIER };
    if let Some(dotnet) = world.known(Input::Dotnet) {
        return Ok(of(dotnet));
    }
    if world.windows()?.dotnet.as_deref().is_some_and(|inbox| of(inbox) == LATER) {
        return Ok(LATER);
    }
    let dotnet = world.ask(Input::Dotnet, || {
        vec![
            Answer::named("4.7", "4.7 or later is installed", "装有 4.7 或更高版本"),
            Answer::named("4.6.2", "4.6.2 or earlier is installed", "装有 4.6.2 或更早版本"),
        ]
    })?;
    Ok(of(dotnet))
}

/// MailKit, by its own version.
pub(super) fn mailkit(world: &World<'_>) -> Answered<Outcome> {
    if let Some(request) = per_connection(world) {
        return schannel::client(world, &request, Version::TLS13);
    }
    if none_in_code(world) {
        return system_or_nothing(world);
    }
    let version = world.ask(Input::ClientVersion, || {
        vec![
            Answer::named("2.3.1", "up to 2.3.1", "2.3.1 及更早"),
            Answer::named("2.5", "2.3.2 to 2.8", "2.3.2 至 2.8"),
            Answer::named("2.9", "2.9", "2.9"),
            Answer::named("4.0", "2.10 to 4.10", "2.10 至 4.10"),
            Answer::named("4.11", "4.11 to 4.14", "4.11 至 4.14"),
            Answer::named("4.15", "4.15 or later", "4.15 或更高"),
        ]
    })?;
    let version_numbers = numbers(version);
    let rows = &library().mailkit;
    let row = rows.iter().rfind(|row| numbers(&row.from) <= version_numbers).or(rows.first());
    match row.and_then(|row| Some((row, row.names.as_ref()?))) {
        Some((row, names)) => {
            let decided_by = Decision { value: Some(version.to_owned()), ..Decision::default("MailKit") };
            let says = text(
                format!("MailKit {version} names {}.", listed(names)),
                format!("MailKit {version} 指定 {}。", listed(names)),
            );
            let request = Request { named: Some(names.clone()), decided_by, says, unsure: row.unsure };
            schannel::client(world, &request, Version::TLS13)
        }
        None if row.is_some_and(|row| row.follows.as_deref() == Some("manager")) => {
            let mut outcome = framework(world)?;
            outcome.offers.iter_mut().for_each(|offer| offer.unsure = true);
            Ok(outcome)
        }
        None => system_or_nothing(world),
    }
}

/// `SslProtocols.None`: the choice of Windows, where the target lets it be asked for.
fn system_or_nothing(world: &World<'_>) -> Answered<Outcome> {
    let clr = clr(world)?;
    if clr == Clr::Core {
        return core(world);
    }
    let because = match registry(world, Clr::Four, SYSTEM_VALUE)? {
        Some(value) if clr == Clr::Four => (value.number() == Some(1), Some(value)),
        _ => match switch(world, SYSTEM_SWITCH)? {
            Some(setting) if clr == Clr::Four => (!is_true(setting), Some(setting)),
            _ => (numbers(target(world)?) >= vec![4, 7], None),
        },
    };
    let decided_by = because.1.map_or_else(|| Decision::default(SYSTEM_VALUE), Decision::by);
    let request = if because.0 {
        let says = text(
            "It asks for SslProtocols.None, which leaves the choice to Windows.",
            "它要求 SslProtocols.None，即把版本交给 Windows 决定。",
        );
        Request { named: None, decided_by, says, unsure: false }
    } else {
        let says = text(
            "It asks for SslProtocols.None, which .NET Framework refuses (ArgumentException) unless the program is built for 4.7 or later, or SystemDefaultTlsVersions is 1: nothing is sent.",
            "它要求 SslProtocols.None，而 .NET Framework 会拒绝（ArgumentException），除非程序面向 4.7 或更高版本，或 SystemDefaultTlsVersions 为 1：什么都不会发出。",
        );
        Request { named: Some(Vec::new()), decided_by, says, unsure: true }
    };
    schannel::client(world, &request, Version::TLS13)
}

/// .NET (Core) on Windows: the system's choice, but for HttpClient on Windows 7.
pub(super) fn core(world: &World<'_>) -> Answered<Outcome> {
    let windows = world.windows()?;
    if let Some(request) = per_connection(world) {
        return schannel::client(world, &request, Version::TLS13);
    }
    let http = match world.machine().client {
        Client::HttpWebRequest | Client::WebClient | Client::PowerShell | Client::Wcf => true,
        Client::Dotnet if windows.client != [Version::SSL3, Version::TLS10] => false,
        Client::Dotnet => {
            let api = world.ask(Input::Api, || {
                vec![
                    Answer::plain("HttpClient"),
                    Answer::named("SslStream", "SslStream, SmtpClient", "SslStream、SmtpClient"),
                ]
            })?;
            api == "HttpClient"
        }
        _ => false,
    };
    let old = windows.client == [Version::SSL3, Version::TLS10];
    let request = if http && old {
        let says = text(
            format!("On {} HttpClient of .NET names {}.", windows.name, listed(&STRONG)),
            format!("在 {} 上，.NET 的 HttpClient 指定 {}。", windows.name, listed(&STRONG)),
        );
        let decided_by = Decision::default("SslClientAuthenticationOptions.EnabledSslProtocols");
        Request { named: Some(STRONG.to_vec()), decided_by, says, unsure: false }
    } else {
        let says = text(".NET leaves the choice to Windows.", ".NET 把版本交给 Windows 决定。");
        let decided_by = Decision::default("SslClientAuthenticationOptions.EnabledSslProtocols");
        Request { named: None, decided_by, says, unsure: false }
    };
    // Before 5 it spoke to Schannel in the old way, which has no TLS 1.3.
    let version = world.known(Input::Dotnet).or(match world.machine().client {
        Client::Dotnet => world.known(Input::ClientVersion),
        _ => None,
    });
    let old_way = version.is_some_and(|version| matches!(numbers(version).first(), Some(0..=4)));
    schannel::client(world, &request, if old_way { Version::TLS12 } else { Version::TLS13 })
}

/// Which CLR it is, by the target or else by the .NET that runs the program.
fn clr(world: &World<'_>) -> Answered<Clr> {
    if let Some(clr) = world.known(Input::Target).map(clr_of) {
        return Ok(clr);
    }
    // The .NET that is installed tells apart .NET Framework and .NET; 4.x runs nothing of CLR 2.
    if let Some(clr) = world.known(Input::Dotnet).map(clr_of) {
        return Ok(clr);
    }
    Ok(clr_of(target(world)?))
}

pub(super) fn clr_of(version: &str) -> Clr {
    if version.starts_with("netcoreapp") || version.starts_with("netstandard") {
        return Clr::Core;
    }
    match numbers(version).as_slice() {
        [0..=1, ..] | [2, 0, ..] | [2] | [3, 0, ..] | [3, 5, ..] => Clr::Two,
        [2 | 3, ..] => Clr::Core,
        [first, ..] if *first >= 5 => Clr::Core,
        _ => Clr::Four,
    }
}

/// A target framework by its number, however it is written: `net472`, `v4.7.2`. A target of .NET keeps
/// its name: `net8.0`.
///
/// ```
/// # use whytls::policy::target_version;
/// assert_eq!(target_version("net472"), "4.7.2");
/// assert_eq!(target_version("v4.5"), "4.5");
/// assert_eq!(target_version("net8.0"), "net8.0");
/// ```
#[must_use]
pub fn target_version(target: &str) -> String {
    let short = target.strip_prefix("net").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    match short {
        Some(digits) => digits.chars().map(String::from).collect::<Vec<_>>().join("."),
        None => target.trim_start_matches('v').to_owned(),
    }
}

/// The target framework; a program without one counts as built for 4.0.
fn target<'w>(world: &World<'w>) -> Answered<&'w str> {
    let dotnet = world.known(Input::Dotnet);
    let numbers = dotnet.map(numbers);
    world.ask(Input::Target, || {
        let installed = |least: &[u32]| numbers.as_deref().is_none_or(|dotnet| dotnet >= least);
        let mut answers = vec![Answer::named("4.5.2", "4.0 to 4.5.2, or none", "4.0 至 4.5.2，或没有")];
        if installed(&[4, 6]) {
            answers.push(Answer::named("4.6", "4.6 to 4.6.2", "4.6 至 4.6.2"));
        }
        if installed(&[4, 7]) {
            answers.push(Answer::named("4.7 or later", "4.7 or later", "4.7 或更高"));
        }
        if dotnet.is_none() {
            answers.push(Answer::named("3.5", "2.0 to 3.5", "2.0 至 3.5"));
        }
        if dotnet.is_none() && world.machine().client == Client::MailKit {
            answers.push(Answer::named("net8.0", ".NET 5 or later", ".NET 5 或更高"));
        }
        answers
    })
}

/// The value of the program's bitness; any other number than 0 and 1 is as good as none.
fn registry<'w>(world: &World<'w>, clr: Clr, name: &str) -> Answered<Option<&'w Setting>> {
    let value = |wow| {
        world
            .registry(&registry_name(clr, wow, name))
            .filter(|setting| matches!(setting.number(), Some(0 | 1)))
    };
    let (own, wow) = (value(false), value(true));
    if own.map(Setting::number) == wow.map(Setting::number) {
        return Ok(own);
    }
    Ok(if world.is_32_bit()? { wow } else { own })
}

/// An AppContext switch, which code sets before configuration, and that before the registry.
fn switch<'w>(world: &World<'w>, name: &str) -> Answered<Option<&'w Setting>> {
    let machine_wide = format!(r"HKLM\SOFTWARE\Microsoft\.NETFramework\AppContext\{name}");
    let Some(setting) = world
        .setting(Place::Code, name)
        .or_else(|| world.setting(Place::Config, name))
        .or_else(|| world.setting(Place::Registry, &machine_wide))
    else {
        return Ok(None);
    };
    // Runtimes before 4.6 know no switches.
    let later = |version: &str| numbers(version) >= vec![4, 6];
    let known = world.known(Input::Dotnet).map(later);
    let target = world.known(Input::Target).filter(|target| later(target)).map(|_| true);
    let inbox = || world.windows().ok().and_then(|windows| windows.dotnet.as_deref()).map(later);
    let has = match known.or(target).or_else(inbox) {
        Some(has) => has,
        None => later(world.ask(Input::Dotnet, || {
            vec![
                Answer::named("4.6", "4.6 or later is installed", "装有 4.6 或更高版本"),
                Answer::named("4.5.2", "4.5.2 or earlier is installed", "装有 4.5.2 或更早版本"),
            ]
        })?),
    };
    Ok(has.then_some(setting))
}

fn service_point_manager<'w>(
    world: &World<'w>,
    code_counts: bool,
    target: fn(&World<'w>) -> Answered<&'w str>,
) -> Answered<Request> {
    let code = world.setting(Place::Code, SECURITY_PROTOCOL).filter(|_| code_counts);
    let adds = code.and_then(|setting| setting.value.strip_prefix("|= "));
    if let Some(setting) = code.filter(|_| adds.is_none())
        && let Some(request) = named_by(setting)
    {
        return Ok(request);
    }
    let mut request = by_default(world, target)?;
    if let (Some(setting), Some(adds)) = (code, adds) {
        // What the system would choose is 0, so there exactly the named versions are left.
        let mut versions = request.named.take().unwrap_or_default();
        versions.extend(named(adds));
        versions.sort_unstable();
        versions.dedup();
        request = name_versions(setting, versions);
    }
    Ok(request)
}

/// What holds where code names nothing.
fn by_default<'w>(world: &World<'w>, target: fn(&World<'w>) -> Answered<&'w str>) -> Answered<Request> {
    // The registry wins over the switch, and both over the target.
    let (system, because) = match registry(world, Clr::Four, SYSTEM_VALUE)? {
        Some(value) => (value.number() == Some(1), Some(value)),
        None => match switch(world, SYSTEM_SWITCH)? {
            Some(switch) => (!is_true(switch), Some(switch)),
            None => (numbers(target(world)?) >= vec![4, 7], None),
        },
    };
    if system {
        let says = match because {
            Some(setting) => text(
                format!("{} makes .NET leave the choice to Windows.", shown(setting)),
                format!("{} 让 .NET 把版本交给 Windows 决定。", shown(setting)),
            ),
            None if world.machine().client == Client::PowerShell => text(
                "With .NET Framework 4.7 or later Windows PowerShell leaves the choice to Windows.",
                "装有 .NET Framework 4.7 或更高版本时，Windows PowerShell 把版本交给 Windows 决定。",
            ),
            None => text(
                "A program built for .NET Framework 4.7 or later leaves the choice to Windows.",
                "面向 .NET Framework 4.7 或更高版本的程序，把版本交给 Windows 决定。",
            ),
        };
        let decided_by = because.map_or_else(|| Decision::default(SYSTEM_VALUE), Decision::by);
        return Ok(Request { named: None, decided_by, says, unsure: false });
    }
    let (strong, because) = match registry(world, Clr::Four, STRONG_VALUE)? {
        Some(value) => (value.number() == Some(1), Some(value)),
        None => match switch(world, STRONG_SWITCH)? {
            Some(switch) => (!is_true(switch), Some(switch)),
            None => (numbers(target(world)?) >= vec![4, 6], None),
        },
    };
    let list: &[Version] = if strong { &STRONG } else { &OLD };
    let says = match because {
        Some(setting) => text(
            format!("{} makes .NET name {}.", shown(setting), listed(list)),
            format!("{} 让 .NET 指定 {}。", shown(setting), listed(list)),
        ),
        None if world.machine().client == Client::PowerShell => text(
            format!("With .NET Framework 4.6.2 or earlier Windows PowerShell names {}.", listed(list)),
            format!("装有 .NET Framework 4.6.2 或更早版本时，Windows PowerShell 指定 {}。", listed(list)),
        ),
        None if strong => text(
            format!("For a program built for .NET Framework 4.6 or later .NET names {}.", listed(list)),
            format!("程序面向 .NET Framework 4.6 或更高版本，.NET 替它指定 {}。", listed(list)),
        ),
        None => text(
            format!("For a program built for .NET Framework 4.5.2 or earlier .NET names {}.", listed(list)),
            format!("程序面向 .NET Framework 4.5.2 或更早版本，.NET 替它指定 {}。", listed(list)),
        ),
    };
    let decided_by = because.map_or_else(|| Decision::default(STRONG_VALUE), Decision::by);
    Ok(Request { named: Some(list.to_vec()), decided_by, says, unsure: false })
}

/// CLR 2 names SSL 3.0 and TLS 1.0; with an update, the registry can leave the choice to Windows.
fn clr_2(world: &World<'_>) -> Answered<Request> {
    let old = |decided_by: Decision, says: Text| Request {
        named: Some(OLD.to_vec()),
        decided_by,
        says,
        unsure: false,
    };
    let code = world.setting(Place::Code, SECURITY_PROTOCOL).and_then(named_by);
    let value = registry(world, Clr::Two, SYSTEM_VALUE)?.filter(|setting| setting.number() == Some(1));
    let newer = code.as_ref().is_some_and(|request| {
        request.named.iter().flatten().any(|version| version.rank() > Version::TLS10.rank())
    });
    if newer || (code.is_none() && value.is_some()) {
        let windows = world.windows()?;
        let has = match windows.clr2_update.as_deref() {
            None => true,
            Some("none") => false,
            Some(kb) => world.installed(kb)?,
        };
        if !has {
            let kb = windows.clr2_update.as_deref().filter(|kb| *kb != "none").unwrap_or("-");
            let says = text(
                format!(
                    "Without update {kb} CLR 2 (.NET 2.0 to 3.5) names {} and nothing else.",
                    listed(&OLD)
                ),
                format!("没有更新 {kb}，CLR 2（.NET 2.0 至 3.5）只会指定 {}。", listed(&OLD)),
            );
            return Ok(old(
                Decision { value: Some("not installed".to_owned()), ..Decision::default(kb) },
                says,
            ));
        }
    }
    if let Some(request) = code {
        return Ok(request);
    }
    if let Some(value) = value {
        let says = text(
            format!("{} makes CLR 2 leave the choice to Windows.", shown(value)),
            format!("{} 让 CLR 2 把版本交给 Windows 决定。", shown(value)),
        );
        return Ok(Request { named: None, decided_by: Decision::by(value), says, unsure: false });
    }
    let says = text(
        format!("CLR 2 (.NET 2.0 to 3.5) names {}.", listed(&OLD)),
        format!("CLR 2（.NET 2.0 至 3.5）指定 {}。", listed(&OLD)),
    );
    Ok(old(Decision::default(SYSTEM_VALUE), says))
}

/// What code names for one connection.
fn per_connection(world: &World<'_>) -> Option<Request> {
    world
        .setting(Place::Code, SSL_PROTOCOLS)
        .or_else(|| world.setting(Place::Config, SSL_PROTOCOLS))
        .and_then(named_by)
}

fn none_in_code(world: &World<'_>) -> bool {
    world.setting(Place::Code, SSL_PROTOCOLS).is_some_and(|setting| named(&setting.value).is_empty())
}

/// The versions that a setting names; nothing where it says that Windows is to choose.
pub(super) fn named_by(setting: &Setting) -> Option<Request> {
    let versions = named(&setting.value);
    (!versions.is_empty()).then(|| name_versions(setting, versions))
}

fn name_versions(setting: &Setting, versions: Vec<Version>) -> Request {
    let says = text(
        format!("The program itself names {}, and no default is asked.", listed(&versions)),
        format!("程序自己指定了 {}，不再看任何默认值。", listed(&versions)),
    );
    Request { named: Some(versions), decided_by: Decision::by(setting), says, unsure: false }
}

fn is_true(setting: &Setting) -> bool {
    setting.value.eq_ignore_ascii_case("true")
}

/// `SchUseStrongCrypto = 1`: a setting as it is spoken of.
fn shown(setting: &Setting) -> String {
    let name = setting.name.rsplit('\\').next().unwrap_or(&setting.name);
    format!("{name} = {}", setting.value)
}
