//! HTML from Markdown.
//!
//! In:  Markdown, of which a stranger's paste may be a part.
//! Out: HTML in which no tag is the paste's own.
//! Not here: styles beyond the one file that a self-contained page carries.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};
use tera::Context;

use super::fill;
use crate::content::{Lang, template};

/// Markdown as HTML. Raw HTML in it becomes text, and only web addresses become links.
///
/// ```
/// let html = whytls::report::from_markdown("a <script>alert(1)</script>");
/// assert_eq!(html, "<p>a &lt;script&gt;alert(1)&lt;/script&gt;</p>\n");
/// ```
#[must_use]
pub fn from_markdown(markdown: &str) -> String {
    with_drawings(markdown, &[])
}

/// A drawing as SVG, and the name of the code block that is the same as text: `ladder-0` stands for
/// the one that begins with `text ladder-0`.
pub(super) type Drawing = (String, String);

/// The same, with our own drawings in the place of the code blocks that are their text.
pub(super) fn with_drawings(markdown: &str, drawings: &[Drawing]) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut heading: Option<(usize, String)> = None;
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut drawn = false;
    for event in Parser::new_ext(markdown, options) {
        if drawn {
            drawn = !matches!(event, Event::End(TagEnd::CodeBlock));
            continue;
        }
        if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) = &event
            && let Some(wanted) = info.strip_prefix("text ")
            && let Some((_, drawing)) = drawings.iter().find(|(name, _)| name == wanted)
        {
            drawn = true;
            events.push(Event::Html(CowStr::from(drawing.as_str())));
            continue;
        }
        match &event {
            Event::Start(Tag::Heading { .. }) => heading = Some((events.len(), String::new())),
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, title)) = &mut heading {
                    title.push_str(text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((at, title)) = heading.take()
                    && let Some(Event::Start(Tag::Heading { id, .. })) = events.get_mut(at)
                {
                    *id = Some(CowStr::from(heading_id(&title)));
                }
            }
            _ => {}
        }
        events.push(match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. })
                if !is_harmless(&dest_url) =>
            {
                Event::Start(Tag::Emphasis)
            }
            // An image would be fetched from wherever a paste says.
            Event::Start(Tag::Image { .. }) => Event::Start(Tag::Emphasis),
            Event::End(TagEnd::Image) => Event::End(TagEnd::Emphasis),
            other => other,
        });
    }
    close_links(&mut events);
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    out
}

/// A refused link began as emphasis, so it must end as one.
fn close_links(events: &mut [Event<'_>]) {
    let mut open = Vec::new();
    for event in events {
        match event {
            Event::Start(Tag::Link { .. }) => open.push(true),
            Event::Start(Tag::Emphasis) => open.push(false),
            Event::End(TagEnd::Link) if open.pop() == Some(false) => *event = Event::End(TagEnd::Emphasis),
            Event::End(TagEnd::Emphasis) => {
                open.pop();
            }
            _ => {}
        }
    }
}

/// Web addresses and places on the same site; no scripts, no data.
fn is_harmless(url: &str) -> bool {
    let scheme = url.split(['/', '?', '#']).next().unwrap_or_default();
    !scheme.contains(':') || url.starts_with("https://") || url.starts_with("http://")
}

/// The address of a heading within its page.
///
/// ```
/// assert_eq!(whytls::report::heading_id("What to do"), "what-to-do");
/// ```
#[must_use]
pub fn heading_id(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

/// One paragraph of Markdown as HTML that may stand within another.
///
/// ```
/// assert_eq!(whytls::report::phrase_html("see `alert 70`"), "see <code>alert 70</code>");
/// ```
#[must_use]
pub fn phrase_html(markdown: &str) -> String {
    let html = from_markdown(markdown);
    html.trim().trim_start_matches("<p>").trim_end_matches("</p>").to_owned()
}

/// A whole HTML file around a fragment, with its style inside and nothing loaded from elsewhere.
#[must_use]
pub fn page(title: &str, lang: Lang, fragment: &str) -> String {
    let mut context = Context::new();
    context.insert("title", title);
    context.insert("lang", lang.tag());
    context.insert("style", template("report.css"));
    context.insert("body", fragment);
    context.insert("version", crate::VERSION);
    fill("report.html", &context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_paste_becomes_a_tag_or_a_fetch() {
        let html = from_markdown(
            "<img src=x onerror=alert(1)>\n\n[a](javascript:alert(1)) ![b](https://example.com/x.png)\n\n<div>\n<script>x</script>\n</div>",
        );
        for tag in ["<img", "<script", "<div", "javascript:", "src="] {
            assert!(!html.replace("&lt;img src=", "").contains(tag), "{tag} in {html}");
        }
    }

    #[test]
    fn a_drawing_stands_for_its_text_and_nothing_else_does() {
        let drawings = [("ladder-0".to_owned(), "<svg></svg>".to_owned())];
        assert_eq!(with_drawings("```text ladder-0\n│\n```", &drawings), "<svg></svg>");
        assert!(with_drawings("```text ladder-1\n│\n```", &drawings).contains('│'));
        assert!(with_drawings("```text\n│\n```", &drawings).contains('│'));
        assert!(from_markdown("```text ladder-0\n│\n```").contains('│'));
    }

    #[test]
    fn links_stay_links() {
        assert!(from_markdown("[a](https://example.com)").contains(r#"<a href="https://example.com">a</a>"#));
    }
}
