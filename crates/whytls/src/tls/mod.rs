//! The words of the TLS protocol: versions, alerts, handshake messages, ports.
//!
//! In:  the numbers and spellings that programs use.
//! Out: the names that the RFCs use.
//! Not here: what any of it means for a failed connection. That is `content/`.

mod iana;

use std::fmt;

pub use iana::{CipherSuite, ExtensionType, NamedGroup, SignatureScheme, is_grease};

/// A protocol version as it stands on the wire. Numbers without a name are kept, not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u16);

impl Version {
    /// SSL 2.0, which has no place in the numbering of its successors (0x0002 in its hello).
    pub const SSL2: Self = Self(0x0002);
    /// SSL 3.0 (RFC 6101).
    pub const SSL3: Self = Self(0x0300);
    /// TLS 1.0 (RFC 2246).
    pub const TLS10: Self = Self(0x0301);
    /// TLS 1.1 (RFC 4346).
    pub const TLS11: Self = Self(0x0302);
    /// TLS 1.2 (RFC 5246).
    pub const TLS12: Self = Self(0x0303);
    /// TLS 1.3 (RFC 8446).
    pub const TLS13: Self = Self(0x0304);
    /// TLCP, the Chinese protocol with SM2, SM3 and SM4 (GB/T 38636).
    pub const TLCP: Self = Self(0x0101);
    /// DTLS 1.0 (RFC 4347).
    pub const DTLS10: Self = Self(0xfeff);
    /// DTLS 1.2 (RFC 6347).
    pub const DTLS12: Self = Self(0xfefd);
    /// DTLS 1.3 (RFC 9147).
    pub const DTLS13: Self = Self(0xfefc);

    /// Every version of TLS and SSL over a byte stream, oldest first.
    pub const ALL: [Self; 6] = [Self::SSL2, Self::SSL3, Self::TLS10, Self::TLS11, Self::TLS12, Self::TLS13];

    /// The version's slug, as facts name it: `tls-1.2`.
    ///
    /// ```
    /// # use whytls::tls::Version;
    /// assert_eq!(Version::TLS12.slug(), Some("tls-1.2"));
    /// assert_eq!(Version(0x7f17).slug(), None);
    /// ```
    #[must_use]
    pub fn slug(self) -> Option<&'static str> {
        Some(match self {
            Self::SSL2 => "ssl-2.0",
            Self::SSL3 => "ssl-3.0",
            Self::TLS10 => "tls-1.0",
            Self::TLS11 => "tls-1.1",
            Self::TLS12 => "tls-1.2",
            Self::TLS13 => "tls-1.3",
            _ => return None,
        })
    }

    /// The version of SSL or TLS with that name or slug: `TLS 1.2`, `tls-1.2`.
    ///
    /// ```
    /// # use whytls::tls::Version;
    /// assert_eq!(Version::named("TLS 1.2"), Some(Version::TLS12));
    /// assert_eq!(Version::named("TLS1.2"), None);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.to_string() == name || version.slug() == Some(name))
    }

    /// It has a name; drafts and GREASE have none.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.rank() > 0
    }

    /// Older versions before newer ones, whatever their numbers: DTLS counts downwards. 0 without a name.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::TLCP => 1,
            Self::SSL2 => 2,
            Self::SSL3 => 3,
            Self::TLS10 => 4,
            Self::TLS11 | Self::DTLS10 => 5,
            Self::TLS12 | Self::DTLS12 => 6,
            Self::TLS13 | Self::DTLS13 => 7,
            _ => 0,
        }
    }

    /// The version that Wireshark's protocol column names, if it names one: `TLSv1.2`, `SSLv3`.
    ///
    /// ```
    /// # use whytls::tls::Version;
    /// assert_eq!(Version::from_column("TLSv1"), Some(Version::TLS10));
    /// assert_eq!(Version::from_column("TLS"), None);
    /// ```
    #[must_use]
    pub fn from_column(word: &str) -> Option<Self> {
        Some(match word {
            "SSLv2" => Self::SSL2,
            "SSLv3" => Self::SSL3,
            "TLSv1" | "TLSv1.0" => Self::TLS10,
            "TLSv1.1" => Self::TLS11,
            "TLSv1.2" => Self::TLS12,
            "TLSv1.3" => Self::TLS13,
            "DTLSv1.0" | "DTLSv1" => Self::DTLS10,
            "DTLSv1.2" => Self::DTLS12,
            "DTLSv1.3" => Self::DTLS13,
            "GMTLSv1" | "GMTLS" | "TLCP" => Self::TLCP,
            _ => return None,
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SSL2 => f.write_str("SSL 2.0"),
            Self::SSL3 => f.write_str("SSL 3.0"),
            Self::TLS10 => f.write_str("TLS 1.0"),
            Self::TLS11 => f.write_str("TLS 1.1"),
            Self::TLS12 => f.write_str("TLS 1.2"),
            Self::TLS13 => f.write_str("TLS 1.3"),
            Self::TLCP => f.write_str("TLCP"),
            Self::DTLS10 => f.write_str("DTLS 1.0"),
            Self::DTLS12 => f.write_str("DTLS 1.2"),
            Self::DTLS13 => f.write_str("DTLS 1.3"),
            Self(other) => write!(f, "0x{other:04x}"),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| serde::de::Error::custom(format!("{name:?} is no version of TLS")))
    }
}

/// A TLS alert description as it came (RFC 8446 §6). Numbers without a name are kept, not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alert(pub u8);

/// Number and name of every alert that IANA's registry "TLS Alerts" lists, as of 2026-11.
const ALERTS: [(u8, &str); 37] = [
    (0, "close_notify"),
    (10, "unexpected_message"),
    (20, "bad_record_mac"),
    (21, "decryption_failed"),
    (22, "record_overflow"),
    (30, "decompression_failure"),
    (40, "handshake_failure"),
    (41, "no_certificate"),
    (42, "bad_certificate"),
    (43, "unsupported_certificate"),
    (44, "certificate_revoked"),
    (45, "certificate_expired"),
    (46, "certificate_unknown"),
    (47, "illegal_parameter"),
    (48, "unknown_ca"),
    (49, "access_denied"),
    (50, "decode_error"),
    (51, "decrypt_error"),
    (52, "too_many_cids_requested"),
    (60, "export_restriction"),
    (70, "protocol_version"),
    (71, "insufficient_security"),
    (80, "internal_error"),
    (86, "inappropriate_fallback"),
    (90, "user_canceled"),
    (100, "no_renegotiation"),
    (109, "missing_extension"),
    (110, "unsupported_extension"),
    (111, "certificate_unobtainable"),
    (112, "unrecognized_name"),
    (113, "bad_certificate_status_response"),
    (114, "bad_certificate_hash_value"),
    (115, "unknown_psk_identity"),
    (116, "certificate_required"),
    (117, "general_error"),
    (120, "no_application_protocol"),
    (121, "ech_required"),
];

impl Alert {
    /// "No version that you offer is one that I support" (RFC 8446 §6.2).
    pub const PROTOCOL_VERSION: Self = Self(70);

    /// The name in IANA's registry.
    ///
    /// ```
    /// # use whytls::tls::Alert;
    /// assert_eq!(Alert(70).name(), Some("protocol_version"));
    /// assert_eq!(Alert(2).name(), None);
    /// ```
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        ALERTS.iter().find(|(code, _)| *code == self.0).map(|(_, name)| *name)
    }

    /// The alert of that name, however it is spelled: `Protocol Version`, `protocol_version`,
    /// `ProtocolVersion`, `unknown CA`.
    ///
    /// ```
    /// # use whytls::tls::Alert;
    /// assert_eq!(Alert::named("Unknown CA"), Some(Alert(48)));
    /// assert_eq!(Alert::named("Client Hello"), None);
    /// ```
    #[must_use]
    pub fn named(words: &str) -> Option<Self> {
        let letters = |s: &str| {
            s.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect::<String>()
        };
        let wanted = letters(words);
        ALERTS
            .iter()
            .find(|(_, name)| !wanted.is_empty() && letters(name) == wanted)
            .map(|(code, _)| Self(*code))
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

/// How a port number is used when nothing else is said (IANA's service names, and custom).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortUse {
    /// Plain text first, TLS after a command such as STARTTLS.
    StartTls(&'static str),
    /// TLS from the first byte.
    ImplicitTls(&'static str),
    /// Plain text, no TLS expected.
    Plain(&'static str),
}

/// What is usually spoken on a server's port.
///
/// ```
/// # use whytls::tls::{port_use, PortUse};
/// assert_eq!(port_use(587), Some(PortUse::StartTls("smtp")));
/// assert_eq!(port_use(49152), None);
/// ```
#[must_use]
pub fn port_use(port: u16) -> Option<PortUse> {
    use PortUse::{ImplicitTls, Plain, StartTls};
    Some(match port {
        21 => StartTls("ftp"),
        24 => StartTls("lmtp"),
        25 | 587 | 2525 => StartTls("smtp"),
        80 | 8080 => Plain("http"),
        110 => StartTls("pop3"),
        119 => StartTls("nntp"),
        143 => StartTls("imap"),
        389 => StartTls("ldap"),
        443 | 8443 => ImplicitTls("http"),
        465 => ImplicitTls("smtp"),
        563 => ImplicitTls("nntp"),
        636 => ImplicitTls("ldap"),
        990 => ImplicitTls("ftp"),
        993 => ImplicitTls("imap"),
        995 => ImplicitTls("pop3"),
        3306 => StartTls("mysql"),
        4190 => StartTls("sieve"),
        5222 | 5269 => StartTls("xmpp"),
        5223 => ImplicitTls("xmpp"),
        5432 => StartTls("postgresql"),
        6697 => ImplicitTls("irc"),
        _ => return None,
    })
}
