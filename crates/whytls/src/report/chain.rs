//! A chain of certificates as a picture: from the root down to the server, the broken link marked.
//!
//! In:  a verdict on a chain.
//! Out: the chain as a tree of text, for terminals and Markdown, and as SVG, for HTML.
//! Not here: the checks, and what to do about what they find.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::ladder::escape;
use crate::content::Lang;
use crate::x509::verify::{Fault, Role, Seen, Verdict, Weight};

/// Columns that a line's words may take.
const WIDEST: usize = 82;
/// The same in a picture, which a phone shows whole.
const NARROW: usize = 44;
/// Names of a certificate that are listed; the rest is counted.
const MOST_NAMES: usize = 6;

/// A drawing of one chain.
#[derive(Clone, Debug)]
pub struct Chain {
    /// From the root down to the server.
    links: Vec<Link>,
    /// Certificates that came along and have no part in the path.
    beside: Vec<String>,
    lang: Lang,
}

/// A certificate, and how it hangs on the one above it.
#[derive(Clone, Debug)]
struct Link {
    /// Subject, place and date.
    words: String,
    /// What is wrong with it, and the names that were wanted and had.
    remarks: Vec<Remark>,
    /// The one above did not sign it, is not trusted or is not there.
    broken: bool,
    /// It is not there: only its name is known.
    absent: bool,
}

#[derive(Clone, Debug)]
struct Remark {
    words: String,
    mark: Mark,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// It holds.
    Good,
    /// Clients refuse it.
    Bad,
    /// Some clients refuse it, or it is against a rule.
    Doubt,
    /// Neither.
    Plain,
}

impl Mark {
    fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓ ",
            Self::Bad => "✗ ",
            Self::Doubt => "! ",
            Self::Plain => "",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Doubt => "doubt",
            Self::Plain => "plain",
        }
    }
}

impl From<Weight> for Mark {
    fn from(weight: Weight) -> Self {
        if weight == Weight::Refused { Self::Bad } else { Self::Doubt }
    }
}

impl Chain {
    /// Draws a verdict in the words of one language.
    #[must_use]
    pub fn new(verdict: &Verdict, lang: Lang) -> Self {
        let say = |en: &'static str, zh: &'static str| if lang == Lang::En { en } else { zh };
        let mut links: Vec<Link> = Vec::new();
        let trusted = !verdict.faults.iter().any(leads_nowhere);
        for (at, step) in verdict.path.iter().enumerate() {
            let seen = step.certificate.and_then(|at| verdict.certificates.get(at));
            let faults = || {
                verdict
                    .faults
                    .iter()
                    .filter(|fault| fault.certificate.is_some() && fault.certificate == step.certificate)
            };
            let role = match step.role {
                Role::Leaf => say("server", "服务器证书"),
                Role::Intermediate => say("intermediate", "中间证书"),
                Role::Root => say("root", "根证书"),
            };
            let day = |time: Option<crate::x509::Time>| {
                time.map(|time| time.to_string().chars().take(10).collect::<String>())
            };
            let until = seen.and_then(|seen| day(seen.not_after));
            let until = until.map(|until| match lang {
                Lang::En => format!(", until {until}"),
                Lang::ZhCn => format!("，有效期至 {until}"),
            });
            let signer = seen.and_then(|seen| signer(verdict, seen, step.certificate, lang));
            let place = format!("{role}{}{}", signer.unwrap_or_default(), until.unwrap_or_default());
            let words = format!("{}{}", subject(&step.subject), in_brackets(&place, lang));
            let mut remarks: Vec<Remark> = faults()
                .map(|fault| Remark { words: told(fault, lang), mark: fault.weight.into() })
                .collect();
            if at == 0 {
                remarks.extend(names(verdict, lang));
            }
            // A root of the client's own list is trusted for being there.
            let last = at + 1 == verdict.path.len();
            if last && trusted && step.role == Role::Root && remarks.is_empty() {
                let words = say("trusted", "受信任").to_owned();
                remarks.push(Remark { words, mark: Mark::Good });
            }
            links.push(Link { words, remarks, broken: faults().any(breaks_link), absent: false });
            let issuer = seen.map(|seen| seen.issuer.as_str()).unwrap_or_default();
            if last && faults().any(misses_issuer) && !issuer.is_empty() {
                let absent = in_brackets(say("issuer, not there", "颁发者，缺失"), lang);
                let words = format!("{}{absent}", subject(issuer));
                links.push(Link { words, remarks: Vec::new(), broken: false, absent: true });
            }
        }
        links.reverse();
        let on_path = |at: usize| verdict.path.iter().any(|step| step.certificate == Some(at));
        let beside = verdict
            .certificates
            .iter()
            .enumerate()
            .filter(|(at, seen)| seen.sent && !on_path(*at) && !seen.subject.is_empty())
            .map(|(at, seen)| {
                let signer = signer(verdict, seen, Some(at), lang);
                let signer = signer.as_deref().map(|words| words.trim_start_matches([',', ' ', '，']));
                let signer = signer.map(|words| in_brackets(words, lang));
                format!("{}{}", subject(&seen.subject), signer.unwrap_or_default())
            })
            .take(MOST_NAMES)
            .collect();
        Self { links, beside, lang }
    }

    /// One certificate in which nothing is broken says no more than its own lines.
    pub(super) fn is_trivial(&self) -> bool {
        self.links.len() + self.beside.len() < 2 && !self.links.iter().any(|link| link.broken)
    }

    /// The chain as text, with or without what is wrong with each certificate.
    #[must_use]
    pub fn text(&self, remarks: bool) -> String {
        let mut out = String::new();
        let mut broken = false;
        for (depth, link) in self.links.iter().enumerate() {
            let indent = "   ".repeat(depth.saturating_sub(1));
            let hook = match depth {
                0 => "",
                _ if link.broken => "└╳ ",
                _ => "└─ ",
            };
            let mark = if link.absent || link.is_bad() { "✗ " } else { "" };
            broken |= link.broken;
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{indent}{hook}{mark}{}", link.words);
            let below = "   ".repeat(depth);
            let bar = if depth + 1 < self.links.len() { "│ " } else { "  " };
            for remark in link.remarks.iter().filter(|_| remarks) {
                let mut sign = remark.mark.sign();
                for line in wrap(&remark.words, WIDEST.saturating_sub(below.width())) {
                    let _ = writeln!(out, "{below}{bar}  {sign}{line}");
                    sign = if sign.is_empty() { "" } else { "  " };
                }
            }
        }
        if let Some(beside) = self.beside().filter(|_| remarks) {
            let _ = writeln!(out, "{beside}");
        }
        if broken && remarks {
            let _ = writeln!(
                out,
                "{}",
                match self.lang {
                    Lang::En => "╳ marks the broken link",
                    Lang::ZhCn => "╳ 表示断开的一环",
                }
            );
        }
        out
    }

    fn beside(&self) -> Option<String> {
        let (head, sep) = match self.lang {
            Lang::En => ("Also there, without a part in the path: ", "; "),
            Lang::ZhCn => ("另有与路径无关的证书：", "；"),
        };
        (!self.beside.is_empty()).then(|| format!("{head}{}", self.beside.join(sep)))
    }

    /// The chain as SVG to put into HTML: with a title and a description for those who cannot see it,
    /// in the colours of the text around it. `id` keeps its ids apart from other drawings'.
    #[must_use]
    pub fn svg(&self, id: &str) -> String {
        const LEFT: usize = 8;
        const WIDTH: usize = 376;
        const LINE: usize = 20;
        const GAP: usize = 40;
        let mut body = String::new();
        let mut y = 8;
        for (depth, link) in self.links.iter().enumerate() {
            if depth > 0 {
                let (class, middle) = (if link.broken { "bad" } else { "link" }, y + GAP / 2);
                let x = LEFT + 32;
                let _ = write!(body, r#"<g class="{class}"><path d="M{x} {y}V{}"/>"#, y + GAP);
                if link.broken {
                    let _ = write!(
                        body,
                        r#"<path class="cross" d="M{} {}l16 12m0 -12l-16 12"/><text class="words" x="{}" y="{}">{}</text>"#,
                        x - 8,
                        middle - 6,
                        x + 20,
                        middle + 5,
                        match self.lang {
                            Lang::En => "the chain breaks here",
                            Lang::ZhCn => "证书链在此断开",
                        },
                    );
                }
                body.push_str("</g>");
                y += GAP;
            }
            let mut lines: Vec<(&str, String)> =
                wrap(&link.words, NARROW).into_iter().map(|line| ("who", line)).collect();
            for remark in &link.remarks {
                let mut sign = remark.mark.sign();
                for line in wrap(&remark.words, NARROW) {
                    lines.push((remark.mark.class(), format!("{sign}{line}")));
                    sign = if sign.is_empty() { "" } else { "\u{2003}" };
                }
            }
            let height = lines.len() * LINE + 16;
            let class = match link {
                Link { absent: true, .. } => "absent",
                link if link.is_bad() => "bad",
                _ => "fine",
            };
            let _ = write!(
                body,
                r#"<g class="{class}"><rect x="{LEFT}" y="{y}" width="{WIDTH}" height="{height}" rx="6"/>"#
            );
            for (at, (class, line)) in lines.iter().enumerate() {
                let _ = write!(
                    body,
                    r#"<text class="{class}" x="{}" y="{}">{}</text>"#,
                    LEFT + 14,
                    y + 22 + at * LINE,
                    escape(line)
                );
            }
            body.push_str("</g>");
            y += height;
        }
        for line in self.beside().iter().flat_map(|beside| wrap(beside, NARROW)) {
            y += LINE + 4;
            let _ = write!(body, r#"<text class="plain" x="{LEFT}" y="{y}">{}</text>"#, escape(&line));
        }
        let height = y + 12;
        let title = match self.lang {
            Lang::En => "The certificate chain, from the root down to the server",
            Lang::ZhCn => "证书链，从根证书到服务器证书",
        };
        format!(
            r#"<div class="chain"><svg viewBox="0 0 392 {height}" width="392" height="{height}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{title}</title><desc id="{id}-d">{}</desc>{body}</svg></div>"#,
            escape(&self.described()),
        )
    }

    /// The picture in words, from the server upwards.
    fn described(&self) -> String {
        let links = self.links.iter().rev().map(|link| {
            let remarks = link.remarks.iter().map(|remark| remark.words.as_str());
            let broken = match self.lang {
                Lang::En => "the link to its issuer is broken",
                Lang::ZhCn => "与颁发者的联系断开",
            };
            let all: Vec<&str> = [link.words.as_str()]
                .into_iter()
                .chain(remarks)
                .chain(link.broken.then_some(broken))
                .collect();
            all.join(": ")
        });
        links.chain(self.beside()).collect::<Vec<_>>().join("; ")
    }
}

impl Link {
    fn is_bad(&self) -> bool {
        self.remarks.iter().any(|remark| remark.mark == Mark::Bad)
    }
}

/// The fault lies between a certificate and the one above it.
fn breaks_link(fault: &Fault) -> bool {
    matches!(fault.rule, "issuer-key-differs" | "signature-unknown" | "signature-bad") || misses_issuer(fault)
}

/// No trusted root was reached.
fn leads_nowhere(fault: &Fault) -> bool {
    matches!(
        fault.problem,
        "untrusted-root"
            | "incomplete-chain"
            | "self-signed-certificate"
            | "self-signed-in-chain"
            | "tls-inspection"
    )
}

fn misses_issuer(fault: &Fault) -> bool {
    matches!(fault.rule, "issuer-missing" | "issuer-unknown")
}

fn told(fault: &Fault, lang: Lang) -> String {
    let says = if lang == Lang::En { &fault.says.en } else { &fault.says.zh };
    let says = clean(says);
    match (fault.weight, fault.clients, lang) {
        (Weight::Some, [_, ..], Lang::En) => format!("{says} (refused by {})", fault.clients.join(", ")),
        (Weight::Some, [_, ..], Lang::ZhCn) => format!("{says}（拒绝者：{}）", fault.clients.join("、")),
        _ => says,
    }
}

/// The name that was wanted, and the names that the certificate has.
fn names(verdict: &Verdict, lang: Lang) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let wrong = |fault: &&Fault| matches!(fault.problem, "hostname-mismatch" | "common-name-only");
    if let Some(host) = &verdict.host {
        let mark = verdict.faults.iter().find(wrong).map_or(Mark::Good, |fault| fault.weight.into());
        let head = if lang == Lang::En { "wanted: " } else { "要连接的名称：" };
        remarks.push(Remark { words: format!("{head}{}", clean(host)), mark });
    }
    if !verdict.names.is_empty() {
        let shown: Vec<String> = verdict.names.iter().take(MOST_NAMES).map(|name| clean(name)).collect();
        let more = verdict.names.len() - shown.len();
        let words = match (lang, more) {
            (Lang::En, 0) => format!("has: {}", shown.join(", ")),
            (Lang::En, _) => format!("has: {} and {more} more", shown.join(", ")),
            (Lang::ZhCn, 0) => format!("证书中的名称：{}", shown.join("、")),
            (Lang::ZhCn, _) => format!("证书中的名称：{} 等 {} 个", shown.join("、"), verdict.names.len()),
        };
        remarks.push(Remark { words, mark: Mark::Plain });
    }
    remarks
}

fn in_brackets(words: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!(" ({words})"),
        Lang::ZhCn => format!("（{words}）"),
    }
}

/// Who signed a certificate, where another one of the same name is there too: a root, and the
/// cross-sign that an older root gave it.
fn signer(verdict: &Verdict, seen: &Seen, own: Option<usize>, lang: Lang) -> Option<String> {
    let others = verdict.certificates.iter().enumerate().filter(|(at, _)| Some(*at) != own);
    let shared = others.map(|(_, other)| other).any(|other| {
        other.subject == seen.subject && !seen.subject.is_empty() && other.sha256 != seen.sha256
    }) || verdict
        .path
        .iter()
        .any(|step| step.certificate.is_none() && step.certificate != own && step.subject == seen.subject);
    if !shared {
        return None;
    }
    let issuer = subject(&seen.issuer);
    Some(match (seen.issuer == seen.subject, lang) {
        (true, Lang::En) => ", self-signed".to_owned(),
        (true, Lang::ZhCn) => "，自签名".to_owned(),
        (false, Lang::En) => format!(", cross-signed by {issuer}"),
        (false, Lang::ZhCn) => format!("，由 {issuer} 交叉签名"),
    })
}

/// A subject, fit for one line; an empty one shows that it is.
fn subject(rfc4514: &str) -> String {
    let subject = clean(rfc4514);
    match subject.char_indices().nth(120) {
        _ if subject.is_empty() => "∅".to_owned(),
        Some((end, _)) => format!("{}…", subject.get(..end).unwrap_or_default()),
        None => subject,
    }
}

/// A stranger's text for our lines: nothing in it ends a line or turns its direction.
fn clean(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept = text.chars().filter(|c| !turns(*c));
    kept.map(|c| if c.is_control() || c == '`' || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect()
}

/// Lines of at most so many columns, broken at spaces, or between any two Chinese characters.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut wide, mut space) = (String::new(), 0, None);
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        let may_break = c == ' ' || width == 2;
        if wide + width > columns && !line.is_empty() {
            let rest = space.take().filter(|_| !may_break);
            let rest = rest.map_or_else(String::new, |at| line.split_off(at));
            lines.push(line.trim_end().to_owned());
            line = rest.trim_start().to_owned();
            wide = line.width();
        }
        if c == ' ' && line.is_empty() {
            continue;
        }
        if may_break {
            space = Some(line.len());
        }
        line.push(c);
        wide += width;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::verify::{Says, Step};

    fn seen(subject: &str, issuer: &str) -> Seen {
        Seen {
            sha256: String::new(),
            subject: subject.to_owned(),
            issuer: issuer.to_owned(),
            not_before: None,
            not_after: None,
            sent: true,
            ca_issuers: Vec::new(),
        }
    }

    fn fault(rule: &'static str, certificate: usize) -> Fault {
        Fault {
            problem: "incomplete-chain",
            rule,
            certificate: Some(certificate),
            says: Says { en: "its issuer is missing".to_owned(), zh: "缺少颁发者".to_owned() },
            source: "",
            weight: Weight::Refused,
            clients: &[],
        }
    }

    fn verdict(subject: &str, faults: Vec<Fault>) -> Verdict {
        Verdict {
            host: Some("www.example.com".to_owned()),
            certificates: vec![seen(subject, "CN=Issuer"), seen("CN=Other", "CN=Other")],
            path: vec![Step { certificate: Some(0), subject: subject.to_owned(), role: Role::Leaf }],
            names: vec!["www.example.com".to_owned()],
            faults,
            ..Verdict::default()
        }
    }

    #[test]
    fn marks_the_link_that_is_broken() {
        let broken = Chain::new(&verdict("CN=www", vec![fault("issuer-missing", 0)]), Lang::En);
        let tree = "\
✗ CN=Issuer (issuer, not there)
└╳ ✗ CN=www (server)
       ✗ its issuer is missing
       ✓ wanted: www.example.com
       has: www.example.com
Also there, without a part in the path: CN=Other
╳ marks the broken link
";
        assert_eq!(broken.text(true), tree);
        assert!(broken.svg("c").contains("the chain breaks here"));
        let expired = Chain::new(&verdict("CN=www", vec![fault("expired", 0)]), Lang::En);
        assert!(!expired.text(true).contains('╳'));
        assert!(!expired.svg("c").contains("the chain breaks here"));
    }

    #[test]
    fn a_cross_sign_is_told_from_the_root_of_its_name() {
        let numbered = |number: usize, mut seen: Seen| {
            seen.sha256 = number.to_string();
            seen
        };
        let mut verdict = verdict("CN=www", Vec::new());
        let all = [("CN=www", "CN=New"), ("CN=New", "CN=Old"), ("CN=New", "CN=New")];
        verdict.certificates =
            all.iter().enumerate().map(|(at, (name, issuer))| numbered(at, seen(name, issuer))).collect();
        let step = |at, role| Step { certificate: Some(at), subject: all[at].0.to_owned(), role };
        verdict.path = vec![step(0, Role::Leaf), step(2, Role::Root)];
        let text = Chain::new(&verdict, Lang::En).text(true);
        assert!(text.starts_with("CN=New (root, self-signed)\n"), "{text}");
        assert!(text.contains("path: CN=New (cross-signed by CN=Old)\n"), "{text}");
        assert!(text.contains("└─ CN=www (server)\n"), "{text}");
        verdict.path = vec![step(0, Role::Leaf), step(1, Role::Intermediate)];
        let text = Chain::new(&verdict, Lang::ZhCn).text(true);
        assert!(text.starts_with("CN=New（中间证书，由 CN=Old 交叉签名）\n"), "{text}");
    }

    #[test]
    fn a_picture_is_as_narrow_as_a_phone() {
        let mut fault = fault("issuer-missing", 0);
        fault.says.en = "Its issuer is not there, and no certificate that was sent has this name. ".repeat(3);
        let svg = Chain::new(&verdict("CN=www.example.com,O=Example,C=US", vec![fault]), Lang::En).svg("c");
        assert!(svg.contains(r#"width="392""#));
        let texts = svg.split("<text ").skip(1).filter_map(|text| text.split_once('>'));
        for (_, text) in texts {
            let words = text.split_once('<').map_or("", |(words, _)| words);
            assert!(words.width() <= NARROW + 2, "{words}");
        }
    }

    #[test]
    fn a_name_is_only_ever_text() {
        let chain = Chain::new(&verdict("CN=<script>\n```\u{202e}x", Vec::new()), Lang::ZhCn);
        assert!(chain.svg("c").contains("CN=&lt;script&gt;"));
        assert!(!chain.text(true).contains("```"));
        assert!(!chain.text(true).contains('\u{202e}'));
        assert_eq!(chain.text(true).lines().filter(|line| line.contains("script")).count(), 1);
    }

    #[test]
    fn long_lines_are_broken() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("证书链断开", 6), ["证书链", "断开"]);
        assert_eq!(wrap("abcdefgh", 4), ["abcd", "efgh"]);
        assert_eq!(wrap("", 4), [""]);
    }
}
