//! Reads what OpenSSL puts behind a `TRUSTED CERTIFICATE`: for which purposes it counts as a root.
//!
//! In:  a certificate with what stands behind it.
//! Out: the certificate alone, and [`TrustMarks`].
//! Not here: what follows from a mark. That is `verify`.

use super::der::{Element, Reader, tag};
use super::oid;

/// OpenSSL's marks on a trusted certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustMarks {
    /// For what it counts, by name; `None` where nothing is said, which allows everything.
    pub trusted: Option<Vec<String>>,
    /// For what it does not.
    pub rejected: Vec<String>,
    /// The name that it was given.
    pub alias: Option<String>,
}

impl TrustMarks {
    /// Parts a certificate from the marks behind it. Anything else behind it stays where it is.
    #[must_use]
    pub fn split(bytes: &[u8]) -> (&[u8], Option<Self>) {
        Self::behind(bytes).map_or((bytes, None), |(certificate, marks)| (certificate, Some(marks)))
    }

    fn behind(bytes: &[u8]) -> Option<(&[u8], Self)> {
        let mut reader = Reader::new(bytes);
        let certificate = reader.expect(tag::SEQUENCE, "certificate").ok()?;
        let marks = reader.optional(tag::SEQUENCE, "trust").ok()??;
        if !reader.is_empty() {
            return None;
        }
        let (mut found, mut inside) = (Self::default(), marks.inside());
        while let Ok(part) = inside.any("trust") {
            match part.tag {
                tag::SEQUENCE => found.trusted = Some(purposes(&part)),
                0xa0 => found.rejected = purposes(&part),
                tag::UTF8 => found.alias = Some(String::from_utf8_lossy(part.content).into_owned()),
                // The key's identifier, and what is kept for the time to come.
                _ => {}
            }
        }
        inside.is_empty().then_some((certificate.whole, found))
    }

    /// Whether it counts as a root for a purpose, as OpenSSL reads the marks.
    #[must_use]
    pub fn allows(&self, purpose: &str) -> bool {
        let names =
            |list: &[String]| list.iter().any(|name| name == purpose || name == "anyExtendedKeyUsage");
        !names(&self.rejected) && self.trusted.as_deref().is_none_or(names)
    }
}

fn purposes(list: &Element<'_>) -> Vec<String> {
    list.inside().take(64).map(|purpose| oid::name_or_dotted(purpose.content).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_a_certificate_from_its_marks() {
        // An empty certificate; nothing trusted, serverAuth rejected, the name "a".
        let reject = [0xa0, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1];
        let mut bytes = vec![0x30, 0, 0x30, 15];
        bytes.extend(reject);
        bytes.extend([0x0c, 1, b'a']);
        let (certificate, marks) = TrustMarks::split(&bytes);
        assert_eq!(certificate, [0x30, 0]);
        let marks = marks.unwrap();
        assert_eq!(marks.rejected, ["serverAuth"]);
        assert_eq!(marks.alias.as_deref(), Some("a"));
        assert!(!marks.allows("serverAuth") && marks.allows("clientAuth"));
        let only = TrustMarks { trusted: Some(vec!["clientAuth".to_owned()]), ..TrustMarks::default() };
        assert!(only.allows("clientAuth") && !only.allows("serverAuth"));
    }

    #[test]
    fn leaves_other_bytes_behind_a_certificate_alone() {
        assert_eq!(TrustMarks::split(&[0x30, 0, 4, 1, 0]), (&[0x30, 0, 4, 1, 0][..], None));
        assert_eq!(TrustMarks::split(&[0x30, 0]), (&[0x30, 0][..], None));
    }
}
