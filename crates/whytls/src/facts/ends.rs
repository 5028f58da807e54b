//! The two ends of a connection, as far as the paste tells of a program with a TLS of its own, and of a
//! server's configuration.
//!
//! In:  the inputs, an incident.
//! Out: what the program offers and what became of each setting that was tried; what the server accepts.
//! Not here: programs that ask Schannel (`tried`).

use super::Incident;
use crate::content::Side;
use crate::decode::{Artifact, Data, names_program};
use crate::paste::Paste;
use crate::policy::{self, Client, Input, Judgement, Machine, Origin, Simulation};
use crate::tls::Version;

/// A setting of a program's own, and what became of it.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// As it is spoken of: `MinProtocol = TLSv1`.
    pub name: String,
    /// The artifact that it stands in.
    pub artifact: usize,
    /// The verdict.
    pub judgement: Judgement,
}

/// The program that connects: what it offers, and what was tried.
pub(super) fn client(
    paste: &Paste,
    artifacts: &[Artifact],
    incident: &Incident,
) -> Option<(Simulation, Vec<Attempt>)> {
    let is = |key: &str, value: &str| incident.get(key).iter().any(|known| known.value == value);
    if is("client.tls", "schannel") || is("client.stack", "dotnet-framework") {
        return None;
    }
    let machine = machine(paste, Side::Client, |_| true)?;
    let wanted = wanted(incident, &machine);
    let attempts = policy::attempts(&machine, wanted).into_iter().filter_map(|(fix, judgement)| {
        let setting = fix.settings.first()?;
        let Origin::Line { input, line, .. } = &setting.origin else { return None };
        let input = paste.inputs.iter().position(|other| other.name == *input)?;
        let holds = |artifact: &Artifact| {
            artifact.input == input && (artifact.span.line..=artifact.span.end_line).contains(line)
        };
        let artifact = artifacts.iter().position(holds)?;
        Some(Attempt { name: fix.name, artifact, judgement })
    });
    let attempts: Vec<Attempt> = attempts.collect();
    let simulation = policy::simulate(machine).ok()?;
    Some((simulation, attempts))
}

/// The server whose configuration was pasted: what it accepts.
pub(super) fn server(paste: &Paste, artifacts: &[Artifact]) -> Option<Simulation> {
    let configured = |input: usize| {
        let of_input =
            |artifact: &Artifact| artifact.input == input && matches!(artifact.data, Data::Configuration(_));
        artifacts.iter().any(of_input)
    };
    let machine = machine(paste, Side::Server, configured)?;
    if machine.settings().is_empty() {
        return None;
    }
    policy::simulate(machine).ok()
}

/// A program as the inputs tell of it: by what only it prints, its version, its system, its settings.
fn machine(paste: &Paste, side: Side, told_by: impl Fn(usize) -> bool) -> Option<Machine> {
    let inputs = || paste.inputs.iter().enumerate().filter(|(at, _)| told_by(*at)).map(|(_, input)| input);
    let mut naming = inputs().filter(|input| names_program(input));
    let client = naming.find_map(|input| policy::program_in(side, input.text()))?;
    let mut machine = Machine::new(client);
    for input in inputs() {
        for found in policy::settings_in(client.slug(), input.text()) {
            let at = Origin::Line { input: input.name.clone(), line: found.line, evidence: None };
            machine.set(found.place, found.name, found.value, at);
        }
    }
    for input in &paste.inputs {
        if let Some(version) = policy::version_in(client, input.text()) {
            machine.know(Input::ClientVersion, version, Origin::Supposed);
        }
        // What stands below a program is told by the same name.
        let below = client.program().and_then(|program| program.on.as_deref()).and_then(Client::from_slug);
        if let Some(version) = below.and_then(|below| policy::version_in(below, input.text())) {
            let library = if below.map(Client::slug) == Some("java") { Input::Java } else { Input::Library };
            machine.know(library, version, Origin::Supposed);
        }
        if let Some(os) = policy::system_in(input.text()) {
            machine.know(Input::Os, os, Origin::Supposed);
        }
    }
    Some(machine)
}

/// What the server has negotiated, where that is what the client refuses; what somebody tried to bring
/// back; else what servers insist on.
fn wanted(incident: &Incident, machine: &Machine) -> Version {
    let negotiated = incident.get("negotiated").iter().filter_map(|known| Version::named(&known.value));
    let newest = negotiated.max_by_key(|version| version.rank());
    let old = newest.filter(|version| version.rank() < Version::TLS12.rank());
    old.or_else(|| policy::aimed_back(machine)).unwrap_or(Version::TLS12)
}
