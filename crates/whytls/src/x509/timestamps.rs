//! Signed certificate timestamps.
//!
//! In:  a SignedCertificateTimestampList (RFC 6962 §3.3).
//! Out: which log promised when to show the certificate.
//! Not here: whether the logs' signatures hold.

use super::certificate::Certificate;
use super::der::{Reader, tag};
use super::time::Time;

/// One promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// SHA-256 of the log's key.
    pub log: [u8; 32],
    /// When.
    pub time: Time,
}

impl Certificate {
    /// The timestamps that the certificate brings along.
    #[must_use]
    pub fn timestamps(&self) -> Vec<Timestamp> {
        let list = self.extension("signedCertificateTimestampList").and_then(|extension| {
            let list = Reader::new(&extension.value).expect(tag::OCTET_STRING, "timestamps").ok()?;
            Some(read(list.content))
        });
        list.unwrap_or_default()
    }
}

fn read(list: &[u8]) -> Vec<Timestamp> {
    let mut timestamps = Vec::with_capacity(4);
    let Some((_, mut rest)) = list.split_at_checked(2) else { return timestamps };
    while let [high, low, behind @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((one, next)) = behind.split_at_checked(length) else { break };
        rest = next;
        // Version, log, milliseconds.
        let log = one.get(1..33).and_then(|log| <[u8; 32]>::try_from(log).ok());
        let time = one.get(33..41).and_then(|time| <[u8; 8]>::try_from(time).ok());
        if let (Some(0), Some(log), Some(time)) = (one.first(), log, time) {
            let seconds = i64::try_from(u64::from_be_bytes(time) / 1_000).unwrap_or(i64::MAX);
            timestamps.push(Timestamp { log, time: Time(seconds.min(253_402_300_799)) });
        }
    }
    timestamps
}
