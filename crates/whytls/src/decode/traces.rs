//! Recognises the stack traces of other languages than .NET's.
//!
//! In:  Java, Python, Node, Go, Rust, Ruby, PHP and PowerShell, as their runtimes print them.
//! Out: where each begins and ends, what it is, and whose runtime printed it.
//! Not here: exceptions and frames one by one. Their messages are found as in any text.

use super::marks::{Mark, Marks};
use super::{Data, Decode, Kind};
use crate::evidence::Statement;
use crate::paste::{Line, Span};

pub(super) struct OtherTraces<'r>(pub(super) &'r Marks<'r>);

/// How many lines that are neither head nor frame may stand inside a trace: messages of several
/// lines, the source that a frame quotes.
const BETWEEN: usize = 6;

impl Decode for OtherTraces<'_> {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let first = lines.first()?;
        if !self.0.any(Mark::Trace, &first.range()) {
            return None;
        }
        let (language, head) = LANGUAGES.iter().find_map(|language| {
            if (language.begins)(first.body()) {
                return Some((language, None));
            }
            Some((language, Some(first.text.find(language.alone?)?)))
        })?;
        let mut count = 1;
        let mut frames = usize::from((language.goes_on)(body(first, head)));
        let mut pending = 0;
        for line in lines.iter().skip(1) {
            if (language.goes_on)(body(line, head)) {
                frames += 1;
                count += pending + 1;
                pending = 0;
            } else {
                pending += 1;
                if pending > BETWEEN || body(line, head).trim_start().is_empty() && !language.has_blanks {
                    break;
                }
            }
        }
        // A Python traceback ends in the exception, which is not indented as the source before it.
        if language.ends_in_message {
            let rest = lines.get(count..).unwrap_or_default();
            count +=
                rest.iter().take(BETWEEN).take_while(|line| body(line, head).starts_with("    ")).count();
            count +=
                usize::from(lines.get(count).is_some_and(|line| !body(line, head).trim_start().is_empty()));
        }
        (frames > 0).then_some((count, Data::Trace(language.kind)))
    }
}

/// A line of a trace: what stands before the first one stands before the others.
fn body<'a>(line: &Line<'a>, head: Option<usize>) -> &'a str {
    line.text.get(head.unwrap_or(line.head)..).unwrap_or_default()
}

/// The runtime that prints traces of this kind.
pub(super) fn read(kind: Kind, span: Span, see: &mut impl FnMut(Span, Vec<Statement>)) {
    let runtime = match kind {
        Kind::PythonTraceback => "python",
        Kind::JavaStackTrace => "java",
        Kind::NodeStackTrace => "node",
        Kind::GoPanic => "go",
        Kind::RustPanic => "rustls",
        Kind::RubyBacktrace => "ruby",
        Kind::PhpTrace => "php",
        Kind::PowershellError => "powershell",
        _ => return,
    };
    see(span, vec![Statement::new("printed.by", runtime)]);
}

/// How one language's traces look.
struct Language {
    kind: Kind,
    /// What the first line of a trace has, one of them: most lines of a log have none.
    marks: &'static [&'static str],
    /// What nothing but the first line of a trace has, and nothing of it stands before: then a log may have put
    /// anything there.
    alone: Option<&'static str>,
    /// The first line of a trace.
    begins: fn(&str) -> bool,
    /// A line that only stands inside of one.
    goes_on: fn(&str) -> bool,
    /// Blank lines stand inside.
    has_blanks: bool,
    /// The line behind the last frame belongs to it.
    ends_in_message: bool,
}

/// How a trace of Python begins.
const PYTHON: &str = "Traceback (most recent call last)";

const LANGUAGES: &[Language] = &[
    Language {
        kind: Kind::PythonTraceback,
        marks: &[PYTHON],
        alone: Some(PYTHON),
        begins: |line| line.trim_start().starts_with(PYTHON),
        goes_on: |line| {
            let text = line.trim_start();
            text.starts_with("File \"") && text.contains(", line ")
                || text.starts_with(PYTHON)
                || text.starts_with("During handling of the above exception")
                || text.starts_with("The above exception was the direct cause")
        },
        has_blanks: true,
        ends_in_message: true,
    },
    Language {
        kind: Kind::JavaStackTrace,
        marks: &["Exception", "Error", "at "],
        alone: None,
        begins: |line| is_java_head(line) || is_java_frame(line),
        goes_on: |line| {
            let text = line.trim_start();
            is_java_frame(line)
                || text.starts_with("Caused by: ")
                || text.starts_with("Suppressed: ")
                || text.starts_with("... ") && text.ends_with(" more")
        },
        has_blanks: false,
        ends_in_message: false,
    },
    Language {
        kind: Kind::NodeStackTrace,
        marks: &["Error: ", "Error [", "at "],
        alone: None,
        begins: |line| line.contains("Error: ") || line.contains("Error [") || is_node_frame(line),
        goes_on: is_node_frame,
        has_blanks: false,
        ends_in_message: false,
    },
    Language {
        kind: Kind::GoPanic,
        marks: &["panic: "],
        alone: None,
        begins: |line| line.starts_with("panic: "),
        goes_on: |line| {
            line.starts_with("goroutine ") || line.trim_start().starts_with('/') && line.contains(".go:")
        },
        has_blanks: true,
        ends_in_message: false,
    },
    Language {
        kind: Kind::RustPanic,
        marks: &[" panicked at "],
        alone: None,
        begins: |line| line.trim_start().starts_with("thread '") && line.contains(" panicked at "),
        goes_on: |line| {
            line.contains(" panicked at ") || line.trim_start().starts_with("note: run with `RUST_BACKTRACE")
        },
        has_blanks: false,
        ends_in_message: true,
    },
    Language {
        kind: Kind::RubyBacktrace,
        marks: &[".rb:"],
        alone: None,
        begins: |line| line.contains(".rb:") && line.contains(":in "),
        goes_on: |line| line.contains(".rb:") && line.contains(":in "),
        has_blanks: false,
        ends_in_message: false,
    },
    Language {
        kind: Kind::PhpTrace,
        marks: &["Fatal error: "],
        alone: None,
        begins: |line| line.contains("PHP Fatal error: ") || line.starts_with("Fatal error: Uncaught"),
        goes_on: |line| {
            line.contains("Fatal error: ")
                || line.starts_with('#') && line.contains("): ")
                || line.contains("{main}")
        },
        has_blanks: false,
        ends_in_message: false,
    },
    Language {
        kind: Kind::PowershellError,
        marks: &[" : ", "At line:"],
        alone: None,
        begins: |line| line.contains(" : ") || line.starts_with("At line:"),
        goes_on: |line| {
            let text = line.trim_start();
            text.starts_with("+ CategoryInfo")
                || text.starts_with("+ FullyQualifiedErrorId")
                || text.starts_with("At line:")
        },
        has_blanks: false,
        ends_in_message: false,
    },
];

/// The marks of all languages.
pub(super) fn marks() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().flat_map(|language| language.marks).copied()
}

fn is_java_head(line: &str) -> bool {
    let text = line.trim_start();
    let name = text
        .strip_prefix("Exception in thread ")
        .and_then(|rest| rest.split_once("\" "))
        .map_or(text, |(_, rest)| rest);
    let name = name.split([':', ' ']).next().unwrap_or_default();
    name.split('.').count() >= 3
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && (name.ends_with("Exception") || name.ends_with("Error"))
}

/// `at java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)`
fn is_java_frame(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("at ") else { return false };
    let Some((method, place)) = rest.split_once('(') else { return false };
    !method.contains(' ')
        && method.contains('.')
        && [".java:", ".kt:", ".scala:", ".groovy:", "Native Method", "Unknown Source", ".java)"]
            .iter()
            .any(|mark| place.contains(mark))
}

/// `at TLSSocket.onConnectEnd (node:_tls_wrap:1727:19)`
fn is_node_frame(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("at ") else { return false };
    let place = rest.rsplit_once('(').map_or(rest, |(_, place)| place).trim_end_matches(')');
    let mut numbers = place.rsplit(':');
    let is_number = |word: Option<&str>| {
        word.is_some_and(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is_number(numbers.next()) && is_number(numbers.next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<(usize, Kind)> {
        let paste = crate::Paste::text(text);
        match OtherTraces(&Marks::of(paste.inputs.first()?))
            .find(&paste.inputs.first()?.regions().first()?.lines)?
        {
            (count, Data::Trace(kind)) => Some((count, kind)),
            _ => None,
        }
    }

    #[test]
    fn tells_languages_apart() {
        let cases: [(&str, usize, Kind); 7] = [
            (
                "Traceback (most recent call last):\n  File \"a.py\", line 1, in x\n    y()\nssl.SSLError: no\nafter",
                4,
                Kind::PythonTraceback,
            ),
            (
                "Exception in thread \"main\" javax.net.ssl.SSLException: no\n\tat a.b.C.d(C.java:1)\nCaused by: x.y.Z: no\n\t... 3 more\n$",
                4,
                Kind::JavaStackTrace,
            ),
            ("Error: connect ECONNREFUSED\n    at TCP.x (node:net:1:2)\n", 2, Kind::NodeStackTrace),
            ("panic: no\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/b.go:5 +0x1\n", 5, Kind::GoPanic),
            ("thread 'main' panicked at src/main.rs:3:9:\nno\n", 2, Kind::RustPanic),
            (
                "/usr/lib/net/http.rb:1:in `connect': no (OpenSSL::SSL::SSLError)\n\tfrom a.rb:2:in `<main>'\n",
                2,
                Kind::RubyBacktrace,
            ),
            (
                "Invoke-WebRequest : no\nAt line:1 char:1\n    + CategoryInfo          : x\n    + FullyQualifiedErrorId : y\n",
                4,
                Kind::PowershellError,
            ),
        ];
        for (text, count, expected) in cases {
            assert_eq!(kind(text), Some((count, expected)), "{text}");
        }
    }

    #[test]
    fn leaves_other_lines_alone() {
        for line in ["Error: something", "at home (we met)", "panic: no", "a.rb and b.rb"] {
            assert_eq!(kind(line), None, "{line}");
        }
    }
}
