//! Reads settings that stand inside of something else: quoted in a sentence, shown in a trace.
//!
//! In:  the lines of prose, logs, transcripts and traces.
//! Out: what the names of `content/settings/` state there, where a name means the same everywhere;
//!      and what the lines of a person's own code state that a Python traceback quotes.
//! Not here: code and configuration that stands by itself.

use std::collections::HashMap;

use super::code::{From, stated, tokens};
use super::marks::{Mark, Marks};
use super::{Artifact, Data, Kind, MANY};
use crate::evidence::Evidence;
use crate::paste::{Line, Paste};

pub(super) fn read(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    for (at, input) in paste.inputs.iter().enumerate() {
        let own: Vec<(usize, &Artifact)> = artifacts
            .iter()
            .enumerate()
            .filter(|(_, artifact)| {
                artifact.input == at
                    && matches!(
                        artifact.data,
                        Data::Prose | Data::Log | Data::Transcript | Data::Trace(_) | Data::DotnetTrace(_)
                    )
            })
            .collect();
        if own.is_empty() {
            continue;
        }
        let marks = Marks::of(input);
        let mut hits = marks.all(Mark::Setting).iter().peekable();
        let mut often: HashMap<&'static str, usize> = HashMap::new();
        let mut next = own.iter().peekable();
        for region in input.regions() {
            let mut above: Option<&Line<'_>> = None;
            for line in &region.lines {
                let place = above.replace(line).and_then(|line| quoted_place(line.body()));
                while next.next_if(|(_, artifact)| artifact.span.end <= line.start).is_some() {}
                let Some((id, artifact)) = next.peek() else { break };
                let end = line.start + line.text.len();
                // Most lines of a log have no name at all.
                while hits.next_if(|hit| **hit < line.start).is_some() {}
                let own_code = matches!(artifact.data, Data::Trace(Kind::PythonTraceback))
                    && place.is_some_and(|path| !is_library(path));
                if artifact.span.start > end || !own_code && hits.peek().is_none_or(|hit| **hit >= end) {
                    continue;
                }
                let from = if own_code { From::Code } else { From::Elsewhere };
                for one in stated(&tokens(std::slice::from_ref(line)), from) {
                    let count = often.entry(one.name).or_default();
                    *count += 1;
                    if one.states.is_empty() || *count > MANY {
                        continue;
                    }
                    evidence.push(Evidence::new(*id, at, one.span, one.states));
                }
            }
        }
    }
}

/// The path in `File "app.py", line 3, in main`, below which a traceback quotes the line.
fn quoted_place(line: &str) -> Option<&str> {
    let (path, rest) = line.trim_start().strip_prefix("File \"")?.split_once('"')?;
    rest.starts_with(", line ").then_some(path)
}

/// Python's own files and installed packages: what they call is not what a person wrote.
fn is_library(path: &str) -> bool {
    path.starts_with('<')
        || ["site-packages", "dist-packages", "/lib/python", "\\lib\\"]
            .iter()
            .any(|place| path.to_ascii_lowercase().contains(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_code_that_a_traceback_quotes_unless_it_is_a_librarys() {
        let says = |path: &str| {
            let paste = Paste::text(&format!(
                "Traceback (most recent call last):\n  File \"{path}\", line 3, in <module>\n    s = smtplib.SMTP_SSL(\"mail.example.com\", 587)\nssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)\n"
            ));
            let artifacts = super::super::find(&paste);
            let evidence = super::super::read(&paste, &artifacts);
            let states = evidence.iter().flat_map(|evidence| &evidence.states);
            states
                .filter(|state| state.key.starts_with("code."))
                .map(|state| state.value.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(says("/home/u/send.py"), ["587", "implicit-tls"]);
        assert_eq!(says("C:\\Users\\u\\send.py"), ["587", "implicit-tls"]);
        for path in
            ["/usr/lib/python3.11/smtplib.py", "/opt/venv/lib/python3.12/site-packages/mailer/send.py"]
        {
            assert!(says(path).is_empty(), "{path}");
        }
    }
}
