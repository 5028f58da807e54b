//! Finds passwords among the options of a command line.
//!
//! In:  the text, and where a command begins that takes a password by a short option.
//! Out: the places of the passwords.
//! Not here: long options that say what they hold: `--password` means the same everywhere (`forms`).

use std::ops::Range;

use super::forms::{NEAR, is_secret};

/// How an option has its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    /// `-pSECRET`
    Glued,
    /// `-P SECRET`
    Next,
    /// `-u user:SECRET`, either way.
    Login(char),
}

/// Programs, an option of theirs, and how it has its value.
const OPTIONS: [(&[&str], &str, Value); 13] = [
    (&["curl"], "-u", Value::Login(':')),
    (&["curl"], "--user", Value::Login(':')),
    (&["curl"], "-U", Value::Login(':')),
    (&["curl"], "--proxy-user", Value::Login(':')),
    (&["lftp"], "-u", Value::Login(',')),
    (&["mysql", "mysqldump", "mysqladmin", "mariadb"], "-p", Value::Glued),
    (&["sshpass"], "-p", Value::Next),
    (&["sshpass"], "-p", Value::Glued),
    (&["mosquitto_pub", "mosquitto_sub", "sqlcmd"], "-P", Value::Next),
    (&["ldapsearch", "ldapwhoami", "ldapmodify", "ldapadd"], "-w", Value::Next),
    (&["redis-cli"], "-a", Value::Next),
    // Of docker, podman and helm: only there `-p` is no port.
    (&["login", "mongo", "mongosh"], "-p", Value::Next),
    (&["swaks"], "-ap", Value::Next),
];

/// Adds the passwords of the command that begins at a place, and of those behind it on its line. Out: where that ends.
pub(super) fn secrets(text: &str, start: usize, found: &mut Vec<Range<usize>>) -> usize {
    let near = text.get(start..text.floor_char_boundary(start.saturating_add(NEAR))).unwrap_or_default();
    let line = near.get(..end(near)).unwrap_or_default();
    let mut program = "";
    let mut option: Option<Value> = None;
    for word in words(line) {
        let place = start + (word.as_ptr() as usize).wrapping_sub(line.as_ptr() as usize);
        let mut add = |part: &str| {
            let at = place + (part.as_ptr() as usize).wrapping_sub(word.as_ptr() as usize);
            if is_secret(part) {
                found.push(at..at + part.len());
            }
        };
        match option.take() {
            Some(Value::Login(between)) => {
                if let Some((_, secret)) = word.trim_matches(['"', '\'']).split_once(between) {
                    add(secret);
                }
                continue;
            }
            Some(_) => {
                add(word.trim_matches(['"', '\'']));
                continue;
            }
            None => {}
        }
        if !word.starts_with('-') {
            let name = word.rsplit(['/', '\\', '`', '(']).next().unwrap_or(word).trim_end_matches(".exe");
            if OPTIONS.iter().any(|(programs, ..)| programs.contains(&name)) {
                program = name;
            }
            continue;
        }
        let own = OPTIONS.iter().filter(|(programs, ..)| programs.contains(&program));
        for (_, name, value) in own {
            let Some(rest) = word.strip_prefix(name) else { continue };
            match (value, rest) {
                (Value::Next | Value::Login(_), "") => option = Some(*value),
                (Value::Glued, rest) if !rest.is_empty() => add(rest.trim_matches(['"', '\''])),
                (Value::Login(between), rest) if name.len() == 2 || rest.starts_with('=') => {
                    if let Some((_, secret)) = rest.trim_matches(['"', '\'', '=']).split_once(*between) {
                        add(secret);
                    }
                }
                _ => {}
            }
        }
    }
    start + line.len()
}

/// Where a command ends: at the end of its line, or of the line that it goes on in.
fn end(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if !line.trim_end().ends_with(['\\', '^', '`']) {
            break;
        }
    }
    at
}

/// The words of a command line; a quoted one may have blanks.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''));
        let closing = quote.and_then(|quote| rest.get(1..)?.find(quote)).map(|at| at + 2);
        let end = closing.unwrap_or_else(|| rest.find(char::is_whitespace).unwrap_or(rest.len()));
        let (word, after) = rest.split_at_checked(end)?;
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}
