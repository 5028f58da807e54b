//! The core for the browser: files in, one answer out. Nothing here decides anything.

use wasm_bindgen::prelude::wasm_bindgen;
use whytls::x509::Time;
use whytls::{Lang, Paste};

/// The pieces that the page was given, handed over one by one.
#[wasm_bindgen]
#[derive(Default)]
pub struct Case(Paste);

/// What the core said of a case, in the forms that the page shows.
#[wasm_bindgen]
pub struct Answer {
    json: String,
    markdown: String,
    html: String,
    chains: Vec<String>,
    drawings: Vec<String>,
}

#[wasm_bindgen]
impl Case {
    /// An empty case.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one file or paste, as it came.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        self.0.add(name, bytes);
    }

    /// The moment by which certificates are judged, in milliseconds since 1970, as `Date.now()` has it.
    pub fn at(&mut self, milliseconds: f64) {
        #[allow(clippy::cast_possible_truncation, reason = "a day is far from the ends of the range")]
        let seconds = (milliseconds / 1000.0) as i64;
        self.0.at = Some(Time(seconds));
    }

    /// Works the case through. `lang` is `en` or `zh-CN`; anything else is English.
    #[must_use]
    pub fn diagnose(&self, lang: &str) -> Answer {
        let lang = Lang::from_tag(lang).unwrap_or_default();
        let report = whytls::diagnose(&self.0);
        Answer {
            json: report.json(lang),
            markdown: report.markdown(lang),
            html: report.html_fragment(lang),
            chains: report.chain_drawings(lang, "certificates"),
            drawings: report.drawings(lang, "wire"),
        }
    }
}

#[wasm_bindgen]
impl Answer {
    /// `diagnose --format json`, to the byte.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn json(&self) -> String {
        self.json.clone()
    }

    /// `diagnose --format markdown`, to the byte.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn markdown(&self) -> String {
        self.markdown.clone()
    }

    /// The certificate chains worth drawing, as SVG to put into a page.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn chains(&self) -> Vec<String> {
        self.chains.clone()
    }

    /// The connections worth drawing, as SVG to put into a page.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn drawings(&self) -> Vec<String> {
        self.drawings.clone()
    }

    /// The report as HTML to put into a page: no scripts, no styles, the paste as text only.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn html(&self) -> String {
        self.html.clone()
    }
}

/// Markdown as HTML to put into a page, by the same rules as the report: no tag is the text's own.
#[wasm_bindgen]
#[must_use]
pub fn html(markdown: &str) -> String {
    whytls::report::from_markdown(markdown)
}

/// The version of whytls that is running.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    whytls::VERSION.to_owned()
}
