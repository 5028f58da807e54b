//! Private keys are compared, and never shown, in whatever form they are pasted.

#![allow(clippy::disallowed_methods, reason = "a harness reads the files that the core must not")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use whytls::content::Lang;
use whytls::decode::{self, Data};
use whytls::x509::Object;
use whytls::{Decoded, Paste};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/certificates/keys")
}

fn keys() -> Vec<(String, String)> {
    let mut keys: Vec<(String, String)> = fs::read_dir(folder())
        .expect("a folder")
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "key"))
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().replace(".key", "");
            (name, fs::read_to_string(entry.path()).expect("a key"))
        })
        .collect();
    keys.sort();
    keys
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let six = usize::try_from(bits >> (18 - 6 * at) & 63).expect("six bits");
            out.push(if at <= chunk.len() { char::from(ALPHABET[six]) } else { '=' });
        }
    }
    out
}

fn decode64(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 255).expect("a byte"));
        }
    }
    out
}

/// The ways in which a key is pasted.
fn forms(pem: &str) -> Vec<(&'static str, Vec<u8>)> {
    let lines: Vec<&str> = pem.trim().lines().collect();
    let (first, last) = (lines[0], lines[lines.len() - 1]);
    let body: Vec<&str> = lines[1..lines.len() - 1].to_vec();
    let bare = body.iter().filter(|line| !line.contains(':')).copied().collect::<String>();
    let join = |lines: &[&str], with: &str| lines.join(with).into_bytes();
    let each =
        |before: &str| lines.iter().map(|line| format!("{before}{line}\n")).collect::<String>().into_bytes();
    let der = decode64(&bare);
    let hex: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
    let spaced: Vec<String> = der.iter().map(|byte| format!("{byte:02X}")).collect();
    let dump: String = der
        .chunks(16)
        .enumerate()
        .map(|(line, chunk)| {
            let bytes: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{:08x}  {:<48} |................|\n", line * 16, bytes.join(" "))
        })
        .collect();
    let mut forms = vec![
        ("plain", pem.as_bytes().to_vec()),
        ("no END line", join(&lines[..lines.len() - 1], "\n")),
        ("cut in the middle", join(&lines[..lines.len() / 2 + 1], "\n")),
        ("one line", join(&lines, " ")),
        ("one line without spaces", join(&lines, "")),
        ("JSON", format!("{{\"key\": \"{}\\n\", \"port\": 443}}", lines.join("\\n")).into_bytes()),
        ("JSON in JSON", format!("{{\\\"key\\\": \\\"{}\\\\n\\\"}}", lines.join("\\\\n")).into_bytes()),
        ("environment", format!("TLS_KEY=\"{}\"\nTLS_PORT=443\n", lines.join("\\n")).into_bytes()),
        ("YAML", [b"key: |\n".to_vec(), each("    ")].concat()),
        ("mail", each("> ")),
        ("log", each("2026-11-24 09:00:01 app: ")),
        ("CR", join(&lines, "\r")),
        ("UTF-16", lines.join("\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("four dashes", pem.replace("-----", "----").into_bytes()),
        ("en dashes", pem.replace("-----", "–––––").into_bytes()),
        (
            "small letters",
            pem.replace(first, &first.to_lowercase()).replace(last, &last.to_lowercase()).into_bytes(),
        ),
        ("blank lines", join(&lines, "\n\n")),
        (
            "spaced marks",
            pem.replace(first, &first.replace("-BEGIN", "- BEGIN").replace("Y-", "Y -")).into_bytes(),
        ),
        ("Kubernetes", format!("data:\n  tls.key: {}\n  a: b\n", base64(pem.as_bytes())).into_bytes()),
        (
            "Kubernetes in JSON",
            format!("{{\"data\":{{\"tls.key\":\"{}\"}}}}", base64(pem.as_bytes())).into_bytes(),
        ),
        ("HTML", lines.join("<br>").into_bytes()),
        (
            "URL",
            pem.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").replace('\n', "%0A").into_bytes(),
        ),
        ("C#", lines.iter().map(|line| format!("    \"{line}\\n\" +\n")).collect::<String>().into_bytes()),
        ("prose behind", format!("{pem}\nWhat is wrong with this? It worked before.\n").into_bytes()),
    ];
    // Encrypted as PEM is, and OpenSSH's format, are no DER by themselves.
    if !pem.contains("DEK-Info") && !pem.contains("OPENSSH") {
        forms.extend([
            ("bare base64", body.join("\n").into_bytes()),
            ("bare base64 on one line", format!("key = {bare}\n").into_bytes()),
            ("bare base64 in prose", format!("I have {bare} in my file, what now?").into_bytes()),
            ("no BEGIN line", join(&lines[1..], "\n")),
            ("hex", hex.clone().into_bytes()),
            ("hex with spaces", spaced.join(" ").into_bytes()),
            ("hex with colons", spaced.join(":").into_bytes()),
            ("dump", dump.into_bytes()),
            ("DER", der.clone()),
            ("base64url", bare.replace('+', "-").replace('/', "_").replace('=', "").into_bytes()),
        ]);
    }
    forms
}

/// Everything that we say of a paste, in every format.
fn told(paste: &Paste, at_length: bool) -> Vec<(&'static str, String)> {
    let decoded = Decoded::new(paste);
    let mut told = vec![("decode text", decoded.text()), ("decode json", decoded.json())];
    told.push(("text", paste.inputs.iter().map(|input| input.text()).collect()));
    if !at_length {
        return told;
    }
    let report = whytls::diagnose(paste);
    for lang in Lang::ALL {
        told.extend([
            ("markdown", report.markdown(lang)),
            ("html", report.html(lang)),
            ("json", report.json(lang)),
        ]);
    }
    told
}

#[test]
fn no_part_of_a_private_key_is_ever_told() {
    let mut wrong = Vec::new();
    for (name, pem) in keys() {
        let body: String = pem.lines().filter(|line| !line.contains(['-', ':'])).collect();
        let der = decode64(&body);
        // The beginning of a key names its kind, and is the same in all of them.
        let from = if der.len() < 100 { 16 } else { 40 };
        let hex: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
        for (form, bytes) in forms(&pem) {
            let mut paste = Paste::default();
            paste.add("key.txt", &bytes);
            for (format, text) in told(&paste, name == "ec-pkcs8") {
                let plain: String = text
                    .replace("%2B", "+")
                    .replace("%2F", "/")
                    .chars()
                    .filter(|c| c.is_ascii_alphanumeric() || "+/-_".contains(*c))
                    .collect();
                let url = body.replace('+', "-").replace('/', "_");
                let nested = base64(pem.as_bytes());
                for secret in [&body, &url, &nested, &hex] {
                    let start = if secret == &hex || secret == &nested { 2 * from + 40 } else { from };
                    let windows = secret.as_bytes()[start.min(secret.len() - 12)..].chunks_exact(10);
                    let lower = plain.to_ascii_lowercase();
                    for window in windows {
                        let window = std::str::from_utf8(window).expect("base64 is ASCII");
                        let found =
                            if secret == &hex { lower.contains(window) } else { plain.contains(window) };
                        if found && !window.bytes().all(|byte| byte == b'0' || byte == b'A') {
                            wrong.push(format!("{name}, {form}: {format} has {window}"));
                            break;
                        }
                    }
                }
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}\n{} in all", wrong.join("\n"), wrong.len());
}

#[test]
fn every_private_key_is_recognised_in_every_form() {
    let mut wrong = Vec::new();
    for (name, pem) in keys() {
        for (form, bytes) in forms(&pem) {
            let mut paste = Paste::default();
            paste.add("key.txt", &bytes);
            let artifacts = decode::find(&paste);
            let keys = artifacts.iter().filter(|artifact| {
                matches!(&artifact.data, Data::X509(item) if matches!(item.found.object, Some(Object::PrivateKey(_))))
            });
            if keys.count() != 1 {
                wrong.push(format!("{name}, {form}"));
            }
            let evidence = decode::read(&paste, &artifacts);
            if !evidence.iter().flat_map(|seen| &seen.states).any(|state| state.key == "paste.secret") {
                wrong.push(format!("{name}, {form}: not said"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn keys_are_compared_with_certificates_by_their_public_key() {
    let mut certificates = Vec::new();
    for (name, _) in keys() {
        if let Ok(pem) = fs::read_to_string(folder().join(format!("{name}.crt"))) {
            certificates.push((name, pem));
        }
    }
    for (name, key) in keys() {
        for (other, certificate) in &certificates {
            let paste = Paste::text(&format!("{certificate}\n{key}"));
            let artifacts = decode::find(&paste);
            let evidence = decode::read(&paste, &artifacts);
            let states: Vec<&str> = evidence
                .iter()
                .flat_map(|seen| &seen.states)
                .filter(|state| ["key.match", "key.state"].contains(&state.key))
                .map(|state| state.value.as_ref())
                .collect();
            let own = certificates.iter().find(|(of, _)| *of == name).map(|(_, pem)| pem);
            let wanted: &[&str] = match name.as_str() {
                "openssh" => &[],
                name if name.starts_with("encrypted") => &["encrypted"],
                _ if own == Some(certificate) => &["yes", "yes"],
                _ => &["no", "no"],
            };
            assert_eq!(states, wanted, "{name} with {other}");
        }
    }
}
