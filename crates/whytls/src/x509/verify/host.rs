//! Compares the name that was wanted with the names in a certificate, as RFC 9525 has it.
//!
//! In:  a host name or an address; a certificate.
//! Out: whether one of its names fits, and if not, why not.
//! Not here: name constraints. Those are `constraints`.

use core::net::IpAddr;

use super::raw::{Name, Raw};

/// What was connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    Address(IpAddr),
    /// In lower case, as it goes over the wire, without the dot at the end.
    Name(String),
}

/// What came of the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Match {
    Fits,
    /// Only the Common Name fits, which many clients read no longer.
    CommonNameOnly,
    /// The same, and there is a subjectAltName, with names of other kinds.
    CommonNameBesideOthers,
    /// There is no name of this kind at all.
    NoNames,
    /// A wildcard covers one label, and here there are more.
    WildcardTooShort(String),
    /// The name would fit with or without `www.`.
    Www(String),
    /// An address stands as dNSName, where it does not count.
    AddressAsName,
    Differs,
}

impl Host {
    /// A host as people write it: `example.com`, `192.0.2.1`, `[::1]`, `bücher.example`, `host:443`.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim();
        let bare = text.strip_prefix('[').map_or(text, |rest| rest.split(']').next().unwrap_or(rest));
        if let Ok(address) = bare.parse() {
            return Self::Address(address);
        }
        let name = match bare.rsplit_once(':') {
            Some((name, port)) if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => {
                name
            }
            _ => bare,
        };
        if let Ok(address) = name.parse() {
            return Self::Address(address);
        }
        let name = name.strip_suffix('.').unwrap_or(name).to_lowercase();
        let labels: Vec<String> = name.split('.').map(super::punycode::label).collect();
        Self::Name(labels.join("."))
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Address(address) => address.to_string(),
            Self::Name(name) => name.clone(),
        }
    }
}

pub(super) fn compare(host: &Host, certificate: &Raw<'_>) -> Match {
    let names = certificate.alt_names().and_then(Result::ok).unwrap_or_default();
    match host {
        Host::Address(address) => {
            if names.iter().any(|name| matches!(name, Name::Ip(bytes) if same_address(address, bytes))) {
                return Match::Fits;
            }
            let text = address.to_string();
            if names.iter().any(|name| matches!(name, Name::Dns(bytes) if *bytes == text.as_bytes())) {
                return Match::AddressAsName;
            }
            let alone = !names.iter().any(|name| matches!(name, Name::Ip(_) | Name::Dns(_)));
            match certificate.common_name() {
                Some(common) if common.trim() == text && alone => Match::CommonNameOnly,
                _ if alone && names.is_empty() => Match::NoNames,
                _ => Match::Differs,
            }
        }
        Host::Name(wanted) => {
            let dns: Vec<String> = names
                .iter()
                .filter_map(|name| match name {
                    Name::Dns(bytes) => std::str::from_utf8(bytes).ok().map(str::to_ascii_lowercase),
                    _ => None,
                })
                .collect();
            if dns.iter().any(|name| fits(name, wanted)) {
                return Match::Fits;
            }
            if dns.is_empty() && !names.iter().any(|name| matches!(name, Name::Ip(_))) {
                return match certificate.common_name() {
                    Some(common) if fits(&common.to_lowercase(), wanted) && names.is_empty() => {
                        Match::CommonNameOnly
                    }
                    Some(common) if fits(&common.to_lowercase(), wanted) => Match::CommonNameBesideOthers,
                    Some(_) => Match::Differs,
                    None => Match::NoNames,
                };
            }
            let bare = wanted.strip_prefix("www.");
            if let Some(close) = dns
                .iter()
                .find(|name| Some(name.as_str()) == bare || name.strip_prefix("www.") == Some(wanted))
            {
                return Match::Www(close.clone());
            }
            let deeper = |name: &&String| {
                name.strip_prefix("*.").is_some_and(|base| {
                    wanted.strip_suffix(base).is_some_and(|rest| rest.matches('.').count() > 1)
                })
            };
            match dns.iter().find(deeper) {
                Some(wildcard) => Match::WildcardTooShort(wildcard.clone()),
                None => Match::Differs,
            }
        }
    }
}

fn same_address(address: &IpAddr, bytes: &[u8]) -> bool {
    match address {
        IpAddr::V4(address) => bytes == address.octets(),
        IpAddr::V6(address) => bytes == address.octets(),
    }
}

/// Whether a name in a certificate stands for a host. Both in lower case.
pub(super) fn fits(name: &str, host: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    match name.strip_prefix("*.") {
        // One label, the leftmost, and all of it; not over a whole top-level domain.
        Some(base) => {
            base.contains('.')
                && !base.contains('*')
                && host.split_once('.').is_some_and(|(first, rest)| rest == base && !first.is_empty())
        }
        None => !name.contains('*') && name == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_one_whole_label() {
        assert!(fits("*.example.com", "www.example.com"));
        assert!(!fits("*.example.com", "example.com"));
        assert!(!fits("*.example.com", "a.b.example.com"));
        assert!(!fits("w*.example.com", "www.example.com"));
        assert!(!fits("*.com", "example.com"));
        assert!(!fits("www.*.com", "www.example.com"));
    }

    #[test]
    fn reads_hosts() {
        assert_eq!(Host::parse("Example.COM."), Host::Name("example.com".to_owned()));
        assert_eq!(Host::parse("example.com:443"), Host::Name("example.com".to_owned()));
        assert_eq!(Host::parse("[::1]:443"), Host::parse("::1"));
        assert_eq!(Host::parse("192.0.2.1:80"), Host::parse("192.0.2.1"));
        assert_eq!(Host::parse("bücher.example"), Host::Name("xn--bcher-kva.example".to_owned()));
    }
}
