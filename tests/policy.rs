//! Runs the tables of `tests/policy/`: a machine in short, what its program offers, the source.
//!
//! A row is a machine, the versions that are offered, and who says so, with tabs between. What is
//! known of a machine is written `key=value`:
//!
//! - `os`, `v` (the program's version), `dotnet`, `target`, `bits`, `KB…` (`yes` or `no`), `api`;
//! - `S`, `D`: SchUseStrongCrypto and SystemDefaultTlsVersions for CLR 4, in both views of the
//!   registry; `S64`, `S32`: in one of them; `S2`, `D2`: for CLR 2;
//! - `1.2.E`, `1.2.D`: Enabled and DisabledByDefault of a protocol's client key;
//! - `strong`, `system`: the AppContext switches; `code`, `ssl`: what code names in
//!   ServicePointManager and for one connection (`|=1.2` adds); `binding`: WCF's;
//! - `s1.2.E`, `s1.2.D`: of its server key; `suites`: the list of cipher suites; `fips`;
//! - `config:NAME=VALUE`, `environment:NAME=VALUE`, `code:NAME=VALUE`: a setting of a program's own;
//! - `winhttp`, `winhttp32`, `wininet`: bits; `option`: what code tells WinHTTP; `min`, `max`: curl's.
//!
//! A version in parentheses hangs on something that is unknown.

#![allow(clippy::disallowed_methods, reason = "a harness reads the files that the core must not")]
#![allow(clippy::panic, reason = "a panic is how a harness says that a test failed")]

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use whytls::policy::{
    Client, Fix, Input, Machine, Origin, Place, Seen, Simulation, applied, judge, simulate, undone,
};
use whytls::tls::Version;

const NET4: &str = r"HKLM\SOFTWARE\Microsoft\.NETFramework\v4.0.30319\";
const NET4_WOW: &str = r"HKLM\SOFTWARE\Wow6432Node\Microsoft\.NETFramework\v4.0.30319\";
const NET2: &str = r"HKLM\SOFTWARE\Microsoft\.NETFramework\v2.0.50727\";
const NET2_WOW: &str = r"HKLM\SOFTWARE\Wow6432Node\Microsoft\.NETFramework\v2.0.50727\";
const PROTOCOLS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\";
const SUITES: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Cryptography\Configuration\SSL\00010002\Functions";
const FIPS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa\FipsAlgorithmPolicy\Enabled";
const WINHTTP: &str =
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp\DefaultSecureProtocols";
const WININET: &str = r"HKCU\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\SecureProtocols";

/// `1.2` and `S3` as they are written in the tables.
fn version(short: &str) -> Version {
    match short {
        "S2" => Version::SSL2,
        "S3" => Version::SSL3,
        _ => Version::named(&format!("TLS {short}")).unwrap_or_else(|| panic!("{short} is no version")),
    }
}

fn short(version: Version) -> String {
    match version {
        Version::SSL2 => "S2".to_owned(),
        Version::SSL3 => "S3".to_owned(),
        other => other.to_string().replace("TLS ", ""),
    }
}

fn long(list: &str) -> String {
    let (adds, list) = list.strip_prefix("|=").map_or(("", list), |list| ("|= ", list));
    let names: Vec<String> = match list {
        "system" => vec!["SystemDefault".to_owned()],
        list => list.split(',').map(|short| version(short).to_string()).collect(),
    };
    format!("{adds}{}", names.join(", "))
}

fn number(text: &str) -> String {
    match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).unwrap_or_else(|e| panic!("{text}: {e}")).to_string(),
        None => text.to_owned(),
    }
}

fn know(machine: &mut Machine, key: &str, value: &str) {
    let mut set = |place, names: &[String], value: &str| {
        for name in names {
            machine.set(place, name, value, Origin::Supposed);
        }
    };
    let dotnet =
        |value: &str, keys: &[&str]| keys.iter().map(|key| format!("{key}{value}")).collect::<Vec<_>>();
    let (strong, system) = ("SchUseStrongCrypto", "SystemDefaultTlsVersions");
    match key {
        "S" => set(Place::Registry, &dotnet(strong, &[NET4, NET4_WOW]), value),
        "D" => set(Place::Registry, &dotnet(system, &[NET4, NET4_WOW]), value),
        "S64" => set(Place::Registry, &dotnet(strong, &[NET4]), value),
        "S32" => set(Place::Registry, &dotnet(strong, &[NET4_WOW]), value),
        "D64" => set(Place::Registry, &dotnet(system, &[NET4]), value),
        "S2" => set(Place::Registry, &dotnet(strong, &[NET2, NET2_WOW]), value),
        "D2" => set(Place::Registry, &dotnet(system, &[NET2, NET2_WOW]), value),
        "strong" => set(Place::Config, &["Switch.System.Net.DontEnableSchUseStrongCrypto".to_owned()], value),
        "system" => {
            set(Place::Config, &["Switch.System.Net.DontEnableSystemDefaultTlsVersions".to_owned()], value);
        }
        "code" => set(Place::Code, &["ServicePointManager.SecurityProtocol".to_owned()], &long(value)),
        "ssl" => set(Place::Code, &["SslProtocols".to_owned()], &long(value)),
        "binding" => set(Place::Config, &["binding".to_owned()], value),
        "suites" => set(Place::Registry, &[SUITES.to_owned()], value),
        "fips" => set(Place::Registry, &[FIPS.to_owned()], value),
        "winhttp" => set(Place::Registry, &[WINHTTP.to_owned()], &number(value)),
        "winhttp32" => {
            let name = WINHTTP.replace("SOFTWARE", r"SOFTWARE\Wow6432Node");
            set(Place::Registry, &[name], &number(value));
        }
        "wininet" => set(Place::Registry, &[WININET.to_owned()], &number(value)),
        "option" => set(Place::Code, &["WINHTTP_OPTION_SECURE_PROTOCOLS".to_owned()], &long(value)),
        "min" => set(Place::Code, &["--tlsv1".to_owned()], &long(value)),
        "max" => set(Place::Code, &["--tls-max".to_owned()], &long(value)),
        "os" => machine.know(Input::Os, value, Origin::Supposed),
        "v" => machine.know(Input::ClientVersion, value, Origin::Supposed),
        "dotnet" => machine.know(Input::Dotnet, value, Origin::Supposed),
        "target" => machine.know(Input::Target, value, Origin::Supposed),
        "bits" => machine.know(Input::Bits, value, Origin::Supposed),
        "api" => machine.know(Input::Api, value, Origin::Supposed),
        kb if kb.starts_with("KB") => {
            let kb: &'static str = String::leak(kb.to_owned());
            let answer = if value == "yes" { "installed" } else { "missing" };
            machine.know(Input::Update(kb), answer, Origin::Supposed);
        }
        own if own.contains(':') => {
            let (place, name) = own.split_once(':').expect("it is there");
            let place = match place {
                "config" => Place::Config,
                "environment" => Place::Environment,
                _ => Place::Code,
            };
            set(place, &[name.to_owned()], value);
        }
        protocol => {
            let (protocol, role) = match protocol.strip_prefix('s') {
                Some(protocol) => (protocol, "Server"),
                None => (protocol, "Client"),
            };
            let (short, value_name) = protocol.rsplit_once('.').unwrap_or_else(|| panic!("{protocol}?"));
            let value_name = match value_name {
                "E" => "Enabled",
                "D" => "DisabledByDefault",
                other => panic!("{other} is no value of a protocol"),
            };
            set(
                Place::Registry,
                &[format!(r"{PROTOCOLS}{}\{role}\{value_name}", version(short))],
                &number(value),
            );
        }
    }
}

fn machine(words: &str) -> Machine {
    let mut words = words.split_whitespace();
    let client = words.next().unwrap_or_default();
    let client = Client::from_slug(client).unwrap_or_else(|| panic!("{client} is no client"));
    let mut machine = Machine::new(client);
    for word in words {
        let (key, value) = word.split_once('=').unwrap_or_else(|| panic!("{word}: write key=value"));
        know(&mut machine, key, value);
    }
    machine.on_its_system()
}

fn simulated(machine: Machine) -> Simulation {
    simulate(machine).unwrap_or_else(|why| panic!("{}", why.en))
}

fn offers(simulation: &Simulation) -> String {
    let offered = simulation.verdicts.iter().filter_map(|verdict| match verdict.offered {
        Some(true) => Some(short(verdict.version)),
        Some(false) => None,
        None => Some(format!("({})", short(verdict.version))),
    });
    let offered: Vec<String> = offered.collect();
    if offered.is_empty() { "-".to_owned() } else { offered.join(" ") }
}

#[test]
fn programs_offer_what_the_tables_say() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/policy");
    let mut wrong = Vec::new();
    let mut rows = 0;
    let mut files: Vec<_> = fs::read_dir(dir)
        .expect("tests/policy")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tsv"))
        .collect();
    files.sort();
    for path in files {
        let text = fs::read_to_string(&path).expect("a table");
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut cells = line.split('\t');
            let (Some(words), Some(expected), Some(source)) = (cells.next(), cells.next(), cells.next())
            else {
                panic!("{}: a row has a machine, what it offers, and a source: {line}", path.display());
            };
            assert!(!source.is_empty(), "{line} has no source");
            rows += 1;
            let offered = offers(&simulated(machine(words)));
            if offered != expected {
                wrong.push(format!("{words}\n    offers {offered}, and should {expected} ({source})"));
            }
        }
    }
    assert!(rows > 100, "the tables are not where they should be");
    assert!(wrong.is_empty(), "{} of {rows} rows\n{}", wrong.len(), wrong.join("\n"));
}

/// The settings that one word makes, as a fix.
fn fix(client: &str, word: &str) -> Fix {
    Fix { name: word.to_owned(), settings: machine(&format!("{client} {word}")).settings().to_vec() }
}

#[test]
fn fixes_that_were_tried_get_their_verdict_for_each_target() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/policy/tried/verdicts.tsv");
    let text = fs::read_to_string(path).expect("a table");
    let mut wrong = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [words, tried, seen, expected, _source] = cells.as_slice() else { panic!("five cells: {line}") };
        let client = words.split(' ').next().unwrap_or_default();
        let fixes: Vec<Fix> = tried.split(' ').map(|word| fix(client, word)).collect();
        let machine = machine(&format!("{words} {tried}"));
        let works_on = seen.split(' ').find_map(|word| word.strip_prefix("works-on=")).map(str::to_owned);
        let newest = seen.split(' ').find_map(|word| word.strip_prefix("newest=")).map(version);
        let seen = Seen { newest, before_fixes: true, works_on };
        let judged = judge(&machine, &fixes, Version::TLS12, &seen);
        let told: Vec<String> = fixes
            .iter()
            .zip(&judged)
            .map(|(fix, judgement)| {
                let says: Vec<String> = judgement
                    .says
                    .iter()
                    .map(|sentence| {
                        let target = sentence.target.as_ref().map_or("", |target| target.value.as_str());
                        let target = target.split(' ').next().unwrap_or_default();
                        let mark = if sentence.fits { "" } else { "?" };
                        format!("{target}{mark} {:?}", sentence.verdict).trim().to_owned()
                    })
                    .collect();
                format!("{}: {}", fix.name, says.join(", "))
            })
            .collect();
        let told = told.join("; ");
        if told != *expected {
            wrong.push(format!("{words} {tried}\n    is {told}\n    not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Any program of Windows on any Windows, with any settings that the models read.
fn machines() -> impl Strategy<Value = String> {
    let pick =
        |values: &[&str]| prop::sample::select(values.iter().map(ToString::to_string).collect::<Vec<_>>());
    let maybe = |values: &[&str]| prop::option::of(pick(values));
    let words = [
        maybe(&["os=windows-7", "os=windows-8.1", "os=windows-10", "os=windows-11", "os=windows-11-24h2"]),
        maybe(&["dotnet=4.8", "dotnet=4.6.1", "dotnet=4.5.2", "dotnet=8.0", "dotnet=3.5"]),
        maybe(&["target=4.5.2", "target=4.6.2", "target=4.7.2", "target=3.5"]),
        maybe(&["bits=32", "bits=64"]),
        maybe(&["v=2.0", "v=4.12", "v=5.1", "v=7.0", "v=8.16", "v=4.15"]),
        maybe(&["S64=1", "S=1", "S=0"]),
        maybe(&["D64=1", "D=1", "D=0"]),
        maybe(&["D2=1"]),
        maybe(&["1.2.E=0", "1.2.E=1"]),
        maybe(&["1.2.D=0", "1.2.D=1"]),
        maybe(&["system=true", "system=false"]),
        maybe(&["strong=true", "strong=false"]),
        maybe(&["code=1.0", "code=|=1.1", "ssl=1.0", "ssl=system", "max=1.1"]),
        maybe(&["winhttp=0xaa0", "winhttp=0xa0", "winhttp32=0x800"]),
        maybe(&["wininet=0xa0"]),
        maybe(&["KB3140245=yes", "KB3140245=no", "KB3154518=yes"]),
    ];
    let clients: Vec<&str> = Client::ALL.into_iter().map(Client::slug).collect();
    (pick(&clients), words.to_vec()).prop_map(|(client, words)| {
        words.into_iter().flatten().fold(client, |all, word| format!("{all} {word}"))
    })
}

/// What a simulation offers, whatever it hangs on.
fn table(machine: Machine) -> Vec<(Version, Option<bool>)> {
    simulated(machine).verdicts.iter().map(|verdict| (verdict.version, verdict.offered)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_change_makes_the_version_offered_and_its_undo_takes_it_back(words in machines()) {
        let before = machine(&words);
        let simulation = simulated(before.clone());
        for change in simulation.changes() {
            let mut after = applied(&before, &change.operations);
            if let Some((input, answers)) = &change.only_if {
                after.know(*input, &answers[0].value, Origin::Supposed);
            }
            let offered = simulated(after.clone()).verdicts.iter().any(|verdict| {
                verdict.version == change.makes && verdict.offered == Some(true)
            });
            prop_assert!(offered, "{words}: {:?}", change.operations);
            let mut back = applied(&after, &undone(&before, &change.operations));
            // An update that was installed stays.
            let mut was = before.clone();
            if let Some(kb) = change.needs {
                was.know(Input::Update(kb), "installed", Origin::Supposed);
            }
            if let Some((input, answers)) = &change.only_if {
                was.know(*input, &answers[0].value, Origin::Supposed);
                back.know(*input, &answers[0].value, Origin::Supposed);
            }
            if was.known(Input::Update("KB3140245")).is_none_or(|kb| kb.value == "installed") {
                prop_assert_eq!(table(back), table(was), "{}: {:?}", words, change.operations);
            }
        }
    }

    #[test]
    fn where_everything_is_known_nothing_is_unknown(words in machines()) {
        let known = "os=windows-7 dotnet=4.8 target=4.7.2 bits=64 v=7.0 api=HttpClient KB3140245=yes KB3154517=yes KB3154518=yes KB3154519=yes KB3154520=yes KB3156421=yes KB4019276=yes";
        let simulation = simulated(machine(&format!("{words} {known}")));
        prop_assert!(simulation.unknown.is_empty(), "{}", words);
        let told = simulation.verdicts.iter().all(|verdict| {
            verdict.offered.is_some() && verdict.decided_by.is_some() && !verdict.says.zh.is_empty()
        });
        prop_assert!(told, "{}", words);
    }

    #[test]
    fn a_version_named_in_code_beats_the_defaults(words in machines(), named in 0..3_usize) {
        let versions = [Version::TLS10, Version::TLS11, Version::TLS12];
        let name = short(versions[named]);
        let mut machine = machine(&words);
        machine.unset(Place::Registry, &format!(r"{PROTOCOLS}TLS 1.2\Client\Enabled"));
        for (client, key) in [("smtpclient", "code"), ("sslstream", "ssl"), ("mailkit", "ssl")] {
            let mut program = Machine::new(Client::from_slug(client).expect("a client"));
            for setting in machine.settings() {
                program.set(setting.place, &setting.name, &setting.value, Origin::Supposed);
            }
            program.know(Input::Os, "windows-10", Origin::Supposed);
            program.know(Input::Target, "4.6", Origin::Supposed);
            know(&mut program, key, &name);
            prop_assert_eq!(offers(&simulated(program)), name.clone(), "{} {}", client, words);
        }
    }

    #[test]
    fn a_setting_taken_away_leaves_the_default(words in machines()) {
        let machine = machine(&words);
        let mut bare = machine.clone();
        for setting in machine.settings() {
            bare.unset(setting.place, &setting.name);
        }
        let mut again = bare.clone();
        for setting in machine.settings() {
            again.set(setting.place, &setting.name, "1", Origin::Supposed);
            again.unset(setting.place, &setting.name);
        }
        prop_assert_eq!(table(bare), table(again));
    }

    #[test]
    fn a_64_bit_program_never_reads_wow6432node(words in machines()) {
        let bits = words.replace("bits=32", "bits=64");
        let machine = machine(&format!("{bits} bits=64"));
        let mut bare = machine.clone();
        for setting in machine.settings().iter().filter(|setting| setting.name.contains("Wow6432Node")) {
            bare.unset(setting.place, &setting.name);
        }
        prop_assert_eq!(table(machine), table(bare), "{}", words);
    }
}

#[test]
fn a_question_is_only_asked_where_the_answer_matters() {
    let asked = |words: &str| {
        let unknown: Vec<&str> =
            simulated(machine(words)).unknown.iter().map(|unknown| unknown.input.name()).collect();
        unknown.join(" ")
    };
    assert_eq!(asked("smtpclient"), "target os");
    assert_eq!(asked("smtpclient os=windows-7 dotnet=4.8"), "target");
    assert_eq!(asked("smtpclient os=windows-7 dotnet=4.8 code=1.2"), "");
    assert_eq!(asked("smtpclient os=windows-7 dotnet=4.8 target=4.5.2 S32=1"), "bits");
    assert_eq!(asked("winhttp os=windows-7 winhttp=0xa0 winhttp32=0xa0"), "");
}
