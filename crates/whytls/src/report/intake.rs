//! How a certificate, key or container came: its container, its label, its damage.
//!
//! In:  what was found.
//! Out: [`IntakeView`], for `whytls decode`.
//! Not here: the fields of a certificate.

use std::fmt::Write as _;

use serde::Serialize;

use crate::content::Lang;
use crate::x509::{Form, Found, KeyState, Object};

/// How an object came.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct IntakeView {
    /// `pem`, `base64`, `base64-of-pem`, `hex`, `binary`.
    pub form: &'static str,
    /// What the BEGIN line says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// `pkcs7`, `pkcs12`, `jks`, `jceks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<&'static str>,
    /// The container's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// What OpenSSL wrote behind a `TRUSTED CERTIFICATE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<TrustView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub damages: Vec<DamageView>,
    /// How many bytes there are of how many, where some are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<MissingView>,
    /// Why no more of a container could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<&'static str>,
    /// Of a private key: its format and `plain`, `encrypted` or `unreadable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key: Option<PrivateKeyView>,
}

/// For what a certificate counts as a root.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct TrustView {
    /// Null where nothing is said, which allows everything.
    pub trusted: Option<Vec<String>>,
    pub rejected: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// One damage, told.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct DamageView {
    pub id: &'static str,
    pub says: String,
}

/// Bytes that are there, and bytes that should be.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct MissingView {
    pub bytes: usize,
    pub of: usize,
}

/// What may be known of a private key.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct PrivateKeyView {
    pub format: &'static str,
    pub algorithm: Option<&'static str>,
    pub state: &'static str,
}

impl IntakeView {
    pub(super) fn new(found: &Found) -> Self {
        let private_key = match &found.object {
            Some(Object::PrivateKey(key)) => Some(PrivateKeyView {
                format: key.format.name(),
                algorithm: key.algorithm,
                state: match key.state {
                    KeyState::Plain => "plain",
                    KeyState::Encrypted => "encrypted",
                    KeyState::Unreadable => "unreadable",
                },
            }),
            _ => None,
        };
        Self {
            form: match found.form {
                Form::Pem => "pem",
                Form::Base64 => "base64",
                Form::Base64OfPem => "base64-of-pem",
                Form::Hex => "hex",
                Form::Numbers => "numbers",
                Form::Text => "text",
                Form::Binary => "binary",
            },
            label: found.label.clone(),
            container: found.container.map(|container| container.name()),
            alias: found.alias.clone(),
            trust: found.marks.as_ref().map(|marks| TrustView {
                trusted: marks.trusted.clone(),
                rejected: marks.rejected.clone(),
                alias: marks.alias.clone(),
            }),
            damages: found
                .damages
                .iter()
                .map(|damage| DamageView {
                    id: damage.name(),
                    says: super::sentence("armour.damage", damage.name(), Lang::En).unwrap_or_default(),
                })
                .collect(),
            missing: found.missing.map(|(bytes, of)| MissingView { bytes, of }),
            trouble: found.trouble.map(|trouble| trouble.name()),
            private_key,
        }
    }

    pub(super) fn write(&self, out: &mut String) -> std::fmt::Result {
        if let Some(container) = self.container {
            write!(out, "  in {container}")?;
            if let Some(alias) = &self.alias {
                write!(out, ": {alias}")?;
            }
            writeln!(out)?;
        }
        if let Some(key) = &self.private_key {
            writeln!(out, "  {}, {}: {}, never shown", key.format, key.algorithm.unwrap_or("?"), key.state)?;
        }
        if let Some(trust) = &self.trust {
            if let Some(trusted) = &trust.trusted {
                writeln!(out, "  trusted for: {}", trusted.join(", "))?;
            }
            if !trust.rejected.is_empty() {
                writeln!(out, "  rejected for: {}", trust.rejected.join(", "))?;
            }
        }
        for damage in &self.damages {
            writeln!(out, "  {}: {}", damage.id, damage.says)?;
        }
        if let Some(missing) = &self.missing {
            writeln!(out, "  {} of {} bytes", missing.bytes, missing.of)?;
        }
        if let Some(trouble) = self.trouble {
            writeln!(out, "  {trouble}")?;
        }
        Ok(())
    }
}
