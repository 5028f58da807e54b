//! What comes with certificates, as data: requests, revocation lists, OCSP responses, public keys.
//!
//! In:  an object of X.509 that is no certificate.
//! Out: its fields by name, in the words that certificates are told in.
//! Not here: certificates. They are `certificate`.

use serde_json::{Map, Value, json};

use crate::x509::{AltNames, Crl, Object, OcspResponse, PublicKey, Request, Responder, Time};

/// How many revoked certificates are listed.
const MANY: usize = 1_000;

/// The fields of an object; empty where it cannot be read, or is of another kind.
pub(super) fn fields(object: &Object) -> Map<String, Value> {
    let value = match object {
        Object::Request(der) => Request::parse(der).ok().map(|request| {
            json!({
                "subject": request.subject.rfc4514,
                "key": key(&request.key),
                "signature_algorithm": request.signature_algorithm,
                "san": request.san.as_ref().map(names),
                "attributes": request.attributes,
            })
        }),
        Object::Crl(der) => Crl::parse(der).ok().map(|crl| {
            let revoked: Vec<Value> = crl
                .revoked()
                .take(MANY)
                .map(
                    |entry| json!({"serial": entry.serial, "date": time(entry.date), "reason": entry.reason}),
                )
                .collect();
            json!({
                "issuer": crl.issuer.rfc4514,
                "this_update": time(crl.this_update),
                "next_update": time(crl.next_update),
                "signature_algorithm": crl.signature_algorithm,
                "number": crl.number,
                "authority_key_id": crl.authority_key_id,
                "revoked_count": crl.count(),
                "revoked": revoked,
            })
        }),
        Object::OcspResponse(der) => OcspResponse::parse(der).ok().map(|response| {
            let answers: Vec<Value> = response
                .answers
                .iter()
                .take(MANY)
                .map(|answer| {
                    json!({
                        "serial": answer.serial,
                        "status": answer.status,
                        "this_update": time(answer.this_update),
                        "next_update": time(answer.next_update),
                        "revoked_at": time(answer.revoked_at),
                        "reason": answer.reason,
                    })
                })
                .collect();
            json!({
                "status": response.status,
                "responder": match &response.responder {
                    Some(Responder::Name(name)) => Some(name.rfc4514.clone()),
                    Some(Responder::Key(key)) => Some(format!("key {key}")),
                    None => None,
                },
                "produced_at": time(response.produced_at),
                "signature_algorithm": response.signature_algorithm,
                "answers": answers,
            })
        }),
        Object::PublicKey(der) => PublicKey::parse(der).ok().map(|public| json!({"key": key(&public)})),
        _ => None,
    };
    match value {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn key(key: &PublicKey) -> Value {
    json!({"algorithm": key.algorithm, "bits": key.bits, "curve": key.curve, "sha256": key.sha256})
}

fn names(names: &AltNames) -> Value {
    json!({"dns": names.dns, "ip": names.ip, "email": names.email, "uri": names.uri})
}

fn time(time: Option<Time>) -> Option<String> {
    time.map(|time| time.to_string())
}
