//! What no decoder claims: lines that programs print, what was typed at a prompt, prose.
//!
//! In:  the lines between other artifacts.
//! Out: artifacts that say which of the three they are.
//! Not here: the messages in them. Those are found in every artifact alike.

use super::{Artifact, Data, span};
use crate::paste::Line;

/// Cuts lines at blank ones, and joins what is of one kind again.
pub(super) fn cut(input: usize, lines: &[Line<'_>], artifacts: &mut Vec<Artifact>) {
    let mut open: Option<Artifact> = None;
    for paragraph in lines.split(|line| line.is_blank()).filter(|lines| !lines.is_empty()) {
        let data = kind(paragraph);
        let place = span(paragraph);
        match &mut open {
            Some(artifact) if std::mem::discriminant(&artifact.data) == std::mem::discriminant(&data) => {
                artifact.span = artifact.span.to(place);
            }
            _ => artifacts.extend(open.replace(Artifact { input, span: place, label: None, data })),
        }
    }
    artifacts.extend(open);
}

fn kind(lines: &[Line<'_>]) -> Data {
    if lines.iter().any(|line| is_prompt(line.body())) {
        Data::Transcript
    } else if lines.iter().filter(|line| is_log(line.text)).count() * 2 >= lines.len() {
        Data::Log
    } else {
        Data::Prose
    }
}

fn is_prompt(line: &str) -> bool {
    let line = line.trim_start();
    if !line.contains(['$', '>', '#']) {
        return false;
    }
    line.starts_with("$ ")
        || line.starts_with("PS ") && line.contains("> ")
        || line.split_once('>').is_some_and(|(path, _)| {
            let path = path.as_bytes();
            matches!(path, [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic())
        })
        || line.split_once("$ ").or_else(|| line.split_once("# ")).is_some_and(|(who, _)| {
            who.contains('@') && who.contains(':') && !who.trim_matches(['[', ']']).contains(' ')
        })
}

/// Programs begin their lines with a time, a level, a name and a colon; people do not.
fn is_log(line: &str) -> bool {
    let line = line.trim_start();
    let first = line.split_whitespace().next().unwrap_or_default();
    let digits = first.bytes().filter(u8::is_ascii_digit).count();
    let level = ["error", "warn", "warning", "fatal", "info", "debug", "trace", "e:", "w:"];
    digits >= 4 && first.contains([':', '-', '/', '.'])
        || level.contains(&first.trim_matches(['[', ']', ':']).to_ascii_lowercase().as_str())
        || first.len() > 2 && first.ends_with(':') && first.is_ascii() && line.len() > first.len()
        || first.starts_with('[') && first.ends_with(']') && first.len() > 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_prompts_and_logs_from_prose() {
        assert!(is_prompt("$ curl https://example.com"));
        assert!(is_prompt(r"C:\Users\me>ping example.com"));
        assert!(is_prompt("me@host:~$ ls"));
        assert!(!is_prompt("It costs 5 $ a month"));
        assert!(is_log("2023-04-27 15:19:03 connection reset"));
        assert!(is_log("curl: (35) error"));
        assert!(!is_log("Then I tried the registry."));
        assert!(!is_log("然后一开始先是怀疑"));
    }
}
