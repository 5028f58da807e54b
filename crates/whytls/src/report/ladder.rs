//! A connection as a ladder: two lifelines, a rung for everything that was said.
//!
//! In:  a flow.
//! Out: the ladder as text, for terminals and Markdown, and as SVG, for HTML.
//! Not here: why it failed. A rung says what was sent, and marks alerts and early ends.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::prose::tame;
use crate::content::Lang;
use crate::tls::Version;
use crate::wire::{ClientHello, CloseHow, Event, Flow, ServerHello, Side, Time, What};

/// Rungs beyond these are counted, not drawn.
const MOST_RUNGS: usize = 48;
/// Columns that a rung's words may take.
const WIDEST: usize = 76;

/// A drawing of one flow.
#[derive(Clone, Debug)]
pub struct Ladder {
    client: String,
    server: String,
    rungs: Vec<Rung>,
    /// Rungs that were left out.
    more: usize,
    lang: Lang,
}

#[derive(Clone, Debug)]
struct Rung {
    /// Milliseconds since the first event.
    time: Option<f64>,
    from: Side,
    words: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A message.
    Said,
    /// An alert, a refusal, an end before the handshake was through.
    Bad,
    /// TCP's own, or words in the clear.
    Quiet,
}

impl Ladder {
    /// Draws a flow in the words of one language.
    #[must_use]
    pub fn new(flow: &Flow, lang: Lang) -> Self {
        let mut rungs: Vec<Rung> = Vec::new();
        let mut last: Option<(Side, u32, &'static str)> = None;
        let mut repeated = 1_usize;
        let began = flow.events.iter().find_map(|event| event.time);
        for event in &flow.events {
            let Some((words, kind)) = words(event, flow, lang) else { continue };
            let group = group(&event.what);
            let same_packet = last == Some((event.from, event.place.packet, "")) && event.place.packet > 0;
            match rungs.last_mut() {
                // One after the other, the same again: counted.
                Some(rung)
                    if rung.from == event.from && group == "data" && last.is_some_and(|l| l.2 == "data") =>
                {
                    repeated += 1;
                    rung.words = format!("{words} ×{repeated}");
                    continue;
                }
                // What went out together stands together.
                Some(rung)
                    if group.is_empty()
                        && same_packet
                        && rung.kind == kind
                        && rung.words.width() + words.width() + 2 <= WIDEST =>
                {
                    rung.words.push_str(", ");
                    rung.words.push_str(&words);
                    continue;
                }
                _ => {}
            }
            repeated = 1;
            last = Some((event.from, event.place.packet, group));
            let time = began.zip(event.time).and_then(|(began, time)| milliseconds(began, time));
            rungs.push(Rung { time, from: event.from, words: shorten(&words), kind });
        }
        if let Some(close) = flow.close.filter(|close| close.how == CloseHow::Timeout) {
            let words = match lang {
                Lang::En => "nothing comes back",
                Lang::ZhCn => "没有任何回应",
            };
            rungs.push(Rung { time: None, from: close.by, words: words.to_owned(), kind: Kind::Bad });
        }
        let more = rungs.len().saturating_sub(MOST_RUNGS);
        rungs.truncate(MOST_RUNGS);
        let side = |endpoint: &Option<crate::wire::Endpoint>, en: &str, zh: &str| {
            let who = if lang == Lang::En { en } else { zh };
            match endpoint {
                Some(endpoint) => format!("{who} {}", tame(&endpoint.address())),
                None => who.to_owned(),
            }
        };
        Self {
            client: side(&flow.client, "client", "客户端"),
            server: side(&flow.server, "server", "服务器"),
            rungs,
            more,
            lang,
        }
    }

    /// There is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rungs.is_empty()
    }

    /// One rung says no more than the line that it was read from.
    pub(super) fn is_trivial(&self) -> bool {
        self.rungs.len() < 2
    }

    /// The ladder as text, a line for each rung.
    #[must_use]
    pub fn text(&self) -> String {
        let wide = self.rungs.iter().map(|rung| rung.words.width() + mark(rung).len()).max().unwrap_or(0);
        let wide = wide.max(self.client.width() + self.server.width()).max(24) + 8;
        let times: Vec<String> =
            self.rungs.iter().map(|rung| rung.time.map_or_else(String::new, clock)).collect();
        let left = times.iter().map(|time| time.width()).max().unwrap_or(0);
        let mut out = String::new();
        // Writing to a String cannot fail.
        let gap = wide + 2 - self.client.width().min(wide) - self.server.width().min(wide);
        let _ = writeln!(out, "{:left$} {}{:gap$}{}", "", self.client, "", self.server);
        for (rung, time) in self.rungs.iter().zip(&times) {
            let words = format!("{}{}", mark(rung), rung.words);
            let rest = wide.saturating_sub(words.width() + 2);
            let (short, long) = (2.min(rest), rest.saturating_sub(2));
            let pad = " ".repeat(left.saturating_sub(time.width()));
            let line = match rung.from {
                Side::Client => {
                    format!("│{} {words} {}▶│", "─".repeat(short), "─".repeat(long.saturating_sub(1)))
                }
                Side::Server => {
                    format!("│◀{} {words} {}│", "─".repeat(long.saturating_sub(1)), "─".repeat(short))
                }
            };
            let _ = writeln!(out, "{pad}{time} {line}");
        }
        if self.more > 0 {
            let _ = match self.lang {
                Lang::En => writeln!(out, "{:left$} … and {} more", "", self.more),
                Lang::ZhCn => writeln!(out, "{:left$} ……还有 {} 条", "", self.more),
            };
        }
        out
    }

    /// The ladder as SVG to put into HTML: with a title and a description for those who cannot see
    /// it, in the colours of the text around it. `id` keeps its ids apart from other drawings'.
    #[must_use]
    pub fn svg(&self, id: &str) -> String {
        const LEFT: usize = 76;
        const RIGHT: usize = 684;
        const STEP: usize = 34;
        let height = 44 + STEP * (self.rungs.len() + usize::from(self.more > 0)) + 8;
        let (title, who) = match self.lang {
            Lang::En => (format!("What {} and {} said", self.client, self.server), ["client", "server"]),
            Lang::ZhCn => (format!("{}与{}之间的消息", self.client, self.server), ["客户端", "服务器"]),
        };
        let described = self.rungs.iter().map(|rung| {
            let who = if rung.from == Side::Client { who[0] } else { who[1] };
            format!("{who}: {}", rung.words)
        });
        let mut svg = String::new();
        let _ = write!(
            svg,
            r#"<div class="ladder"><svg viewBox="0 0 760 {height}" width="760" height="{height}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{}</title><desc id="{id}-d">{}</desc>"#,
            escape(&title),
            escape(&described.collect::<Vec<_>>().join("; ")),
        );
        let _ = write!(
            svg,
            r#"<text class="who" x="{LEFT}" y="18">{}</text><text class="who end" x="{RIGHT}" y="18">{}</text>"#,
            escape(&self.client),
            escape(&self.server),
        );
        let foot = height - 8;
        let _ = write!(svg, r#"<path class="line" d="M{LEFT} 28V{foot}M{RIGHT} 28V{foot}"/>"#);
        for (at, rung) in self.rungs.iter().enumerate() {
            let y = 56 + at * STEP;
            let class = match rung.kind {
                Kind::Said => "said",
                Kind::Bad => "bad",
                Kind::Quiet => "quiet",
            };
            let arrow = match rung.from {
                Side::Client => format!("M{LEFT} {y}H{RIGHT}m-8 -4l8 4l-8 4"),
                Side::Server => format!("M{RIGHT} {y}H{LEFT}m8 -4l-8 4l8 4"),
            };
            let _ = write!(svg, r#"<g class="{class}"><path d="{arrow}"/>"#);
            let _ = write!(
                svg,
                r#"<text class="words" x="{}" y="{}">{}{}</text>"#,
                // On a narrow screen the left end is what is seen, whoever speaks.
                LEFT + 14,
                y - 6,
                mark(rung),
                escape(&rung.words),
            );
            if let Some(time) = rung.time {
                let _ = write!(
                    svg,
                    r#"<text class="time end" x="{}" y="{}">{}</text>"#,
                    LEFT - 8,
                    y + 4,
                    clock(time)
                );
            }
            svg.push_str("</g>");
        }
        if self.more > 0 {
            let words = match self.lang {
                Lang::En => format!("… and {} more", self.more),
                Lang::ZhCn => format!("……还有 {} 条", self.more),
            };
            let y = 56 + self.rungs.len() * STEP - 6;
            let _ = write!(svg, r#"<text class="words" x="{}" y="{y}">{words}</text>"#, LEFT + 12);
        }
        svg.push_str("</svg></div>");
        svg
    }
}

fn mark(rung: &Rung) -> &'static str {
    if rung.kind == Kind::Bad { "✗ " } else { "" }
}

fn shorten(words: &str) -> String {
    if words.width() <= WIDEST {
        return words.to_owned();
    }
    let mut short = String::new();
    for c in words.chars() {
        if short.width() + 2 > WIDEST {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}

fn milliseconds(began: Time, time: Time) -> Option<f64> {
    let nanoseconds = time.since(began)?;
    #[allow(clippy::cast_precision_loss, reason = "shown to a microsecond")]
    Some(nanoseconds as f64 / 1e6)
}

/// `0`, `12.3 ms`, `2.50 s`.
fn clock(milliseconds: f64) -> String {
    match milliseconds.abs() {
        0.0 => "0".to_owned(),
        small if small < 10.0 => format!("{milliseconds:.2} ms"),
        middle if middle < 1000.0 => format!("{milliseconds:.0} ms"),
        _ => format!("{:.2} s", milliseconds / 1000.0),
    }
}

pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Events that stand alone have a group of their own; the others share a rung with their packet.
fn group(what: &What) -> &'static str {
    match what {
        What::ApplicationData | What::Retransmission | What::Bytes { .. } => "data",
        What::Open | What::Fin | What::Rst { .. } | What::Alert { .. } => "alone",
        What::Plain { .. }
        | What::StartTls { .. }
        | What::StartTlsAnswer { .. }
        | What::TlsNotOffered { .. } => "plain",
        _ => "",
    }
}

/// What a rung says of an event; nothing where it is not worth a rung.
fn words(event: &Event, flow: &Flow, lang: Lang) -> Option<(String, Kind)> {
    let say = |en: &str, zh: &str| if lang == Lang::En { en.to_owned() } else { zh.to_owned() };
    let said = |words: String| Some((words, Kind::Said));
    match &event.what {
        What::Open => {
            Some((if event.from == Side::Client { "SYN" } else { "SYN, ACK" }.to_owned(), Kind::Quiet))
        }
        What::Plain { protocol, text } => {
            let text = tame(text.trim());
            let words = match protocol {
                Some(protocol) => format!("{}: {text}", protocol.to_uppercase()),
                None => text,
            };
            Some((words, Kind::Quiet))
        }
        What::StartTls { protocol: protocol @ ("http-connect" | "socks") } => {
            let name = if *protocol == "socks" { "SOCKS" } else { "CONNECT" };
            Some((
                match lang {
                    Lang::En => format!("asks a proxy for a connection ({name})"),
                    Lang::ZhCn => format!("请求代理建立连接（{name}）"),
                },
                Kind::Said,
            ))
        }
        What::StartTls { protocol } => Some((
            match lang {
                Lang::En => format!("asks for TLS ({})", protocol.to_uppercase()),
                Lang::ZhCn => format!("请求 TLS（{}）", protocol.to_uppercase()),
            },
            Kind::Said,
        )),
        What::StartTlsAnswer { agreed, text } => {
            let text = tame(text.trim());
            let (en, zh) = if *agreed { ("agrees", "同意") } else { ("refuses", "拒绝") };
            let words = if text.is_empty() { say(en, zh) } else { format!("{}: {text}", say(en, zh)) };
            Some((words, if *agreed { Kind::Said } else { Kind::Bad }))
        }
        What::TlsNotOffered { .. } => Some((say("offers no TLS", "没有提供 TLS"), Kind::Bad)),
        What::ClientHello(hello) => said(client_hello(hello, lang)),
        What::HelloVerifyRequest => said("HelloVerifyRequest".to_owned()),
        What::HelloRetryRequest(hello) => said(server_hello("HelloRetryRequest", hello)),
        What::ServerHello(hello) => said(server_hello("ServerHello", hello)),
        What::EncryptedExtensions { alpn } => said(match alpn {
            Some(alpn) => format!("EncryptedExtensions: ALPN {}", tame(alpn)),
            None => "EncryptedExtensions".to_owned(),
        }),
        What::Certificate(chain) => said(certificate(chain, lang)),
        What::SealedCertificate { sent: true } => {
            said(say("Certificate (encrypted, by its length)", "Certificate（已加密，据其长度判断）"))
        }
        What::SealedCertificate { sent: false } => said(say(
            "Certificate: none (encrypted, by its length)",
            "Certificate：空（已加密，据其长度判断）",
        )),
        What::CertificateRequest => said("CertificateRequest".to_owned()),
        What::CertificateStatus => said("CertificateStatus".to_owned()),
        What::CertificateVerify => said("CertificateVerify".to_owned()),
        What::ServerKeyExchange { group, dh_bits } => said(match (group, dh_bits) {
            (Some(group), _) => format!("ServerKeyExchange: {group}"),
            (None, Some(bits)) => format!("ServerKeyExchange: DH {bits} bit"),
            (None, None) => "ServerKeyExchange".to_owned(),
        }),
        What::ServerHelloDone => said("ServerHelloDone".to_owned()),
        What::ClientKeyExchange => said("ClientKeyExchange".to_owned()),
        What::ChangeCipherSpec => said("ChangeCipherSpec".to_owned()),
        What::Finished => said("Finished".to_owned()),
        What::NewSessionTicket => said("NewSessionTicket".to_owned()),
        What::HelloRequest => said("HelloRequest".to_owned()),
        What::Handshake(11) => said("Certificate".to_owned()),
        What::Handshake(number) => said(format!("handshake {number}")),
        What::EncryptedHandshake => said(say("handshake message (encrypted)", "握手消息（已加密）")),
        What::Alert { level, alert } => {
            let level = match level {
                1 => say("warning", "警告"),
                2 => say("fatal", "致命"),
                other => other.to_string(),
            };
            // close_notify is how a connection ends in order.
            let kind = if alert.0 == 0 { Kind::Quiet } else { Kind::Bad };
            Some((
                match lang {
                    Lang::En => format!("alert {alert}, {level}"),
                    Lang::ZhCn => format!("警报 {alert}，{level}"),
                },
                kind,
            ))
        }
        What::EncryptedAlert => said(say("alert (encrypted)", "警报（已加密）")),
        What::ApplicationData => Some((say("application data", "应用数据"), Kind::Quiet)),
        What::NotTls { bytes } => {
            let hex: Vec<String> = bytes.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
            Some((
                match lang {
                    Lang::En => format!("no TLS: {}", hex.join(" ")),
                    Lang::ZhCn => format!("不是 TLS：{}", hex.join(" ")),
                },
                Kind::Bad,
            ))
        }
        What::Bytes { count } => Some((
            match (lang, count) {
                (Lang::En, 0) => "bytes".to_owned(),
                (Lang::ZhCn, 0) => "数据".to_owned(),
                (Lang::En, count) => format!("{count} bytes"),
                (Lang::ZhCn, count) => format!("{count} 字节"),
            },
            Kind::Quiet,
        )),
        What::Retransmission => Some((say("sent again", "重传"), Kind::Quiet)),
        What::Missing { bytes } => Some((
            match lang {
                Lang::En => format!("{bytes} bytes are not in the capture"),
                Lang::ZhCn => format!("抓包中缺少 {bytes} 字节"),
            },
            Kind::Quiet,
        )),
        What::Fin | What::Rst { .. } => {
            let first = flow.closed_after_hello().is_some_and(|close| close.place == event.place);
            let kind = if first { Kind::Bad } else { Kind::Quiet };
            let words = match event.what {
                What::Rst { injected: true } => {
                    say("RST, not sent by this machine itself", "RST，不是这台机器自己发的")
                }
                What::Rst { .. } => "RST".to_owned(),
                _ => "FIN".to_owned(),
            };
            Some((words, kind))
        }
    }
}

fn client_hello(hello: &ClientHello, lang: Lang) -> String {
    let mut parts = Vec::new();
    let known: Vec<Version> = hello.supported_versions.iter().copied().filter(|v| v.is_known()).collect();
    if hello.cut_off {
        parts.push(if lang == Lang::En { "cut off" } else { "不完整" }.to_owned());
    }
    if hello.complete || hello.legacy_version.is_some() {
        let offered = if known.is_empty() {
            hello
                .legacy_version
                .filter(|_| !hello.cut_off || hello.max_version().is_some())
                .map(|version| version.to_string())
        } else {
            Some(known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        };
        if let Some(offered) = offered {
            parts.push(match lang {
                Lang::En if known.is_empty() => format!("up to {offered}"),
                Lang::ZhCn if known.is_empty() => format!("最高 {offered}"),
                _ => offered,
            });
        }
    } else if let Some(record) = hello.record_version {
        parts.push(match lang {
            Lang::En => format!("record {record}"),
            Lang::ZhCn => format!("记录层 {record}"),
        });
    }
    if let Some(sni) = &hello.sni {
        parts.push(format!("SNI {}", tame(sni)));
    }
    if !hello.alpn.is_empty() {
        parts.push(format!("ALPN {}", tame(&hello.alpn.join(" "))));
    }
    if parts.is_empty() { "ClientHello".to_owned() } else { format!("ClientHello: {}", parts.join("; ")) }
}

fn server_hello(name: &str, hello: &ServerHello) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(hello.version.map(|version| version.to_string()));
    parts.extend(hello.cipher.map(|cipher| cipher.to_string()));
    parts.extend(hello.group.filter(|_| name == "HelloRetryRequest").map(|group| group.to_string()));
    parts.extend(hello.alpn.as_ref().map(|alpn| format!("ALPN {}", tame(alpn))));
    if parts.is_empty() { name.to_owned() } else { format!("{name}: {}", parts.join("; ")) }
}

fn certificate(chain: &[Vec<u8>], lang: Lang) -> String {
    let Some(leaf) = chain.first() else {
        return match lang {
            Lang::En => "Certificate: none".to_owned(),
            Lang::ZhCn => "Certificate：无证书".to_owned(),
        };
    };
    let subject = super::flows::subject(leaf).map(|subject| tame(&subject)).unwrap_or_default();
    let rest = chain.len() - 1;
    match (lang, rest) {
        (_, 0) => format!("Certificate: {subject}"),
        (Lang::En, _) => format!("Certificate: {subject} and {rest} more"),
        (Lang::ZhCn, _) => format!("Certificate: {subject} 等 {} 张", rest + 1),
    }
}
