//! Reads the handshakes that FreeRADIUS, hostapd, wpa_supplicant and OpenVPN trace through OpenSSL.
//!
//! In:  `(4) eap_tls: (TLS) recv TLS 1.3 Handshake, ClientHello`, `TLS_accept: SSLv3/TLS read client hello`,
//!      `SSL state (connect): SSLv3/TLS write client hello`.
//! Out: their messages.
//! Not here: what EAP or the tunnel does around them.

use super::scribe::{Scribe, offer, version};
use crate::tls::Version;
use crate::wire::{Place, Side};

pub(super) const MARKS: &[&str] = &[
    "recv TLS ",
    "send TLS ",
    "recv SSL ",
    "recv UNKNOWN TLS",
    "send UNKNOWN TLS",
    "(TLS) ",
    "TLS_accept:",
    "TLS Alert ",
    "SSL state (connect): ",
    "SSL state (accept): ",
    "SSL alert (read): ",
    "SSL alert (write): ",
    "SSL: SSL_connect:",
    "SSL: SSL3 alert: ",
    "Control Channel: TLS",
];

pub(super) fn line(text: &str, place: Place, scribe: &mut Scribe) {
    if let Some((_, rest)) = text.split_once("Control Channel: TLS") {
        let word = rest.split([',', ' ']).next().unwrap_or_default();
        let version = version(&format!("TLS{word}"));
        scribe.agreed(version, None, place);
        return;
    }
    for (mark, read) in [("recv ", true), ("send ", false)] {
        let Some((_, rest)) = text.split_once(mark) else { continue };
        if rest.starts_with("TLS ") || rest.starts_with("SSL ") {
            // This is the log of a server, unless the connection said otherwise.
            scribe.local.get_or_insert(Side::Server);
            message(rest, !read, place, scribe);
            return;
        }
    }
    let alerts = [
        ("Alert read:", false),
        ("Alert write:", true),
        ("SSL alert (read): ", false),
        ("SSL alert (write): ", true),
        ("alert: read (remote end reported an error):", false),
        ("alert: write (local SSL3 detected an error):", true),
    ];
    for (mark, sent) in alerts {
        let Some((head, rest)) = text.split_once(mark) else { continue };
        // The modules of FreeRADIUS are a server's.
        if head.contains(" eap_") {
            scribe.local.get_or_insert(Side::Server);
        }
        if let Some((level, name)) = rest.trim().split_once(':') {
            let from = scribe.side(sent);
            if !scribe.has_alert(from, name) {
                scribe.alert(from, level, name.trim(), place);
            }
        }
        return;
    }
    super::openssl::state(text, place, scribe);
}

/// `TLS 1.3 Handshake, ClientHello`, `TLS 1.0 Handshake [length 00b1], ClientHello`,
/// `TLS 1.2 Alert, fatal unknown_ca`.
fn message(rest: &str, sent: bool, place: Place, scribe: &mut Scribe) {
    let Some((head, name)) = rest.split_once(", ") else { return };
    let from = scribe.side(sent);
    let told = head.get(..7).and_then(version);
    if head.contains("Alert") {
        if let Some((level, name)) = name.split_once(' ')
            && !scribe.has_alert(from, name)
        {
            scribe.alert(from, level, name.trim(), place);
        }
    } else if head.contains("Handshake") && scribe.message(from, name.trim(), place) {
        // OpenSSL shows the newest version that it speaks itself, so at a server's ClientHello
        // that is no offer.
        if scribe.at_hello()
            && sent
            && let (Some(hello), Some(version)) = (scribe.hello(), told)
        {
            offer(hello, version);
        } else if let (Some(hello), Some(version)) =
            (scribe.server_hello(), told.filter(|v| *v != Version(0)))
            && hello.version.is_none()
        {
            hello.version = Some(version);
        }
    }
}
