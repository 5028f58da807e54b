//! Finds what describes a program instead of coming from it: manual pages, and the comments of configuration.
//!
//! In:  the lines of a region.
//! Out: the places whose words tell what may happen, not what did.
//! Not here: source. That is the file above.

use std::ops::Range;

use crate::paste::{Alphabet, Line};

/// A file has at least so many comments; a few lines may be somebody's output that was commented out.
const COMMENTS_AT_LEAST: usize = 6;

/// What a comment of a configuration file begins with.
const MARKS: [&str; 5] = ["#", ";", "//", "--", "!"];

/// The comments between settings. Where nothing else stands, they are somebody's words.
pub(super) fn comments(lines: &[Line<'_>]) -> Vec<Range<usize>> {
    let mut full = 0;
    let mut comments = [const { Vec::new() }; MARKS.len()];
    for line in lines.iter().filter(|line| !line.is_blank()) {
        full += 1;
        let own = comments.iter_mut().zip(MARKS).find(|(_, mark)| is_comment(line.text, mark));
        own.into_iter().for_each(|(comments, _)| comments.push(place(line)));
    }
    let enough = |own: &Vec<_>| own.len() >= COMMENTS_AT_LEAST && full > own.len() + 1;
    comments.into_iter().find(enough).unwrap_or_default()
}

/// `#0`, `#>` and `##` begin a frame of a trace, output and a heading.
fn is_comment(line: &str, mark: &str) -> bool {
    let rest = line.trim_start().strip_prefix(mark);
    rest.is_some_and(|rest| rest.starts_with([' ', '\t']) || rest.starts_with(char::is_alphabetic))
}

/// What stands in a manual page, as `man` prints it: all of it is indented, but for the headings.
pub(super) fn manual(lines: &[Line<'_>]) -> Vec<Range<usize>> {
    let Some(first) = lines.iter().position(|line| section(line).is_some()) else { return Vec::new() };
    let own = lines.get(first).and_then(section);
    let rest = lines.get(first..).unwrap_or_default();
    let mut last = 0;
    for (at, line) in rest.iter().enumerate() {
        let text = line.text;
        let heads = || {
            let next = rest.iter().skip(at + 1).find(|line| !line.is_blank());
            next.is_some_and(|next| next.text.starts_with("  "))
        };
        if line.is_blank() || text.starts_with("  ") {
            continue;
        }
        if own == section(line) || text.contains('(') && text.contains(own.unwrap_or_default()) || heads() {
            last = at;
        } else {
            break;
        }
    }
    let (Some(begin), Some(end)) = (rest.first(), rest.get(last)) else { return Vec::new() };
    if last == 0 { Vec::new() } else { std::iter::once(begin.start..place(end).end).collect() }
}

/// The name at both ends of a manual page's first line: `CURL(1)          Curl Manual          CURL(1)`.
fn section<'a>(line: &Line<'a>) -> Option<&'a str> {
    if !line.alphabet.has(const { Alphabet::of("(1)") }) {
        return None;
    }
    let mut words = line.text.split_whitespace();
    let (first, last) = (words.next()?, words.next_back()?);
    let inside = first.strip_suffix(')')?.split_once('(')?.1;
    (first == last && inside.starts_with(|c: char| c.is_ascii_digit()) && inside.len() <= 8).then_some(first)
}

fn place(line: &Line<'_>) -> Range<usize> {
    line.start..line.start + line.text.len()
}

#[cfg(test)]
mod tests {
    fn findings(text: &str) -> usize {
        crate::diagnose(&crate::Paste::text(text)).findings.len()
    }

    const SETTINGS: &str = "# This file configures the mail server.\n# Uncomment what you need.\nport = 993\n# Without it:\n# SSL certificate problem: certificate has expired\n# is printed.\n#\n# See the manual.\nhost = mail.example.com\n# The end.\n";

    #[test]
    fn leaves_comments_of_settings_alone() {
        assert_eq!(findings(SETTINGS), 0);
        assert_ne!(
            findings(&format!("{SETTINGS}\n$ start\nSSL certificate problem: certificate has expired\n")),
            0
        );
        assert_ne!(findings("# curl: (60) SSL certificate problem: certificate has expired\n"), 0);
    }

    #[test]
    fn leaves_manual_pages_alone() {
        let page = "CURL(1)                Curl Manual                CURL(1)\n\nNAME\n       curl - transfer a URL\n\nEXIT CODES\n       60     SSL certificate problem: certificate has expired\n\ncurl 7.88.1      2023-02-15      CURL(1)\n";
        assert_eq!(findings(page), 0);
        assert_ne!(
            findings(&format!(
                "{page}\nWhat I get:\ncurl: (60) SSL certificate problem: certificate has expired\n"
            )),
            0
        );
    }
}
