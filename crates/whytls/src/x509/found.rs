//! Everything of X.509 in an input: found, unwrapped, opened.
//!
//! In:  text or bytes, and the passwords that the user gave.
//! Out: one [`Found`] for each object, also of those inside a container; the places of secrets.
//! Not here: the fields of a certificate.

use std::ops::Range;

use super::armour::{self, Blob, Damage, Form};
use super::container::{self, Content, Trouble};
use super::marks::TrustMarks;
use super::object::Object;
use super::private::{KeyFormat, KeyState, PrivateKey};

/// One object, and how it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it stands in the input.
    pub range: Range<usize>,
    /// What it is; `None` where a container could not be opened, or nothing could be read.
    pub object: Option<Object>,
    /// What the BEGIN line says it is.
    pub label: Option<String>,
    /// How it was written.
    pub form: Form,
    /// What had to be read through.
    pub damages: Vec<Damage>,
    /// How many bytes there are, and how many there should be, where some are missing.
    pub missing: Option<(usize, usize)>,
    /// What it was inside of.
    pub container: Option<Container>,
    /// The name that the container has for it.
    pub alias: Option<String>,
    /// What OpenSSL wrote behind a trusted certificate.
    pub marks: Option<TrustMarks>,
    /// Why no more of it could be read.
    pub trouble: Option<Trouble>,
}

/// What holds several objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// PKCS#7, CMS: `.p7b`.
    Pkcs7,
    /// PKCS#12: `.pfx`, `.p12`.
    Pkcs12,
    /// Java's own key store.
    Jks,
    /// The same for symmetric keys too.
    Jceks,
}

impl Found {
    /// A certificate that is not there itself, but in the words of a program.
    #[must_use]
    pub fn printed(range: Range<usize>) -> Self {
        Self {
            range,
            object: None,
            label: None,
            form: Form::Text,
            damages: Vec::new(),
            missing: None,
            container: None,
            alias: None,
            marks: None,
            trouble: None,
        }
    }
}

impl Container {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pkcs7 => "pkcs7",
            Self::Pkcs12 => "pkcs12",
            Self::Jks => "jks",
            Self::Jceks => "jceks",
        }
    }
}

/// What a text holds: the objects, and where it must be masked.
#[derive(Debug, Default)]
pub struct Searched {
    /// In the order in which they stand.
    pub found: Vec<Found>,
    /// The places of private keys.
    pub secrets: Vec<Range<usize>>,
}

/// Finds everything in a text.
#[must_use]
pub fn search(text: &str, passwords: &[String]) -> Searched {
    let mut searched = Searched::default();
    for blob in armour::find(text) {
        let range = blob.body.clone();
        let labelled = blob.is_labelled_private();
        let (found, secret) = open(blob, passwords);
        if (labelled || secret) && searched.secrets.last() != Some(&range) {
            searched.secrets.push(range);
        }
        searched.found.extend(found);
    }
    searched
}

/// Whether bytes are DER or a key store, as they are.
#[must_use]
pub fn is_binary(bytes: &[u8]) -> bool {
    container::is_key_store(bytes) || bytes.first() == Some(&0x30) && Object::of(bytes).is_some()
}

/// Reads bytes that are no text: DER or a key store, or something that holds them. Whether a
/// secret is in them as well.
#[must_use]
pub fn read(bytes: &[u8], passwords: &[String]) -> (Vec<Found>, bool) {
    let whole = |range: Range<usize>, bytes: &[u8]| Blob {
        body: range.clone(),
        range,
        label: None,
        form: Form::Binary,
        damages: Vec::new(),
        declared: super::ber::declared(bytes),
        bytes: bytes.to_vec(),
        encrypted: false,
    };
    if Object::of(bytes).is_some() || container::is_key_store(bytes) {
        let mut blob = whole(0..bytes.len(), bytes);
        if let Some(declared) = blob.declared.filter(|_| bytes.first() == Some(&0x30)) {
            if bytes.len() < declared {
                blob.damages.push(Damage::Truncated);
            } else if bytes.len() > declared && TrustMarks::split(bytes).1.is_none() {
                blob.damages.push(Damage::TrailingData);
            }
        }
        return open(blob, passwords);
    }
    // Anything else: certificates may lie in it as they are.
    let (mut found, mut secret) = (Vec::new(), false);
    let mut at = 0;
    while found.len() < CARVED
        && let Some(rest) = bytes.get(at..)
        && let Some(next) = rest.windows(2).position(|pair| pair == [0x30, 0x82])
    {
        let start = at + next;
        let piece = bytes.get(start..).unwrap_or_default();
        let length = super::ber::declared(piece).filter(|length| *length <= piece.len());
        let object = length.and_then(|length| piece.get(..length)).filter(|piece| {
            matches!(
                Object::of(piece),
                Some(Object::Certificate(_) | Object::PrivateKey(_) | Object::Request(_))
            )
        });
        match object {
            Some(piece) => {
                let (more, holds) = open(whole(start..start + piece.len(), piece), passwords);
                found.extend(more);
                secret |= holds;
                at = start + piece.len();
            }
            None => at = start + 2,
        }
    }
    if found.is_empty() && bytes.windows(10).any(|word| word == b"-----BEGIN") {
        let searched = search(&String::from_utf8_lossy(bytes), passwords);
        secret = !searched.secrets.is_empty();
        found = searched.found;
    }
    (found, secret)
}

/// No more objects are taken out of a file of another kind.
const CARVED: usize = 1000;

/// What a blob holds, and whether a private key is among it.
fn open(blob: Blob, passwords: &[String]) -> (Vec<Found>, bool) {
    let missing = blob.declared.filter(|declared| blob.bytes.len() < *declared);
    let object = Object::of(&blob.bytes);
    let marks = match &object {
        Some(Object::Certificate(_)) => TrustMarks::split(&blob.bytes).1,
        _ => None,
    };
    let found = |object: Option<Object>| Found {
        range: blob.range.clone(),
        object,
        label: blob.label.clone(),
        form: blob.form,
        damages: blob.damages.clone(),
        missing: missing.map(|declared| (blob.bytes.len(), declared)),
        container: None,
        alias: None,
        marks: marks.clone(),
        trouble: None,
    };
    let labelled = blob.is_labelled_private();
    let content = match &object {
        Some(Object::Pkcs7(der)) => Some(container::pkcs7(der)),
        Some(Object::Pkcs12) => Some(container::pkcs12(&blob.bytes, passwords)),
        None if container::is_key_store(&blob.bytes) => Some(container::jks(&blob.bytes, passwords)),
        _ => None,
    };
    if let Some(Content { kind, entries, trouble, secret }) = content {
        let mut all: Vec<Found> = entries
            .into_iter()
            .map(|entry| Found {
                container: Some(kind),
                alias: entry.alias,
                trouble: None,
                ..found(Some(entry.object))
            })
            .collect();
        if all.is_empty() || trouble.is_some() {
            all.push(Found { container: Some(kind), trouble, ..found(None) });
        }
        return (all, secret || labelled);
    }
    let private = labelled && !matches!(object, Some(Object::PublicKey(_) | Object::Certificate(_)));
    let object = match object {
        Some(Object::PrivateKey(key)) => {
            Some(Object::PrivateKey(container::private_key(&blob.bytes, passwords).unwrap_or(key)))
        }
        _ if private => {
            let label = blob.label.as_deref().unwrap_or_default();
            let format = if label.contains("OPENSSH") { KeyFormat::OpenSsh } else { KeyFormat::Other };
            let key = match () {
                () if label.contains("OPENSSH") => super::private::openssh(&blob.bytes),
                () if blob.encrypted || label.contains("ENCRYPTED") => {
                    PrivateKey::of(format, KeyState::Encrypted)
                }
                () => PrivateKey::of(format, KeyState::Unreadable),
            };
            Some(Object::PrivateKey(key))
        }
        // What says of itself that it is a certificate, and is none that can be told from others.
        None if blob.form == Form::Pem => {
            let label = blob.label.as_deref().unwrap_or_default();
            match label {
                label if label.contains("REQUEST") => Some(Object::Request(blob.bytes.clone())),
                label if label.contains("CERTIFICATE") => Some(Object::Certificate(blob.bytes.clone())),
                label if label.contains("CRL") => Some(Object::Crl(blob.bytes.clone())),
                _ => None,
            }
        }
        other => other,
    };
    let secret = matches!(object, Some(Object::PrivateKey(_)));
    (vec![found(object)], secret || labelled)
}
