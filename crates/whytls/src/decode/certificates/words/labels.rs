//! The labels of a certificate's fields, in the languages of the programs that print them.
//!
//! In:  a line.
//! Out: which field it is, and what stands behind the label.
//! Not here: what the fields hold.

use std::collections::HashMap;
use std::sync::OnceLock;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Subject,
    Issuer,
    /// The subject's first, the issuer's behind it.
    CommonName,
    Serial,
    NotBefore,
    NotAfter,
    /// Both, with a word between.
    Validity,
    Signature,
    Names,
    /// DNS names in braces, without a word before each.
    NameList,
    Key,
    Version,
}

/// What the fields are called, in small letters.
const FIELDS: &[(&str, Field)] = &[
    ("subject", Field::Subject),
    ("owner", Field::Subject),
    ("subject name", Field::Subject),
    ("issued to", Field::CommonName),
    ("所有者", Field::Subject),
    ("使用者", Field::Subject),
    ("主题", Field::Subject),
    ("サブジェクト", Field::Subject),
    ("eigentümer", Field::Subject),
    ("antragsteller", Field::Subject),
    ("asunto", Field::Subject),
    ("sujeto", Field::Subject),
    ("soggetto", Field::Subject),
    ("субъект", Field::Subject),
    ("владелец", Field::Subject),
    ("주체", Field::Subject),
    ("propriétaire", Field::Subject),
    ("objet", Field::Subject),
    ("propietario", Field::Subject),
    ("소유자", Field::Subject),
    // Chromium's viewer, in the words of its translations; Firefox's is without the bracket.
    ("common name", Field::CommonName),
    ("common name (cn)", Field::CommonName),
    ("公用名 (cn)", Field::CommonName),
    ("一般名稱 (cn)", Field::CommonName),
    ("allgemeiner name (cn)", Field::CommonName),
    ("nom commun (cn)", Field::CommonName),
    ("nombre común (cn)", Field::CommonName),
    ("nome comune (cn)", Field::CommonName),
    ("nome comum (cn)", Field::CommonName),
    ("一般名（cn）", Field::CommonName),
    ("일반 이름(cn)", Field::CommonName),
    ("общее имя (cn)", Field::CommonName),
    ("issuer", Field::Issuer),
    ("issuer name", Field::Issuer),
    ("issued by", Field::CommonName),
    ("发布者", Field::Issuer),
    ("颁发者", Field::Issuer),
    ("發行者", Field::Issuer),
    ("発行者", Field::Issuer),
    ("aussteller", Field::Issuer),
    ("émetteur", Field::Issuer),
    ("emisor", Field::Issuer),
    ("emittente", Field::Issuer),
    ("издатель", Field::Issuer),
    ("발급자", Field::Issuer),
    ("발행자", Field::Issuer),
    ("serial number", Field::Serial),
    ("serial", Field::Serial),
    ("serialnumber", Field::Serial),
    ("序列号", Field::Serial),
    ("シリアル番号", Field::Serial),
    ("seriennummer", Field::Serial),
    ("numéro de série", Field::Serial),
    ("número de serie", Field::Serial),
    ("일련 번호", Field::Serial),
    ("numero di serie", Field::Serial),
    ("серийный номер", Field::Serial),
    ("not before", Field::NotBefore),
    ("notbefore", Field::NotBefore),
    ("not valid before", Field::NotBefore),
    ("nicht vor", Field::NotBefore),
    ("pas avant", Field::NotBefore),
    ("start date", Field::NotBefore),
    ("issued on", Field::NotBefore),
    ("颁发日期", Field::NotBefore),
    ("發行日期", Field::NotBefore),
    ("ausgestellt am", Field::NotBefore),
    ("émis le", Field::NotBefore),
    ("emitido el", Field::NotBefore),
    ("emesso in data", Field::NotBefore),
    ("emitido em", Field::NotBefore),
    ("발급일", Field::NotBefore),
    ("valid from", Field::Validity),
    ("validity", Field::Validity),
    ("生效时间", Field::Validity),
    ("有效期开始日期", Field::Validity),
    ("有効期間の開始日", Field::Validity),
    ("gültig von", Field::Validity),
    ("valide du", Field::Validity),
    ("válido desde", Field::Validity),
    ("적합한 시작 날짜", Field::Validity),
    ("有效期从", Field::NotBefore),
    ("有效期開始時間", Field::NotBefore),
    ("有効期間の開始", Field::NotBefore),
    ("gültig ab", Field::NotBefore),
    ("valide à partir du", Field::NotBefore),
    ("valido dal", Field::NotBefore),
    ("действителен с", Field::NotBefore),
    ("유효 기간(시작)", Field::NotBefore),
    ("valid to", Field::NotAfter),
    ("valid until", Field::NotAfter),
    ("有效期至", Field::NotAfter),
    ("有効期間の終了", Field::NotAfter),
    ("gültig bis", Field::NotAfter),
    ("valide jusqu'au", Field::NotAfter),
    ("válido hasta", Field::NotAfter),
    ("valido fino al", Field::NotAfter),
    ("действителен по", Field::NotAfter),
    ("유효 기간(끝)", Field::NotAfter),
    ("到", Field::NotAfter),
    ("not after", Field::NotAfter),
    ("notafter", Field::NotAfter),
    ("not valid after", Field::NotAfter),
    ("nicht nach", Field::NotAfter),
    ("pas après", Field::NotAfter),
    ("expire date", Field::NotAfter),
    ("expires", Field::NotAfter),
    ("expires on", Field::NotAfter),
    ("截止日期", Field::NotAfter),
    ("expire le", Field::NotAfter),
    ("vencimiento el", Field::NotAfter),
    ("scade in data", Field::NotAfter),
    ("expira em", Field::NotAfter),
    ("만료일", Field::NotAfter),
    ("signature algorithm", Field::Signature),
    ("signature algorithm name", Field::Signature),
    ("签名算法名称", Field::Signature),
    ("署名アルゴリズム名", Field::Signature),
    ("signaturalgorithmusname", Field::Signature),
    ("signaturalgorithmus", Field::Signature),
    ("签名算法", Field::Signature),
    ("署名アルゴリズム", Field::Signature),
    ("subject alternative name", Field::Names),
    ("x509v3 subject alternative name", Field::Names),
    ("subjectaltname", Field::Names),
    ("使用者可选名称", Field::Names),
    ("使用者备用名称", Field::Names),
    ("サブジェクト代替名", Field::Names),
    ("alternativer antragstellername", Field::Names),
    ("autre nom de l'objet", Field::Names),
    ("nombre alternativo del titular", Field::Names),
    ("dnsnamelist", Field::NameList),
    ("public-key", Field::Key),
    ("rsa public-key", Field::Key),
    ("subject public key algorithm", Field::Key),
    ("public key-algorithmus von subject", Field::Key),
    ("主体公共密钥算法", Field::Key),
    ("サブジェクト公開鍵アルゴリズム", Field::Key),
    ("public key length", Field::Key),
    ("public key", Field::Key),
    ("公钥", Field::Key),
    ("公開キー", Field::Key),
    ("öffentlicher schlüssel", Field::Key),
    ("clé publique", Field::Key),
    ("clave pública", Field::Key),
    ("version", Field::Version),
    ("版本", Field::Version),
    ("バージョン", Field::Version),
];

/// The names of the fields, in small letters.
pub(in super::super::super) fn field_names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, _)| *name)
}

/// What stands before a name or a label, and what before the short ones of s_client: `0 s:…`, `i:…`, `v:…`.
fn bare(line: &str) -> (&str, &str) {
    let line = line.trim_start_matches(['*', ' ', '\t', '-', '|']);
    (line, line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start())
}

/// Whether a line may give a field by a single letter.
pub(super) fn is_short(line: &str) -> bool {
    matches!(bare(line).1.as_bytes(), [b's' | b'i' | b'v', b':', ..])
}

/// The field that a line gives, and its value.
pub(super) fn field(line: &str) -> Option<(Field, &str)> {
    let (line, bare) = bare(line);
    for (start, field) in [("s:", Field::Subject), ("i:", Field::Issuer)] {
        if let Some(value) = bare.strip_prefix(start).filter(|value| value.contains('=')) {
            return Some((field, value.trim()));
        }
    }
    if let Some(dates) = bare.strip_prefix("v:NotBefore:") {
        return Some((Field::Validity, dates.trim()));
    }
    // A Windows dialog: `Valid from 11/29/2026 to 9/25/2027`.
    if let Some(dates) = line.strip_prefix("Valid from ").filter(|dates| dates.contains(" to ")) {
        return Some((Field::Validity, dates));
    }
    let end = line.find([':', '=', '\t', '：'])?;
    let (key, rest) = line.split_at(end);
    let field = called(key.trim())?;
    Some((field, rest.trim_start_matches([':', '=', '\t', ' ', '：']).trim()))
}

/// A field's name that stands alone, with its value below: Firefox's viewer, or .NET's `[Subject]`.
pub(super) fn label(line: &str) -> Option<(Field, &str)> {
    let line = line.trim();
    let bracketed = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
    let key = bracketed.unwrap_or(line);
    let field = called(key)?;
    let alone = matches!(field, Field::CommonName | Field::NotBefore | Field::NotAfter | Field::Serial)
        && key.len() > 6;
    (alone || bracketed.is_some()).then_some((field, ""))
}

/// The field that is called so. Asked at every line of a log, of which most are longer than any name.
pub(super) fn called(name: &str) -> Option<Field> {
    static NAMES: OnceLock<HashMap<&str, Field>> = OnceLock::new();
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    let names = NAMES.get_or_init(|| FIELDS.iter().copied().collect());
    names.get(name.to_lowercase().as_str()).copied()
}

/// The names of fields are not longer, in any case.
const LONGEST: usize = 64;
