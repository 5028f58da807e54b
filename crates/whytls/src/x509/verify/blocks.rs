//! Takes DER out of PEM bundles.
//!
//! In:  a file, PEM or DER.
//! Out: the DER of every block of one kind.
//! Not here: damaged text. That is what `decode` is for.

/// Every block whose label ends in `kind`; the whole file where it is DER.
#[must_use]
pub fn blocks(bytes: &[u8], kind: &str) -> Vec<Vec<u8>> {
    if bytes.first() == Some(&0x30) {
        return vec![bytes.to_vec()];
    }
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    let mut rest = text.as_ref();
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let Some((label, body)) = after.split_once("-----") else { break };
        let Some((body, after)) = body.split_once("-----END ") else { break };
        if label.trim().ends_with(kind) {
            found.extend(base64(body));
        }
        rest = after;
    }
    found
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut out) = (0_u32, 0, Vec::with_capacity(text.len() / 4 * 3));
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            byte if byte.is_ascii_whitespace() => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).unwrap_or_default());
        }
    }
    Some(out)
}
