//! What a certificate's key must be.
//!
//! In:  a certificate's parts, and the place it has in the chain.
//! Out: every rule that its key breaks.
//! Not here: what is signed with it (`signature`).

use super::super::der;
use super::super::fault::Fault;
use super::super::raw::{self, Raw};
use super::super::signature;
use super::{NOBODY, Place, RSA_2048, malformed};

/// Object identifiers of keys.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];

const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];

const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];

pub(super) fn key(raw: &Raw<'_>, place: Place, faults: &mut Vec<Fault>) {
    let weak = |rule, en: String, zh: String| Fault::new("weak-certificate", rule, en, zh);
    // Nobody checks the signature of a root: it is trusted for what it is.
    if place != Place::Root
        && let Some(hash) = signature::weak_hash(raw.algorithm)
    {
        faults.push(
            weak(
                "weak-signature",
                format!("its signature uses {hash}, which can be forged"),
                format!("签名使用 {hash}，可以被伪造"),
            )
            .source("BR §7.1.3.2"),
        );
    }
    match raw.key.oid() {
        RSA | RSA_PSS => {
            let Some((modulus, exponent)) = raw.key.rsa() else {
                faults.push(
                    malformed("key-malformed", "its RSA key cannot be read", "RSA 密钥无法读取")
                        .source("RFC 3279 §2.3.1"),
                );
                return;
            };
            let bits = raw::bit_length(modulus);
            if bits < 1024 {
                faults.push(
                    weak(
                        "weak-key",
                        format!("its RSA key has {bits} bits, and no client takes less than 1024"),
                        format!("RSA 密钥只有 {bits} 位；没有客户端接受低于 1024 位的密钥"),
                    )
                    .source("BR §6.1.5"),
                );
            } else if bits < 2048 {
                faults.push(
                    weak(
                        "weak-key",
                        format!("its RSA key has {bits} bits, and many clients want 2048 at least"),
                        format!("RSA 密钥只有 {bits} 位；许多客户端至少要求 2048 位"),
                    )
                    .source("BR §6.1.5")
                    .only(RSA_2048),
                );
            } else if !bits.is_multiple_of(8) {
                faults.push(
                    malformed(
                        "rsa-bits-odd",
                        format!("its RSA key has {bits} bits, which is no multiple of 8"),
                        format!("RSA 密钥有 {bits} 位，不是 8 的倍数"),
                    )
                    .source("BR §6.1.5")
                    .only(NOBODY),
                );
            }
            if exponent.last().is_none_or(|last| last & 1 == 0) || exponent == [1] {
                faults.push(
                    malformed("rsa-exponent", "its RSA exponent is even or 1", "RSA 指数为偶数或 1")
                        .source("BR §6.1.6"),
                );
            }
        }
        EC => match raw.key.curve() {
            Some([0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] | [0x2b, 0x81, 4, 0, 34 | 35]) => {}
            Some([0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1] | [0x2b, 0x81, 4, 0, 33]) => faults.push(
                weak(
                    "weak-key",
                    "its key is on a curve of less than 256 bits".to_owned(),
                    "密钥所在曲线不足 256 位".to_owned(),
                )
                .source("BR §6.1.5"),
            ),
            Some(curve) => {
                let oid = der::dotted(curve);
                faults.push(
                    weak(
                        "curve-unusual",
                        format!("its key is on the curve {oid}, which browsers do not take"),
                        format!("密钥在曲线 {oid} 上，浏览器不接受"),
                    )
                    .source("BR §6.1.5")
                    .only(&["browsers", "Go", "rustls"]),
                );
            }
            None => faults.push(
                malformed(
                    "curve-explicit",
                    "its curve is written out instead of named",
                    "曲线以参数形式写出，而不是用名称",
                )
                .source("RFC 5480 §2.1.1"),
            ),
        },
        DSA => faults.push(
            weak(
                "weak-key",
                "its key is for DSA, which TLS clients no longer take".to_owned(),
                "密钥为 DSA，TLS 客户端已不接受".to_owned(),
            )
            .source("BR §6.1.5"),
        ),
        // Ed25519, Ed448, ML-DSA.
        [0x2b, 0x65, 0x70 | 0x71] | [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, ..] => {}
        other => {
            let oid = der::dotted(other);
            faults.push(
                malformed(
                    "key-unknown",
                    format!("its key is of an unknown kind ({oid})"),
                    format!("密钥类型未知（{oid}）"),
                )
                .source("RFC 5280 §4.1.2.7"),
            );
        }
    }
}
