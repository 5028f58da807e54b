//! Reads what programs and systems say of their versions.
//!
//! In:  `OpenSSL 1.0.2k-fips`, `java version "1.8.0_292"`, `Microsoft Windows [Version 6.1.7601]`.
//! Out: which branch each belongs to, and whether that still gets security updates, by
//!      `content/platforms/products.toml`.
//! Not here: what a branch offers. Pages and the policy say that.

use std::collections::HashSet;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::marks::{Mark, Marks};
use super::{Artifact, Data, Decode, MANY};
use crate::content::{Product, library, numbers};
use crate::evidence::{Evidence, Statement};
use crate::paste::{Line, Paste, Span};

pub(super) struct SystemInfo;

/// How many lines a program says of itself behind the first: features, protocols, paths.
const LINES: usize = 40;

/// How many words a line has that is no sentence.
const WORDS: usize = 8;

impl Decode for SystemInfo {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let text = lines.first()?.body().trim();
        let begins = may_begin(text)
            && in_line(text).first().is_some_and(|(at, ..)| *at == 0)
            && text.len() < 200
            && !text.contains(": error");
        let heads = [
            "Host Name:",
            "OS Name:",
            "PRETTY_NAME=",
            "NAME=\"",
            "Distributor ID:",
            "ProductName:",
            "PSVersion ",
        ];
        if !begins && !heads.iter().any(|head| text.starts_with(head)) {
            return None;
        }
        let more = lines.iter().skip(1).take(LINES).take_while(|line| goes_on(line.body().trim())).count();
        Some((more + 1, Data::SystemInfo))
    }
}

/// A line that programs print below their version: `Protocols: dict file ftp`, `built on: …`, `ID=debian`.
fn goes_on(text: &str) -> bool {
    const HEADS: [&str; 9] = [
        "Java(TM) ",
        "OpenJDK ",
        "Java HotSpot",
        "Copyright",
        "Zend Engine",
        "    with ",
        "with ",
        "Codename",
        "Eclipse",
    ];
    let named = text.split_once([':', '=']).is_some_and(|(name, value)| {
        name.len() <= 32
            && !value.starts_with("//")
            && !["error", "Error", "ERROR", "curl", "wget", "Exception"]
                .iter()
                .any(|word| name.ends_with(word))
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_- ()".contains(&byte))
    });
    !text.is_empty()
        && (named
            || HEADS.iter().any(|head| text.starts_with(head))
            || in_line(text).first().is_some_and(|(at, ..)| *at == 0))
}

pub(super) fn read(paste: &Paste, artifacts: &[Artifact], evidence: &mut Vec<Evidence>) {
    for (at, input) in paste.inputs.iter().enumerate() {
        let text = input.text();
        let mut own = artifacts.iter().enumerate().filter(|(_, artifact)| artifact.input == at).peekable();
        let mut lines = 1;
        let mut counted = 0;
        let mut found = 0;
        for (start, version, product) in in_lines(text, Marks::of(input).all(Mark::Product)) {
            while own.next_if(|(_, artifact)| artifact.span.end <= start).is_some() {}
            let Some((id, artifact)) = own.peek() else { break };
            let begin = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
            let line = text.get(begin..).and_then(|rest| rest.lines().next()).unwrap_or_default();
            if artifact.span.start > start
                || matches!(
                    artifact.data,
                    Data::Code(_)
                        | Data::Configuration(_)
                        | Data::Registry(_)
                        | Data::X509(_)
                        | Data::HexDump(_)
                )
                || of_another(line, start - begin)
            {
                continue;
            }
            found += 1;
            if found > MANY {
                break;
            }
            lines += text.get(counted..start).unwrap_or_default().matches('\n').count();
            counted = start;
            let Some(branch) = product.branch(&numbers(version)) else { continue };
            let mut states: Vec<Statement> =
                branch.says.iter().map(|(key, value)| Statement::new(key.as_str(), value.as_str())).collect();
            if let Some(ended) = &branch.ended {
                let name = branch.name.clone().unwrap_or_else(|| format!("{} {version}", product.name));
                states.push(Statement::new("platform.ended", format!("{name} ({ended})")));
            }
            // A sentence speaks of any version; a line of a few words says what one has.
            let sentence = matches!(artifact.data, Data::Prose) && line.split_whitespace().count() > WORDS;
            if states.iter().all(|state| sentence && state.key == "platform.ended") {
                continue;
            }
            // The version ends where its numbers do.
            let end = text
                .get(start..)
                .and_then(|rest| rest.find(version))
                .map_or(start, |at| start + at + version.len());
            let span = Span { start, end, line: lines, end_line: lines };
            evidence.push(Evidence::new(*id, at, span, states));
        }
    }
}

/// What a server says of itself, or what a program was built with, is no version of the client.
fn of_another(line: &str, at: usize) -> bool {
    let before = line.get(..at).unwrap_or_default().to_ascii_lowercase();
    [
        "server:",
        "apache/",
        "nginx/",
        "built with",
        "requires",
        "since ",
        "before ",
        "until ",
        "x-powered-by",
        "works with",
        "works on",
        "works fine",
        "upgrade",
        "update to",
    ]
    .iter()
    .any(|word| before.contains(word))
}

/// Every version in the lines of a text that have a product's mark, and in the next, as `in_line`.
fn in_lines<'a>(text: &'a str, marks: &[usize]) -> impl Iterator<Item = (usize, &'a str, &'static Product)> {
    let mut read = 0;
    marks.iter().flat_map(move |mark| {
        let around = if *mark < read { None } else { text.get(..*mark).zip(text.get(*mark..)) };
        let lines = around.and_then(|(before, after)| {
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            // A command and what it prints are two lines.
            let mut ends = after.match_indices('\n').map(|(at, _)| mark + at);
            read = ends.next().unwrap_or(text.len());
            Some((start, read - start, text.get(start..ends.next().unwrap_or(text.len()))?))
        });
        lines.into_iter().flat_map(|(start, own, lines)| {
            let found = in_line(lines).into_iter().filter(move |(at, ..)| *at < own);
            found.map(move |(at, version, product)| (start + at, version, product))
        })
    })
}

/// Every version in a text: where its product's mark begins, the version as it stands, the product.
fn in_line(text: &str) -> Vec<(usize, &str, &'static Product)> {
    let (finder, products) = marks();
    let mut found = Vec::new();
    for hit in finder.find_iter(text) {
        let Some(product) = products.get(hit.pattern().as_usize()) else { continue };
        let inside = text
            .get(..hit.start())
            .and_then(|before| before.chars().next_back())
            .is_some_and(char::is_alphanumeric);
        let Some(rest) = text.get(hit.end()..).filter(|_| !inside) else { continue };
        let skipped =
            |text: &'_ str| text.len() - text.trim_start_matches(['"', '\'', ' ', '[', ':', '=']).len();
        let mut quoted = rest.get(skipped(rest)..).unwrap_or_default();
        // "version", as Windows says it in its languages.
        let word = VERSION.iter().filter_map(|word| quoted.strip_prefix(word)).min_by_key(|rest| rest.len());
        if let Some(behind) = word {
            quoted = behind.get(skipped(behind)..).unwrap_or_default();
        }
        if rest.len() - quoted.len() > 24 {
            continue;
        }
        let end = quoted.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(quoted.len());
        let version = quoted.get(..end).unwrap_or_default().trim_end_matches(['.', '_']);
        if !version.is_empty() && version.len() <= 24 {
            found.push((hit.start(), version, *product));
        }
    }
    found
}

/// What may stand between a product and its version.
const VERSION: [&str; 15] = [
    "version",
    "Version",
    "versión",
    "Versión",
    "versão",
    "versione",
    "版本",
    "версия",
    "Версия",
    "バージョン",
    "버전",
    "wersja",
    "verze",
    "sürüm",
    "v",
];

/// Whether a mark begins as a text does, by its first two bytes: few lines of a log do.
fn may_begin(text: &str) -> bool {
    static BEGINNINGS: OnceLock<HashSet<[u8; 2]>> = OnceLock::new();
    let two = |text: &str| {
        text.as_bytes().first_chunk().map(|two: &[u8; 2]| two.map(|byte| byte.to_ascii_lowercase()))
    };
    let marks = || library().products.iter().flat_map(|product| &product.marks);
    let beginnings = BEGINNINGS.get_or_init(|| marks().filter_map(|mark| two(mark)).collect());
    two(text).is_some_and(|two| beginnings.contains(&two))
}

fn marks() -> &'static (AhoCorasick, Vec<&'static Product>) {
    static MARKS: OnceLock<(AhoCorasick, Vec<&'static Product>)> = OnceLock::new();
    MARKS.get_or_init(|| {
        let all: Vec<(&str, &Product)> = library()
            .products
            .iter()
            .flat_map(|product| product.marks.iter().map(move |mark| (mark.as_str(), product)))
            .collect();
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            // Made for one paste: quickly.
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(aho_corasick::MatchKind::LeftmostLongest)
            .build(all.iter().map(|(mark, _)| *mark))
            .expect("marks always make an automaton");
        (finder, all.into_iter().map(|(_, product)| product).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(text: &str) -> Vec<String> {
        let paste = Paste::text(text);
        let artifacts = super::super::find(&paste);
        let mut evidence = Vec::new();
        read(&paste, &artifacts, &mut evidence);
        let states = evidence.into_iter().flat_map(|seen| seen.states);
        states.map(|state| format!("{}={}", state.key, state.value)).collect()
    }

    #[test]
    fn every_product_is_read_in_its_own_line() {
        for product in &library().products {
            let found = in_line(&product.seen);
            assert!(
                found.iter().any(|(_, _, found)| found.name == product.name),
                "{}: {:?}",
                product.name,
                product.seen
            );
        }
    }

    #[test]
    fn reads_versions_as_numbers() {
        assert!(states("OpenSSL 0.9.8zh 14 Jan 2016").contains(&"client.openssl=before-1.0.1".to_owned()));
        assert!(states("OpenSSL 1.0.2k-fips  26 Jan 2017").contains(&"client.openssl=1.0.2".to_owned()));
        assert!(states("java version \"1.7.0_80\"").contains(&"client.java=7".to_owned()));
        assert!(states("openjdk version \"21.0.4\" 2024-07-16").contains(&"client.java=8".to_owned()));
        assert!(states("Microsoft Windows [Version 6.1.7601]").contains(&"client.os=windows-7".to_owned()));
        assert!(
            states("Microsoft Windows [版本 10.0.22631.4037]").contains(&"client.os=windows-11".to_owned())
        );
        assert!(states("Python 2.7.18").iter().any(|state| state == "platform.ended=Python 2 (2020-01-01)"));
        assert!(
            states("$ node -v\nv12.22.12\n$ node get.js").iter().any(|state| state.contains("Node.js 12"))
        );
        assert!(states("Server: Apache/2.4.6 (CentOS) OpenSSL/1.0.2k-fips").is_empty());
        assert!(states("the openssl command").is_empty());
    }
}
