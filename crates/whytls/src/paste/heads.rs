//! Tells what logs, terminals and mails put before the lines of a text.
//!
//! In:  the lines.
//! Out: for each line, how many of its bytes are a prefix.
//! Not here: what the lines say.

use super::Line;

/// Neighbouring lines are compared in runs, so that one stray line does not hide a prefix.
const RUN: usize = 8;

/// So few lines at the end are no run of their own: what they share may be what they say.
const FEW: usize = 3;

/// No prefix has more pieces than this: a mark, a time, a host, a program, a level.
const PIECES: usize = 6;

/// Finds the prefix that lines share with their neighbours: `> `, `app-1  | `,
/// `2024-01-01T00:00:00Z `, `Nov 24 09:00:00 host app[12]: `.
pub(super) fn mark(lines: &mut [Line<'_>]) {
    let mut rest = lines;
    while !rest.is_empty() {
        let run = if rest.len() < RUN + FEW { rest.len() } else { RUN };
        let (run, after) = rest.split_at_mut(run);
        mark_run(run);
        for line in run {
            let unseen = unseen(line.body());
            if unseen > 0 {
                let space =
                    line.head > 0 && line.body().get(unseen..).is_some_and(|rest| rest.starts_with(' '));
                line.head += unseen + usize::from(space);
            }
        }
        rest = after;
    }
}

fn mark_run(run: &mut [Line<'_>]) {
    let mut full: Vec<&mut Line<'_>> =
        run.iter_mut().filter(|line| !line.text.trim_start().is_empty()).collect();
    let Some((first, others)) = full.split_first() else { return };
    if others.is_empty() {
        return;
    }
    let (mut shared, first): (Vec<Piece<'_>>, Vec<usize>) = pieces(first.text).unzip();
    let mut lengths = vec![first];
    for other in others {
        // No further than they are the same.
        let same = shared.iter().zip(pieces(other.text)).take_while(|(piece, (own, _))| *piece == own);
        let own: Vec<usize> = same.map(|(_, (_, length))| length).collect();
        shared.truncate(own.len());
        lengths.push(own);
    }
    // Two lines of one logger are two things that it said; more of them may be one.
    if lengths.len() < FEW
        && let Some(logger) =
            shared.iter().position(|piece| matches!(piece, Piece::Fields(_) | Piece::Logger(_)))
    {
        shared.truncate(logger);
    }
    for (line, lengths) in full.iter_mut().zip(lengths) {
        line.head = lengths.iter().take(shared.len()).sum();
    }
}

/// What logs, terminals and mails put before a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// `>`, `|`, `#`, `│`, `npm ERR!`.
    Mark,
    /// `[worker 3]`
    Brackets,
    /// `2024-01-01T00:00:00.123Z`, `09:00:01 PM`, `Nov 24 09:00:00`.
    Time,
    /// `app-1  |`, `0|app  |`
    Column,
    /// `host program[12]:`
    Program,
    /// `ERROR`, `ERROR:app.mail:`
    Level,
    /// `mailer:`, `==> default:`, `null_resource.a (local-exec):`; another name is the line's own: `Caused by:`
    /// below `Error:`.
    Name(&'a str),
    /// `stderr F`, `01E`
    Stream,
    /// `1234  1260 E System  :`, `E/System  ( 1234):`
    Logcat,
    /// `<134>`, `<134>1 2024-01-01T00:00:00Z host app 12 - -`
    Syslog,
    /// `E0101 09:00:00.123456    1234 app.go:42]`
    Klog,
    /// `|ERROR|App.Mail|`, `- app.mail - ERROR -`; another logger is the line's own, for it may tell the program.
    Fields(&'a str),
    /// `1234 ---`
    Process,
    /// `com.example.Mail -`, `c.example.Mail   :`; the same holds for it.
    Logger(&'a str),
    /// `#12 3.456`
    Step,
    /// `logs/app.log:41:`
    File,
}

fn pieces(line: &str) -> impl Iterator<Item = (Piece<'_>, usize)> {
    let mut at = 0;
    let next = move || {
        let rest = line.get(at..)?;
        let unseen = unseen(rest);
        let indent = unseen + rest.bytes().skip(unseen).take_while(is_blank).count();
        let text = rest.get(indent..)?;
        let (piece, length) = piece(text).or_else(|| if at > 0 { inner(text) } else { None })?;
        let end = at + indent + length;
        // One space belongs to the prefix; more of them indent the line itself, and so does the one behind a prefix
        // that has none.
        let glued = match piece {
            Piece::Fields(_) | Piece::Level => text
                .get(..length)
                .is_some_and(|own| own.ends_with(['|', ':']) && own.find(['|', ':']) < Some(length - 1)),
            Piece::File => true,
            _ => false,
        };
        let space = usize::from(!glued && line.as_bytes().get(end) == Some(&b' '));
        at = end + space;
        Some((piece, indent + length + space))
    };
    std::iter::from_fn(next).take(PIECES)
}

/// The length of what a text begins with and nobody sees: the colours of a terminal, a mark of the byte order, the tags of
/// a web page.
fn unseen(text: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        at += match rest.as_bytes() {
            [0x1b, ..] => colour(rest),
            [0xef, 0xbb, 0xbf, ..] => 3,
            [b'<', b'a'..=b'z' | b'/', ..] => match tag(rest) {
                Some(length) => length,
                None => break,
            },
            _ => break,
        };
    }
    at
}

/// The length of the tag that a text begins with, of those that web pages put around what was printed.
fn tag(text: &str) -> Option<usize> {
    const NAMES: [&str; 12] =
        ["pre", "code", "span", "p", "div", "li", "td", "samp", "kbd", "tt", "strong", "blockquote"];
    let near = text.get(..text.floor_char_boundary(160))?;
    let end = near.find('>')?;
    let name = near.get(1..end)?.trim_start_matches('/');
    let name = name.get(..name.find(' ').unwrap_or(name.len()))?;
    (NAMES.contains(&name) && near.len() > end + 1).then_some(end + 1)
}

/// The length of the escape sequence of a terminal (ECMA-48) that a text begins with: `ESC [ 31 m`.
pub(crate) fn colour(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("\u{1b}[") else { return 1 };
    let parameters =
        rest.bytes().take(64).take_while(|byte| byte.is_ascii_digit() || b";:?".contains(byte)).count();
    2 + parameters + usize::from(rest.as_bytes().get(parameters).is_some_and(u8::is_ascii_alphabetic))
}

/// A line without the colours of a terminal at its end.
pub(super) fn without_colours_behind(text: &str) -> &str {
    let mut text = text;
    while let Some(at) = text.rfind('\u{1b}')
        && text.get(at..).is_some_and(|rest| colour(rest) == rest.len())
    {
        text = text.get(..at).unwrap_or_default();
    }
    text
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// How a log calls what is as bad as this.
const LEVELS: [&str; 8] = ["TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL"];

/// The piece at the beginning of a text, and its length.
fn piece(text: &str) -> Option<(Piece<'_>, usize)> {
    let word = text.get(..text.bytes().take_while(|byte| !is_blank(byte)).count())?;
    let ends = |length: usize| {
        text.get(length..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    };
    let first = text.chars().next()?;
    match first {
        '#' if let Some(length) = step(text) => return Some((Piece::Step, length)),
        '|' | '>' | '#' => {
            return (ends(1) || text.as_bytes().get(1) == Some(&b'>')).then_some((Piece::Mark, 1));
        }
        // A frame around what Terraform and others say.
        '│' | '╷' | '╵' => return Some((Piece::Mark, first.len_utf8())),
        '<' => return Some((Piece::Syslog, syslog(text)?)),
        '[' => {
            let near = text.get(..text.floor_char_boundary(64))?;
            let length = near.find(']')? + 1;
            let inside = text.get(1..length - 1)?;
            // A registry key stands in brackets as well.
            let colon = usize::from(text.as_bytes().get(length) == Some(&b':'));
            return (ends(length + colon) && !inside.contains('\\'))
                .then_some((Piece::Brackets, length + colon));
        }
        '=' => {
            let name = text.strip_prefix("==> ")?;
            let length = 4 + name.find(':').filter(|end| name.get(..*end).is_some_and(is_name))? + 1;
            return Some((Piece::Name(text.get(..length)?), length));
        }
        _ => {}
    }
    if let Some(length) = time(text) {
        return Some((Piece::Time, length));
    }
    // The stream that a container's line came from, whole (F) or a part (P).
    if ["stdout", "stderr"].contains(&word)
        && let Some(b" F" | b" P") = text.as_bytes().get(word.len()..word.len() + 2)
        && ends(word.len() + 2)
    {
        return Some((Piece::Stream, word.len() + 2));
    }
    if let Some(length) = logcat(text) {
        return Some((Piece::Logcat, length));
    }
    if let Some(length) = klog(text) {
        return Some((Piece::Klog, length));
    }
    let column = text.get(word.len()..)?.trim_start_matches(' ');
    if column.starts_with('|') && is_column(word) {
        return Some((Piece::Column, text.len() - column.len() + 1));
    }
    if text.starts_with(['T', 'D', 'I', 'W', 'E', 'F', 'C']) {
        let (level, rest) = word.split_once(':').unwrap_or((word, ""));
        if LEVELS.contains(&level) {
            // Python's own form; without a name what follows is the message.
            let name = rest.split_once(':').map(|(name, _)| name).filter(|name| is_name(name));
            return match (rest, name) {
                ("", _) => Some((Piece::Level, word.len())),
                (_, Some(name)) => Some((Piece::Level, level.len() + name.len() + 2)),
                _ => None,
            };
        }
    }
    if word == "npm" && (column.starts_with("ERR!") || column.starts_with("error ")) {
        return Some((Piece::Mark, text.len() - column.len() + if column.starts_with('E') { 4 } else { 5 }));
    }
    // Laravel and Monolog: the channel, and how bad it is.
    if let Some((_, level)) = word.strip_suffix(':').and_then(|word| word.rsplit_once('.'))
        && LEVELS.contains(&level)
    {
        return Some((Piece::Name(word), word.len()));
    }
    let named = |word: &str| {
        let name = word.strip_suffix(':')?;
        let name =
            name.strip_suffix(']').and_then(|name| name.split_once('[')).map_or(name, |(name, _)| name);
        // A dot makes it the type of an exception rather than a program.
        (is_name(name) && !name.contains('.')).then_some(word.len())
    };
    let name = |length: usize| Some((Piece::Name(text.get(..length)?), length));
    if let Some(length) = named(word) {
        return name(length);
    }
    // Rust's modules; Ruby's begin with a capital, and are the type of an exception.
    if let Some(path) = word.strip_suffix(':')
        && path.contains("::")
        && path.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b':'))
    {
        return name(word.len());
    }
    let second = column.split([' ', '\t']).next()?;
    let before_second = text.len() - column.len();
    if second == "(local-exec):" || second == "(remote-exec):" {
        return name(before_second + second.len());
    }
    if let Some(length) = file(word) {
        return Some((Piece::File, length));
    }
    let length = named(second).filter(|_| is_name(word) && second.contains('['))?;
    Some((Piece::Program, before_second + length))
}

/// The piece at the beginning of a text that only stands behind another one.
fn inner(text: &str) -> Option<(Piece<'_>, usize)> {
    let near = text.get(..text.floor_char_boundary(96))?;
    let bytes = near.as_bytes();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match bytes {
        // NLog.
        [b'|', ..] => {
            let level = near.get(1..)?.split('|').next()?;
            let fields = near.split_inclusive('|').skip(1).take(3);
            let fields = fields.take_while(|field| field.strip_suffix('|').is_some_and(is_name));
            let length = 1 + fields.map(str::len).sum::<usize>();
            LEVELS.contains(&level).then_some((Piece::Fields(near.get(..length)?), length))
        }
        // The form that Python's manual has.
        [b'-', b' ', ..] => {
            let fields = near.get(2..)?.split_inclusive(" - ").take(3);
            let fields = fields.take_while(|field| field.strip_suffix(" - ").is_some_and(is_name));
            let length = 1 + fields.map(str::len).sum::<usize>();
            (length > 1).then_some((Piece::Fields(near.get(..length)?), length))
        }
        // GitLab's jobs.
        [b'0'..=b'9', b'0'..=b'9', b'E' | b'O', b' ' | b'+', ..] => Some((Piece::Stream, 3)),
        // Spring, and MySQL's thread.
        _ if digits > 0 && bytes.get(digits..digits + 5) == Some(b" --- ") => {
            Some((Piece::Process, digits + 4))
        }
        _ if digits > 0 && bytes.get(digits..digits + 2) == Some(b" [") => Some((Piece::Process, digits)),
        // Log4j and Logback; Spring fills it up with blanks.
        _ => {
            let name = near.get(..near.find(' ')?)?;
            let after = near.get(name.len()..)?.trim_start_matches(' ');
            let mark = after.starts_with("- ") || after.starts_with(": ");
            let dotted = name.contains('.') && is_name(name) && !name.ends_with('.');
            (dotted && mark).then_some((Piece::Logger(name), near.len() - after.len() + 1))
        }
    }
}

/// The length of what BuildKit puts before the output of a step.
fn step(text: &str) -> Option<usize> {
    let mut words = text.split(' ');
    let number = words.next()?.strip_prefix('#')?;
    let time = words.next()?;
    let (whole, part) = time.split_once('.')?;
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(number) && is_number(whole) && is_number(part)).then_some(number.len() + time.len() + 2)
}

/// The length of the priority of a line of syslog, with the header that RFC 5424 (section 6) puts behind it.
fn syslog(text: &str) -> Option<usize> {
    let near = text.get(..text.floor_char_boundary(400))?;
    let digits = near.bytes().skip(1).take(4).take_while(u8::is_ascii_digit).count();
    let priority = (1..=3).contains(&digits).then_some(digits + 2)?;
    let rest = near.get(priority - 1..)?.strip_prefix('>')?;
    if !rest.starts_with("1 ") {
        return Some(priority);
    }
    // The version, the time, the host, the program, its process, the message's kind.
    let header: usize = rest.split_inclusive(' ').take(6).map(str::len).sum();
    let data = rest.get(header..)?;
    let length = if data.starts_with('[') { data.find(']')? + 1 } else { usize::from(data.starts_with('-')) };
    Some(priority + header + length)
}

/// The length of what klog, Kubernetes' logger, puts before a message.
fn klog(text: &str) -> Option<usize> {
    let [b'I' | b'W' | b'E' | b'F', digits @ ..] = text.as_bytes() else { return None };
    if !digits.get(..4)?.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let near = text.get(..text.floor_char_boundary(120))?;
    let end = near.find("] ")?;
    near.get(..end).is_some_and(|head| head.contains(':') && head.contains(".go:")).then_some(end + 1)
}

/// The length of what grep puts before a line of a log that it found.
fn file(word: &str) -> Option<usize> {
    let (name, rest) = word.split_once(':')?;
    let (_, kind) = name.rsplit_once('.')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = digits > 0 && rest.as_bytes().get(digits) == Some(&b':');
    (["log", "txt", "out", "err"].contains(&kind) && number).then_some(name.len() + digits + 2)
}

/// `app-1`, and pm2's `0|app`.
fn is_column(word: &str) -> bool {
    is_name(word) || word.split_once('|').is_some_and(|(number, name)| is_name(number) && is_name(name))
}

/// The length of what Android's logcat puts before a message, behind the time if there is one.
fn logcat(text: &str) -> Option<usize> {
    const LEVELS: &str = "VDIWEF";
    // Asked of most lines of a log.
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(u8::is_ascii_digit) && bytes.get(1) != Some(&b'/') {
        return None;
    }
    let near = text.get(..text.floor_char_boundary(80))?;
    let mut words = near.split(' ').filter(|word| !word.is_empty());
    let first = words.next()?;
    if let Some((level, _)) = first.split_once('/') {
        let brief = level.len() == 1 && LEVELS.contains(level);
        return near
            .find("): ")
            .filter(|at| brief && near.get(..*at).is_some_and(|tag| tag.contains('(')))
            .map(|at| at + 2);
    }
    let number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let level = (number(first) && words.next().is_some_and(number)).then(|| words.next()).flatten()?;
    (level.len() == 1 && LEVELS.contains(level)).then(|| near.find(": "))?.map(|at| at + 1)
}

fn is_name(word: &str) -> bool {
    (1..=48).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// The length of a time of day, with its date before it.
fn time(text: &str) -> Option<usize> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let of_number =
        |byte: u8| matches!(byte, b'0'..=b'9' | b'-' | b':' | b'.' | b',' | b'/' | b'T' | b'Z' | b'+');
    // Asked of most lines of a log.
    let of_month = |byte: u8| matches!(byte, b'J' | b'F' | b'M' | b'A' | b'S' | b'O' | b'N' | b'D');
    if !text.bytes().next().is_some_and(|byte| of_number(byte) || of_month(byte)) {
        return None;
    }
    let mut at = 0;
    for position in 0..4 {
        let Some(rest) = text.get(at..) else { break };
        // The words are short: counted by hand they are found sooner than by a search.
        let word = rest.bytes().take_while(|byte| !matches!(byte, b' ' | b'|')).count();
        let word = rest.get(..word).unwrap_or_default();
        let numeric = word.bytes().all(of_number);
        let is_time = numeric && word.bytes().filter(|byte| *byte == b':').count() >= 2;
        if is_time {
            return Some(at + word.len() + zone(rest.get(word.len()..)?));
        }
        let is_date = numeric && (word.contains(['-', '/']) || position > 0) || MONTHS.contains(&word);
        if !is_date && !word.is_empty() || position == 3 {
            return None;
        }
        at += word.len() + 1;
    }
    None
}

/// The length of what a time may have behind it.
fn zone(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(' ') else { return 0 };
    let word = rest.get(..rest.bytes().take_while(|byte| *byte != b' ').count()).unwrap_or_default();
    let offset = || {
        word.strip_prefix(['+', '-'])
            .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let known = matches!(word, "UTC" | "GMT" | "AM" | "PM" | "CET" | "CEST" | "EST" | "EDT" | "PST" | "PDT");
    if known || offset() { 1 + word.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::super::layout;
    use super::*;

    #[test]
    fn finds_prefixes_but_not_what_belongs_to_the_line() {
        let bodies = |text| {
            let mut lines: Vec<Line<'_>> = layout::bare_lines(text).collect();
            mark(&mut lines);
            lines.iter().map(Line::body).collect::<Vec<_>>()
        };
        assert_eq!(bodies("app-1  | one\napp-1  | two"), ["one", "two"]);
        assert_eq!(bodies("> one\n> two"), ["one", "two"]);
        assert_eq!(bodies("12:00:01 [a] one\n12:00:02 [a] two"), ["one", "two"]);
        assert_eq!(
            bodies("Nov 24 09:00:00 host app[1]: one\nNov 24 09:00:00 host app[1]: two"),
            ["one", "two"]
        );
        assert_eq!(bodies("2026-11-24T09:00:00.1Z 1\t2\n2026-11-24T09:00:00.2Z 1\t3"), ["1\t2", "1\t3"]);
        assert_eq!(
            bodies("11-28 09:00:00.123  12  34 E App  : one\n11-28 09:00:00.124  12  34 E App  : two"),
            ["one", "two"]
        );
        assert_eq!(bodies("E/App  ( 12): one\nW/App  ( 12): two"), ["one", "two"]);
        assert_eq!(
            bodies("2026-11-24T09:00:00Z stderr F one\n2026-11-24T09:00:00Z stderr F two"),
            ["one", "two"]
        );
        assert_eq!(bodies("mailer: one\nmailer: two"), ["one", "two"]);
        assert_eq!(bodies("AH00526: one\nSSLFile: two"), ["AH00526: one", "SSLFile: two"]);
        assert_eq!(bodies("System.A: one\nSystem.A: two"), ["System.A: one", "System.A: two"]);
        assert_eq!(bodies("[HKLM\\a]\n[HKLM\\a]"), ["[HKLM\\a]", "[HKLM\\a]"]);
        assert_eq!(bodies("   at System.A()\n   at System.B()"), ["   at System.A()", "   at System.B()"]);
    }
    #[test]
    fn knows_what_loggers_and_builds_put_before_a_line() {
        let heads = [
            "<134>1 2026-03-02T10:11:12.003Z web01 sync 8123 - - ",
            "<134>Mar  2 10:11:12 web01 sync[8123]: ",
            "2026-03-02 10:11:12.1234|ERROR|Acme.Sync|",
            "2026-03-02 10:11:12,123 - acme.sync - ERROR - ",
            "ERROR:acme.sync:",
            "2026-03-02 10:11:12,123 ERROR [main] com.acme.Sync - ",
            "2026-03-02T10:11:12.123+01:00 ERROR 8123 --- [sync] [  main] c.acme.Sync      : ",
            "2026-03-02T10:11:12.123456Z ERROR acme::sync: ",
            "2026-03-02T10:11:12.123456Z 0 [ERROR] [MY-010000] [Server] ",
            "2026-03-02 10:11:12.123 UTC [8123] ",
            "[2026-03-02 10:11:12 +0000] [8123] [ERROR] ",
            "E0302 10:11:12.123456    8123 sync.go:42] ",
            "2026-03-02T10:11:12.123456Z 01E ",
            "#12 3.456 ",
            "│ ",
            "npm ERR! ",
            "npm error ",
            "==> default: ",
            "null_resource.sync (local-exec): ",
            "0|sync  | ",
            "logs/sync.log:41:",
            "2026-03-02 10:11:12 [error]: ",
            "[2026-03-02 10:11:12] production.ERROR: ",
        ];
        for head in heads {
            let text = format!("{head}one\n{head}  two\n{head}three: 3\n");
            let mut lines: Vec<Line<'_>> = layout::bare_lines(&text).collect();
            mark(&mut lines);
            assert_eq!(
                lines.iter().map(Line::body).collect::<Vec<_>>(),
                ["one", "  two", "three: 3"],
                "{head}"
            );
        }
    }

    #[test]
    fn the_last_lines_belong_to_the_run_before_them() {
        let text = "a: 1\n".repeat(9);
        let mut lines: Vec<Line<'_>> = layout::bare_lines(&text).collect();
        mark(&mut lines);
        assert!(lines.iter().all(|line| line.body() == "1"));
    }

    #[test]
    fn what_nobody_sees_is_no_part_of_a_line() {
        let text = "\u{1b}[36mapp-1  |\u{1b}[0m one\n\u{1b}[36mapp-1  |\u{1b}[0m   two\n\u{1b}[38;5;1mthree";
        let mut lines: Vec<Line<'_>> = layout::bare_lines(text).collect();
        mark(&mut lines[..2]);
        mark(&mut lines[2..]);
        assert_eq!(lines.iter().map(Line::body).collect::<Vec<_>>(), ["one", "  two", "three"]);
        let text = "\u{feff}12:00:01 [a] $ one\n12:00:02 [a] two";
        let mut lines: Vec<Line<'_>> = layout::bare_lines(text).collect();
        mark(&mut lines);
        assert_eq!(lines.iter().map(Line::body).collect::<Vec<_>>(), ["$ one", "two"]);
        let text = "<pre><code class=\"x\">$ one\n<add key=\"two\"/>\n<p>";
        let mut lines: Vec<Line<'_>> = layout::bare_lines(text).collect();
        mark(&mut lines);
        assert_eq!(lines.iter().map(Line::body).collect::<Vec<_>>(), ["$ one", "<add key=\"two\"/>", "<p>"]);
        assert_eq!(without_colours_behind("a\u{1b}[31mb\u{1b}[0m\u{1b}[K"), "a\u{1b}[31mb");
        assert_eq!(without_colours_behind("a\u{1b}[31"), "a");
        assert_eq!(without_colours_behind("a\u{1b}[31b c"), "a\u{1b}[31b c");
    }
}
