//! Undoes what programs did to a text before it was pasted.
//!
//! In:  text, from some place on.
//! Out: its characters as they were, one by one, each with its place; what had to be undone.
//! Not here: what the characters mean.

/// A character as it was, and where it stands in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Char {
    pub(super) is: char,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What had to be undone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Undone {
    pub(super) escapes: bool,
    pub(super) url: bool,
    pub(super) markup: bool,
    pub(super) invisible: bool,
    pub(super) full_width: bool,
    pub(super) lone_cr: bool,
    pub(super) doubled_cr: bool,
}

/// Reads on from a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    pub(super) at: usize,
    pub(super) undone: Undone,
    /// The same, without what the end of the last line was.
    pub(super) inner: Undone,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at, undone: Undone::default(), inner: Undone::default() }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The characters up to the end of the line; a line's end is undone as well. `None` at the
    /// end of the text.
    pub(super) fn line(&mut self, most: usize) -> Option<Vec<Char>> {
        let mut line = Vec::new();
        if self.rest().is_empty() {
            return None;
        }
        loop {
            self.inner = self.undone;
            let Some(char) = self.char() else { break };
            if char.is == '\n' {
                break;
            }
            line.push(char);
            if line.len() >= most {
                break;
            }
        }
        Some(line)
    }

    /// The next character.
    pub(super) fn char(&mut self) -> Option<Char> {
        loop {
            let start = self.at;
            let rest = self.rest();
            let first = rest.chars().next()?;
            let mut take = |is: char, length: usize| {
                self.at = start + length;
                Some(Char { is, start, end: start + length })
            };
            match first {
                '\r' => {
                    let crs = rest.bytes().take_while(|byte| *byte == b'\r').count();
                    let lf = rest.as_bytes().get(crs) == Some(&b'\n');
                    if lf {
                        self.undone.doubled_cr |= crs > 1;
                        return take('\n', crs + 1);
                    }
                    self.undone.lone_cr = true;
                    return take('\n', 1);
                }
                '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{b}' | '\u{c}' => {
                    return take('\n', first.len_utf8());
                }
                '\\' => {
                    if let Some(length) = paragraph(rest) {
                        self.undone.markup = true;
                        return take('\n', length);
                    }
                    if let Some((is, length)) = escape(rest) {
                        self.undone.escapes |= is == '\n';
                        return take(is, length);
                    }
                    return take('\\', 1);
                }
                '`' => {
                    // PowerShell's line end.
                    let ends = ["`r`n", "`n", "`r"].iter().find(|end| rest.starts_with(**end));
                    self.undone.escapes |= ends.is_some();
                    return if let Some(end) = ends { take('\n', end.len()) } else { take('`', 1) };
                }
                '#' => {
                    if let Some((is, length)) = syslog(rest) {
                        self.undone.escapes |= is == '\n';
                        return take(is, length);
                    }
                    return take('#', 1);
                }
                '%' => {
                    if let Some((is, length)) = percent(rest) {
                        self.undone.url = true;
                        return take(is, length);
                    }
                    return take('%', 1);
                }
                '&' => {
                    if let Some((is, length)) = entity(rest) {
                        self.undone.markup = true;
                        return take(is, length);
                    }
                    return take('&', 1);
                }
                '<' => {
                    if let Some((breaks, length)) = tag(rest) {
                        self.undone.markup = true;
                        if breaks {
                            return take('\n', length);
                        }
                        self.at = start + length;
                        continue;
                    }
                    return take('<', 1);
                }
                '\u{1b}' => {
                    let length = rest.get(1..).map_or(1, |rest| {
                        let inside = rest.bytes().take_while(|byte| b"[0123456789;".contains(byte)).count();
                        2 + inside
                    });
                    self.at = start + length.min(rest.len());
                    while !self.text.is_char_boundary(self.at) {
                        self.at += 1;
                    }
                }
                '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'
                | '\u{feff}'
                | '\u{ad}'
                | '\0' => {
                    // A mark at the very beginning is a mark of the byte order.
                    self.undone.invisible |= start > 0;
                    self.at = start + first.len_utf8();
                }
                '\u{ff01}'..='\u{ff5e}' => {
                    self.undone.full_width = true;
                    let is = char::from_u32(u32::from(first) - 0xfee0).unwrap_or(first);
                    return take(is, first.len_utf8());
                }
                '\u{a0}' | '\u{202f}' | '\u{2000}'..='\u{200a}' => {
                    self.undone.invisible = true;
                    return take(' ', first.len_utf8());
                }
                '\u{3000}' | '\t' => return take(' ', first.len_utf8()),
                other => return take(other, other.len_utf8()),
            }
        }
    }
}

/// A line end of Rich Text, with the line end of its source: `\par`.
fn paragraph(text: &str) -> Option<usize> {
    let word = ["\\pard", "\\par", "\\line"].iter().find(|word| text.starts_with(**word))?;
    let rest = text.get(word.len()..)?;
    if rest.starts_with(|next: char| next.is_ascii_alphanumeric() || matches!(next, '+' | '/' | '=')) {
        return None;
    }
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let rest = rest.strip_prefix('\r').unwrap_or(rest);
    Some(text.len() - rest.strip_prefix('\n').unwrap_or(rest).len())
}

/// What a backslash and the characters behind it stand for, and how many bytes they are. JSON
/// inside JSON has more than one backslash.
fn escape(text: &str) -> Option<(char, usize)> {
    let slashes = text.bytes().take(8).take_while(|byte| *byte == b'\\').count();
    let rest = text.get(slashes..)?;
    let hex = |digits: usize| {
        let value = u32::from_str_radix(rest.get(1..=digits)?, 16).ok()?;
        let is = char::from_u32(value).filter(|is| is.is_ascii())?;
        Some((if is == '\r' { '\n' } else { is }, slashes + 1 + digits))
    };
    match rest.as_bytes().first()? {
        b'n' | b'r' => {
            // `\r\n` is one end of a line.
            let mut length = slashes + 1;
            if rest.starts_with('r') {
                let next = text.get(length..).unwrap_or_default();
                let more = next.bytes().take(8).take_while(|byte| *byte == b'\\').count();
                if more > 0 && next.as_bytes().get(more) == Some(&b'n') {
                    length += more + 1;
                }
            }
            Some(('\n', length))
        }
        b't' => Some((' ', slashes + 1)),
        b'/' => Some(('/', slashes + 1)),
        b'+' => Some(('+', slashes + 1)),
        b'"' => Some(('"', slashes + 1)),
        b'u' => hex(4),
        b'x' => hex(2),
        // A backslash at the end of a line joins it with the next: the base64 goes on.
        _ => None,
    }
}

/// `#012`, as syslog daemons write a line end, `#015` and `#011`, a tab.
fn syslog(text: &str) -> Option<(char, usize)> {
    [("#012", '\n'), ("#015#012", '\n'), ("#011", ' ')]
        .into_iter()
        .find(|(escape, _)| text.starts_with(escape))
        .map(|(escape, is)| (is, escape.len()))
}

fn percent(text: &str) -> Option<(char, usize)> {
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok().filter(u8::is_ascii);
    let first = byte(1)?;
    let (byte, length) = if first == b'%' { (byte(3)?, 5) } else { (first, 3) };
    Some((if byte == b'\r' { ' ' } else { char::from(byte) }, length))
}

fn entity(text: &str) -> Option<(char, usize)> {
    let near = text.get(..text.floor_char_boundary(12))?;
    let end = near.find(';')?;
    let name = near.get(1..end)?;
    let is = match name {
        "plus" => '+',
        "equals" => '=',
        "sol" => '/',
        "nbsp" | "Tab" => ' ',
        "NewLine" => '\n',
        "gt" => '>',
        "lt" => '<',
        "quot" => '"',
        "apos" => '\'',
        "hyphen" | "dash" => '-',
        "ndash" | "mdash" => '–',
        "amp" => '&',
        _ => {
            let number = name.strip_prefix('#')?;
            let value = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            match char::from_u32(value)? {
                '\r' => ' ',
                '\u{a0}' => ' ',
                other => other,
            }
        }
    };
    Some((is, end + 1))
}

/// A tag of HTML or XML: whether a line ends there, and its length.
fn tag(text: &str) -> Option<(bool, usize)> {
    let near = text.get(..text.floor_char_boundary(80))?;
    let end = near.find('>')?;
    let inside = near.get(1..end)?.trim_start_matches('/');
    if !inside.starts_with(|first: char| first.is_ascii_alphabetic()) || inside.contains(['<', '\n']) {
        return None;
    }
    let name = inside.split([' ', '/']).next().unwrap_or_default().to_ascii_lowercase();
    let inline = ["span", "b", "i", "em", "strong", "font", "wbr", "a", "code", "mark"];
    Some((!inline.contains(&name.as_str()), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let mut reader = Reader::new(text, 0);
        std::iter::from_fn(|| reader.char()).map(|char| char.is).collect()
    }

    #[test]
    fn undoes_json_urls_and_html() {
        assert_eq!(plain(r"a\nb\\nc\r\nd\/e\u002Bf"), "a\nb\nc\nd/e+f");
        assert_eq!(plain("a%2Bb%0Ac%252B"), "a+b\nc+");
        assert_eq!(plain("a#012b#011c#015#012#0133"), "a\nb c\n#0133");
        assert_eq!(plain("a&#43;b&#x3D;<br/>c<b>d</b>&nbsp;"), "a+b=\ncd ");
        assert_eq!(plain("a\r\r\nb\rc\r\n"), "a\nb\nc\n");
        assert_eq!(plain("a`nb`r`nc"), "a\nb\nc");
        assert_eq!(plain("a\\par\r\nb\\par c"), "a\nb\nc");
    }

    #[test]
    fn leaves_what_only_looks_so() {
        for text in ["100%", "a & b", "1 < 2", r"C:\dir", "%zz", "&;", "\\", "a`b", r"\parent"] {
            assert_eq!(plain(text), text);
        }
    }
}
