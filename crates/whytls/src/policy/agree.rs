//! What a client offers and what a server accepts, together.
//!
//! In:  two simulations.
//! Out: whether they agree, on which version, and what stands in the way, as a sentence.
//! Not here: how either of them comes to be.

use super::machine::text;
use super::{Decision, Simulation, Verdict, listed};
use crate::content::Text;
use crate::tls::Version;

/// What comes of an offer.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// Whether there is a version that both have; none where that hangs on something unknown.
    pub agrees: Option<bool>,
    /// The newest one.
    pub version: Option<Version>,
    /// "As far as known".
    pub unsure: bool,
}

/// Holds an offer against what is accepted.
#[must_use]
pub fn agree(client: &Simulation, server: &Simulation) -> Agreement {
    let both = || client.verdicts.iter().zip(&server.verdicts).rev();
    let sure = both().find(|(offer, accept)| offer.offered == Some(true) && accept.offered == Some(true));
    let perhaps =
        both().find(|(offer, accept)| offer.offered != Some(false) && accept.offered != Some(false));
    // A newer one that is open decides on which version they agree, not whether they do.
    let settled = |version: Version| perhaps.is_none_or(|(offer, _)| offer.version == version);
    let agrees = match (sure, perhaps) {
        (Some(_), _) => Some(true),
        (None, Some(_)) => None,
        (None, None) => Some(false),
    };
    let unsure = both().any(|(offer, accept)| offer.unsure || accept.unsure);
    let version = sure.map(|(offer, _)| offer.version).filter(|version| settled(*version));
    Agreement { agrees, version, unsure }
}

impl Agreement {
    /// The reason in a sentence; `shown` says what a decision is called on the screen.
    pub fn says(
        &self,
        client: &Simulation,
        server: &Simulation,
        shown: impl Fn(&Decision) -> String,
    ) -> Text {
        let (client_name, server_name) = (client.machine.client.name(), server.machine.client.name());
        match (self.agrees, self.version) {
            (Some(true), Some(version)) => text(
                format!("They agree on {version}: {client_name} offers it, and {server_name} accepts it."),
                format!("双方使用 {version}：{client_name} 提供它，{server_name} 也接受它。"),
            ),
            (Some(true), None) => text(
                format!(
                    "{client_name} and {server_name} have a version in common; which one hangs on what is not known."
                ),
                format!("{client_name} 与 {server_name} 有共同的版本；是哪一个取决于尚不清楚的几点。"),
            ),
            (None, _) => text(
                format!(
                    "Whether {client_name} and {server_name} have a version in common hangs on what is not known."
                ),
                format!("{client_name} 与 {server_name} 是否有共同的版本，取决于尚不清楚的几点。"),
            ),
            (Some(false), _) => {
                let had = |simulation: &Simulation| -> Vec<Version> {
                    let own = simulation.verdicts.iter().filter(|verdict| verdict.offered == Some(true));
                    own.map(|verdict| verdict.version).collect()
                };
                let (offered, accepted) = (had(client), had(server));
                // What keeps either end from the nearest version that the other has.
                let because = |simulation: &Simulation, newest: Option<&Version>| {
                    let at = |verdict: &&Verdict| Some(&verdict.version) == newest;
                    let decision = simulation.verdicts.iter().find(at)?.decided_by.as_ref()?;
                    Some(shown(decision))
                };
                let en = |reason: Option<String>| {
                    reason.map_or_else(String::new, |by| format!(" (decided by {by})"))
                };
                let zh = |reason: Option<String>| {
                    reason.map_or_else(String::new, |by| format!("（由 {by} 决定）"))
                };
                let rank = |version: Option<&Version>| version.map(|version| version.rank());
                let (by_client, by_server) = match rank(offered.last()) < rank(accepted.first()) {
                    true => (because(client, accepted.first()), because(server, offered.last())),
                    false => (because(client, accepted.last()), because(server, offered.first())),
                };
                let list = |versions: &[Version], nothing: &str| match versions.is_empty() {
                    true => nothing.to_owned(),
                    false => listed(versions),
                };
                text(
                    format!(
                        "The connection fails, as they have no version in common: {client_name} offers {}{}; {server_name} accepts {}{}.",
                        list(&offered, "nothing"),
                        en(by_client.clone()),
                        list(&accepted, "nothing"),
                        en(by_server.clone()),
                    ),
                    format!(
                        "连接会失败，因为双方没有共同的版本：{client_name} 提供 {}{}；{server_name} 接受 {}{}。",
                        list(&offered, "无"),
                        zh(by_client),
                        list(&accepted, "无"),
                        zh(by_server),
                    ),
                )
            }
        }
    }
}
