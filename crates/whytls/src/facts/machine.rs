//! What a paste tells of the machine's settings, as the model reads them.
//!
//! In:  artifacts: registry values, lines of code.
//! Out: the settings of a [`Machine`], each with the line it stands on.
//! Not here: what the program offers because of them. That is `policy`.

use super::program;
use crate::content::Naming;
use crate::decode::{Artifact, Data, Setting};
use crate::paste::{Paste, Span};
use crate::policy::{self, Machine, Origin, Place, settings_in};
use crate::tls::Version;

/// Puts every setting that was read into the machine; what stands later in the paste wins.
pub fn settings(paste: &Paste, artifacts: &[Artifact], machine: &mut Machine) {
    if machine.client.program().is_some() {
        for input in &paste.inputs {
            for found in settings_in(machine.client.slug(), input.text()) {
                let at = Origin::Line { input: input.name.clone(), line: found.line, evidence: None };
                machine.set(found.place, found.name, found.value, at);
            }
        }
        return;
    }
    for artifact in artifacts {
        let Some(input) = paste.inputs.get(artifact.input) else { continue };
        let at = |span: Span| Origin::Line { input: input.name.clone(), line: span.line, evidence: None };
        match &artifact.data {
            Data::Registry(registry) => {
                for setting in &registry.settings {
                    if let Some(set) = registry_setting(setting, at(setting.span)) {
                        machine.set(set.place, set.name, set.value, set.origin);
                    }
                }
            }
            Data::Code(code) => {
                for named in code.versions.iter().filter(|named| named.naming == Naming::Exactly) {
                    let property = match named.setting {
                        "securityprotocol" => "ServicePointManager.SecurityProtocol",
                        "sslprotocols"
                        | "enabledsslprotocols"
                        | "authenticateasclient"
                        | "authenticateasclientasync" => "SslProtocols",
                        _ => continue,
                    };
                    let names: Vec<String> = named
                        .versions
                        .iter()
                        .filter_map(|slug| Version::named(slug))
                        .map(|version| version.to_string())
                        .collect();
                    machine.set(Place::Code, property, names.join(", "), at(named.span));
                }
            }
            _ => {}
        }
    }
    program::read(paste, machine);
}

/// A registry value as the model reads it: a number, the words of an AppContext switch, the list of
/// cipher suites. What is of another type does nothing, so it is none.
pub(super) fn registry_setting(setting: &Setting, origin: Origin) -> Option<policy::Setting> {
    let switch = setting.name.starts_with("Switch.");
    let suites = setting.name.eq_ignore_ascii_case("Functions") && setting.key.ends_with(r"\SSL\00010002");
    let value = match setting.number.filter(|_| !switch) {
        _ if suites => setting.text()?,
        Some(number) => number.to_string(),
        None if switch => setting.raw.trim().trim_matches('"').to_owned(),
        None => return None,
    };
    Some(policy::Setting { place: Place::Registry, name: registry_name(setting), value, origin })
}

/// The value's whole name, spelled in one way: `HKLM\…`, and the control set that is in use.
fn registry_name(setting: &Setting) -> String {
    const ROOTS: [(&str, &str); 2] = [("HKEY_LOCAL_MACHINE", "HKLM"), ("HKEY_CURRENT_USER", "HKCU")];
    let key = setting.key.trim_start_matches("Computer\\").trim_end_matches('\\');
    let (root, rest) = key.split_once('\\').unwrap_or((key, ""));
    let root = root.trim_end_matches(':');
    let root =
        ROOTS.iter().find(|(long, _)| root.eq_ignore_ascii_case(long)).map_or(root, |(_, short)| short);
    let mut parts: Vec<&str> = rest.split('\\').collect();
    if let Some(set) = parts.get_mut(1).filter(|part| part.to_ascii_lowercase().starts_with("controlset0")) {
        *set = "CurrentControlSet";
    }
    format!("{root}\\{}\\{}", parts.join("\\"), setting.name)
}
