//! Cuts lines of code, in whatever language, into words, texts and marks.
//!
//! In:  lines.
//! Out: tokens with their places; comments are left out, and what stands in quotes is one token.
//! Not here: the grammar of any language.

use crate::paste::{Line, Span};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum TokenKind {
    /// A name with all of its path, or a number: `ssl.CERT_NONE`, `$mail->Port`, `0x0303`.
    Word,
    /// What stands between quotes.
    Text,
    /// An operator, a bracket, a comma.
    Mark,
    /// The end of a line.
    End,
}

/// A piece of a line.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Token<'a> {
    /// What it is.
    pub(in super::super) kind: TokenKind,
    /// What stands there, without quotes.
    pub(in super::super) text: &'a str,
    /// The line from its beginning on.
    pub(in super::super) rest: &'a str,
    /// Where.
    pub(in super::super) span: Span,
}

impl Token<'_> {
    pub(in super::super) fn is(&self, mark: &str) -> bool {
        self.kind == TokenKind::Mark && self.text == mark
    }
}

/// Operators of more than one character, the longest first.
const OPERATORS: [&str; 20] = [
    "===", "!==", "<<=", ">>=", "==", "!=", "=>", "->", ":=", "|=", "+=", "&=", "<=", ">=", "&&", "||", "~=",
    "??", "<-", "&~",
];

/// What is looked at of one line; code is not written in longer ones.
const LOOKED_AT: usize = 4096;

/// The tokens of some lines.
pub(in super::super) fn tokens<'a>(lines: &[Line<'a>]) -> Vec<Token<'a>> {
    let mut found = Vec::new();
    // What a comment or text of several lines ends with.
    let mut until: Option<&'static str> = None;
    for line in lines {
        let body = line.text.get(line.head..).unwrap_or_default();
        let body = body.get(..body.floor_char_boundary(LOOKED_AT)).unwrap_or_default();
        until = line_tokens(line, body, until, &mut found);
        let end = body.get(body.len()..).unwrap_or_default();
        if found.last().is_some_and(|last| last.kind != TokenKind::End) {
            found.push(Token { kind: TokenKind::End, text: end, rest: end, span: line.span_of(end) });
        }
    }
    found
}

fn line_tokens<'a>(
    line: &Line<'a>,
    body: &'a str,
    mut until: Option<&'static str>,
    found: &mut Vec<Token<'a>>,
) -> Option<&'static str> {
    let mut at = 0;
    let mut unclosed: Vec<char> = Vec::new();
    if until.is_none() && is_comment_line(body.trim_start()) {
        return None;
    }
    while let Some(rest) = body.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(wanted) = until {
            let Some(end) = rest.find(wanted) else { return until };
            at += end + wanted.len();
            until = None;
            continue;
        }
        let Some(first) = rest.chars().next() else { break };
        let before = body.get(..at).and_then(|before| before.chars().next_back());
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if let Some(wanted) = opens(rest) {
            until = Some(wanted);
            at += if wanted == "-->" { 4 } else { 2.max(wanted.len()) };
        } else if is_comment(rest, before) {
            break;
        } else if !unclosed.contains(&first)
            && let Some((text, length)) = quoted(rest, before)
        {
            let last = found.last();
            // `r"…"`, `f'…'`, `@"…"`: what stands before the quote belongs to it.
            let prefix = last.is_some_and(|last| {
                last.kind == TokenKind::Word
                    && last.text.len() <= 2
                    && last.span.end == line.span_of(rest).start
            });
            if prefix {
                found.pop();
            }
            let rest = rest.get(1..).unwrap_or_default();
            found.push(Token { kind: TokenKind::Text, text, rest, span: line.span_of(text) });
            at += length;
        } else {
            // A quotation mark that is not closed here is not closed further on.
            if "\"`".contains(first) || first == '\'' && !before.is_some_and(char::is_alphanumeric) {
                unclosed.push(first);
            }
            let (kind, length) = match word(rest) {
                0 => (TokenKind::Mark, operator(rest).unwrap_or(first.len_utf8())),
                length => (TokenKind::Word, length),
            };
            let text = rest.get(..length).unwrap_or_default();
            found.push(Token { kind, text, rest, span: line.span_of(text) });
            at += length.max(1);
        }
    }
    until
}

/// The end of a comment or text that may go over several lines, where one begins.
fn opens(rest: &str) -> Option<&'static str> {
    [("/*", "*/"), ("<!--", "-->"), ("\"\"\"", "\"\"\""), ("'''", "'''"), ("<#", "#>")]
        .iter()
        .find(|(begin, _)| rest.starts_with(begin))
        .map(|(_, end)| *end)
}

/// Lines that are comments, or speak to a preprocessor, from their first character on.
fn is_comment_line(text: &str) -> bool {
    let bare =
        |mark: &str| text.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let rem = text.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("rem "));
    text.starts_with("//")
        || text.starts_with('#') && !text.starts_with("#[")
        || text.starts_with("--") && bare("--")
        || text.starts_with('%')
        || text.starts_with(';')
        || bare("*")
        || bare("dnl")
        || rem
        // Visual Basic's comments begin with what others end a text with.
        || text.starts_with('\'') && text.matches('\'').count() == 1
}

fn is_comment(rest: &str, before: Option<char>) -> bool {
    rest.starts_with("//") && before != Some(':')
        || rest.starts_with("# ") && before.is_some_and(char::is_whitespace)
        || rest.starts_with('\'')
            && before.is_some_and(char::is_whitespace)
            && rest.get(1..).is_some_and(|rest| !rest.contains('\''))
}

/// What stands in quotes that close on the same line, and how long it is with them.
fn quoted(rest: &str, before: Option<char>) -> Option<(&str, usize)> {
    let quote = *rest.as_bytes().first()?;
    if ![b'"', b'\'', b'`'].contains(&quote) {
        return None;
    }
    // An apostrophe in a word opens nothing.
    if quote == b'\''
        && before.is_some_and(char::is_alphanumeric)
        && !before.is_some_and(|c| "bfru".contains(c))
    {
        return None;
    }
    let bytes = rest.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            byte if *byte == quote => return Some((rest.get(1..at)?, at + 1)),
            _ => {}
        }
        at += 1;
    }
    None
}

/// How long the name or number is that begins here; 0 where none does.
fn word(rest: &str) -> usize {
    let own = |c: char| c.is_alphanumeric() || c == '_' || c == '$' || c == '@';
    let bytes = rest.as_bytes();
    let mut at = 0;
    // An option, as commands take them.
    let dashes = rest.len() - rest.trim_start_matches('-').len();
    if (1..=2).contains(&dashes) && bytes.get(dashes).is_some_and(u8::is_ascii_alphabetic) {
        at = dashes;
    }
    while let Some(c) = rest.get(at..).and_then(|rest| rest.chars().next()) {
        if own(c) {
            at += c.len_utf8();
            continue;
        }
        if at == 0 {
            return 0;
        }
        let link = ["::", "->", ".", "-", "\\"]
            .iter()
            .find(|link| rest.get(at..).is_some_and(|rest| rest.starts_with(**link)))
            .map_or(0, |link| link.len());
        let next = rest.get(at + link..).and_then(|rest| rest.chars().next());
        if link == 0 || !next.is_some_and(own) {
            break;
        }
        at += link;
    }
    at
}

fn operator(rest: &str) -> Option<usize> {
    OPERATORS.iter().find(|operator| rest.starts_with(**operator)).map(|operator| operator.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let paste = crate::Paste::text(text);
        let lines = paste.inputs[0].regions().remove(0).lines;
        tokens(&lines).iter().filter(|t| t.kind != TokenKind::End).map(|t| t.text.to_owned()).collect()
    }

    #[test]
    fn cuts_the_same_in_every_language() {
        assert_eq!(words("ctx.verify_mode = ssl.CERT_NONE  # no"), ["ctx.verify_mode", "=", "ssl.CERT_NONE"]);
        assert_eq!(words("$mail->Port = 465; // no"), ["$mail->Port", "=", "465", ";"]);
        assert_eq!(words("a['x'] = f\"b c\""), ["a", "[", "x", "]", "=", "b c"]);
        assert_eq!(words("OpenSSL::SSL::VERIFY_NONE"), ["OpenSSL::SSL::VERIFY_NONE"]);
        assert_eq!(words("Dim a = True ' no"), ["Dim", "a", "=", "True"]);
        assert_eq!(words("url = 'https://a/'"), ["url", "=", "https://a/"]);
    }

    #[test]
    fn leaves_comments_out() {
        for text in
            ["// a = 1", "/* a\n b */", "# a = 1", "\"\"\" a\n b = 1\n\"\"\"", "; a = 1", "' a = 1", "-- a"]
        {
            assert!(words(text).is_empty(), "{text}: {:?}", words(text));
        }
        assert_eq!(words("don't"), ["don", "'", "t"]);
    }
}
