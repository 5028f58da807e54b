//! Holds the model of `policy` against what real programs sent.
//!
//! `tests/policy/wire.toml` has their ClientHellos, each with the program, its version, the system
//! and the settings as text; `tests/policy/wire.py` recorded it. The settings are read as those of
//! `whytls simulate` are, the model is run, and what it says must be what was sent: the versions,
//! and whatever else the tables speak of. `tests/policy/servers.toml` (by `servers.py`) has what real
//! servers accepted, in the same way.

#![allow(clippy::disallowed_methods, reason = "a harness reads the files that the core must not")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]
#![allow(clippy::panic, reason = "a panic is how a harness says that a test failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;
use whytls::content::{Service, library};
use whytls::policy::{Client, Input, Machine, Origin, Simulation, applied, settings_in, simulate, undone};
use whytls::tls::Version;
use whytls::{Decoded, Paste};

/// A hello that was recorded.
struct Hello {
    table: toml::Table,
}

impl Hello {
    fn text(&self, key: &str) -> &str {
        self.table.get(key).and_then(toml::Value::as_str).unwrap_or_default()
    }

    fn machine(&self) -> Machine {
        let client = Client::from_slug(self.text("client")).unwrap();
        let mut machine = Machine::new(client);
        machine.know(Input::ClientVersion, self.text("version"), Origin::Supposed);
        machine.know(Input::Os, self.text("os"), Origin::Supposed);
        for key in ["environment", "config", "code"] {
            for found in settings_in(client.slug(), self.text(key)) {
                machine.set(found.place, found.name, found.value, Origin::Supposed);
            }
        }
        machine
    }

    /// The hello as this program reads it; nothing where none was sent.
    fn sent(&self) -> Option<Value> {
        let hex = self.text("hello");
        if hex.is_empty() {
            return None;
        }
        let decoded = serde_json::to_value(Decoded::new(&Paste::text(hex))).unwrap();
        let hello = decoded["artifacts"][0]["flows"][0]["client_hello"].clone();
        assert!(hello.is_object(), "no ClientHello: {self}");
        Some(hello)
    }

    /// The versions that it offered.
    fn offered(&self, sent: Option<&Value>) -> BTreeSet<String> {
        let Some(sent) = sent else { return BTreeSet::new() };
        let names = |list: &Vec<Value>| list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let listed: BTreeSet<String> = names(sent["supported_versions"].as_array().unwrap());
        match self.table.get("goes_on").and_then(toml::Value::as_array) {
            // It names only the newest, and was asked for each.
            Some(goes_on) if listed.is_empty() => {
                goes_on.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect()
            }
            _ => listed
                .into_iter()
                .filter(|name| {
                    Version::named(name).is_some_and(|version| version.rank() <= Version::TLS13.rank())
                })
                .collect(),
        }
    }
}

impl std::fmt::Display for Hello {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = ["client", "version", "os", "code", "config", "environment"];
        let said: Vec<&str> = keys.iter().map(|key| self.text(key)).filter(|text| !text.is_empty()).collect();
        f.write_str(&said.join(" | "))
    }
}

fn hellos() -> Vec<Hello> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/policy/wire.toml");
    let file: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let hellos = file["hello"].as_array().unwrap();
    hellos.iter().map(|hello| Hello { table: hello.as_table().unwrap().clone() }).collect()
}

fn said(simulation: &Simulation) -> BTreeSet<String> {
    let offered = simulation.verdicts.iter().filter(|verdict| verdict.offered == Some(true));
    offered.map(|verdict| verdict.version.to_string()).collect()
}

/// What a hello shows of the features that the tables speak of.
fn features(sent: &Value) -> BTreeMap<&'static str, bool> {
    let ids = |key: &str| -> Vec<u64> {
        sent[key].as_array().unwrap().iter().filter_map(|item| item["id"].as_u64()).collect()
    };
    let (ciphers, groups, schemes) = (ids("ciphers"), ids("groups"), ids("signature_schemes"));
    let names: Vec<&str> =
        sent["ciphers"].as_array().unwrap().iter().filter_map(|cipher| cipher["name"].as_str()).collect();
    BTreeMap::from([
        ("rsa-key-exchange", names.iter().any(|name| name.starts_with("TLS_RSA_WITH_"))),
        ("3des", names.iter().any(|name| name.contains("_3DES_"))),
        ("rc4", ciphers.iter().any(|id| [4, 5, 0xc007, 0xc011].contains(id))),
        ("sha1-signatures", schemes.iter().any(|id| [0x0201, 0x0203].contains(id))),
        ("x25519mlkem768", groups.contains(&0x11ec)),
    ])
}

#[test]
fn what_is_simulated_is_what_programs_send() {
    let hellos = hellos();
    assert!(hellos.len() > 300);
    let mut wrong = Vec::new();
    for hello in &hellos {
        let sent = hello.sent();
        let wire = hello.offered(sent.as_ref());
        let simulation = simulate(hello.machine()).unwrap_or_else(|why| panic!("{hello}: {}", why.en));
        if said(&simulation) != wire {
            wrong.push(format!("{hello}: sent {wire:?}, said {:?}", said(&simulation)));
        }
        let open = simulation.verdicts.iter().any(|verdict| verdict.offered.is_none());
        if open || !simulation.unknown.is_empty() {
            wrong.push(format!("{hello}: all is known, and yet something is open"));
        }
        let Some(sent) = &sent else { continue };
        let shown = features(sent);
        for feature in &simulation.features {
            if shown[feature.name.as_str()] != feature.offered {
                wrong.push(format!("{hello}: {} is {}", feature.name, shown[feature.name.as_str()]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), hellos.len(), wrong.join("\n"));
}

/// A server that was asked for each version.
struct Asked {
    table: toml::Table,
}

impl Asked {
    fn text(&self, key: &str) -> &str {
        self.table.get(key).and_then(toml::Value::as_str).unwrap_or_default()
    }

    fn machine(&self) -> Machine {
        let client = Client::from_slug(self.text("server")).unwrap();
        let mut machine = Machine::new(client);
        machine.know(Input::ClientVersion, self.text("version"), Origin::Supposed);
        machine.know(Input::Os, self.text("os"), Origin::Supposed);
        machine.know(Input::Java, "17.0.15", Origin::Supposed);
        let text = format!("{}\n{}", self.text("config"), self.text("below"));
        for found in settings_in(client.slug(), &text) {
            machine.set(found.place, found.name, found.value, Origin::Supposed);
        }
        machine
    }
}

fn servers() -> Vec<Asked> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/policy/servers.toml");
    let file: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let asked = file["server"].as_array().unwrap();
    asked.iter().map(|asked| Asked { table: asked.as_table().unwrap().clone() }).collect()
}

#[test]
fn what_is_simulated_is_what_servers_accept() {
    let servers = servers();
    assert!(servers.len() > 120);
    let mut wrong = Vec::new();
    for asked in &servers {
        let accepts = asked.table.get("accepts").and_then(toml::Value::as_array);
        let accepted: BTreeSet<String> =
            accepts.into_iter().flatten().filter_map(toml::Value::as_str).map(str::to_owned).collect();
        let simulation = simulate(asked.machine()).unwrap_or_else(|why| panic!("{}", why.en));
        let name = [asked.text("server"), asked.text("config"), asked.text("below")].join(" | ");
        if said(&simulation) != accepted {
            wrong.push(format!("{name}: accepted {accepted:?}, said {:?}", said(&simulation)));
        }
        if !simulation.unknown.is_empty() {
            wrong.push(format!("{name}: all is known, and yet something is open"));
        }
        for verdict in simulation.verdicts.iter().filter(|verdict| verdict.decided_by.is_none()) {
            wrong.push(format!("{name}: nothing decides {}", verdict.version));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), servers.len(), wrong.join("\n"));
}

#[test]
fn every_change_makes_its_version_offered_and_its_undo_restores_the_rest() {
    let mut tried = 0;
    for hello in hellos() {
        let before = simulate(hello.machine()).unwrap();
        for wanted in [Version::TLS10, Version::TLS12, Version::TLS13] {
            let mut machine = hello.machine();
            machine.wanted = Some(wanted);
            for change in simulate(machine.clone()).unwrap().changes() {
                tried += 1;
                let changed = applied(&machine, &change.operations);
                let back = applied(&changed, &undone(&machine, &change.operations));
                let after = said(&simulate(changed).unwrap());
                assert!(after.contains(&wanted.to_string()), "{hello}: {} gives {after:?}", change.text);
                assert_eq!(said(&simulate(back).unwrap()), said(&before), "{hello}: {}", change.text);
                assert!(!change.text.contains("{v"), "{}", change.text);
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn each_row_offers_what_it_knows_and_has_a_source() {
    let library = library();
    for program in &library.programs {
        for release in &program.releases {
            assert!(!release.source.is_empty(), "{} {}", program.client, release.from);
            for version in release.offers.iter().chain(&release.without) {
                assert!(
                    release.known.is_empty() || release.known.contains(version),
                    "{} {}: {version} is not known",
                    program.client,
                    release.from
                );
            }
        }
        for feature in &program.features {
            assert!(library.features.iter().any(|known| known.is == feature.is), "{}", feature.is);
        }
    }
}

#[test]
fn what_is_unknown_is_asked_for() {
    let asked = |client: &str, version: Option<&str>, os: Option<&str>| -> Vec<&'static str> {
        let mut machine = Machine::new(Client::from_slug(client).unwrap());
        if let Some(version) = version {
            machine.know(Input::ClientVersion, version, Origin::Supposed);
        }
        if let Some(os) = os {
            machine.know(Input::Os, os, Origin::Supposed);
        }
        let simulation = simulate(machine).unwrap();
        simulation.unknown.iter().map(|unknown| unknown.input.name()).collect()
    };
    assert_eq!(asked("java", None, None), ["client-version"]);
    // An update of Java 8 may or may not know TLS 1.3, or still offer TLS 1.0.
    assert_eq!(asked("java", Some("8"), None), ["release"]);
    assert!(asked("java", Some("8u291"), None).is_empty());
    assert!(asked("java", Some("17"), None).is_empty());
    // Python 3.10 and later set the minimum themselves, whatever the system says.
    assert!(asked("python", Some("3.12.1"), None).is_empty());
    assert_eq!(asked("python", Some("3.9.18"), Some("debian-11")), Vec::<&str>::new());
    assert!(asked("openssl", None, Some("rhel-9")).is_empty());
    assert_eq!(asked("apple", None, None), ["os"]);
}

#[test]
fn a_host_is_found_below_its_domain_only() {
    let of = |host: &str| Service::of(&library().services, host).map(|service| service.name.as_str());
    assert_eq!(of("smtp.office365.com"), Some("Exchange Online, SMTP AUTH"));
    assert_eq!(of("API.GitHub.com."), Some("GitHub"));
    assert_eq!(of("notgithub.com"), None);
    // Opted in, it accepts what is older.
    assert_eq!(of("smtp-legacy.office365.com"), None);
}
