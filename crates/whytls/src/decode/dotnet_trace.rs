//! Reads .NET exceptions and stack traces, in whatever language they were printed.
//!
//! In:  `Type: message ---> Type: message` and frames behind `at`, `在`, `bei`, `場所` …
//! Out: the exceptions, outermost first as printed, and the frames.
//! Not here: what messages and frames mean; the catalogue has that. Java's traces, whose frames
//!           end in `(File.java:12)`, are not .NET's.

use super::{Data, Decode, messages};
use crate::evidence::Statement;
use crate::paste::{Alphabet, Line, Span};

/// A .NET trace.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The exceptions in the order in which they were printed.
    pub exceptions: Vec<Exception>,
    /// The frames in the order in which they were printed.
    pub frames: Vec<StackFrame>,
}

/// One exception.
#[derive(Clone, Debug)]
pub struct Exception {
    /// Its type's full name.
    pub type_name: String,
    /// What stands behind the colon, on the same line.
    pub message: String,
    /// Both together.
    pub span: Span,
}

/// One frame.
#[derive(Clone, Debug)]
pub struct StackFrame {
    /// Namespace, type, method and parameters.
    pub method: String,
    /// Where they stand.
    pub span: Span,
}

pub(super) struct DotnetTrace;

/// How many lines without a frame may stand inside a trace: a message of several lines.
const MESSAGE_LINES: usize = 12;

impl Decode for DotnetTrace {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let first = lines.first()?;
        if exceptions(first).is_empty() && frames(first).is_empty() {
            return None;
        }
        let mut trace = Trace::default();
        let mut count = 0;
        let mut pending = 0;
        for line in lines {
            let (exceptions, frames) = (exceptions(line), frames(line));
            let body = line.body().trim();
            if exceptions.is_empty() && frames.is_empty() && !body.starts_with("---") {
                // A second paragraph is another thing, unless frames go on behind it.
                pending += if body.is_empty() { MESSAGE_LINES / 2 } else { 1 };
                if pending > MESSAGE_LINES {
                    break;
                }
                continue;
            }
            // A new exception without an arrow, after frames, begins a trace of its own.
            let outermost = !exceptions.is_empty() && !body.contains("--->");
            if outermost && (pending > 0 || !trace.frames.is_empty()) && count > 0 {
                break;
            }
            count += pending + 1;
            pending = 0;
            trace.exceptions.extend(exceptions);
            trace.frames.extend(frames);
            if trace.frames.is_empty() && lines.get(count).is_none_or(|next| next.is_blank()) {
                break;
            }
        }
        // Blank lines count more than one while they are pending, so the count is kept in bounds.
        Some((count.min(lines.len()), Data::DotnetTrace(trace)))
    }
}

pub(super) fn read(trace: &Trace, see: &mut impl FnMut(Span, Vec<Statement>)) {
    if let Some(first) = trace.frames.first() {
        see(first.span, vec![Statement::new("printed.by", "dotnet")]);
    }
    for frame in &trace.frames {
        let states = messages::frame(&frame.method, &trace.frames);
        if !states.is_empty() {
            see(frame.span, states);
        }
    }
}

/// Every exception that begins on a line: `Namespace.TypeException: message`, also behind ` ---> `.
fn exceptions(line: &Line<'_>) -> Vec<Exception> {
    let mut found = Vec::new();
    if !line.alphabet.has(const { Alphabet::of("Exception.") }) {
        return found;
    }
    for piece in line.body().split("--->") {
        let Some((type_name, rest)) = type_name(piece) else { continue };
        // Where everything stands on one line, the message ends at the first frame.
        let end = first_frame(rest).unwrap_or(rest.len());
        let message = rest.get(..end).unwrap_or_default().trim_start_matches([':', ' ']).trim_end();
        let whole_end = piece.len() - rest.len() + rest.get(..end).unwrap_or_default().trim_end().len();
        let start = type_name.as_ptr() as usize - piece.as_ptr() as usize;
        let whole = piece.get(start..whole_end).unwrap_or(type_name);
        found.push(Exception {
            type_name: type_name.to_owned(),
            message: message.to_owned(),
            span: line.span_of(whole),
        });
    }
    found
}

/// The first `Namespace.Type` of which the last name says that it is an exception, and what
/// follows it.
fn type_name(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find("Exception") {
        let end = from + at + "Exception".len();
        let rest = text.get(end..)?;
        let name = last_run(text.get(..end)?, |c| c.is_ascii_alphanumeric() || "._`+".contains(c));
        let ends = rest.is_empty()
            || rest.starts_with([':', '\r'])
            || rest.starts_with(" (0x")
            || rest.trim().is_empty();
        let dotted = name.split('.').count() > 1
            && name.split('.').all(|part| part.starts_with(|c: char| c.is_ascii_uppercase() || c == '_'));
        if ends && dotted {
            return Some((name, rest));
        }
        from = end;
    }
    None
}

/// Every frame on a line; there are several where a log wrote the trace on one.
fn frames(line: &Line<'_>) -> Vec<StackFrame> {
    let body = line.body();
    let mut found = Vec::new();
    if !line.alphabet.has(const { Alphabet::of("(.") }) {
        return found;
    }
    let mut from = 0;
    while let Some((start, end)) = next_frame(body, from) {
        let method = body.get(start..end).unwrap_or_default();
        found.push(StackFrame { method: method.to_owned(), span: line.span_of(method) });
        from = end;
    }
    found
}

fn first_frame(text: &str) -> Option<usize> {
    let (start, _) = next_frame(text, 0)?;
    // The word before the method belongs to the frame.
    let before = text.get(..start)?.trim_end();
    Some(before.rfind(char::is_whitespace).unwrap_or(0))
}

/// The place of the next `Namespace.Type.Method(parameters)` behind a word for "at".
fn next_frame(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let open = at + memchr::memchr(b'(', text.as_bytes().get(at..)?)?;
        at = open + 1;
        let name = last_run(text.get(from..open)?, |c| c.is_alphanumeric() || "._`+<>[],|$-@=&*".contains(c));
        if !is_method(name) {
            continue;
        }
        let start = open - name.len();
        let rest = text.get(open..text.floor_char_boundary(open + LONGEST))?;
        // Without a closing parenthesis the frame is cut off inside its parameters.
        let close = open + rest.find(')').map_or(rest.len(), |close| close + 1);
        let parameters = text.get(open..close)?;
        let word = last_run(text.get(from..start)?.trim_end(), |c| !c.is_whitespace());
        if is_parameters(parameters) && is_word(word) && !text.get(close..)?.starts_with(';') {
            return Some((start, close));
        }
    }
}

/// What is looked at for one name or one list of parameters stays bounded, whatever the line is.
const LONGEST: usize = 1024;

/// The characters of one sort at the end of a text.
fn last_run(text: &str, is_one: impl Fn(char) -> bool) -> &str {
    let near = text.get(text.floor_char_boundary(text.len().saturating_sub(LONGEST))..).unwrap_or_default();
    let start = near.char_indices().rev().find(|(_, c)| !is_one(*c)).map_or(0, |(at, c)| at + c.len_utf8());
    near.get(start..).unwrap_or_default()
}

fn is_method(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '<')
        && name.split('.').filter(|part| !part.is_empty()).count() >= 2
        && !name.contains('=')
}

/// `Byte[] buffer, Int32 readBytes`: a type and a name each, or a type alone. Java has
/// `File.java:12` there, code has values.
fn is_parameters(text: &str) -> bool {
    let inner = text.trim_start_matches('(').trim_end_matches(')');
    inner.is_empty()
        || !inner.contains(['"', '\'', '=', ';', '/', ':'])
            && !["Native Method", "Unknown Source"].contains(&inner)
            && inner.split(", ").all(|parameter| {
                parameter.starts_with(|c: char| c.is_ascii_uppercase() || "&_$<TI".contains(c))
            })
}

/// The word that a language has for "at" is short and no part of C#.
fn is_word(word: &str) -> bool {
    let word = word.trim_end_matches(':');
    !word.is_empty()
        && word.chars().count() <= 8
        && word.chars().all(char::is_alphabetic)
        && !["new", "await", "return", "throw", "if", "while", "var", "using", "void", "static", "public"]
            .contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(text: &str) -> Option<(usize, Trace)> {
        let paste = crate::Paste::text(text);
        let regions = paste.inputs.first()?.regions();
        match DotnetTrace.find(&regions.first()?.lines)? {
            (count, Data::DotnetTrace(trace)) => Some((count, trace)),
            _ => None,
        }
    }

    #[test]
    fn reads_frames_in_any_language() {
        for word in ["at", "在", "bei", "à", "場所", "위치:", "em", "en", "w", "в", "in", "v", "konum:"]
        {
            let (_, trace) =
                trace(&format!("   {word} System.Net.Mail.SmtpClient.Send(MailMessage message)"))
                    .expect(word);
            assert_eq!(
                trace.frames[0].method, "System.Net.Mail.SmtpClient.Send(MailMessage message)",
                "{word}"
            );
        }
    }

    #[test]
    fn reads_inner_exceptions_and_goes_on_behind_their_end() {
        let (lines, trace) = trace(
            "System.Net.WebException: A ---> System.IO.IOException: B\n   at System.A.B()\n   --- End of inner exception stack trace ---\n   at System.C.D(String s)\n\nprose",
        )
        .expect("a trace");
        assert_eq!((lines, trace.exceptions.len(), trace.frames.len()), (4, 2, 2));
        assert_eq!(trace.exceptions[1].message, "B");
    }

    #[test]
    fn reads_a_trace_on_one_line() {
        let (_, trace) =
            trace("System.IO.IOException: no   at System.A.B(Int32 x)   at System.C.D()").expect("a trace");
        assert_eq!((trace.exceptions[0].message.as_str(), trace.frames.len()), ("no", 2));
    }

    #[test]
    fn leaves_other_lines_alone() {
        for line in [
            "	at java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)",
            "javax.net.ssl.SSLHandshakeException: Received fatal alert: protocol_version",
            "    at Object.onceWrapper (node:events:632:28)",
            "client.Connect (host, 25, true);",
            "await client.ConnectAsync(Host, Port);",
        ] {
            assert!(trace(line).is_none(), "{line}");
        }
    }
}
