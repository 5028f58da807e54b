//! What the other end accepts of what is offered.
//!
//! In:  a client that was simulated, and a host or a server program.
//! Out: [`ServerView`]: whether they agree, and the reason in a sentence.
//! Not here: what a server program accepts; that is simulated as a client is.

use serde::Serialize;

use super::{DecisionView, Simulated};
use crate::content::{Lang, Risk, Service, library};
use crate::policy::{Simulation, agree};

/// Offer and acceptance together.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct ServerView {
    pub host: Option<String>,
    pub service: Option<String>,
    /// The server program, with what it accepts.
    pub program: Option<Box<Simulated>>,
    /// The oldest version that it accepts.
    pub accepts_from: Option<String>,
    pub since: Option<String>,
    /// Whether client and server agree; none where that is unknown.
    pub agrees: Option<bool>,
    /// The version that they agree on.
    pub version: Option<String>,
    pub says: String,
    pub as_far_as_known: bool,
}

impl ServerView {
    /// A server program whose configuration is known.
    pub(super) fn of_program(server: &Simulation, client: &Simulation, lang: Lang) -> Self {
        let agreement = agree(client, server);
        let mut program = Simulated::part(server, lang);
        // Where the client can be mended, nothing old is brought back.
        if !client.changes().is_empty() || agreement.agrees == Some(true) {
            program.changes.retain(|change| change.risk != Risk::Unsafe);
        }
        let oldest = server.verdicts.iter().find(|verdict| verdict.offered == Some(true));
        Self {
            host: None,
            service: None,
            program: Some(Box::new(program)),
            accepts_from: oldest.map(|verdict| verdict.version.to_string()),
            since: None,
            agrees: agreement.agrees,
            version: agreement.version.map(|version| version.to_string()),
            says: agreement
                .says(client, server, |decision| DecisionView::new(decision, lang).shown(lang))
                .get(lang)
                .to_owned(),
            as_far_as_known: agreement.unsure,
        }
    }

    /// A host that the tables may know.
    pub(super) fn of_host(host: &str, simulation: &Simulation, lang: Lang) -> Self {
        let nothing = Self {
            host: Some(host.to_owned()),
            service: None,
            program: None,
            accepts_from: None,
            since: None,
            agrees: None,
            version: None,
            says: match lang {
                Lang::En => format!("What {host} accepts is not in the tables."),
                Lang::ZhCn => format!("表里没有 {host} 接受哪些版本。"),
            },
            as_far_as_known: false,
        };
        let Some(service) = Service::of(&library().services, host) else { return nothing };
        let accepted = || {
            let all = simulation.verdicts.iter();
            all.filter(|verdict| verdict.version.rank() >= service.least.rank())
        };
        let agrees = match accepted().any(|verdict| verdict.offered == Some(true)) {
            true => Some(true),
            false => accepted().all(|verdict| verdict.offered == Some(false)).then_some(false),
        };
        let (name, least) = (&service.name, service.least);
        let (since_en, since_zh) = match service.since.as_str() {
            "" => (String::new(), String::new()),
            since => (format!(" since {since}"), format!("自 {since} 起")),
        };
        let says = match (agrees, lang) {
            (Some(true), Lang::En) => {
                format!("{name} accepts {least} or later{since_en}, and this client offers that.")
            }
            (Some(true), Lang::ZhCn) => {
                format!("{name} {since_zh}只接受 {least} 或更高版本，这个客户端提供它。")
            }
            (Some(false), Lang::En) => format!(
                "{name} accepts only {least} or later{since_en}, and this client offers none of that: the connection fails."
            ),
            (Some(false), Lang::ZhCn) => {
                format!("{name} {since_zh}只接受 {least} 或更高版本，而这个客户端都不提供：连接会失败。")
            }
            (None, Lang::En) => format!(
                "{name} accepts only {least} or later{since_en}; whether this client offers that hangs on what is not known."
            ),
            (None, Lang::ZhCn) => format!(
                "{name} {since_zh}只接受 {least} 或更高版本；这个客户端是否提供，取决于尚不清楚的几点。"
            ),
        };
        Self {
            service: Some(name.clone()),
            accepts_from: Some(least.to_string()),
            since: Some(service.since.clone()).filter(|since| !since.is_empty()),
            agrees,
            says,
            as_far_as_known: service.unsure,
            ..nothing
        }
    }
}
