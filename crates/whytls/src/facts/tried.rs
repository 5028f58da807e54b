//! Judges the settings that a story says were tried, by running the model with and without them.
//!
//! In:  an incident, the registry values of the paste.
//! Out: for each fact of a tried setting, what became of it.
//! Not here: the model. That is `policy`.

use super::Incident;
use super::machine::registry_setting;
use crate::content::{Windows, library};
use crate::decode::{Artifact, Data};
use crate::evidence::Evidence;
use crate::policy::{self, Client, Fix, Input, Judgement, Machine, Origin, Place, Seen, Simulation};
use crate::tls::Version;

/// The facts that say that a setting was made.
const SETTINGS: [&str; 5] = [
    "registry.sch-use-strong-crypto",
    "registry.system-default-tls-versions",
    "registry.winhttp-default-secure-protocols",
    "registry.schannel-tls-1.2-client",
    "registry.schannel-tls-1.2-server",
];

/// What became of one setting.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The fact that shows it was tried.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// The verdict.
    pub judgement: Judgement,
}

/// Judges every setting of an incident, where it is known which program it is about and which system;
/// and says what that program offers with all of them.
pub(super) fn judge(
    artifacts: &[Artifact],
    evidence: &[Evidence],
    incident: &Incident,
) -> (Vec<Judged>, Option<Simulation>) {
    let Some(mut machine) = machine(incident) else { return (Vec::new(), None) };
    let mut fixes: Vec<(&'static str, String, Fix)> = Vec::new();
    let mut first_line = None;
    for key in SETTINGS {
        for known in incident.get(key) {
            let name = library().vocabulary.value(key, &known.value).map(|value| value.name.en.clone());
            let mut fix = Fix { name: name.unwrap_or_default(), settings: Vec::new() };
            for seen in known.evidence.iter().filter_map(|id| evidence.get(*id)) {
                let Some(Artifact { data: Data::Registry(registry), .. }) = artifacts.get(seen.artifact)
                else {
                    continue;
                };
                let place = (seen.input, seen.span.line);
                first_line = Some(first_line.map_or(place, |first: (usize, usize)| first.min(place)));
                let own = registry.settings.iter().filter(|setting| setting.span == seen.span);
                fix.settings.extend(own.filter_map(|setting| registry_setting(setting, Origin::Supposed)));
            }
            if !fix.settings.is_empty() {
                for setting in &fix.settings {
                    machine.set(setting.place, &setting.name, &setting.value, Origin::Supposed);
                }
                fixes.push((key, known.value.to_string(), fix));
            }
        }
    }
    let simulation = policy::simulate(machine.clone()).ok();
    if fixes.is_empty() {
        return (Vec::new(), simulation);
    }
    let seen = seen(incident, evidence, first_line);
    let only: Vec<Fix> = fixes.iter().map(|(.., fix)| fix.clone()).collect();
    let judgements = policy::judge(&machine, &only, Version::TLS12, &seen);
    let judged = fixes.into_iter().zip(judgements);
    let judged = judged.map(|((key, value, _), judgement)| Judged { key, value, judgement });
    (judged.collect(), simulation)
}

/// The machine as the incident tells of it; nothing where program or system is unknown.
fn machine(incident: &Incident) -> Option<Machine> {
    let values = |key: &str| incident.get(key).iter().map(|known| known.value.as_ref()).collect::<Vec<_>>();
    let is = |key: &str, value: &str| values(key).contains(&value);
    let by_name = values("client.api").into_iter().find_map(Client::from_slug);
    // Any other class of .NET Framework asks ServicePointManager, as HttpWebRequest does.
    let client =
        by_name.or_else(|| is("client.stack", "dotnet-framework").then_some(Client::HttpWebRequest))?;
    let mut machine = Machine::new(client);
    let os = Windows::named(&library().windows, values("client.os").first()?)?;
    machine.know(Input::Os, &os.is, Origin::Supposed);
    let installed = values("client.dotnet").into_iter().rfind(|version| version.starts_with('4'));
    match (is("client.runtime", "clr-2"), is("client.runtime", "clr-4")) {
        (true, _) => machine.know(Input::Target, "3.5", Origin::Supposed),
        (false, true) => machine.know(Input::Dotnet, installed.unwrap_or("4.8"), Origin::Supposed),
        (false, false) => {}
    }
    let target = match values("client.target").first() {
        Some(&"below-4.6") => Some("4.5.2"),
        Some(&"4.6") => Some("4.6"),
        Some(&"4.7") => Some("4.7"),
        _ => None,
    };
    if let Some(target) = target {
        machine.know(Input::Target, target, Origin::Supposed);
    }
    if is("code.protocols", "old-only") {
        machine.set(Place::Code, policy::SECURITY_PROTOCOL, Version::TLS10.to_string(), Origin::Supposed);
    }
    Some(machine)
}

fn seen(incident: &Incident, evidence: &[Evidence], first_fix: Option<(usize, usize)>) -> Seen {
    let newest = |key: &str| {
        let known = incident.get(key).iter();
        known
            .filter_map(|known| Some((Version::named(&known.value)?, known.evidence.first().copied())))
            .max_by_key(|(version, _)| version.rank())
    };
    let hello = newest("hello.offers").or_else(|| newest("hello.record"));
    let place = hello.and_then(|(_, id)| evidence.get(id?)).map(|seen| (seen.input, seen.span.line));
    // In another input the values describe the machine; in the same story what stands later came later.
    let before_fixes = match (place, first_fix) {
        (Some(hello), Some(fix)) => hello.0 == fix.0 && hello < fix,
        _ => false,
    };
    let newer = incident.get("compare.hello").iter().any(|known| known.value == "newer");
    let works_on = incident.get("other.os").first().filter(|_| newer).map(|known| known.value.to_string());
    Seen { newest: hello.map(|(version, _)| version), before_fixes, works_on }
}
