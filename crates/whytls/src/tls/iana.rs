//! Numbers of TLS as newtypes, with their names in IANA's registries.
//!
//! In:  a number as it stands on the wire; `content/iana/` says which name it has.
//! Out: its name, where the registry has one; GREASE by RFC 8701.
//! Not here: what a number means for a failed connection.

use std::fmt;

static CIPHER_SUITES: &str = include_str!("../../../../content/iana/cipher-suites.txt");
static GROUPS: &str = include_str!("../../../../content/iana/groups.txt");
static SIGNATURE_SCHEMES: &str = include_str!("../../../../content/iana/signature-schemes.txt");
static EXTENSIONS: &str = include_str!("../../../../content/iana/extensions.txt");

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $table:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);

        impl $name {
            /// The name in IANA's registry.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                named($table, self.0)
            }

            /// The number of that name; the registry's spelling, capitals aside.
            #[must_use]
            pub fn by_name(name: &str) -> Option<Self> {
                // Drafts had lower numbers for some names that were kept.
                let mut named = lines($table).rev().filter(|(_, known)| known.eq_ignore_ascii_case(name));
                named.next().map(|(number, _)| Self(number))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "0x{:04x}", self.0),
                }
            }
        }
    };
}

number!(
    /// A cipher suite (IANA "TLS Cipher Suites").
    ///
    /// ```
    /// # use whytls::tls::CipherSuite;
    /// assert_eq!(CipherSuite(0x1301).name(), Some("TLS_AES_128_GCM_SHA256"));
    /// assert_eq!(CipherSuite(0x2a2a).to_string(), "0x2a2a");
    /// ```
    CipherSuite,
    CIPHER_SUITES
);
number!(
    /// A group for key exchange (IANA "TLS Supported Groups").
    NamedGroup,
    GROUPS
);
number!(
    /// A signature scheme (IANA "TLS SignatureScheme").
    SignatureScheme,
    SIGNATURE_SCHEMES
);
number!(
    /// An extension (IANA "TLS ExtensionType Values").
    ExtensionType,
    EXTENSIONS
);

/// Whether a 16-bit number is one that clients throw in to keep servers tolerant (RFC 8701).
///
/// ```
/// # use whytls::tls::is_grease;
/// assert!(is_grease(0x2a2a) && !is_grease(0x1301));
/// ```
#[must_use]
pub fn is_grease(number: u16) -> bool {
    let [high, low] = number.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

impl CipherSuite {
    /// It is a suite of TLS 1.3 and of nothing else.
    ///
    /// ```
    /// # use whytls::tls::CipherSuite;
    /// assert!(CipherSuite(0x1302).is_tls13() && !CipherSuite(0xc02f).is_tls13());
    /// ```
    #[must_use]
    pub fn is_tls13(self) -> bool {
        matches!(self.0, 0x1301..=0x13ff | 0x00c6 | 0x00c7)
    }
}

/// `1301 TLS_AES_128_GCM_SHA256`; a comment gives nothing.
fn entry(line: &'static str) -> Option<(u16, &'static str)> {
    let (number, name) = line.split_once(' ')?;
    Some((u16::from_str_radix(number, 16).ok()?, name.trim_end()))
}

fn lines(table: &'static str) -> impl DoubleEndedIterator<Item = (u16, &'static str)> {
    table.lines().filter_map(entry)
}

/// Bisects the text itself: its lines are sorted, and nothing has to be built before.
fn named(table: &'static str, wanted: u16) -> Option<&'static str> {
    let mut rest = table;
    while !rest.is_empty() {
        let middle = rest.as_bytes().get(..rest.len() / 2)?;
        let start = middle.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (before, from) = rest.split_at_checked(start)?;
        let (line, after) = from.split_once('\n').unwrap_or((from, ""));
        // The comment stands before all numbers.
        match entry(line).map_or(std::cmp::Ordering::Less, |(number, _)| number.cmp(&wanted)) {
            std::cmp::Ordering::Less => rest = after,
            std::cmp::Ordering::Greater => rest = before,
            std::cmp::Ordering::Equal => return entry(line).map(|(_, name)| name),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_by_its_number() {
        for table in [CIPHER_SUITES, GROUPS, SIGNATURE_SCHEMES, EXTENSIONS] {
            let mut last = None;
            for (number, name) in lines(table) {
                assert!(last < Some(number), "{number:04x} stands in the wrong place");
                last = Some(number);
                assert_eq!(named(table, number), Some(name));
            }
            let many = lines(table).count();
            assert_eq!((0..=u16::MAX).filter(|number| named(table, *number).is_some()).count(), many);
            let comments = table.lines().filter(|line| line.starts_with('#')).count();
            assert_eq!(comments + many, table.lines().count());
        }
    }

    #[test]
    fn spells_as_iana_does() {
        assert_eq!(NamedGroup(29).name(), Some("x25519"));
        assert_eq!(NamedGroup(4588).name(), Some("X25519MLKEM768"));
        assert_eq!(SignatureScheme(0x0403).name(), Some("ecdsa_secp256r1_sha256"));
        assert_eq!(ExtensionType(65037).name(), Some("encrypted_client_hello"));
        assert_eq!(CipherSuite(0xe013).name(), Some("ECC_SM4_CBC_SM3"));
        assert_eq!(CipherSuite::by_name("tls_sm4_gcm_sm3"), Some(CipherSuite(0x00c6)));
        assert_eq!(CipherSuite(0xfafa).name(), None);
    }
}
