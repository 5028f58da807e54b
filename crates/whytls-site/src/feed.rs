//! The feed of reports (Atom, RFC 4287), for those who want to hear of new ones.
//!
//! In:  the reports that have a date.
//! Out: a feed whose links are relative, so that the site may stand at any address.
//! Not here: which reports there are.

use std::fmt::Write as _;

use whytls::Lang;

/// A report in the feed.
pub(crate) struct FeedEntry {
    pub(crate) name: String,
    pub(crate) title: String,
    /// A day, `2023-04-27`, or a time of RFC 3339.
    pub(crate) date: String,
    pub(crate) html: String,
}

/// The feed, newest first; nothing where no report has a date.
pub(crate) fn atom(lang: Lang, title: &str, mut entries: Vec<FeedEntry>) -> Option<String> {
    entries.retain(|entry| is_day(entry.date.get(..10).unwrap_or_default()));
    entries.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| a.name.cmp(&b.name)));
    let newest = moment(&entries.first()?.date);
    let tag = lang.tag();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{tag}\">\n\
         <id>urn:whytls:reports:{tag}</id>\n<title>{}</title>\n<author><name>whytls</name></author>\n\
         <link rel=\"self\" href=\"feed.xml\"/>\n<link href=\"./\"/>\n<updated>{newest}</updated>\n",
        escape(title)
    );
    for entry in &entries {
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "<entry>\n<id>urn:whytls:reports:{tag}:{name}</id>\n<title>{}</title>\n<link href=\"{name}/\"/>\n\
             <updated>{}</updated>\n<content type=\"html\">{}</content>\n</entry>\n",
            escape(&entry.title),
            moment(&entry.date),
            escape(&entry.html),
            name = address(&entry.name),
        );
    }
    out.push_str("</feed>\n");
    Some(out)
}

fn is_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// A day alone is the beginning of it, in UTC.
fn moment(date: &str) -> String {
    let day = date.get(..10).unwrap_or_default();
    match date.get(10..) {
        Some(time) if time.starts_with('T') && time.chars().all(|c| c.is_ascii_graphic()) => escape(date),
        _ => format!("{day}T00:00:00Z"),
    }
}

/// A file's name within an address.
fn address(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            // XML has no place for these, not even escaped.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, date: &str) -> FeedEntry {
        FeedEntry {
            name: name.to_owned(),
            title: "a <b> & c".to_owned(),
            date: date.to_owned(),
            html: "<p>x\u{1}</p>".to_owned(),
        }
    }

    #[test]
    fn tells_the_newest_first_and_escapes() {
        let feed =
            atom(Lang::En, "Reports", vec![entry("old", "2022-01-02"), entry("new one", "2023-04-27")])
                .expect("two reports have dates");
        assert!(feed.contains("<updated>2023-04-27T00:00:00Z</updated>\n<entry>"));
        assert!(feed.find("new%20one/").expect("it is there") < feed.find("old/").expect("it is there"));
        assert!(feed.contains("a &lt;b&gt; &amp; c") && feed.contains("&lt;p&gt;x&lt;/p&gt;"));
    }

    #[test]
    fn is_silent_where_no_report_has_a_date() {
        assert_eq!(atom(Lang::En, "Reports", vec![entry("a", "yesterday")]), None);
    }
}
