//! Reads registry values: `.reg` files, and the looser forms that people copy.
//!
//! In:  `[HKEY_…\key]` with `"Name"=dword:00000001`; a bare key with `Name = (DWORD): 0xAA0`;
//!      `reg query` with `Name    REG_DWORD    0x1`.
//! Out: each value with its key, and the evidence of those that decide about TLS.
//! Not here: what a machine offers because of them.

use super::{Data, Decode};
use crate::evidence::Statement;
use crate::paste::{Line, Span};

/// Registry values that stood together.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// In the order in which they stand.
    pub settings: Vec<Setting>,
}

/// One value.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The key, without brackets.
    pub key: String,
    /// The value's name.
    pub name: String,
    /// The number, where it is a DWORD.
    pub number: Option<u32>,
    /// What stands there, as it stands.
    pub raw: String,
    /// The value's line.
    pub span: Span,
}

pub(super) struct RegistryExport;

impl Decode for RegistryExport {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let first = lines.first()?.body().trim();
        let header = first.starts_with("Windows Registry Editor") || first == "REGEDIT4";
        if !header && key(first).is_none() {
            return None;
        }
        let mut registry = Registry::default();
        let mut current = "";
        let mut count = 0;
        let mut keys = 0;
        for (at, line) in lines.iter().enumerate() {
            let text = line.body().trim();
            if let Some(key) = key(text) {
                current = key;
                keys += 1;
            } else if let Some((name, raw)) = value(text).filter(|_| !current.is_empty()) {
                registry.settings.push(Setting {
                    key: current.to_owned(),
                    name: name.to_owned(),
                    number: number(raw),
                    raw: raw.to_owned(),
                    span: line.span_of(text),
                });
            } else if text.is_empty() || text.starts_with(';') {
                continue;
            } else if at > 0 {
                break;
            }
            count = at + 1;
        }
        (keys > 0 || header).then_some((count, Data::Registry(registry)))
    }
}

/// The key on a line: in brackets, or bare with a known root.
fn key(text: &str) -> Option<&str> {
    let bare = text.strip_prefix('[').map_or(text, |rest| rest.split(']').next().unwrap_or(rest));
    let bare = bare.trim_start_matches('-').trim_end_matches([':', '\\']);
    let root = bare.split(['\\', ':']).next()?;
    [
        "HKEY_LOCAL_MACHINE",
        "HKLM",
        "HKEY_CURRENT_USER",
        "HKCU",
        "HKEY_USERS",
        "HKEY_CLASSES_ROOT",
        "HKEY_CURRENT_CONFIG",
    ]
    .iter()
    .any(|known| root.eq_ignore_ascii_case(known))
    .then_some(bare)
    .filter(|bare| bare.contains('\\'))
}

/// `"Name"=dword:1`, `Name = (DWORD): 0xAA0`, `Name    REG_DWORD    0x1`.
fn value(text: &str) -> Option<(&str, &str)> {
    if let Some((name, raw)) = text.split_once("REG_") {
        let (_, raw) = raw.split_once(char::is_whitespace)?;
        return Some((name.trim(), raw.trim()));
    }
    let (name, raw) = match text.strip_prefix('"') {
        Some(quoted) => {
            let (name, raw) = quoted.split_once('"')?;
            (name, raw.trim_start().strip_prefix(['=', ':'])?)
        }
        None => text.split_once(['=', ':'])?,
    };
    let name = name.trim();
    (!name.is_empty() && name.len() <= 64 && !name.contains(['(', '/', '，', '。']))
        .then_some((name, raw.trim()))
}

/// The number of `dword:00000001`, `(DWORD): 0xAA0`, `0x1`, `1`.
fn number(raw: &str) -> Option<u32> {
    let lower = raw.to_ascii_lowercase();
    if let Some((_, hex)) = lower.split_once("dword:") {
        return u32::from_str_radix(hex.split_whitespace().next()?, 16).ok();
    }
    let word = lower.rsplit([':', ' ', '=', ')']).find(|word| !word.is_empty())?;
    match word.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => word.parse().ok(),
    }
}

pub(super) fn read(registry: &Registry, see: &mut impl FnMut(Span, Vec<Statement>)) {
    for setting in &registry.settings {
        let key = setting.key.to_ascii_lowercase();
        let name = setting.name.to_ascii_lowercase();
        let mut states = Vec::new();
        if key.contains(r"\microsoft\.netframework\v") {
            let fact = match name.as_str() {
                "schusestrongcrypto" => "registry.sch-use-strong-crypto",
                "systemdefaulttlsversions" => "registry.system-default-tls-versions",
                _ => continue,
            };
            states.extend(setting.number.and_then(bit).map(|value| Statement::new(fact, value)));
            states.push(Statement::new("registry.dotnet", dotnet_place(&key)));
        } else if key.ends_with(r"\internet settings\winhttp") && name == "defaultsecureprotocols" {
            // Bit 0x800 is TLS 1.2 (KB3140245).
            let value =
                setting.number.map(|bits| if bits & 0x800 != 0 { "with-tls-1.2" } else { "without-tls-1.2" });
            states.extend(
                value.map(|value| Statement::new("registry.winhttp-default-secure-protocols", value)),
            );
        } else if let Some((_, protocol)) = key.split_once(r"\schannel\protocols\") {
            let Some(fact) = schannel_fact(protocol) else { continue };
            let value = match (name.as_str(), setting.number) {
                ("enabled", Some(0)) => "disabled",
                ("disabledbydefault", Some(0)) => "on-by-default",
                ("disabledbydefault", Some(_)) => "off-by-default",
                ("enabled", Some(_)) => "enabled",
                _ => continue,
            };
            states.push(Statement::new(fact, value));
        }
        if !states.is_empty() {
            see(setting.span, states);
        }
    }
}

fn bit(number: u32) -> Option<&'static str> {
    match number {
        0 => Some("0"),
        1 => Some("1"),
        _ => None,
    }
}

/// Which programs read this copy of the value: those of CLR 2 or CLR 4, 32-bit ones or the others.
fn dotnet_place(key: &str) -> &'static str {
    match (key.contains(r"\v4.0.30319"), key.contains(r"\wow6432node\")) {
        (true, false) => "clr-4",
        (true, true) => "clr-4-32-bit",
        (false, false) => "clr-2",
        (false, true) => "clr-2-32-bit",
    }
}

fn schannel_fact(protocol: &str) -> Option<&'static str> {
    match protocol {
        r"tls 1.2\client" => Some("registry.schannel-tls-1.2-client"),
        r"tls 1.2\server" => Some("registry.schannel-tls-1.2-server"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Vec<(String, Option<u32>)> {
        let paste = crate::Paste::text(text);
        match RegistryExport.find(&paste.inputs[0].regions()[0].lines) {
            Some((_, Data::Registry(registry))) => {
                registry.settings.into_iter().map(|setting| (setting.name, setting.number)).collect()
            }
            _ => Vec::new(),
        }
    }

    #[test]
    fn reads_strict_and_loose_forms() {
        for text in [
            "[HKEY_LOCAL_MACHINE\\SOFTWARE\\X]\n\"DefaultSecureProtocols\"=dword:00000aa0",
            "HKEY_LOCAL_MACHINE\\SOFTWARE\\X\\\n    DefaultSecureProtocols = (DWORD): 0xAA0",
            "HKEY_LOCAL_MACHINE\\SOFTWARE\\X\n    DefaultSecureProtocols    REG_DWORD    0xaa0",
        ] {
            assert_eq!(settings(text), [("DefaultSecureProtocols".to_owned(), Some(0xaa0))], "{text}");
        }
    }

    #[test]
    fn leaves_other_lines_alone() {
        assert!(settings("See HKEY_LOCAL_MACHINE for more: a = 1").is_empty());
        assert!(settings("[section]\nkey = 1").is_empty());
    }
}
