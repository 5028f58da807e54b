//! Finds what describes a program instead of coming from it: manual pages, lists of changes, and the comments of
//! configuration.
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
        let text = line.text.trim_start();
        if !text.starts_with(['#', ';', '/', '-', '!']) {
            continue;
        }
        let own = comments.iter_mut().zip(MARKS).find(|(_, mark)| is_comment(text, mark));
        own.into_iter().for_each(|(comments, _)| comments.push(place(line)));
    }
    let enough = |own: &Vec<_>| own.len() >= COMMENTS_AT_LEAST && full > own.len() + 1;
    comments.into_iter().find(enough).unwrap_or_default()
}

/// `#0`, `#>` and `##` begin a frame of a trace, output and a heading.
fn is_comment(text: &str, mark: &str) -> bool {
    let rest = text.strip_prefix(mark);
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

/// A list of changes has at least so many releases; what is said of one alone may be part of a question.
const RELEASES_AT_LEAST: usize = 3;

/// Of the releases, one in so many says what changed as items. The others say it in sentences.
const ITEMS_IN: usize = 2;

/// A release does not have more lines than this.
const LONGEST_RELEASE: usize = 600;

/// What a list of changes says, from its first release to the last item of its last one.
pub(super) fn changes(lines: &[Line<'_>]) -> Vec<Range<usize>> {
    // No log has items, and every line of it has numbers that could be a release.
    if !lines.iter().any(|line| is_item(line.text)) {
        return Vec::new();
    }
    let full: Vec<&Line<'_>> = lines.iter().filter(|line| !line.is_blank() && !is_rule(line.text)).collect();
    let mut releases = full.iter().enumerate().filter(|(_, line)| is_release(line.text)).map(|(at, _)| at);
    let mut found = Vec::new();
    let mut next = releases.next();
    while let Some(first) = next {
        let (mut last, mut count, mut itemised) = (first, 0, 0);
        while let Some(at) = next.filter(|at| at - last <= LONGEST_RELEASE) {
            last = at;
            count += 1;
            itemised += usize::from(
                full.get(at + 1..).unwrap_or_default().iter().take(3).any(|line| is_item(line.text)),
            );
            next = releases.next();
        }
        if count >= RELEASES_AT_LEAST && itemised * ITEMS_IN >= count {
            let rest = full.get(last..).unwrap_or_default();
            let own = |line: &&&Line<'_>| is_item(line.text) || line.text.starts_with([' ', '\t', '#']);
            let end = rest.iter().skip(1).take_while(own).last().or(rest.first());
            if let (Some(begin), Some(end)) = (full.get(first), end) {
                found.push(begin.start..place(end).end);
            }
        }
    }
    found
}

/// `## [1.2.3] - 2026-11-29`, `Version 5.69, 2023.03.04`, `curl (7.88.1-10) bookworm; urgency=medium`,
/// `2026-11-29  Jane Doe  <jane@example.com>`: few words, a release or a day among the first of them, and no time
/// of day, which logs have.
fn is_release(line: &str) -> bool {
    if line.len() > 120 || line.starts_with([' ', '\t']) || is_item(line) || line.ends_with([';', '{', ',']) {
        return false;
    }
    let words =
        || line.split(|c: char| c.is_whitespace() || "[](),;:*=_".contains(c)).filter(|w| !w.is_empty());
    // `With curl 8.5.0:` is how people tell what they tried.
    let tried = ["with", "using", "on", "under"];
    if words().next().is_some_and(|first| tried.iter().any(|word| word.eq_ignore_ascii_case(first))) {
        return false;
    }
    // An epoch before a version, `1:25.2`, is none, and beside an author's address it is the change's own.
    let timed = line.split_whitespace().any(|word| {
        let mut parts = word.split(':').map(str::as_bytes);
        let hour = matches!(parts.next(), Some([.., b'0'..=b'9']));
        hour && matches!(parts.next(), Some([b'0'..=b'9', b'0'..=b'9', rest @ ..]) if !rest.starts_with(b"."))
    });
    let timed = timed && !(line.contains('@') && line.ends_with('>'));
    !timed && words().take(16).count() < 16 && words().take(7).any(|word| is_version(word) || is_day(word))
}

/// `1.2`, `v1.2.3-rc1`, `2.0.0`; an address has four numbers.
fn is_version(word: &str) -> bool {
    let word = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let (mut dots, mut named) = (0, false);
    let whole = word.starts_with(|c: char| c.is_ascii_digit())
        && word.chars().all(|char| {
            dots += usize::from(char == '.');
            named |= dots > 0 && (char.is_ascii_alphabetic() || "-+~".contains(char));
            char == '.' || char.is_ascii_digit() || named
        });
    whole && dots > 0 && (dots < 3 || named)
}

/// `2026-11-29`.
fn is_day(word: &str) -> bool {
    let mut parts = word.split(['-', '/']);
    let number = |part: Option<&str>, digits: usize| {
        part.is_some_and(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    number(parts.next(), 4) && number(parts.next(), 2) && number(parts.next(), 2) && parts.next().is_none()
}

/// `* what changed`, `  - what changed`, `  [ Jane Doe ]`.
fn is_item(line: &str) -> bool {
    let text = line.trim_start();
    text.starts_with(['*', '-', '+', 'o', '•', '['])
        && ["* ", "- ", "+ ", "o ", "• ", "[ ", "*) "].iter().any(|mark| text.starts_with(mark))
}

/// `-----` and `=====` below a heading.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() > 2 && line.starts_with(['-', '=', '~', '^', '*']) && line.chars().all(|c| line.starts_with(c))
}

fn place(line: &Line<'_>) -> Range<usize> {
    line.start..line.start + line.text.len()
}

#[cfg(test)]
mod tests {
    fn findings(text: &str) -> usize {
        crate::diagnose(&crate::Paste::text(text)).findings.len()
    }

    #[test]
    fn knows_releases_from_what_is_logged() {
        let all = [
            "## [1.2.3] - 2026-11-29",
            "Version 5.69, 2023.03.04",
            "erlang (1:25.2.3+dfsg-1) bookworm; urgency=low",
            "v2.0",
            "2026-11-29  Jane Doe  <jane@example.com>",
            "2026-11-29 10:00:00 +0100  Jane Doe <jane@example.com>",
        ];
        assert_eq!(all.map(super::is_release), [true; 6]);
        let none = [
            "2026-11-29 10:12:03 connected",
            "Failed to connect to 192.0.2.1",
            "- 1.2.3",
            "  1.2",
            "at 10:12 v1.2 failed",
            "TLSv1.2",
            "With curl 7.88.1:",
        ];
        assert_eq!(none.map(super::is_release), [false; 7]);
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
    fn leaves_lists_of_changes_alone() {
        let markdown = "# Changelog\n\n## [2.1.0] - 2026-11-29\n### Fixed\n- SSL certificate problem: certificate has expired\n\n## [2.0.1] - 2026-10-01\n- Nothing\n\n## 2.0\n\n* ssl: Hostname mismatch was not told\n";
        let debian = "curl (7.88.1-10) bookworm; urgency=medium\n\n  * Fix \"SSL certificate problem: certificate has expired\"\n    (Closes: #1)\n\n -- Jane Doe <jane@example.com>  Sun, 29 Nov 2026 10:00:00 +0100\n\n";
        for list in [markdown, &debian.repeat(3)] {
            assert_eq!(findings(list), 0);
            assert_ne!(
                findings(&format!(
                    "{list}\nWhat I get:\ncurl: (60) SSL certificate problem: certificate has expired\n"
                )),
                0
            );
        }
        assert_ne!(
            findings(
                "Python 3.11\n- it fails\nSSL certificate problem: certificate has expired\ncurl 8.1\n- it works\n"
            ),
            0
        );
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
