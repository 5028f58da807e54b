//! What holds for client, server and path, for each failure that the paste tells of.
//!
//! In:  evidence, in the order in which it stands.
//! Out: incidents, one for each failure of the story, each with its facts; every fact keeps the
//!      evidence that shows it.
//! Not here: why it failed. The pages' conditions decide that, in `findings`.

mod certificates;
mod compare;
mod ends;
mod incidents;
mod machine;
mod program;
mod tried;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::content::library;
use crate::decode::Artifact;
use crate::evidence::{Evidence, Statement};
use crate::paste::Paste;
use crate::policy::Simulation;
use crate::tls::Version;
use crate::x509::verify::Verdict;

pub use ends::Attempt;
pub use machine::settings;
pub use tried::Judged;

/// All that is known of a case.
#[derive(Debug, Default)]
pub struct Facts {
    /// Everything that was seen, in the order in which it stands.
    pub evidence: Vec<Evidence>,
    /// The failures, in the order of the story; at least one, if anything was seen at all.
    pub incidents: Vec<Incident>,
    /// Everything at once, for what is worth a word whatever failed.
    pub whole: Incident,
    /// What came of the certificate chains that were checked.
    pub chains: Vec<Verdict>,
}

/// One failure: what was seen of it, and what holds because of that.
#[derive(Clone, Debug, Default)]
pub struct Incident {
    /// Values by key, each with the evidence for it, as indices into [`Facts::evidence`].
    facts: BTreeMap<&'static str, Vec<Known>>,
    /// Settings that were tried, and what became of them.
    judged: Vec<Judged>,
    /// What the program offers, where it and its system are known.
    simulation: Option<Simulation>,
    /// Settings of a program's own, and what became of them.
    attempts: Vec<Attempt>,
    /// What the server accepts whose configuration was pasted.
    server: Option<Simulation>,
}

/// A value with what shows it. Without evidence it was stated by the user.
#[derive(Clone, Debug)]
pub struct Known {
    /// The value.
    pub value: Cow<'static, str>,
    /// Where it was seen.
    pub evidence: Vec<usize>,
}

impl Incident {
    /// The values of a key; none where nothing is known.
    #[must_use]
    pub fn get(&self, key: &str) -> &[Known] {
        self.facts.get(key).map_or(&[], Vec::as_slice)
    }

    /// Every key with its values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &[Known])> {
        self.facts.iter().map(|(key, known)| (*key, known.as_slice()))
    }

    /// What became of a setting that was tried, where the model can tell.
    #[must_use]
    pub fn judged(&self, key: &str, value: &str) -> Option<&Judged> {
        self.judged.iter().find(|judged| judged.key == key && judged.value == value)
    }

    /// What the program offers, where it and its system are known.
    #[must_use]
    pub fn simulation(&self) -> Option<&Simulation> {
        self.simulation.as_ref()
    }

    /// Settings that were tried of a program that has a TLS of its own.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// What the server accepts, where its configuration was pasted.
    #[must_use]
    pub fn server(&self) -> Option<&Simulation> {
        self.server.as_ref()
    }

    /// Whether anything at all is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// An alert about a certificate speaks of the other side's. Who sent it decides whose that is;
    /// where that is not said, a message that an alert came is the client's.
    fn tell_whose_certificate(&mut self) {
        const ABOUT_CERTIFICATES: [&str; 8] = ["42", "43", "44", "45", "46", "48", "49", "116"];
        let about = self.get("alert").iter().find(|known| ABOUT_CERTIFICATES.contains(&known.value.as_ref()));
        let Some(evidence) = about.map(|known| known.evidence.clone()) else { return };
        let is = |key: &str, value: &str| self.get(key).iter().any(|known| known.value == value);
        let by_server = if is("alert.from", "server") {
            true
        } else if is("alert.from", "client") {
            false
        } else {
            // The one who reports it has received it, unless it says that it sent it.
            // What stands between a client and a server is both; where it tells of both, it is the client.
            (is("speaker", "server") && !is("speaker", "client")) == is("alert.from", "local")
        };
        let whose = if by_server { "client-certificate" } else { "server-certificate" };
        for id in evidence {
            self.state(&Statement::new("alert.about", whose), Some(id));
        }
    }

    /// Adds a statement, and what it implies.
    fn state(&mut self, statement: &Statement, evidence: Option<usize>) {
        debug_assert!(library().vocabulary.fact(statement.key).is_some(), "{} is no key", statement.key);
        let known = self.facts.entry(statement.key).or_default();
        match known.iter_mut().find(|known| known.value == statement.value) {
            Some(known) => {
                if let Some(evidence) = evidence.filter(|id| !known.evidence.contains(id)) {
                    known.evidence.push(evidence);
                }
                // What it implies was added with it.
                if evidence.is_none() {
                    return;
                }
            }
            None => {
                known.push(Known { value: statement.value.clone(), evidence: evidence.into_iter().collect() })
            }
        }
        if let Some(entry) = library().vocabulary.value(statement.key, &statement.value) {
            for (key, value) in &entry.implies {
                self.state(&Statement::new(key.as_str(), value.as_str()), evidence);
            }
        }
    }
}

/// Weighs the evidence: which failure each piece belongs to, and what follows from it.
#[must_use]
pub fn weigh(paste: &Paste, artifacts: &[Artifact], evidence: Vec<Evidence>) -> Facts {
    let mut facts = Facts { evidence, ..Facts::default() };
    facts.chains = certificates::check(paste, artifacts, &mut facts.evidence);
    compare::other_machines(artifacts, &mut facts.evidence);
    let mut groups = incidents::split(artifacts, &facts.evidence);
    let compared = compare::flows(paste, artifacts, &mut facts.evidence);
    if let Some(first) = groups.first_mut() {
        first.extend(compared);
    }
    let server = ends::server(paste, artifacts);
    for group in &groups {
        let mut incident = Incident::default();
        for (key, value) in stated(paste) {
            incident.state(&Statement::new(key, value), None);
        }
        for (id, seen) in group.iter().filter_map(|id| Some((*id, facts.evidence.get(*id)?))) {
            for statement in &seen.states {
                incident.state(statement, Some(id));
            }
        }
        incident.tell_whose_certificate();
        (incident.judged, incident.simulation) = tried::judge(artifacts, &facts.evidence, &incident);
        if let Some(newest) =
            incident.simulation.as_ref().and_then(Simulation::newest).and_then(Version::slug)
        {
            incident.state(&Statement::new("policy.newest", newest), None);
        }
        if incident.simulation.is_none()
            && let Some((simulation, attempts)) = ends::client(paste, artifacts, &incident)
        {
            (incident.simulation, incident.attempts) = (Some(simulation), attempts);
        }
        incident.server.clone_from(&server);
        facts.incidents.push(incident);
    }
    for (id, seen) in facts.evidence.iter().enumerate() {
        for statement in &seen.states {
            facts.whole.state(statement, Some(id));
        }
    }
    facts
}

/// What the user says besides, as far as the vocabulary has a word for it.
fn stated(paste: &Paste) -> impl Iterator<Item = (&'static str, String)> {
    paste.stated.iter().filter_map(|(key, value)| {
        let fact = library().vocabulary.fact(key)?;
        let known = fact.listed().is_empty() || library().vocabulary.value(key, value).is_some();
        known.then(|| (fact.key.as_str(), value.clone()))
    })
}
