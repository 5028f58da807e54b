//! Text as a program printed it, without what happened to it on the way.
//!
//! In:  the lines of an input.
//! Out: one line of plain text, and for each of its bytes the place that it came from.
//! Not here: what the text says. Messages are looked for in this, evidence is cited from the input.
//!
//! Logs escape line ends and quotes, web pages escape HTML, terminals colour and wrap, mails and
//! word processors change quotation marks. A message is the same message all the same.

use std::cmp::Ordering;
use std::ops::Range;

use encoding_rs::{EUC_KR, Encoding, GBK, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

use crate::content::same_quote;
use crate::paste::{Input, Line, colour};

/// Plain text with its places.
pub(super) struct Plain {
    /// The text; line ends and runs of white space are one space.
    pub(super) text: String,
    /// Where the text has left bytes of the input out, or has others: a place in the text, and the one that it
    /// came from. What follows came from what follows there.
    places: Vec<(usize, usize)>,
    /// Where a line that is as wide as the terminal ends, in the text: the word may go on there, or not.
    pub(super) seams: Vec<usize>,
}

impl Plain {
    /// Makes the plain text of an input.
    pub(super) fn of(input: &Input) -> Self {
        let mut plain = Self { text: String::new(), places: Vec::new(), seams: Vec::new() };
        let mut end = 0;
        for region in input.regions() {
            let wrapped = wrap_width(&region.lines);
            for line in &region.lines {
                plain.line(line);
                end = line.start + line.text.len();
                if wrapped.is_some_and(|wrapped| width(line) == wrapped) {
                    plain.seams.push(plain.text.len());
                } else {
                    plain.push(' ', end);
                }
            }
        }
        plain.came_from(end);
        plain
    }

    /// The place in the input of a range of the text.
    pub(super) fn place(&self, range: &Range<usize>) -> Range<usize> {
        let at = |index: usize| {
            let next = self.places.partition_point(|(text, _)| *text <= index);
            let known = next.checked_sub(1).and_then(|last| self.places.get(last)).copied();
            let (text, input) = known.unwrap_or_default();
            input + index.min(self.text.len()) - text
        };
        let last = range.end.saturating_sub(1).max(range.start);
        // The end is behind the last character: where the next one begins, unless white space or
        // a line end was left out between them.
        let after = at(range.end);
        let end = if after > at(last) + 8 { at(last) + 1 } else { after };
        at(range.start)..end.max(at(range.start))
    }

    /// What comes next came from that place of the input.
    fn came_from(&mut self, place: usize) {
        let here = self.text.len();
        let expected = self.places.last().map_or(0, |(text, input)| input + here - text);
        if expected != place {
            self.places.push((here, place));
        }
    }

    fn push(&mut self, c: char, place: usize) {
        if c.is_whitespace() {
            if !self.text.is_empty() && !self.text.ends_with(' ') {
                self.came_from(place);
                self.text.push(' ');
            }
            return;
        }
        self.came_from(place);
        self.text.push(same_quote(c));
    }

    /// Takes over the characters at the beginning that mean themselves, and single spaces between them: what
    /// nearly everything is. Out: how many bytes they are.
    fn run(&mut self, text: &str, place: usize) -> usize {
        let mut before = if self.text.is_empty() || self.text.ends_with(' ') { kind::SPACE } else { 0 };
        let own = text.bytes().take_while(|byte| {
            let own = kind::of(*byte);
            // Of two spaces the second does not count.
            own & (std::mem::replace(&mut before, own) | kind::OTHER) == 0
        });
        let length = own.count();
        if length > 0 {
            self.came_from(place);
        }
        self.text.push_str(text.get(..length).unwrap_or_default());
        length
    }

    fn line(&mut self, line: &Line<'_>) {
        let body = line.body();
        let start = line.start + (line.text.len() - body.len());
        let mut rest = body;
        // Where the characters beyond ASCII that were looked at as a whole end.
        let mut looked_at = 0;
        loop {
            let place = start + (body.len() - rest.len());
            let run = self.run(rest, place);
            let (place, after) = (place + run, rest.get(run..).unwrap_or_default());
            rest = after;
            let Some(c) = rest.chars().next() else { break };
            if !c.is_ascii() && place >= looked_at {
                let (meant, length) = misread_in_pairs(rest, self.text.chars().next_back());
                looked_at = place + length;
                if let Some(meant) = meant {
                    for c in meant.chars() {
                        self.push(c, place);
                    }
                    rest = rest.get(length..).unwrap_or_default();
                    continue;
                }
            }
            let (meant, length) = match c {
                '\u{1b}' => (None, colour(rest)),
                '\\' => escaped(rest),
                '&' => entity(rest),
                '#' => octal(rest),
                '<' => tag(rest),
                // The lines of a box around the text.
                '\u{2500}'..='\u{257f}' => (Some(' '), c.len_utf8()),
                '\u{feff}' => (None, c.len_utf8()),
                _ if c.is_ascii() => (Some(c), 1),
                _ => misread(rest).unwrap_or((Some(c), c.len_utf8())),
            };
            if let Some(meant) = meant {
                self.push(meant, place);
            }
            rest = rest.get(length.max(1)..).unwrap_or_default();
        }
    }
}

/// What a byte is to plain text: nothing where it means itself.
mod kind {
    pub(super) const SPACE: u8 = 1;
    pub(super) const OTHER: u8 = 2;

    #[allow(clippy::indexing_slicing, reason = "a byte is below 256, and it is worked out by the compiler")]
    const OF: [u8; 256] = {
        let mut of = [OTHER; 256];
        let mut byte = b' ';
        while byte <= b'~' {
            of[byte as usize] = match byte {
                b' ' => SPACE,
                b'\\' | b'&' | b'#' | b'<' | b'`' => OTHER,
                _ => 0,
            };
            byte += 1;
        }
        of
    };

    pub(super) fn of(byte: u8) -> u8 {
        OF.get(usize::from(byte)).copied().unwrap_or(OTHER)
    }
}

/// `\n`, `\"` and `\u003c` as in JSON and in literals, `\xe2\x80\x98` as in Python's bytes; a lone
/// backslash is one. JSON inside of JSON has them twice, and so on: `\\n`, `\\\"`.
fn escaped(text: &str) -> (Option<char>, usize) {
    let slashes = text.bytes().take(8).take_while(|byte| *byte == b'\\').count();
    let (head, at) = match text.as_bytes().get(slashes) {
        Some(next @ (b'n' | b'r' | b't' | b'"' | b'\'' | b'u' | b'x')) => (Some(next), slashes),
        Some(b'/') if slashes == 1 => return (Some('/'), 2),
        _ => (None, slashes),
    };
    let rest = text.get(at..).unwrap_or_default();
    match head {
        // A path such as C:\new has a letter behind; a line end is followed by the next line.
        Some(b'n' | b'r' | b't') => (Some(' '), at + 1),
        Some(quote @ (b'"' | b'\'')) => (Some(char::from(*quote)), at + 1),
        Some(b'u') => match rest.get(1..5).and_then(hex).and_then(char::from_u32) {
            Some(c) => (Some(c), at + 5),
            None => (Some('\\'), at.max(1)),
        },
        Some(b'x') => match utf8_escapes(rest, slashes) {
            Some((c, length)) => (Some(c), at + length),
            None => (Some('\\'), at.max(1)),
        },
        _ => (Some('\\'), slashes.clamp(1, 2)),
    }
}

fn hex(digits: &str) -> Option<u32> {
    u32::from_str_radix(digits, 16).ok()
}

/// The character whose bytes stand as `xe2\x80\x98`, with so many backslashes before each `x`.
fn utf8_escapes(text: &str, slashes: usize) -> Option<(char, usize)> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut at = 0;
    while bytes.len() < 4 {
        let digits = text.get(at..).filter(|rest| rest.starts_with('x')).and_then(|rest| rest.get(1..3))?;
        bytes.push(u8::try_from(hex(digits)?).ok()?);
        // An ASCII byte is escaped because it is no text: `\x16\x03` is how a log shows a hello.
        if bytes.first().is_some_and(u8::is_ascii) {
            return None;
        }
        at += 3;
        if let Ok(known) = std::str::from_utf8(&bytes) {
            return known.chars().next().map(|c| (c, at));
        }
        at += text.get(at..)?.bytes().take(slashes).take_while(|byte| *byte == b'\\').count();
    }
    None
}

/// The character whose bytes in UTF-8 were read as characters of a Windows code page: `Ã©`, `â€™`, `Р®`.
fn misread(text: &str) -> Option<(Option<char>, usize)> {
    let mut chars = text.chars();
    // Such code pages have no character beyond Cyrillic at a place where a sequence begins.
    let first = chars.next().filter(|first| *first < '\u{500}')?;
    let second = chars.next().filter(|c| !c.is_ascii())?;
    [WINDOWS_1252, WINDOWS_1251, WINDOWS_1250].into_iter().find_map(|page| {
        let byte = |c: char| match page.encode(c.encode_utf8(&mut [0; 4])) {
            (bytes, _, false) => <[u8; 1]>::try_from(bytes.as_ref()).ok().map(|[byte]| byte),
            _ => None,
        };
        let length = match byte(first)? {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => return None,
        };
        byte(second).filter(|byte| (0x80..0xc0).contains(byte))?;
        let bytes: Vec<u8> = text.chars().take(length).map_while(byte).collect();
        let meant = std::str::from_utf8(&bytes).ok()?.chars().next()?;
        Some((Some(meant), text.chars().take(length).map(char::len_utf8).sum()))
    })
}

/// The text whose bytes in UTF-8 were read as characters of two bytes each, as Chinese, Japanese and Korean
/// systems do: `鐢变簬` for `由于`, `脺berpr眉fung` for `Überprüfung`. Out: that text, where it is one, and how long
/// the characters beyond ASCII at the beginning are; `before` is what stands before them.
fn misread_in_pairs(text: &str, before: Option<char>) -> (Option<String>, usize) {
    // What could not be read became a mark.
    let ends = |c: char| c.is_ascii() || c == char::REPLACEMENT_CHARACTER;
    let length = text.find(ends).unwrap_or(text.len());
    let (run, after) = text.split_at_checked(length).unwrap_or((text, ""));
    // Latin, Greek and Cyrillic letters are of no such system.
    if run.chars().next().is_none_or(|first| first < '\u{2000}') {
        return (None, length.max(text.chars().next().map_or(1, char::len_utf8)));
    }
    let torn = matches!(before, Some('?' | char::REPLACEMENT_CHARACTER));
    let meant = [GBK, SHIFT_JIS, EUC_KR].into_iter().find_map(|encoding| {
        let meant = read_again(run, encoding, torn)?;
        let letters = meant.chars().filter(|c| !c.is_ascii());
        // A letter with an accent became one character; within a word it can be nothing else.
        let accent = || {
            let lower = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase());
            let follows = lower(after.chars().next()) && lower(after.chars().nth(1));
            follows && before.is_none_or(|c| c.is_ascii_alphabetic() || c == ' ')
                || before.is_some_and(|c| c.is_ascii_lowercase()) && lower(after.chars().next())
        };
        let wide = letters.clone().filter(|c| !is_accented(*c)).count();
        match (wide, letters.clone().count()) {
            (0, 1 | 2) => accent().then_some(meant),
            (0, _) => None,
            (1, all) => (all >= 3).then_some(meant),
            _ => Some(meant),
        }
    });
    (meant, length)
}

/// The bytes that these characters were made of, read as UTF-8. All of it must be letters that people write; at
/// the end a few bytes may be lost, and at the beginning where it is `torn` from what stood before.
fn read_again(run: &str, encoding: &'static Encoding, torn: bool) -> Option<String> {
    // Most text is told from this by its first characters.
    let first = run.get(..run.char_indices().nth(2).map_or(run.len(), |(at, _)| at))?;
    let inside = |byte: &u8| byte & 0xc0 == 0x80;
    let left_over = |bytes: &[u8]| match torn {
        true => bytes.iter().take(2).take_while(|byte| inside(byte)).count(),
        false => 0,
    };
    let begins = |bytes: &[u8]| match bytes.get(left_over(bytes)..) {
        Some([0xc3..=0xdf, second, ..]) => inside(second),
        Some([0xe0..=0xef, second, rest @ ..]) => inside(second) && rest.first().is_none_or(inside),
        _ => false,
    };
    if !begins(&encoding.encode(first).0) {
        return None;
    }
    let (bytes, _, lost) = encoding.encode(run);
    if lost {
        return None;
    }
    let bytes = bytes.get(left_over(&bytes)..)?;
    let meant = bytes.utf8_chunks().next()?.valid();
    let written = |c: char| {
        matches!(c, ' '..='~' | '\u{c0}'..='\u{17f}' | '\u{400}'..='\u{4ff}' | '\u{2010}'..='\u{2026}')
            || matches!(c, '\u{3000}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff00}'..='\u{ff60}')
    };
    // Letters with an accent have lost nothing.
    let lost = if meant.chars().all(|c| c.is_ascii() || is_accented(c)) { 0 } else { 3 };
    (bytes.len() - meant.len() <= lost && meant.chars().all(written)).then(|| meant.to_owned())
}

/// A letter of a Latin alphabet beyond ASCII.
fn is_accented(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{17f}')
}

/// `#012`, as syslog daemons write a line end, and `#011`, a tab.
fn octal(text: &str) -> (Option<char>, usize) {
    let known = ["#012", "#011", "#015"].iter().any(|escape| text.starts_with(escape));
    let more = text.as_bytes().get(4).is_some_and(u8::is_ascii_digit);
    if known && !more { (Some(' '), 4) } else { (Some('#'), 1) }
}

/// The tags of HTML that only lay text out are white space.
fn tag(text: &str) -> (Option<char>, usize) {
    const LAYOUT: [&str; 14] =
        ["br", "p", "pre", "code", "div", "span", "li", "td", "tr", "font", "b", "i", "em", "strong"];
    let near = text.get(1..text.floor_char_boundary(80)).unwrap_or_default();
    let Some((inside, _)) = near.split_once('>') else { return (Some('<'), 1) };
    let name = inside.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
    if LAYOUT.contains(&name.to_ascii_lowercase().as_str()) {
        (Some(' '), inside.len() + 2)
    } else {
        (Some('<'), 1)
    }
}

/// `&quot;`, `&#39;`, `&#x27;` and their like.
fn entity(text: &str) -> (Option<char>, usize) {
    const NAMED: [(&str, char); 6] =
        [("&quot;", '"'), ("&apos;", '\''), ("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&nbsp;", ' ')];
    if let Some((name, c)) = NAMED.iter().find(|(name, _)| text.starts_with(name)) {
        return (Some(*c), name.len());
    }
    let number = text.strip_prefix("&#").and_then(|rest| {
        let end = rest.bytes().take(8).position(|byte| byte == b';')?;
        let digits = rest.get(..end)?;
        let number = match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => digits.parse().ok()?,
        };
        Some((char::from_u32(number)?, end + 3))
    });
    number.map_or((Some('&'), 1), |(c, length)| (Some(c), length))
}

/// The width at which a terminal cut the lines, if it did: several lines are exactly that long (of
/// the usual width, one is enough), none is longer.
fn wrap_width(lines: &[Line<'_>]) -> Option<usize> {
    let (mut widest, mut often) = (0, 0);
    for width in lines.iter().map(width) {
        match width.cmp(&widest) {
            Ordering::Greater => (widest, often) = (width, 1),
            Ordering::Equal => often += 1,
            Ordering::Less => {}
        }
    }
    let least = if [80, 100, 120, 132].contains(&widest) { 1 } else { 2 };
    ((60..=240).contains(&widest) && often >= least).then_some(widest)
}

/// How many characters a line has.
fn width(line: &Line<'_>) -> usize {
    if line.text.is_ascii() { line.text.len() } else { line.text.chars().count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let paste = crate::Paste::text(text);
        Plain::of(&paste.inputs[0]).text.trim_end().to_owned()
    }

    #[test]
    fn undoes_what_happened_on_the_way() {
        assert_eq!(plain("\u{1b}[31merror:\u{1b}[0m no"), "error: no");
        assert_eq!(plain(r#"{"m":"a\n  b \"c\""}"#), r#"{"m":"a b "c""}"#);
        assert_eq!(plain("can&#39;t &quot;x&quot; &lt;y&gt; &z"), "can't \"x\" <y> &z");
        assert_eq!(plain("> one\n> two"), "one two");
        assert_eq!(plain("the ‘name’"), "the 'name'");
        assert_eq!(plain(r#"{"a":"{\"m\":\"b\\n c \\\"d\\\"\"}"}"#), r#"{"a":"{"m":"b c "d""}"}"#);
        assert_eq!(plain(r"b'the \xe2\x80\x98name\xe2\x80\x99\n'"), "b'the 'name' '");
        assert_eq!(plain(r"GET \x16\x03\x01"), r"GET \x16\x03\x01");
        assert_eq!(plain("one#012#011two #0123"), "one two #0123");
        assert_eq!(plain("│ one   │\n│ two   │"), "one two");
        assert_eq!(plain("one<br>two</p> <x> a < b"), "one two <x> a < b");
        assert_eq!(plain(r"C:\dir \xzz \"), r"C:\dir \xzz \");
        assert_eq!(plain("â€œzÃ¼â€\u{9d} Ã©"), "\"zü\" é");
        assert_eq!(plain("РћС€РёР±РєР°"), "Ошибка");
        assert_eq!(plain("Ошибка été “x”"), "Ошибка été \"x\"");
        assert_eq!(plain("鐢变簬杩滅▼鏂瑰凡鍏抽棴浼犺緭娴�"), "由于远程方已关闭传输�");
        assert_eq!(
            plain("证书错误：由于远程方已关闭传输流 TLS错误 没有ssl"),
            "证书错误：由于远程方已关闭传输流 TLS错误 没有ssl"
        );
        assert_eq!(plain("脺berpr眉fung"), "Überprüfung");
        assert_eq!(plain("サーバー証明書が無効です"), "サーバー証明書が無効です");
        assert_eq!(plain("인증서가 잘못되었습니다"), "인증서가 잘못되었습니다");
    }

    #[test]
    fn joins_words_that_a_terminal_cut() {
        let text = format!("{}certi\n{}rest\nficate\n", "x".repeat(75), "y".repeat(76));
        assert!(plain(&text).contains("certiy"), "lines of one width go on within the word");
        assert!(plain("certi\nficate").contains("certi ficate"));
    }

    #[test]
    fn knows_where_everything_came_from() {
        let text = "> 由于 &quot;a&quot;\n> b";
        let paste = crate::Paste::text(text);
        let plain = Plain::of(&paste.inputs[0]);
        let at = plain.text.find("\"a\"").expect("it is there");
        assert_eq!(text.get(plain.place(&(at..at + 3))), Some("&quot;a&quot;"));
        assert_eq!(text.get(plain.place(&(0.."由于".len()))), Some("由于"));
    }
}
