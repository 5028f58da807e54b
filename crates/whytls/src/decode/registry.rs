//! Reads registry values: `.reg` files, and the looser forms that people copy.
//!
//! In:  `[HKEY_…\key]` with `"Name"=dword:00000001`; a bare key with `Name = (DWORD): 0xAA0`;
//!      `reg query` with `Name    REG_DWORD    0x1`; what PowerShell's `Get-ItemProperty` and
//!      `Get-ChildItem` print.
//! Out: each value with its key, the evidence of those that decide about TLS, and of those that were
//!      meant to and do nothing: misspelt, misplaced, of the wrong type.
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

/// No value that decides about TLS is longer.
const LONGEST: usize = 1 << 16;

impl Setting {
    /// The text, where it is one; of several texts, with commas between them. One that was cut off
    /// where it was printed is none.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let raw = self.raw.trim();
        if let Some(quoted) = raw.strip_prefix('"') {
            return Some(quoted.trim_end_matches('"').to_owned());
        }
        if let Some((_, text)) = raw.strip_prefix("REG_").and_then(|typed| typed.split_once("SZ")) {
            return Some(text.trim().replace("\\0", ","));
        }
        if let Some(listed) = raw.strip_prefix('{') {
            let listed = listed.strip_suffix('}')?;
            return (!listed.ends_with("...") && !listed.ends_with('…')).then(|| listed.to_owned());
        }
        let (_, hex) = raw.strip_prefix("hex(")?.split_once("):")?;
        let bytes = hex.split(',').map_while(|byte| u8::from_str_radix(byte.trim(), 16).ok());
        let bytes: Vec<u8> = bytes.collect();
        let units = bytes.chunks_exact(2).map(|pair| match pair {
            [low, high] => u16::from_le_bytes([*low, *high]),
            _ => 0,
        });
        let text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect();
        Some(text.trim_end_matches('\0').replace('\0', ","))
    }

    /// Whether the next line belongs to it.
    fn goes_on(&self) -> bool {
        self.raw.starts_with("hex") && self.raw.ends_with('\\') && self.raw.len() < LONGEST
    }
}

/// `54,00,4c,00,\`: bytes as `.reg` files have them.
fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b",\\ ".contains(&byte))
}

pub(super) struct RegistryExport;

impl Decode for RegistryExport {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let first = lines.first()?.body().trim();
        if let Some(found) = properties(lines).or_else(|| hive(lines)) {
            return Some(found);
        }
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
            // `hex(7):54,00,\` goes on in the next line.
            let open = registry.settings.last_mut().filter(|last| last.goes_on());
            if let Some(open) = open.filter(|_| is_hex(text)) {
                open.raw.truncate(open.raw.len() - 1);
                open.raw.push_str(text);
            } else if let Some(key) = key(text) {
                current = key;
                keys += 1;
            } else if let Some((name, raw)) = value(text).filter(|_| !current.is_empty()) {
                registry.settings.push(setting(current, name, raw, line));
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

/// How many values a key has at most in PowerShell's lists.
const PROPERTIES: usize = 40;

/// `Get-ItemProperty`: names and values, and the key behind `PSPath`.
fn properties(lines: &[Line<'_>]) -> Option<(usize, Data)> {
    property(lines.first()?.body())?;
    let own = || lines.iter().take(PROPERTIES).map_while(|line| Some((line, property(line.body())?)));
    let path = own().find(|(_, (name, _))| *name == "PSPath")?.1.1;
    let (_, path) = path.split_once("Registry::")?;
    let key = key(path)?;
    let mut registry = Registry::default();
    let count = own().count();
    for (line, (name, raw)) in own() {
        if !["PSPath", "PSParentPath", "PSChildName", "PSDrive", "PSProvider"].contains(&name) {
            registry.settings.push(setting(key, name, raw, line));
        }
    }
    Some((count, Data::Registry(registry)))
}

/// `Get-ChildItem`: the key behind `Hive:`, its subkeys with their values beside them.
fn hive(lines: &[Line<'_>]) -> Option<(usize, Data)> {
    let parent = key(lines.first()?.body().trim().strip_prefix("Hive:")?.trim())?;
    let mut registry = Registry::default();
    let mut child = String::new();
    let mut count = 1;
    for (at, line) in lines.iter().enumerate().skip(1) {
        let body = line.body();
        let text = body.trim();
        if text.is_empty()
            || text.starts_with("Name ") && text.ends_with("Property")
            || text.starts_with("----")
        {
            continue;
        }
        let (subkey, pair) = match body.starts_with([' ', '\t']) {
            true => ("", text),
            // The columns stand far apart, and a key's name may hold a space.
            false => text.split_once("  ").unwrap_or((text, "")),
        };
        let Some((name, raw)) = property(pair) else { break };
        if !subkey.is_empty() {
            child = format!("{parent}\\{}", subkey.trim());
        }
        if child.is_empty() {
            break;
        }
        registry.settings.push(setting(&child, name, raw, line));
        count = at + 1;
    }
    (!registry.settings.is_empty()).then_some((count, Data::Registry(registry)))
}

/// `Enabled           : 1`.
fn property(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let spaced = |at: &usize| text.as_bytes().get(at - 1..at + 2) == Some(b" : ");
    let at = memchr::memchr_iter(b':', text.as_bytes()).filter(|at| *at > 0).find(spaced)?;
    let (name, value) = (text.get(..at - 1)?, text.get(at + 2..)?);
    let name = name.trim();
    let word =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.()".contains(&byte));
    word.then(|| (name, value.trim()))
}

fn setting(key: &str, name: &str, raw: &str, line: &Line<'_>) -> Setting {
    Setting {
        key: key.to_owned(),
        name: name.to_owned(),
        number: number(raw),
        raw: raw.to_owned(),
        span: line.span_of(line.body().trim()),
    }
}

/// The key on a line: in brackets, or bare with a known root.
fn key(text: &str) -> Option<&str> {
    // Asked at every line of a log: the first letter tells most of them.
    if !text.starts_with(['[', '-', 'H', 'h']) {
        return None;
    }
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
    if let Some(at) = text.find("REG_") {
        let (name, typed) = text.split_at(at);
        // Other types than DWORD stay to be seen: `REG_SZ    1` is no number.
        let raw = typed.strip_prefix("REG_DWORD").unwrap_or(typed);
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
    if lower.starts_with("reg_") {
        return None;
    }
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
        let mut states: Vec<Statement> =
            mistake(setting).map(|mistake| Statement::new("registry.mistake", mistake)).into_iter().collect();
        if key.contains(r"\microsoft\.netframework\v") {
            let fact = match name.as_str() {
                "schusestrongcrypto" => "registry.sch-use-strong-crypto",
                "systemdefaulttlsversions" => "registry.system-default-tls-versions",
                _ => "",
            };
            if let Some(value) = setting.number.and_then(bit).filter(|_| !fact.is_empty()) {
                states.push(Statement::new(fact, value));
                states.push(Statement::new("registry.dotnet", dotnet_place(&key)));
            }
        } else if key.ends_with(r"\internet settings\winhttp") && name == "defaultsecureprotocols" {
            // Bit 0x800 is TLS 1.2 (KB3140245).
            let value =
                setting.number.map(|bits| if bits & 0x800 != 0 { "with-tls-1.2" } else { "without-tls-1.2" });
            states.extend(
                value.map(|value| Statement::new("registry.winhttp-default-secure-protocols", value)),
            );
        } else if let Some((_, protocol)) = key.split_once(r"\schannel\protocols\") {
            let value = match (name.as_str(), setting.number) {
                ("enabled", Some(0)) => "disabled",
                ("disabledbydefault", Some(0)) => "on-by-default",
                ("disabledbydefault", Some(_)) => "off-by-default",
                ("enabled", Some(_)) => "enabled",
                _ => "",
            };
            if let Some(fact) = schannel_fact(protocol).filter(|_| !value.is_empty()) {
                states.push(Statement::new(fact, value));
            }
        }
        if !states.is_empty() {
            see(setting.span, states);
        }
    }
}

/// The protocols that have keys, as Schannel spells them.
const PROTOCOLS: [&str; 10] = [
    "pct 1.0",
    "ssl 2.0",
    "ssl 3.0",
    "tls 1.0",
    "tls 1.1",
    "tls 1.2",
    "tls 1.3",
    "dtls 1.0",
    "dtls 1.2",
    "multi-protocol unified hello",
];

/// Why a value does nothing although it was meant to.
fn mistake(setting: &Setting) -> Option<&'static str> {
    let key = setting.key.to_ascii_lowercase();
    let name = setting.name.to_ascii_lowercase();
    let parts: Vec<&str> = key.split('\\').collect();
    let after = |word: &str| {
        let at = parts.iter().position(|part| *part == word)?;
        parts.get(at + 1..)
    };
    let (known, misplaced): (&[&str], Option<&'static str>) = if let Some(below) = after("schannel") {
        let misplaced = if parts.contains(&"wow6432node") { Some("schannel-in-wow6432node") } else { None };
        let [protocols, rest @ ..] = below else { return None };
        if *protocols != "protocols" {
            return close(protocols, "protocols").then_some("key-misspelt");
        }
        let wrong = match rest {
            [] => return None,
            [protocol, ..] if !PROTOCOLS.contains(protocol) => {
                let spelled = |known: &&str| letters(known) == letters(protocol) || close(known, protocol);
                // `TLSv1.2` and `TLS1.2` are what people write elsewhere.
                let versioned = letters(&protocol.replacen('v', "", 1));
                let meant = PROTOCOLS.iter().any(|known| spelled(known) || letters(known) == versioned);
                meant.then_some("protocol-misspelt")
            }
            [_] => Some("directly-under-protocol"),
            [_, "client" | "server", ..] => None,
            [_, role, ..] => (close(role, "client") || close(role, "server")).then_some("role-misspelt"),
        };
        (&["enabled", "disabledbydefault"], misplaced.or(wrong))
    } else if let Some(below) = after("microsoft") {
        match below {
            [".netframework"] => {
                (&["schusestrongcrypto", "systemdefaulttlsversions"], Some("directly-under-dotnet"))
            }
            [".netframework", "v4.0.30319" | "v2.0.50727"] => {
                (&["schusestrongcrypto", "systemdefaulttlsversions"], None)
            }
            [framework, ..] if *framework == ".netframework" || close(framework, ".netframework") => {
                (&["schusestrongcrypto", "systemdefaulttlsversions"], Some("key-misspelt"))
            }
            [.., "internet settings", "winhttp"] => (&["defaultsecureprotocols"], None),
            [.., "internet settings"] => (&["secureprotocols"], None),
            _ => return None,
        }
    } else {
        return None;
    };
    if !known.contains(&name.as_str()) {
        return known.iter().any(|known| close(known, &name)).then_some("value-misspelt");
    }
    // `"Name"=-` takes a value away.
    let text = setting.number.is_none() && !setting.raw.is_empty() && setting.raw != "-";
    misplaced.or(text.then_some("not-a-dword"))
}

/// Letters and digits only.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Names that differ by two slips at most, and are not the same. Longer ones are none that we know.
fn close(a: &str, b: &str) -> bool {
    const LONGEST: usize = 40;
    if a == b || a.len() > LONGEST || b.len() > LONGEST || a.len().abs_diff(b.len()) > 2 {
        return false;
    }
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        let mut next = vec![before];
        for (right, above) in b.iter().zip(row.iter().skip(1)) {
            let change = diagonal + usize::from(left != right);
            before = change.min(above + 1).min(before + 1);
            next.push(before);
            diagonal = *above;
        }
        row = next;
    }
    // One slip in a short name, two in a long one.
    row.last().is_some_and(|slips| *slips <= if b.len() > 7 { 2 } else { 1 })
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
    fn reads_what_powershell_prints() {
        let both = vec![("DisabledByDefault".to_owned(), Some(0)), ("Enabled".to_owned(), Some(1))];
        let item = "DisabledByDefault : 0\nEnabled           : 1\nPSPath            : Microsoft.PowerShell.Core\\Registry::HKEY_LOCAL_MACHINE\\SYSTEM\\X\\TLS 1.2\\Client\nPSChildName       : Client\n";
        assert_eq!(settings(item), both);
        let child = "    Hive: HKEY_LOCAL_MACHINE\\SYSTEM\\X\\TLS 1.2\n\nName                           Property\n----                           --------\nClient                         DisabledByDefault : 0\n                               Enabled           : 1\n";
        assert_eq!(settings(child), both);
        assert!(settings("Enabled           : 1\nName : x\n").is_empty());
    }

    #[test]
    fn names_what_was_meant_and_does_nothing() {
        let found = |key: &str, name: &str, raw: &str| {
            mistake(&Setting {
                key: key.to_owned(),
                name: name.to_owned(),
                number: number(raw),
                raw: raw.to_owned(),
                span: Span::default(),
            })
        };
        let schannel = |rest: &str| {
            format!(r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\{rest}")
        };
        let net = r"HKLM\SOFTWARE\Microsoft\.NETFramework\v4.0.30319";
        assert_eq!(found(&schannel(r"TLS 1.2\Client"), "Enabled", "dword:1"), None);
        assert_eq!(found(&schannel(r"TLS 1.2\Client"), "Enabled", "-"), None);
        for spelled in ["TLS1.2", "TLSv1.2", "TLS_1.2", "TLS 12"] {
            let key = schannel(&format!(r"{spelled}\Client"));
            assert_eq!(found(&key, "Enabled", "dword:1"), Some("protocol-misspelt"), "{spelled}");
        }
        assert_eq!(found(&schannel("TLS 1.2"), "Enabled", "dword:1"), Some("directly-under-protocol"));
        assert_eq!(found(&schannel(r"TLS 1.2\Clients"), "Enabled", "dword:1"), Some("role-misspelt"));
        assert_eq!(
            found(&schannel(r"TLS 1.2\Client"), "DisableByDefault", "dword:0"),
            Some("value-misspelt")
        );
        assert_eq!(found(&schannel(r"TLS 1.2\Client"), "Enabled", "\"1\""), Some("not-a-dword"));
        assert_eq!(found(&schannel(r"TLS 1.2\Client"), "Enabled", "REG_SZ    1"), Some("not-a-dword"));
        assert_eq!(found(net, "SchUseStrongCrypto", "dword:1"), None);
        assert_eq!(found(net, "SchUseStrongCrypt", "dword:1"), Some("value-misspelt"));
        assert_eq!(found(net, "InstallRoot", "\"C:\\\""), None);
        assert_eq!(
            found(r"HKLM\SOFTWARE\Microsoft\.NETFramework", "SchUseStrongCrypto", "dword:1"),
            Some("directly-under-dotnet")
        );
        assert_eq!(
            found(r"HKLM\SOFTWARE\Microsoft\.NET Framework\v4.0.30319", "SchUseStrongCrypto", "dword:1"),
            Some("key-misspelt")
        );
    }

    #[test]
    fn leaves_other_lines_alone() {
        assert!(settings("See HKEY_LOCAL_MACHINE for more: a = 1").is_empty());
        assert!(settings("[section]\nkey = 1").is_empty());
    }

    #[test]
    fn reads_texts_in_every_form() {
        let text = |paste: &str| {
            let paste = crate::Paste::text(paste);
            match RegistryExport.find(&paste.inputs[0].regions()[0].lines) {
                Some((_, Data::Registry(registry))) => registry.settings.last().and_then(Setting::text),
                _ => None,
            }
        };
        let key = r"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Cryptography\Configuration\Local\SSL\00010002]";
        for value in [
            "\"Functions\"=\"TLS_A,TLS_B\"",
            "\"Functions\"=hex(7):54,00,4c,00,53,00,5f,00,41,00,00,00,\\\n  54,00,4c,00,53,00,5f,00,42,00,00,00,00,00",
            "    Functions    REG_MULTI_SZ    TLS_A\\0TLS_B",
            "    Functions    REG_SZ    TLS_A,TLS_B",
        ] {
            assert_eq!(text(&format!("{key}\n{value}")).as_deref(), Some("TLS_A,TLS_B"), "{value}");
        }
        assert_eq!(text(&format!("{key}\n\"EventLogging\"=dword:00000001")), None);
    }
}
