//! Certificate requests: PKCS#10.
//!
//! In:  DER.
//! Out: [`Request`]: who asks, for which key and names.
//! Not here: whether a CA would grant it.

use std::borrow::Cow;

use super::certificate::{Certificate, algorithm_name};
use super::der::{Malformed, Reader, tag};
use super::extension::{AltNames, Extension, read_name};
use super::key::PublicKey;
use super::name::Name;
use super::oid;

/// A certificate request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The whole request.
    pub der: Vec<u8>,
    /// Who asks.
    pub subject: Name,
    /// The key.
    pub key: PublicKey,
    /// The names asked for; `None` where the request has no subjectAltName.
    pub san: Option<AltNames>,
    /// The extensions asked for.
    pub extensions: Vec<Extension>,
    /// The names of all attributes, `challengePassword` among them; their values are left out.
    pub attributes: Vec<Cow<'static, str>>,
    /// The algorithm of its signature.
    pub signature_algorithm: Cow<'static, str>,
}

impl Request {
    /// Reads a PKCS#10 request.
    ///
    /// # Errors
    /// It is none, or it is cut off.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        let whole = Reader::new(der).expect(tag::SEQUENCE, "certificationRequest")?;
        let mut parts = whole.inside();
        let mut info = parts.expect(tag::SEQUENCE, "certificationRequestInfo")?.inside();
        info.expect(tag::INTEGER, "certificationRequestInfo.version")?;
        let subject = read_name(&mut info, "certificationRequestInfo.subject")?;
        let key = info.expect(tag::SEQUENCE, "certificationRequestInfo.subjectPKInfo")?;
        let mut request =
            Self { der: whole.whole.to_vec(), subject, key: PublicKey::read(&key)?, ..Self::default() };
        // Some tools leave out the attributes where there are none, against the letter.
        if let Some(attributes) = info.optional(0xa0, "certificationRequestInfo.attributes")? {
            for attribute in attributes.inside() {
                let mut attribute = attribute.inside();
                let Some(kind) = attribute.next() else { continue };
                let name = oid::name_or_dotted(kind.content);
                if matches!(&*name, "extensionRequest" | "microsoftExtensionRequest")
                    && let Some(list) = attribute.next().and_then(|values| values.inside().next())
                {
                    request.read_extensions(list.inside());
                }
                request.attributes.push(name);
            }
        }
        if let Some(algorithm) = parts.next() {
            request.signature_algorithm = algorithm_name(&algorithm);
        }
        Ok(request)
    }

    fn read_extensions(&mut self, list: Reader<'_>) {
        let mut fields = Certificate::default();
        for element in list {
            let Ok(mut extension) = Extension::read(&element) else { continue };
            extension.malformed = extension.fill(&mut fields).is_err();
            self.extensions.push(extension);
        }
        self.san = fields.san;
    }
}
