//! Public keys.
//!
//! In:  SubjectPublicKeyInfo.
//! Out: [`PublicKey`]: the algorithm's name, its size, its curve.
//! Not here: signatures. That is `verify`.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::der::{Element, Malformed, Reader, hex, tag};
use super::oid;

/// SubjectPublicKeyInfo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicKey {
    /// `RSA`, `EC`, `Ed25519`, `Ed448`, `DSA`, `RSASSA-PSS`, `ML-DSA-65` …, or the OID.
    pub algorithm: Cow<'static, str>,
    /// The curve's name, where it is EC.
    pub curve: Option<Cow<'static, str>>,
    /// Bits of the modulus, or of the order of the curve, as OpenSSL counts.
    pub bits: Option<u32>,
    /// RSA's public exponent, in decimal; in hex with `0x` where it is larger than 64 bits.
    pub exponent: Option<String>,
    /// The curve is written out, not named.
    pub explicit_curve: bool,
    /// It could be read in part only.
    pub malformed: bool,
    /// The whole SubjectPublicKeyInfo.
    pub der: Vec<u8>,
    /// SHA-256 of it, in hex.
    pub sha256: String,
}

/// The two numbers of an RSA key, as big-endian bytes without zeros in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rsa<'a> {
    /// The modulus.
    pub modulus: &'a [u8],
    /// The public exponent.
    pub exponent: &'a [u8],
    /// One of them is written as a negative number.
    pub negative: bool,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// It is not built as one.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        Self::read(&Reader::new(der).expect(tag::SEQUENCE, "subjectPublicKeyInfo")?)
    }

    pub(super) fn read(element: &Element<'_>) -> Result<Self, Malformed> {
        let Parts { algorithm, parameters, bits } = parts(element)?;
        let mut key = Self {
            der: element.whole.to_vec(),
            sha256: hex(&Sha256::digest(element.whole)),
            ..Self::default()
        };
        let name = oid::name(algorithm);
        key.algorithm = match name {
            Some("rsaEncryption" | "rsa") => Cow::Borrowed("RSA"),
            Some("rsassaPss") => Cow::Borrowed("RSASSA-PSS"),
            Some("id-ecPublicKey") => Cow::Borrowed("EC"),
            Some("dsaEncryption" | "dsaEncryption-old") => Cow::Borrowed("DSA"),
            Some("dhpublicnumber" | "dhKeyAgreement") => Cow::Borrowed("DH"),
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(oid::dotted(algorithm)),
        };
        match &*key.algorithm {
            "RSA" | "RSASSA-PSS" => match rsa(bits) {
                Some(numbers) => {
                    key.bits = Some(bit_length(numbers.modulus));
                    key.exponent = Some(decimal(numbers.exponent));
                    key.malformed = numbers.negative;
                }
                None => key.malformed = true,
            },
            "EC" | "SM2" => match parameters {
                Some(curve) if curve.tag == tag::OID => {
                    let curve = oid::name_or_dotted(curve.content);
                    key.bits = order_bits(&curve);
                    key.curve = Some(curve);
                }
                Some(curve) if curve.tag == tag::SEQUENCE => {
                    key.explicit_curve = true;
                    key.read_explicit(&curve);
                }
                _ if key.algorithm == "SM2" => {
                    key.bits = Some(256);
                    key.curve = Some(Cow::Borrowed("SM2"));
                }
                _ => key.malformed = true,
            },
            "DSA" => {
                let prime = parameters.and_then(|p| p.inside().expect(tag::INTEGER, "p").ok());
                key.bits = prime.map(|p| bit_length(magnitude(p.content)));
            }
            "DH" => {
                let prime = parameters.and_then(|p| p.inside().expect(tag::INTEGER, "p").ok());
                key.bits = prime.map(|p| bit_length(magnitude(p.content)));
            }
            "Ed25519" => key.bits = Some(256),
            "X25519" => key.bits = Some(253),
            "Ed448" => key.bits = Some(456),
            "X448" => key.bits = Some(448),
            name if name.starts_with("gost2001") || name == "gost2012_256" => key.bits = Some(256),
            "gost2012_512" => key.bits = Some(512),
            _ => {}
        }
        if key.algorithm.starts_with("gost")
            && let Some(curve) = parameters.and_then(|p| p.inside().expect(tag::OID, "curve").ok())
        {
            key.curve = Some(oid::name_or_dotted(curve.content));
        }
        Ok(key)
    }

    /// Modulus and exponent, where it is an RSA key.
    #[must_use]
    pub fn rsa(&self) -> Option<Rsa<'_>> {
        if !matches!(&*self.algorithm, "RSA" | "RSASSA-PSS") {
            return None;
        }
        let element = Reader::new(&self.der).any("subjectPublicKeyInfo").ok()?;
        rsa(parts(&element).ok()?.bits)
    }

    /// The public key itself: what is in the BIT STRING.
    #[must_use]
    pub fn subject_public_key(&self) -> Option<&[u8]> {
        let element = Reader::new(&self.der).any("subjectPublicKeyInfo").ok()?;
        Some(parts(&element).ok()?.bits)
    }

    /// The parameters of the algorithm, with their tag; `None` where there are none.
    #[must_use]
    pub fn parameters(&self) -> Option<&[u8]> {
        let element = Reader::new(&self.der).any("subjectPublicKeyInfo").ok()?;
        Some(parts(&element).ok()?.parameters?.whole)
    }

    /// The same curve written out: found by its prime and order.
    fn read_explicit(&mut self, parameters: &Element<'_>) {
        let mut inside = parameters.inside();
        let mut order = || {
            inside.expect(tag::INTEGER, "version").ok()?;
            inside.expect(tag::SEQUENCE, "fieldID").ok()?;
            inside.expect(tag::SEQUENCE, "curve").ok()?;
            inside.expect(tag::OCTET_STRING, "base").ok()?;
            inside.expect(tag::INTEGER, "order").ok()
        };
        let Some(order) = order() else {
            self.malformed = true;
            return;
        };
        let order = magnitude(order.content);
        self.bits = Some(bit_length(order));
        // The last bytes of the order tell the common curves apart.
        self.curve = match order {
            [.., 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51] => Some(Cow::Borrowed("prime256v1")),
            [.., 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73] => Some(Cow::Borrowed("secp384r1")),
            [.., 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09] => Some(Cow::Borrowed("secp521r1")),
            [.., 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41] => Some(Cow::Borrowed("secp256k1")),
            _ => None,
        };
    }
}

/// What a SubjectPublicKeyInfo is made of.
struct Parts<'a> {
    /// The OID of the algorithm.
    algorithm: &'a [u8],
    parameters: Option<Element<'a>>,
    /// The contents of the BIT STRING.
    bits: &'a [u8],
}

fn parts<'a>(element: &Element<'a>) -> Result<Parts<'a>, Malformed> {
    let mut inside = element.inside();
    let mut identifier = inside.expect(tag::SEQUENCE, "subjectPublicKeyInfo.algorithm")?.inside();
    let algorithm = identifier.expect(tag::OID, "subjectPublicKeyInfo.algorithm")?.content;
    let parameters = if identifier.is_empty() { None } else { identifier.any("parameters").ok() };
    let key = inside.expect(tag::BIT_STRING, "subjectPublicKey")?;
    Ok(Parts { algorithm, parameters, bits: key.content.get(1..).unwrap_or_default() })
}

fn rsa(bits: &[u8]) -> Option<Rsa<'_>> {
    let mut inside = Reader::new(bits).expect(tag::SEQUENCE, "RSAPublicKey").ok()?.inside();
    let modulus = inside.expect(tag::INTEGER, "modulus").ok()?.content;
    let exponent = inside.expect(tag::INTEGER, "publicExponent").ok()?.content;
    let negative = |number: &[u8]| number.first().is_some_and(|first| first & 0x80 != 0);
    Some(Rsa {
        modulus: magnitude(modulus),
        exponent: magnitude(exponent),
        negative: negative(modulus) || negative(exponent),
    })
}

fn magnitude(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn bit_length(number: &[u8]) -> u32 {
    let number = magnitude(number);
    let Some((first, rest)) = number.split_first() else { return 0 };
    u32::try_from(rest.len()).unwrap_or(u32::MAX).saturating_mul(8) + 8 - first.leading_zeros()
}

fn decimal(number: &[u8]) -> String {
    if number.len() <= 8 {
        number.iter().fold(0_u64, |value, octet| (value << 8) | u64::from(*octet)).to_string()
    } else {
        format!("0x{}", hex(number))
    }
}

/// The bits of a curve's order, which is what OpenSSL prints as the key's size.
fn order_bits(curve: &str) -> Option<u32> {
    Some(match curve {
        "prime256v1" | "secp256k1" | "brainpoolP256r1" | "brainpoolP256t1" | "SM2" => 256,
        "secp384r1" | "brainpoolP384r1" | "brainpoolP384t1" => 384,
        "secp521r1" => 521,
        "brainpoolP512r1" | "brainpoolP512t1" => 512,
        "brainpoolP320r1" | "brainpoolP320t1" => 320,
        "secp224r1" | "brainpoolP224r1" | "brainpoolP224t1" | "wap-wsg-idm-ecid-wtls12" => 224,
        "secp224k1" => 225,
        "prime192v1" | "prime192v2" | "prime192v3" | "secp192k1" | "brainpoolP192r1" | "brainpoolP192t1" => {
            192
        }
        "prime239v1" | "prime239v2" | "prime239v3" => 239,
        "secp160k1"
        | "secp160r1"
        | "secp160r2"
        | "c2pnb176v1"
        | "wap-wsg-idm-ecid-wtls7"
        | "wap-wsg-idm-ecid-wtls9" => 161,
        "brainpoolP160r1" | "brainpoolP160t1" => 160,
        "secp128r1" => 128,
        "secp128r2" => 126,
        "secp112r1" | "wap-wsg-idm-ecid-wtls1" | "wap-wsg-idm-ecid-wtls6" => 112,
        "secp112r2" => 110,
        "sect113r1" | "sect113r2" | "wap-wsg-idm-ecid-wtls4" | "wap-wsg-idm-ecid-wtls8" => 113,
        "sect131r1" | "sect131r2" => 131,
        "sect163k1" | "sect163r2" | "c2pnb163v1" | "wap-wsg-idm-ecid-wtls3" | "wap-wsg-idm-ecid-wtls5" => 163,
        "sect163r1" | "c2pnb163v2" | "c2pnb163v3" => 162,
        "sect193r1" | "sect193r2" | "c2pnb208w1" => 193,
        "sect233k1" | "wap-wsg-idm-ecid-wtls10" => 232,
        "sect233r1" | "wap-wsg-idm-ecid-wtls11" => 233,
        "sect239k1" | "c2tnb239v1" => 238,
        "c2tnb239v2" => 237,
        "c2tnb239v3" => 236,
        "sect283k1" => 281,
        "sect283r1" => 282,
        "sect409k1" => 407,
        "sect409r1" => 409,
        "sect571k1" | "sect571r1" => 570,
        "c2tnb191v1" => 191,
        "c2tnb191v2" => 190,
        "c2tnb191v3" => 189,
        "c2pnb272w1" => 257,
        "c2pnb304w1" => 289,
        "c2tnb359v1" | "c2pnb368w1" => 353,
        "c2tnb431r1" => 418,
        _ => return None,
    })
}
