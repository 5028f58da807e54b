//! A certificate as verification needs it: the parts, each as it stands.
//!
//! In:  DER.
//! Out: [`Raw`], with extensions that are read when asked for.
//! Not here: whether the parts follow the rules. That is `rules`.

use super::der::{self, Reader, Tlv};

/// A certificate's parts.
#[derive(Clone, Debug)]
pub(super) struct Raw<'a> {
    pub(super) der: &'a [u8],
    /// 0 for v1, 2 for v3.
    pub(super) version: u32,
    pub(super) serial: &'a [u8],
    pub(super) tbs: &'a [u8],
    /// AlgorithmIdentifier inside what is signed, and beside the signature; contents of the sequence.
    pub(super) inner_algorithm: &'a [u8],
    pub(super) algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
    /// Names, whole.
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    pub(super) not_before: Option<i64>,
    pub(super) not_after: Option<i64>,
    pub(super) key: Key<'a>,
    pub(super) extensions: Vec<Ext<'a>>,
}

/// SubjectPublicKeyInfo: all of it, the algorithm's contents, and the key's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key<'a> {
    pub(super) whole: &'a [u8],
    pub(super) contents: &'a [u8],
    pub(super) algorithm: &'a [u8],
    pub(super) bits: &'a [u8],
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Ext<'a> {
    pub(super) oid: &'a [u8],
    pub(super) critical: bool,
    pub(super) value: &'a [u8],
}

/// A GeneralName.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name<'a> {
    Other,
    Email(&'a [u8]),
    Dns(&'a [u8]),
    X400,
    Directory(&'a [u8]),
    Edi,
    Uri(&'a [u8]),
    Ip(&'a [u8]),
    Registered,
}

/// NameConstraints.
#[derive(Clone, Debug, Default)]
pub(super) struct Constraints<'a> {
    pub(super) permitted: Option<Vec<Name<'a>>>,
    pub(super) excluded: Option<Vec<Name<'a>>>,
    /// A minimum other than 0, or a maximum.
    pub(super) bounded: bool,
    /// A NULL stands where subtrees should.
    pub(super) odd: bool,
}

/// AuthorityKeyIdentifier.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AuthorityKey<'a> {
    pub(super) id: Option<&'a [u8]>,
    pub(super) issuer: bool,
    pub(super) serial: bool,
}

/// 2.5.29.n: the standard extensions.
pub(super) const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
pub(super) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
pub(super) const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
pub(super) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
pub(super) const CRL_NUMBER: &[u8] = &[0x55, 0x1d, 20];
pub(super) const DELTA_CRL: &[u8] = &[0x55, 0x1d, 27];
pub(super) const ISSUING_POINT: &[u8] = &[0x55, 0x1d, 28];
pub(super) const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
pub(super) const CRL_POINTS: &[u8] = &[0x55, 0x1d, 31];
pub(super) const POLICIES: &[u8] = &[0x55, 0x1d, 32];
pub(super) const POLICY_MAPPINGS: &[u8] = &[0x55, 0x1d, 33];
pub(super) const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
pub(super) const POLICY_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 36];
pub(super) const EXT_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
pub(super) const INHIBIT_ANY: &[u8] = &[0x55, 0x1d, 54];
/// 1.3.6.1.5.5.7.1.n: those of PKIX.
pub(super) const AUTHORITY_INFO: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 1];
pub(super) const IP_BLOCKS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 7];
pub(super) const PROXY_INFO: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 14];
pub(super) const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
pub(super) const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
pub(super) const ANY_USAGE: &[u8] = &[0x55, 0x1d, 37, 0];

pub(super) const DIGITAL_SIGNATURE: u16 = 0x8000;
pub(super) const KEY_ENCIPHERMENT: u16 = 0x2000;
pub(super) const KEY_AGREEMENT: u16 = 0x0800;
pub(super) const CERT_SIGN: u16 = 0x0400;
pub(super) const CRL_SIGN: u16 = 0x0200;

impl<'a> Raw<'a> {
    /// The parts, or the first field that cannot be read.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let mut reader = Reader(bytes);
        let whole = reader.take(der::SEQUENCE).ok_or("certificate")?;
        if !reader.is_empty() {
            return Err("certificate (bytes after its end)");
        }
        let mut outer = Reader(whole.value);
        let tbs = outer.take(der::SEQUENCE).ok_or("tbsCertificate")?;
        let algorithm = outer.take(der::SEQUENCE).ok_or("signatureAlgorithm")?.value;
        let signature = outer.take(der::BIT_STRING).ok_or("signatureValue")?.value;
        let signature = signature.strip_prefix(&[0]).ok_or("signatureValue")?;
        if !outer.is_empty() {
            return Err("certificate (more after the signature)");
        }
        let mut inner = Reader(tbs.value);
        let mut version = 0;
        if let Some(tlv) = inner.take(0xa0) {
            version =
                der::only(tlv.value, der::INTEGER).and_then(|v| der::small(v.value)).ok_or("version")?;
        }
        let serial = inner.take(der::INTEGER).ok_or("serialNumber")?.value;
        let inner_algorithm = inner.take(der::SEQUENCE).ok_or("signature")?.value;
        let issuer = inner.take(der::SEQUENCE).ok_or("issuer")?.whole;
        let validity = inner.take(der::SEQUENCE).ok_or("validity")?.value;
        let subject = inner.take(der::SEQUENCE).ok_or("subject")?.whole;
        let key = Key::parse(inner.take(der::SEQUENCE).ok_or("subjectPublicKeyInfo")?)
            .ok_or("subjectPublicKeyInfo")?;
        let _ = inner.take(0x81);
        let _ = inner.take(0x82);
        let mut extensions = Vec::new();
        if let Some(tlv) = inner.take(0xa3) {
            extensions = Ext::all(tlv.value).ok_or("extensions")?;
        }
        if !inner.is_empty() {
            return Err("tbsCertificate (more after the extensions)");
        }
        let mut dates = Reader(validity);
        let not_before = dates.any().and_then(der::time);
        let not_after = dates.any().and_then(der::time);
        if serial.is_empty() {
            return Err("serialNumber");
        }
        Ok(Self {
            der: bytes,
            version,
            serial,
            tbs: tbs.whole,
            inner_algorithm,
            algorithm,
            signature,
            issuer,
            subject,
            not_before,
            not_after,
            key,
            extensions,
        })
    }

    pub(super) fn ext(&self, oid: &[u8]) -> Option<Ext<'a>> {
        self.extensions.iter().find(|ext| ext.oid == oid).copied()
    }

    /// Subject and issuer are the same name.
    pub(super) fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// cA and pathLenConstraint; the error is an extension that cannot be read.
    pub(super) fn basic_constraints(&self) -> Option<Result<(bool, Option<u32>), ()>> {
        self.ext(BASIC_CONSTRAINTS).map(|ext| basic_constraints(ext.value).ok_or(()))
    }

    pub(super) fn is_ca(&self) -> bool {
        matches!(self.basic_constraints(), Some(Ok((true, _))))
    }

    pub(super) fn path_len(&self) -> Option<u32> {
        self.basic_constraints()?.ok()?.1
    }

    /// keyUsage's bits, the first as the highest.
    pub(super) fn key_usage(&self) -> Option<u16> {
        let ext = self.ext(KEY_USAGE)?;
        let bits = der::only(ext.value, der::BIT_STRING).map(|tlv| tlv.value)?;
        let byte = |at: usize| u16::from(bits.get(at).copied().unwrap_or(0));
        Some(byte(1) << 8 | byte(2))
    }

    /// extKeyUsage's purposes; an error where they cannot be read.
    pub(super) fn ext_key_usage(&self) -> Option<Result<Vec<&'a [u8]>, ()>> {
        self.ext(EXT_KEY_USAGE).map(|ext| {
            let list = der::only(ext.value, der::SEQUENCE).and_then(|tlv| der::all(tlv.value)).ok_or(())?;
            list.iter().map(|tlv| if tlv.tag == der::OID { Ok(tlv.value) } else { Err(()) }).collect()
        })
    }

    /// subjectAltName's names; an error where they cannot be read.
    pub(super) fn alt_names(&self) -> Option<Result<Vec<Name<'a>>, ()>> {
        self.ext(SUBJECT_ALT_NAME).map(|ext| {
            let list = der::only(ext.value, der::SEQUENCE).and_then(|tlv| der::all(tlv.value)).ok_or(())?;
            list.into_iter().map(|tlv| Name::parse(tlv).ok_or(())).collect()
        })
    }

    pub(super) fn subject_key_id(&self) -> Option<&'a [u8]> {
        der::only(self.ext(SUBJECT_KEY_ID)?.value, der::OCTET_STRING).map(|tlv| tlv.value)
    }

    pub(super) fn authority_key(&self) -> Option<Result<AuthorityKey<'a>, ()>> {
        self.ext(AUTHORITY_KEY_ID).map(|ext| {
            let list = der::only(ext.value, der::SEQUENCE).and_then(|tlv| der::all(tlv.value)).ok_or(())?;
            let mut key = AuthorityKey::default();
            for tlv in list {
                match tlv.tag {
                    0x80 => key.id = Some(tlv.value),
                    0xa1 => key.issuer = true,
                    0x82 => key.serial = true,
                    _ => return Err(()),
                }
            }
            Ok(key)
        })
    }

    pub(super) fn name_constraints(&self) -> Option<Result<Constraints<'a>, ()>> {
        self.ext(NAME_CONSTRAINTS).map(|ext| {
            let contents = der::only(ext.value, der::SEQUENCE).ok_or(())?.value;
            Constraints::parse(contents).ok_or(())
        })
    }

    /// authorityInfoAccess: caIssuers; an error where it cannot be read.
    pub(super) fn ca_issuers(&self) -> Result<Vec<String>, ()> {
        let Some(ext) = self.ext(AUTHORITY_INFO) else { return Ok(Vec::new()) };
        let list = der::only(ext.value, der::SEQUENCE).and_then(|tlv| der::all(tlv.value)).ok_or(())?;
        if list.is_empty() {
            return Err(());
        }
        let mut urls = Vec::new();
        for entry in list {
            let mut reader = Reader(if entry.tag == der::SEQUENCE { entry.value } else { &[] });
            let method = reader.take(der::OID).ok_or(())?.value;
            let place = Name::parse(reader.any().ok_or(())?).ok_or(())?;
            if let Name::Uri(uri) = place
                && method == [0x2b, 6, 1, 5, 5, 7, 48, 2]
            {
                urls.push(String::from_utf8_lossy(uri).into_owned());
            }
        }
        Ok(urls)
    }

    /// The last Common Name of the subject.
    pub(super) fn common_name(&self) -> Option<String> {
        let names = attributes(self.subject)?;
        names.iter().rev().find(|(oid, _)| *oid == [0x55, 4, 3]).map(|(_, value)| text(*value))
    }
}

impl<'a> Key<'a> {
    fn parse(tlv: Tlv<'a>) -> Option<Self> {
        let mut reader = Reader(tlv.value);
        let algorithm = reader.take(der::SEQUENCE)?.value;
        let bits = reader.take(der::BIT_STRING)?.value.strip_prefix(&[0])?;
        reader.is_empty().then_some(Self { whole: tlv.whole, contents: tlv.value, algorithm, bits })
    }

    /// The same from the contents of the sequence, as trust anchors have it.
    pub(super) fn from_contents(contents: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(contents);
        let algorithm = reader.take(der::SEQUENCE)?.value;
        let bits = reader.take(der::BIT_STRING)?.value.strip_prefix(&[0])?;
        Some(Self { whole: contents, contents, algorithm, bits })
    }

    /// The object identifier of the algorithm.
    pub(super) fn oid(&self) -> &'a [u8] {
        Reader(self.algorithm).take(der::OID).map_or(&[], |tlv| tlv.value)
    }

    /// The curve, where the parameters name one.
    pub(super) fn curve(&self) -> Option<&'a [u8]> {
        let mut reader = Reader(self.algorithm);
        reader.take(der::OID)?;
        reader.take(der::OID).map(|tlv| tlv.value)
    }

    /// RSA's modulus and exponent, without leading zeros.
    pub(super) fn rsa(&self) -> Option<(&'a [u8], &'a [u8])> {
        let mut reader = Reader(der::only(self.bits, der::SEQUENCE)?.value);
        let trim = |tlv: Tlv<'a>| {
            let zeros = tlv.value.iter().take_while(|byte| **byte == 0).count();
            tlv.value.get(zeros..).unwrap_or_default()
        };
        Some((trim(reader.take(der::INTEGER)?), trim(reader.take(der::INTEGER)?)))
    }
}

/// How many bits a number without leading zero bytes has.
pub(super) fn bit_length(number: &[u8]) -> u32 {
    let top = number.first().map_or(0, |first| 8 - first.leading_zeros());
    u32::try_from(number.len().saturating_sub(1))
        .unwrap_or(u32::MAX / 8)
        .saturating_mul(8)
        .saturating_add(top)
}

impl<'a> Ext<'a> {
    /// The contents of an explicit tag around SEQUENCE OF Extension.
    pub(super) fn all(bytes: &'a [u8]) -> Option<Vec<Self>> {
        let list = der::all(der::only(bytes, der::SEQUENCE)?.value)?;
        list.into_iter()
            .map(|tlv| {
                let mut reader = Reader(if tlv.tag == der::SEQUENCE { tlv.value } else { return None });
                let oid = reader.take(der::OID)?.value;
                let mut critical = false;
                if let Some(flag) = reader.take(der::BOOLEAN) {
                    critical = match flag.value {
                        [0xff] => true,
                        [0] => false,
                        _ => return None,
                    };
                }
                let value = reader.take(der::OCTET_STRING)?.value;
                reader.is_empty().then_some(Self { oid, critical, value })
            })
            .collect()
    }
}

impl<'a> Name<'a> {
    pub(super) fn parse(tlv: Tlv<'a>) -> Option<Self> {
        Some(match tlv.tag {
            0xa0 => Self::Other,
            0x81 => Self::Email(tlv.value),
            0x82 => Self::Dns(tlv.value),
            0xa3 => Self::X400,
            0xa4 => Self::Directory(tlv.value),
            0xa5 => Self::Edi,
            0x86 => Self::Uri(tlv.value),
            0x87 => Self::Ip(tlv.value),
            0x88 => Self::Registered,
            _ => return None,
        })
    }
}

impl<'a> Constraints<'a> {
    /// From the contents of the sequence.
    pub(super) fn parse(contents: &'a [u8]) -> Option<Self> {
        let mut constraints = Self::default();
        for tlv in der::all(contents)? {
            let mut names = Vec::new();
            match der::all(tlv.value) {
                Some(subtrees) => {
                    for subtree in subtrees {
                        if subtree.tag != der::SEQUENCE {
                            constraints.odd = true;
                            continue;
                        }
                        let mut reader = Reader(subtree.value);
                        names.push(Name::parse(reader.any()?)?);
                        constraints.bounded |= !reader.is_empty();
                    }
                }
                None => return None,
            }
            match tlv.tag {
                0xa0 => constraints.permitted = Some(names),
                0xa1 => constraints.excluded = Some(names),
                // A NULL or something else that is no list of subtrees.
                _ => constraints.odd = true,
            }
        }
        Some(constraints)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.permitted.as_ref().is_none_or(Vec::is_empty) && self.excluded.as_ref().is_none_or(Vec::is_empty)
    }
}

fn basic_constraints(value: &[u8]) -> Option<(bool, Option<u32>)> {
    let mut reader = Reader(der::only(value, der::SEQUENCE)?.value);
    let ca = match reader.take(der::BOOLEAN).map(|tlv| tlv.value) {
        None | Some([0]) => false,
        Some([0xff]) => true,
        Some(_) => return None,
    };
    let length = match reader.take(der::INTEGER) {
        Some(tlv) => Some(der::small(tlv.value)?),
        None => None,
    };
    reader.is_empty().then_some((ca, length))
}

/// The attributes of a name, in order; from the whole name.
pub(super) fn attributes(name: &[u8]) -> Option<Vec<(&[u8], Tlv<'_>)>> {
    let mut found = Vec::new();
    for set in der::all(der::only(name, der::SEQUENCE)?.value)? {
        for pair in der::all(set.value)? {
            let mut reader = Reader(pair.value);
            found.push((reader.take(der::OID)?.value, reader.any()?));
        }
    }
    Some(found)
}

/// A string of any of the types that names use.
pub(super) fn text(tlv: Tlv<'_>) -> String {
    match tlv.tag {
        // BMPString
        0x1e => {
            let units = tlv.value.chunks(2).map(|pair| match pair {
                [high, low] => u16::from(*high) << 8 | u16::from(*low),
                _ => 0xfffd,
            });
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        // TeletexString is mostly Latin-1.
        0x14 if std::str::from_utf8(tlv.value).is_err() => {
            tlv.value.iter().map(|byte| char::from(*byte)).collect()
        }
        _ => String::from_utf8_lossy(tlv.value).into_owned(),
    }
}

/// A name as RFC 4514 writes it.
pub(super) fn rfc4514(name: &[u8]) -> String {
    let Some(attributes) = attributes(name) else { return String::new() };
    let mut out = String::new();
    for (oid, value) in attributes.into_iter().rev() {
        if !out.is_empty() {
            out.push(',');
        }
        match short(oid) {
            Some(short) => out.push_str(short),
            None => out.push_str(&der::dotted(oid)),
        }
        out.push('=');
        let text = text(value);
        for (at, c) in text.char_indices() {
            let edge = at == 0 && (c == '#' || c == ' ') || c == ' ' && at + 1 == text.len();
            if edge || "\"+,;<>\\".contains(c) {
                out.push('\\');
            }
            if c.is_control() {
                out.push_str(&format!("\\{:02X}", u32::from(c)));
            } else {
                out.push(c);
            }
        }
    }
    out
}

fn short(oid: &[u8]) -> Option<&'static str> {
    Some(match oid {
        [0x55, 4, 3] => "CN",
        [0x55, 4, 5] => "serialNumber",
        [0x55, 4, 6] => "C",
        [0x55, 4, 7] => "L",
        [0x55, 4, 8] => "ST",
        [0x55, 4, 9] => "street",
        [0x55, 4, 10] => "O",
        [0x55, 4, 11] => "OU",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25] => "DC",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1] => "UID",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1] => "emailAddress",
        _ => return None,
    })
}
