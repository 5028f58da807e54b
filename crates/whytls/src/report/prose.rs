//! A page's prose, speaking of the case at hand.
//!
//! In:  Tera and Markdown as written, and the facts of an incident.
//! Out: Markdown.
//! Not here: HTML.
//!
//! A page writes `{{ server_port }}` for the fact `server.port`, `{{ client_os_name }}` for its
//! name on the screen. What is not known is empty, so `{% if server_port %}` asks for it.

use tera::{Context, Tera};

use crate::content::{Body, Lang, Section, library};
use crate::facts::Incident;

/// Fills the values of a case into a page's prose.
///
/// # Errors
/// Tera's word on what is wrong with the prose. A test fills every page, so a user never meets it.
pub fn render(text: &str, incident: &Incident, lang: Lang) -> Result<String, String> {
    if !text.contains('{') {
        return Ok(text.trim().to_owned());
    }
    Tera::one_off(text, &context(text, incident, lang), false)
        .map(|text| text.trim().to_owned())
        .map_err(|error| error.to_string())
}

/// The sections that a reader sees: all but the examples.
pub fn sections_of(body: &Body) -> impl Iterator<Item = &Section> {
    body.sections.iter().filter(|section| section.kind != crate::content::SectionKind::Examples)
}

/// The values that a text may name.
fn context(text: &str, incident: &Incident, lang: Lang) -> Context {
    let mut context = Context::new();
    for fact in library().vocabulary.facts() {
        let name = fact.key.replace(['.', '-'], "_");
        if !text.contains(&name) {
            continue;
        }
        let values = incident.get(&fact.key);
        let value = values.first().map(|known| tame(&known.value)).unwrap_or_default();
        let shown =
            library().vocabulary.value(&fact.key, &value).map(|entry| entry.name.get(lang).to_owned());
        let all: Vec<String> = values.iter().map(|known| tame(&known.value)).collect();
        context.insert(format!("{name}_name"), &shown.unwrap_or_else(|| value.clone()));
        context.insert(format!("{name}_all"), &all);
        context.insert(name, &value);
    }
    context
}

/// A value from a stranger's paste, fit to stand in Markdown: no markup, no line ends, not long.
pub(super) fn tame(value: &str) -> String {
    value.chars().filter(|c| c.is_alphanumeric() || ".-_:/@*+%, =".contains(*c)).take(253).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_carry_no_markup() {
        assert_eq!(tame("mail.example.com"), "mail.example.com");
        assert_eq!(tame("<b>`x`[y](z)\n"), "bxyz");
    }

    #[test]
    fn every_page_can_be_filled_in_both_languages() {
        let nothing = Incident::default();
        for page in &library().pages {
            for lang in Lang::ALL {
                for section in sections_of(page.body(lang)) {
                    let topics = section.topics.iter().flat_map(|topic| [&topic.title, &topic.text]);
                    for text in topics.chain([&section.text]) {
                        if let Err(error) = render(text, &nothing, lang) {
                            panic!("{} ({}): {error}", page.file, lang.tag());
                        }
                    }
                }
            }
        }
    }
}
