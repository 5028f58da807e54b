//! What a program offers, as a part of a report.
//!
//! In:  what the model says of a paste's program.
//! Out: [`PolicyView`]: a sentence, and a table or what hangs on the one thing that is unknown.
//! Not here: the whole answer of `whytls simulate`.

use serde::Serialize;

use super::{OfferView, ServerView, Simulated, UnknownView};
use crate::content::Lang;
use crate::policy::Simulation;
use crate::tls::Version;

/// What a program offers, as a part of a report.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct PolicyView {
    pub client: &'static str,
    pub offers: Vec<OfferView>,
    pub unknown: Vec<UnknownView>,
    /// The same as Markdown.
    pub body_markdown: String,
}

impl PolicyView {
    /// Nothing where several things are unknown: what hangs on what would be no help then.
    pub(in crate::report) fn new(simulation: &Simulation, lang: Lang) -> Option<Self> {
        let simulated = Simulated::part(simulation, lang);
        let mut body_markdown = format!("{}\n\n", simulated.headline(lang));
        match simulated.unknown.len() {
            0 => simulated.table(&mut body_markdown, lang),
            1 => simulated.answers(&mut body_markdown, lang),
            _ => return None,
        }
        Some(Self {
            client: simulated.client,
            offers: simulated.offers,
            unknown: simulated.unknown,
            body_markdown: body_markdown.trim().to_owned(),
        })
    }

    /// What a server accepts of a client that is known, or of one whose hello was seen.
    pub(in crate::report) fn of_server(
        server: &Simulation,
        client: Option<&Simulation>,
        newest: Option<Version>,
        lang: Lang,
    ) -> Self {
        let simulated = Simulated::part(server, lang);
        let mut body_markdown = format!("{}\n\n", simulated.headline(lang));
        let oldest = server.verdicts.iter().find(|verdict| verdict.offered != Some(false));
        let too_old = newest.zip(oldest).filter(|(newest, oldest)| newest.rank() < oldest.version.rank());
        let says = match (client, too_old) {
            (Some(client), _) => {
                let server = ServerView::of_program(server, client, lang);
                server.agrees.map(|_| server.says)
            }
            (None, Some((newest, _))) => Some(match lang {
                Lang::En => format!("The client offers {newest} at most, so they have no version in common."),
                Lang::ZhCn => format!("客户端最高只提供 {newest}，所以双方没有共同的版本。"),
            }),
            (None, None) => None,
        };
        if let Some(says) = says {
            body_markdown.push_str(&says);
            body_markdown.push_str("\n\n");
        }
        simulated.table(&mut body_markdown, lang);
        let questions: Vec<&str> =
            simulated.unknown.iter().map(|unknown| unknown.question.as_str()).collect();
        if !questions.is_empty() {
            body_markdown.push_str(&match lang {
                Lang::En => format!("\nNot known: {}", questions.join(" ")),
                Lang::ZhCn => format!("\n尚不清楚：{}", questions.concat()),
            });
        }
        Self {
            client: simulated.client,
            offers: simulated.offers,
            unknown: simulated.unknown,
            body_markdown: body_markdown.trim().to_owned(),
        }
    }
}
