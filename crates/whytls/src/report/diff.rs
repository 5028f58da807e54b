//! One connection that fails beside one that works: what differs, the telling differences first.
//!
//! In:  two pastes.
//! Out: [`Diff`], as Markdown or as data.
//! Not here: why the first one failed; `diagnose` of both together says that.

use std::borrow::Cow;

use serde::Serialize;

use super::flows::{FlowView, NumberView};
use super::ladder::Ladder;
use super::prose::tame;
use super::sentence;
use crate::content::Lang;
use crate::decode;
use crate::facts::{self, Facts};
use crate::paste::Paste;
use crate::tls::is_grease;
use crate::wire::{CloseHow, Flow, Side};

/// What differs between two cases.
#[derive(Debug, Serialize)]
pub struct Diff {
    whytls: super::view::About,
    /// The telling differences first.
    pub differences: Vec<Difference>,
    /// What is the same in both.
    pub same: Vec<Same>,
    /// The flow of the first paste that was compared.
    pub failing: Option<FlowView>,
    /// The flow of the second.
    pub working: Option<FlowView>,
    #[serde(skip)]
    ladders: Vec<(&'static str, Ladder)>,
    #[serde(skip)]
    lang: Lang,
}

/// One thing that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is.
    pub what: String,
    /// In the one that fails.
    pub failing: String,
    /// In the one that works.
    pub working: String,
}

/// One thing that is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Same {
    /// What it is.
    pub what: String,
    /// In both.
    pub value: String,
}

/// A field of a flow that can be compared: its name in both languages, and its value.
struct Field {
    en: &'static str,
    zh: &'static str,
    value: Value,
    /// Who sent no ClientHello has none of it.
    of_hello: bool,
}

enum Value {
    One(Option<String>),
    /// A list, whose order counts; only what one side has is told.
    List(Vec<String>),
}

impl Diff {
    /// Compares the connection of `failing` that went wrong with its like in `working`. Where one of
    /// the two shows no connection, what was seen of each is compared instead.
    #[must_use]
    pub fn new(failing: &Paste, working: &Paste, lang: Lang) -> Self {
        let (a, b) = (Case::read(failing), Case::read(working));
        let chosen = a.flow_that_fails().and_then(|bad| Some((bad, b.flow_like(bad)?)));
        let mut diff = Self {
            whytls: super::view::About::this(),
            differences: Vec::new(),
            same: Vec::new(),
            failing: chosen.map(|(bad, _)| FlowView::new(bad)),
            working: chosen.map(|(_, good)| FlowView::new(good)),
            ladders: Vec::new(),
            lang,
        };
        match chosen {
            Some((bad, good)) => {
                diff.compare(bad, good);
                let titles = if lang == Lang::En {
                    ["The one that fails", "The one that works"]
                } else {
                    ["失败的连接", "正常的连接"]
                };
                for (title, flow) in titles.into_iter().zip([bad, good]) {
                    diff.ladders.push((title, Ladder::new(flow, lang)));
                }
            }
            None => diff.compare_facts(&a.facts, &b.facts),
        }
        diff
    }

    fn compare(&mut self, bad: &Flow, good: &Flow) {
        let both = bad.client_hello().is_some() == good.client_hello().is_some();
        for (field, other) in fields(bad, self.lang).into_iter().zip(fields(good, self.lang)) {
            if field.of_hello && !both {
                continue;
            }
            let what = if self.lang == Lang::En { field.en } else { field.zh }.to_owned();
            match (field.value, other.value) {
                // Whoever sends SSLv2's hello has no extensions, whatever the list is.
                (Value::One(None), Value::One(None)) => {}
                (Value::One(a), Value::One(b)) if a == b => {
                    self.same.push(Same { what, value: a.unwrap_or_default() });
                }
                (Value::One(a), Value::One(b)) => {
                    let told = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
                    self.differences.push(Difference { what, failing: told(a), working: told(b) });
                }
                (Value::List(a), Value::List(b)) if a.is_empty() && b.is_empty() => {}
                (Value::List(a), Value::List(b)) if a == b => {
                    self.same.push(Same { what, value: a.join(", ") });
                }
                (Value::List(a), Value::List(b)) => {
                    self.differences.push(self.lists(what, &a, &b));
                }
                (Value::One(_), Value::List(_)) | (Value::List(_), Value::One(_)) => {}
            }
        }
    }

    /// Of two lists, what only one of them has; where both have the same, their orders.
    fn lists(&self, what: String, a: &[String], b: &[String]) -> Difference {
        let only = |of: &[String], other: &[String]| {
            let own: Vec<&str> = of.iter().filter(|item| !other.contains(item)).map(String::as_str).collect();
            match (own.is_empty(), of.is_empty(), self.lang) {
                (_, true, _) => "–".to_owned(),
                (true, ..) => match self.lang {
                    Lang::En => format!("{} in all, none of its own", of.len()),
                    Lang::ZhCn => format!("共 {} 项，没有独有的", of.len()),
                },
                (.., Lang::En) => format!("only here: {}", own.join(", ")),
                (.., Lang::ZhCn) => format!("仅此处有：{}", own.join(", ")),
            }
        };
        let same_set = a.len() == b.len() && a.iter().all(|item| b.contains(item));
        if same_set {
            return Difference { what, failing: a.join(", "), working: b.join(", ") };
        }
        Difference { what, failing: only(a, b), working: only(b, a) }
    }

    fn compare_facts(&mut self, a: &Facts, b: &Facts) {
        let lang = self.lang;
        let told = |key: &str, facts: &Facts| {
            let values: Vec<String> = facts
                .whole
                .get(key)
                .iter()
                .map(|known| sentence(key, &known.value, lang).unwrap_or_else(|| tame(&known.value)))
                .collect();
            values.join(" ")
        };
        let mut keys: Vec<&'static str> =
            a.whole.iter().map(|(key, _)| key).chain(b.whole.iter().map(|(key, _)| key)).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let (failing, working) = (told(key, a), told(key, b));
            if failing == working {
                self.same.push(Same { what: key.to_owned(), value: failing });
            } else {
                let told = |text: String| if text.is_empty() { "–".to_owned() } else { text };
                self.differences.push(Difference {
                    what: key.to_owned(),
                    failing: told(failing),
                    working: told(working),
                });
            }
        }
    }

    /// One object, a line end behind it.
    #[must_use]
    pub fn json(&self) -> String {
        super::view::json(self)
    }

    /// The comparison as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let en = self.lang == Lang::En;
        let mut out = String::new();
        let mut line = |text: &str| {
            out.push_str(text);
            out.push('\n');
        };
        line(if en { "# What differs\n" } else { "# 不同之处\n" });
        if self.differences.is_empty() {
            line(if en {
                "Nothing that can be seen: what was given of both says the same."
            } else {
                "看不出不同：两边给出的内容说的是同一件事。"
            });
        } else {
            line(if en {
                "| | The one that fails | The one that works |"
            } else {
                "| | 失败的 | 正常的 |"
            });
            line("| --- | --- | --- |");
            for difference in &self.differences {
                let cell = |text: &str| shortened(text, self.lang).replace('|', "\\|");
                line(&format!(
                    "| **{}** | {} | {} |",
                    difference.what,
                    cell(&difference.failing),
                    cell(&difference.working)
                ));
            }
        }
        for (title, ladder) in self.ladders.iter().filter(|(_, ladder)| !ladder.is_empty()) {
            line(&format!("\n## {title}\n\n```text\n{}```", ladder.text()));
        }
        let long: Vec<String> = self.differences.iter().flat_map(|own| own.in_full(self.lang)).collect();
        if !long.is_empty() {
            line(if en { "\n## The long lists in full\n" } else { "\n## 完整列表\n" });
            long.iter().for_each(|text| line(text));
        }
        if !self.same.is_empty() {
            line(if en { "\n## The same in both\n" } else { "\n## 两边相同\n" });
            for same in &self.same {
                line(&format!("- {}: {}", same.what, same.value));
            }
        }
        out
    }
}

impl Difference {
    /// What the table has no room for.
    fn in_full(&self, lang: Lang) -> Vec<String> {
        let (failing, working) = match lang {
            Lang::En => ("the one that fails", "the one that works"),
            Lang::ZhCn => ("失败的", "正常的"),
        };
        [(failing, &self.failing), (working, &self.working)]
            .into_iter()
            .filter(|(_, text)| shortened(text, lang) != **text)
            .map(|(side, text)| match lang {
                Lang::En => format!("- {} ({side}): {text}", self.what),
                Lang::ZhCn => format!("- {}（{side}）：{text}", self.what),
            })
            .collect()
    }
}

/// A list as long as a column of a table may be, and how many more there are.
fn shortened(text: &str, lang: Lang) -> Cow<'_, str> {
    const WIDEST: usize = 72;
    let items: Vec<&str> = text.split(", ").collect();
    let mut width = 0;
    let fitting = items.iter().take_while(|item| {
        width += item.len() + 2;
        width <= WIDEST
    });
    let fitting = fitting.count().max(1);
    // One more takes no more room than saying so.
    if items.len() <= fitting + 1 {
        return Cow::Borrowed(text);
    }
    let shown = items.get(..fitting).unwrap_or_default().join(", ");
    let more = items.len() - fitting;
    Cow::Owned(match lang {
        Lang::En => format!("{shown} and {more} more"),
        Lang::ZhCn => format!("{shown} 等，还有 {more} 项"),
    })
}

/// A paste, read.
struct Case {
    flows: Vec<Flow>,
    facts: Facts,
}

impl Case {
    fn read(paste: &Paste) -> Self {
        let artifacts = decode::find(paste);
        let evidence = decode::read(paste, &artifacts);
        let flows = artifacts.iter().flat_map(|artifact| artifact.flows().iter().cloned()).collect();
        Self { flows, facts: facts::weigh(paste, &artifacts, evidence) }
    }

    /// The first that went wrong; where none did, the first with a ClientHello.
    fn flow_that_fails(&self) -> Option<&Flow> {
        let with_hello = || self.flows.iter().filter(|flow| flow.client_hello().is_some());
        self.flows.iter().find(|flow| flow.failed()).or_else(|| with_hello().next()).or(self.flows.first())
    }

    /// One that works, to the same server if there is one.
    fn flow_like(&self, bad: &Flow) -> Option<&Flow> {
        let sni = |flow: &Flow| flow.client_hello().and_then(|(hello, _)| hello.sni.clone());
        let port = |flow: &Flow| flow.server.as_ref().and_then(|server| server.port);
        self.flows.iter().min_by_key(|flow| {
            let other_name = sni(flow) != sni(bad);
            let other_server =
                flow.server.as_ref().map(|end| &end.host) != bad.server.as_ref().map(|end| &end.host);
            (!flow.works(), other_name && other_server, port(flow) != port(bad), other_name)
        })
    }
}

/// The fields, the telling ones first.
fn fields(flow: &Flow, lang: Lang) -> Vec<Field> {
    let view = FlowView::new(flow);
    let hello = view.client_hello.as_ref();
    let details = hello.and_then(|hello| hello.details.as_ref());
    let answer = view.server_hello.as_ref();
    let one = |en, zh, value: Option<String>| Field { en, zh, value: Value::One(value), of_hello: false };
    let list = |en, zh, value: Vec<String>| Field { en, zh, value: Value::List(value), of_hello: false };
    let of_hello = |field: Field| Field { of_hello: true, ..field };
    let names = |numbered: Option<&Vec<NumberView>>| -> Vec<String> {
        numbered.into_iter().flatten().filter(|number| !is_grease(number.id)).map(name_of).collect()
    };
    let yes = |yes: bool| {
        Some(
            match (yes, lang) {
                (true, Lang::En) => "yes",
                (false, Lang::En) => "no",
                (true, Lang::ZhCn) => "是",
                (false, Lang::ZhCn) => "否",
            }
            .to_owned(),
        )
    };
    let versions = details.map(|hello| {
        hello.supported_versions.iter().filter(|name| !name.starts_with("0x")).cloned().collect::<Vec<_>>()
    });
    vec![
        one("Newest version offered", "提供的最新版本", hello.and_then(|hello| hello.max_version.clone())),
        one("What the server did", "服务器的反应", Some(outcome(flow, lang))),
        of_hello(one(
            "Server name (SNI)",
            "服务器名（SNI）",
            hello.and_then(|hello| hello.sni.as_deref().map(tame)),
        )),
        one("STARTTLS", "STARTTLS", view.starttls.map(str::to_owned)),
        one("Version chosen", "选定的版本", answer.and_then(|answer| answer.version.clone())),
        one(
            "Cipher suite chosen",
            "选定的密码套件",
            answer.and_then(|answer| answer.cipher.as_ref()).map(name_of),
        ),
        of_hello(list("Versions offered", "提供的版本", versions.unwrap_or_default())),
        of_hello(list("Cipher suites offered", "提供的密码套件", names(details.map(|hello| &hello.ciphers)))),
        of_hello(list("Groups offered", "提供的群", names(details.map(|hello| &hello.groups)))),
        of_hello(list(
            "Signature schemes offered",
            "提供的签名方案",
            names(details.map(|hello| &hello.signature_schemes)),
        )),
        of_hello(list(
            "ALPN offered",
            "提供的 ALPN",
            details.map(|hello| hello.alpn.iter().map(|name| tame(name)).collect()).unwrap_or_default(),
        )),
        one("ALPN chosen", "选定的 ALPN", answer.and_then(|answer| answer.alpn.as_deref().map(tame))),
        of_hello(one(
            "Client's certificate asked for",
            "要求客户端证书",
            view.client_certificate_requested.and_then(yes),
        )),
        list(
            "Certificates sent",
            "发送的证书",
            view.certificates
                .iter()
                .map(|seen| tame(seen.subject.as_deref().unwrap_or(&seen.sha256)))
                .collect(),
        ),
        of_hello(one(
            "HelloRetryRequest",
            "HelloRetryRequest",
            view.client_hello.as_ref().and_then(|_| yes(view.hello_retry_request)),
        )),
        of_hello(one(
            "Bytes of the ClientHello",
            "ClientHello 的字节数",
            details.and_then(|hello| hello.size).map(|size| size.to_string()),
        )),
        of_hello(one(
            "Version in the hello's record",
            "ClientHello 记录层的版本",
            hello.and_then(|hello| hello.record_version.clone()),
        )),
        of_hello(list(
            "Extensions",
            "扩展",
            details
                .map(|hello| {
                    let known = hello.extensions.iter().filter(|number| !is_grease(**number));
                    known.map(|number| crate::tls::ExtensionType(*number).to_string()).collect()
                })
                .unwrap_or_default(),
        )),
        one("Sent again", "重传", Some(view.retransmissions.to_string())),
        of_hello(one("JA4", "JA4", details.and_then(|hello| hello.ja4.clone()))),
        of_hello(one("JA3", "JA3", details.and_then(|hello| hello.ja3.clone()))),
        one("Server", "服务器", view.server.as_deref().map(tame)),
    ]
}

fn name_of(number: &NumberView) -> String {
    number.name.map_or_else(|| format!("0x{:04x}", number.id), str::to_owned)
}

/// How it went, in a few words.
fn outcome(flow: &Flow, lang: Lang) -> String {
    let en = lang == Lang::En;
    let mut parts: Vec<String> = Vec::new();
    if let Some((false, _)) = flow.starttls_answer() {
        parts.push(if en { "refused STARTTLS" } else { "拒绝 STARTTLS" }.to_owned());
    }
    if flow.server_hello().is_some() {
        parts.push(if en { "answered with a ServerHello" } else { "回答了 ServerHello" }.to_owned());
    }
    for (_, alert, event) in flow.alerts().filter(|(_, alert, _)| alert.0 != 0).take(3) {
        parts.push(match (event.from, en) {
            (Side::Server, true) => format!("sent alert {alert}"),
            (Side::Client, true) => format!("was sent alert {alert} by the client"),
            (Side::Server, false) => format!("发送警报 {alert}"),
            (Side::Client, false) => format!("收到客户端的警报 {alert}"),
        });
    }
    let mut words = flow.events.iter().filter(|event| event.what.carries_bytes());
    let unheard = words.next_back().is_some_and(|last| last.from == Side::Client);
    if unheard && parts.is_empty() && flow.close.is_some_and(|close| close.how != CloseHow::Timeout) {
        parts.push(if en { "gave no answer" } else { "没有回答" }.to_owned());
    }
    if flow.established {
        parts.push(if en { "the handshake was finished" } else { "握手完成" }.to_owned());
    } else if let Some(close) = flow.close {
        parts.push(
            match (close.how, close.by, en) {
                (CloseHow::Fin, Side::Server, true) => "closed (FIN)",
                (CloseHow::Rst, Side::Server, true) => "cut off (RST)",
                (CloseHow::Fin, Side::Client, true) => "the client closed (FIN)",
                (CloseHow::Rst, Side::Client, true) => "the client cut off (RST)",
                (CloseHow::Timeout, _, true) => "nothing came back",
                (CloseHow::Fin, Side::Server, false) => "关闭连接（FIN）",
                (CloseHow::Rst, Side::Server, false) => "切断连接（RST）",
                (CloseHow::Fin, Side::Client, false) => "客户端关闭连接（FIN）",
                (CloseHow::Rst, Side::Client, false) => "客户端切断连接（RST）",
                (CloseHow::Timeout, _, false) => "没有任何回应",
            }
            .to_owned(),
        );
    }
    if parts.is_empty() {
        parts.push(if en { "not shown" } else { "未显示" }.to_owned());
    }
    parts.join(if en { ", " } else { "，" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_in_the_table_and_told_below() {
        let suites = "only here: TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256, TLS_AES_128_GCM_SHA256, TLS_SM4_GCM_SM3";
        assert_eq!(
            shortened(suites, Lang::En),
            "only here: TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256 and 2 more"
        );
        assert_eq!(shortened("TLS 1.3, TLS 1.2", Lang::En), "TLS 1.3, TLS 1.2");
        let difference = |working: &str| Difference {
            what: "Cipher suites offered".to_owned(),
            failing: "–".to_owned(),
            working: working.to_owned(),
        };
        let told = format!("- Cipher suites offered (the one that works): {suites}");
        assert_eq!(difference(suites).in_full(Lang::En), [told]);
        assert_eq!(difference("TLS 1.3, TLS 1.2").in_full(Lang::En), Vec::<String>::new());
    }

    #[test]
    fn who_sends_no_hello_lacks_nothing_of_it() {
        let list = |row: &str| {
            let open = "1 0.000000 192.0.2.1 192.0.2.2 TCP 66 50000 → 443 [SYN] Seq=0 Win=64240 Len=0";
            Paste::text(&format!("{open}\n2 0.010000 {row}"))
        };
        let refused = list("192.0.2.2 192.0.2.1 TCP 66 443 → 50000 [RST, ACK] Seq=1 Ack=1 Win=0 Len=0");
        let hello = list("192.0.2.1 192.0.2.2 TLSv1.2 571 Client Hello (SNI=mail.example.com)");
        let told = |failing: &Paste, working: &Paste| {
            let diff = Diff::new(failing, working, Lang::En);
            diff.differences.into_iter().map(|difference| difference.what).collect::<Vec<_>>()
        };
        assert_eq!(told(&refused, &hello), ["What the server did"]);
        let other = list("192.0.2.1 192.0.2.2 TLSv1.2 571 Client Hello (SNI=www.example.com)");
        assert_eq!(told(&other, &hello), ["Server name (SNI)"]);
    }
}
