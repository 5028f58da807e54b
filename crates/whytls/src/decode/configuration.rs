//! Reads configuration files of servers, clients and libraries, as people paste them.
//!
//! In:  directives (`ssl_protocols TLSv1.2;`), assignments (`smtp_tls_mandatory_protocols = !SSLv3`),
//!      YAML, JSON, XML, and sections of them.
//! Out: every setting with its value, and what those say that `content/settings/` knows.
//! Not here: the grammar of any one program; includes and defaults are not resolved.

use super::asked::{Asked, Question};
use super::code::{From, Named, is_output, names_ahead, names_setting, stated, tokens};
use super::{Data, Decode};
use crate::evidence::Statement;
use crate::paste::{Line, Span};

/// Lines of configuration that stood together.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// Every setting, in the order in which they stand.
    pub settings: Vec<Directive>,
    /// What they state, and where.
    pub stated: Vec<(Span, Vec<Statement>)>,
    /// The protocol versions that they name.
    pub versions: Vec<Named>,
}

/// One setting.
#[derive(Clone, Debug)]
pub struct Directive {
    /// Its name as it stands; of an XML attribute, the element's name before a dot.
    pub name: String,
    /// Its value, without quotes.
    pub value: String,
    /// Both.
    pub span: Span,
}

/// Lines of configuration; with what is known of the region's lines.
pub(super) struct ConfigurationFile<'r>(pub(super) &'r Asked<'r>);

/// How far ahead of the telling line its surroundings may begin.
const AHEAD: usize = 12;

/// What is looked at of one line for a name.
const LOOKED_AT: usize = 512;

/// Elements that say for which .NET a program was made, or runs as if it was.
pub(super) const FRAMEWORKS: [&str; 3] = ["<supportedRuntime", "<httpRuntime", "<TargetFramework"];

/// The directives of one file that are kept; a file has fewer.
const KEPT: usize = 2000;

impl ConfigurationFile<'_> {
    fn is_configuration(&self, line: &Line<'_>) -> bool {
        self.0.ask(line, Question::IsConfiguration, || is_configuration(line))
    }

    fn is_telling(&self, line: &Line<'_>) -> bool {
        self.0.ask(line, Question::TellsInConfiguration, || is_telling(line))
    }
}

impl Decode for ConfigurationFile<'_> {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        // This is asked at every line of a log, so the cheap question comes first.
        if !names_ahead(self.0, lines) {
            return None;
        }
        let block = || {
            lines.iter().enumerate().take_while(|(at, line)| {
                self.is_configuration(line)
                    || *at > 0
                        && line.is_blank()
                        && lines.get(at + 1).is_some_and(|next| self.is_configuration(next))
            })
        };
        // What only goes on begins nothing.
        let begins =
            |first: &Line<'_>| self.is_configuration(first) && (!goes_on(first) || self.is_telling(first));
        if !lines.first().is_some_and(begins) || !block().take(AHEAD).any(|(_, line)| self.is_telling(line)) {
            return None;
        }
        // Only what states something is worth reading to its end.
        let head: Vec<Line<'_>> = block().take(2 * AHEAD).map(|(_, line)| *line).collect();
        if !read_all(&head).1 {
            return None;
        }
        let block: Vec<Line<'_>> = block().map(|(_, line)| *line).collect();
        let (configuration, telling) = read_all(&block);
        telling.then_some((block.len(), Data::Configuration(configuration)))
    }
}

/// What some lines configure, and whether that is more than names.
fn read_all(block: &[Line<'_>]) -> (Configuration, bool) {
    let mut configuration = Configuration::default();
    for line in block {
        directives(line, &mut configuration.settings);
    }
    let all = stated(&tokens(block), From::Configuration);
    configuration.versions = all.iter().filter_map(Named::of).collect();
    let telling = all.iter().any(|one| one.configuration);
    configuration.stated =
        all.into_iter().filter(|one| !one.states.is_empty()).map(|one| (one.span, one.states)).collect();
    targets(&mut configuration);
    swapped(&mut configuration);
    let told = telling || !configuration.stated.is_empty();
    (configuration, told)
}

/// A line with a setting that only configuration has.
fn is_telling(line: &Line<'_>) -> bool {
    let body = line.body();
    let body = body.get(..body.floor_char_boundary(LOOKED_AT)).unwrap_or_default();
    body.split(|c: char| !c.is_ascii_alphanumeric() && !"_.-".contains(c)).take(24).any(names_setting)
        || FRAMEWORKS.iter().any(|tag| body.contains(tag))
}

/// A line that stands in configuration files, at least with its neighbours.
fn is_configuration(line: &Line<'_>) -> bool {
    let body = line.body();
    let text = body.trim();
    let first = text.split_whitespace().next().unwrap_or_default();
    if text.is_empty() || !first.is_ascii() {
        return false;
    }
    if text.starts_with(['#', '!', '<', '}', '{', ';']) || text.starts_with("//") {
        return true;
    }
    if is_output(text, first) {
        return false;
    }
    let section = text.starts_with('[') && text.ends_with(']') && !text.contains('\\');
    let directive = text.ends_with([';', '{', '}', ',', '\\']);
    let capitals = first.bytes().filter(u8::is_ascii_uppercase).count();
    let camel = capitals >= 2
        && first.bytes().any(|byte| byte.is_ascii_lowercase())
        && first.bytes().all(|byte| byte.is_ascii_alphanumeric());
    section
        || directive
        || assignment(text).is_some()
        || names_setting(first)
        || camel && short(text, 8)
        || goes_on(line)
}

/// A line of a section, by nothing more than that it is indented.
fn goes_on(line: &Line<'_>) -> bool {
    let text = line.body().trim();
    line.body().starts_with([' ', '\t'])
        && short(text, 12)
        && !text.ends_with(['.', ';', '{'])
        && !text.starts_with("at ")
        && assignment(text).is_none()
        && !names_setting(text.split_whitespace().next().unwrap_or_default())
}

fn short(text: &str, words: usize) -> bool {
    text.split_whitespace().count() <= words
}

/// `name = value`, `name: value`, `"name": value`.
fn assignment(text: &str) -> Option<(&str, &str)> {
    let at = text.find(['=', ':'])?;
    let (name, value) = (text.get(..at)?.trim(), text.get(at + 1..)?);
    let name = name.trim_matches(['"', '\'']);
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-[]$/@".contains(&byte));
    let colon = text.as_bytes().get(at) == Some(&b':');
    // `https://…` and `12:30` are no names with values; after a colon a sentence may follow.
    let fits = !colon
        || (value.is_empty() || value.starts_with([' ', '\t'])) && value.split_whitespace().count() <= 3;
    (plain && !name.is_empty() && name.len() <= 80 && fits).then(|| (name, unquoted(value)))
}

fn unquoted(value: &str) -> &str {
    value.trim().trim_end_matches([',', ';']).trim().trim_matches(['"', '\''])
}

/// The settings on a line.
fn directives(line: &Line<'_>, found: &mut Vec<Directive>) {
    let text = line.body().trim();
    if text.starts_with(['#', ';', '!']) || text.starts_with("//") || found.len() >= KEPT {
        return;
    }
    let mut keep = |name: String, value: &str| {
        found.push(Directive { name, value: value.to_owned(), span: line.span_of(text) });
    };
    if let Some(element) = text.strip_prefix('<') {
        let end = element
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != ':')
            .unwrap_or(element.len());
        let (name, rest) = element.split_at(end);
        let attributes = attributes(rest);
        let of = |wanted: &str| {
            attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, v)| *v)
        };
        match (of("key").or_else(|| of("name")), of("value")) {
            (Some(name), Some(value)) => keep(name.to_owned(), value),
            _ => {
                for (attribute, value) in &attributes {
                    keep(format!("{name}.{attribute}"), value);
                }
            }
        }
        if let Some((_, inner)) = rest.split_once('>')
            && let Some((value, _)) = inner.split_once("</")
        {
            keep(name.to_owned(), value.trim());
        }
    } else if let Some((name, value)) = assignment(text) {
        keep(name.to_owned(), value);
    } else if let Some((name, value)) = text.split_once([' ', '\t'])
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    {
        keep(name.to_owned(), unquoted(value.trim_end_matches('{')));
    }
}

/// `name="value"` of an XML element.
fn attributes(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim().rsplit([' ', '\t', '"', '\'']).next().unwrap_or_default();
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| *c == '"' || *c == '\'') else { break };
        let Some((value, next)) = after.get(1..).and_then(|after| after.split_once(quote)) else { break };
        found.push((name, value));
        rest = next;
        if found.len() > 32 || name.is_empty() {
            break;
        }
    }
    found
}

/// The framework that a .NET Framework program is built for.
fn targets(configuration: &mut Configuration) {
    for setting in &configuration.settings {
        let name = setting.name.as_str();
        let version = match name {
            "supportedRuntime.sku" => setting
                .value
                .rsplit("Version=v")
                .next()
                .filter(|_| setting.value.starts_with(".NETFramework")),
            "httpRuntime.targetFramework" | "compilation.targetFramework" => Some(setting.value.as_str()),
            "TargetFrameworkVersion" => setting.value.strip_prefix('v'),
            "TargetFramework" => setting.value.strip_prefix("net"),
            _ => None,
        };
        if let Some(target) = version.and_then(target) {
            configuration.stated.push((setting.span, vec![Statement::new("client.target", target)]));
        }
    }
}

/// `4.7.2`, `472`, `4.5`: which of the three groups it belongs to. `net8.0` is another .NET.
fn target(version: &str) -> Option<&'static str> {
    let digits: Vec<u8> = version.bytes().filter(|byte| *byte != b'.').collect();
    let dotted = version.contains('.');
    match digits.as_slice() {
        [b'2' | b'3', b'0' | b'5', ..]
            if digits.len() <= 2 && (!dotted || version.starts_with(['2', '3'])) =>
        {
            Some("below-4.6")
        }
        [b'4'] | [b'4', b'0'..=b'5', ..] => Some("below-4.6"),
        [b'4', b'6', ..] => Some("4.6"),
        [b'4', b'7' | b'8', ..] => Some("4.7"),
        _ => None,
    }
}

/// A key where the certificate is due and a certificate where the key is due, by the names of the files.
fn swapped(configuration: &mut Configuration) {
    let file = |names: [&str; 6]| {
        configuration
            .settings
            .iter()
            .find(|setting| names.iter().any(|name| setting.name.eq_ignore_ascii_case(name)))
    };
    let certificate = file([
        "ssl_certificate",
        "SSLCertificateFile",
        "smtpd_tls_cert_file",
        "ssl_cert_file",
        "certfile",
        "tls-cert-file",
    ]);
    let key = file([
        "ssl_certificate_key",
        "SSLCertificateKeyFile",
        "smtpd_tls_key_file",
        "ssl_key_file",
        "keyfile",
        "tls-key-file",
    ]);
    let is_key = |value: &str| {
        value.ends_with(".key") || value.ends_with("privkey.pem") || value.ends_with("-key.pem")
    };
    let is_certificate = |value: &str| {
        [".crt", ".cer", "fullchain.pem", "cert.pem", "chain.pem"]
            .iter()
            .any(|ending| value.ends_with(ending))
    };
    if let (Some(certificate), Some(key)) = (certificate, key)
        && is_key(&certificate.value)
        && is_certificate(&key.value)
    {
        let span = certificate.span;
        configuration
            .stated
            .push((span, vec![Statement::new("config.fault", "key-and-certificate-swapped")]));
    }
}

pub(super) fn read(configuration: &Configuration, see: &mut impl FnMut(Span, Vec<Statement>)) {
    for (span, states) in &configuration.stated {
        see(*span, states.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::super::marks::Marks;
    use super::*;

    fn configuration(text: &str) -> Option<Configuration> {
        let paste = crate::Paste::text(text);
        let lines = paste.inputs.first()?.regions().into_iter().next()?.lines;
        match ConfigurationFile(&Asked::of(&lines, &Marks::of(&paste.inputs[0]))).find(&lines)? {
            (_, Data::Configuration(configuration)) => Some(configuration),
            _ => None,
        }
    }

    fn says(text: &str) -> Vec<String> {
        let stated = configuration(text).map(|found| found.stated).unwrap_or_default();
        let states = stated.into_iter().flat_map(|(_, states)| states);
        states.map(|state| format!("{}={}", state.key, state.value)).collect()
    }

    #[test]
    fn every_setting_is_read_in_its_own_line() {
        for setting in crate::content::library().settings.iter().filter(|setting| setting.spaced) {
            let found = says(&setting.seen);
            for (key, _) in &setting.says {
                assert!(
                    found.iter().any(|found| found.starts_with(&format!("{key}="))),
                    "{}: {key} is not in {:?}: {found:?}",
                    setting.file,
                    setting.seen
                );
            }
        }
    }

    #[test]
    fn reads_the_versions_of_a_server() {
        let old = "config.server.protocols=old-only".to_owned();
        let new = "config.server.protocols=with-tls-1.2".to_owned();
        assert!(says("server {\n    listen 443 ssl;\n    ssl_protocols TLSv1 TLSv1.1;\n}").contains(&old));
        assert!(says("ssl_protocols TLSv1.2 TLSv1.3;").contains(&new));
        assert!(says("ssl_protocols TLSv1\n              TLSv1.2;").contains(&new));
        assert!(says("SSLEngine on\nSSLProtocol -all +TLSv1").contains(&old));
        assert!(!says("SSLEngine on\nSSLProtocol all -SSLv3").contains(&old));
        assert!(!says("# ssl_protocols TLSv1;\nssl_session_timeout 5m;").contains(&old));
    }

    #[test]
    fn reads_what_a_net_program_is_built_for() {
        let sku = "<startup>\n  <supportedRuntime version=\"v4.0\" sku=\".NETFramework,Version=v4.7.2\"/>\n</startup>";
        assert!(says(sku).contains(&"client.target=4.7".to_owned()));
        assert!(
            says("<httpRuntime targetFramework=\"4.5\" />").contains(&"client.target=below-4.6".to_owned())
        );
        assert!(says("<TargetFramework>net462</TargetFramework>").contains(&"client.target=4.6".to_owned()));
        assert!(says("<TargetFramework>net8.0</TargetFramework>").is_empty());
    }

    #[test]
    fn keeps_every_setting_with_its_value() {
        let found = configuration("[mysqld]\nssl-ca = /etc/ca.pem\nport=3306\nssl_protocols TLSv1.2;")
            .expect("it is one");
        let all: Vec<_> = found.settings.iter().map(|s| (s.name.as_str(), s.value.as_str())).collect();
        assert_eq!(all, [("ssl-ca", "/etc/ca.pem"), ("port", "3306"), ("ssl_protocols", "TLSv1.2")]);
    }

    #[test]
    fn leaves_other_lines_alone() {
        for text in [
            "Then I set ssl_protocols to TLSv1.2 in nginx, and nothing changed.",
            "2024-01-01 12:00:00 ERROR ssl: handshake failed",
            "name: value\nother: value",
        ] {
            assert!(configuration(text).is_none(), "{text}");
        }
    }
}
