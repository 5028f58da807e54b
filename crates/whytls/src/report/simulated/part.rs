//! What a program offers, as a part of a report.
//!
//! In:  what the model says of a paste's program.
//! Out: [`PolicyView`]: a sentence, and a table or what hangs on the one thing that is unknown.
//! Not here: the whole answer of `whytls simulate`.

use serde::Serialize;

use super::{OfferView, Simulated, UnknownView};
use crate::content::Lang;
use crate::policy::Simulation;

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
}
