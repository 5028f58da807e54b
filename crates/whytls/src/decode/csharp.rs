//! Reads lines of C# that concern TLS and mail. PowerShell writes the same names.
//!
//! In:  statements such as `client.Connect (host, 25, true);`.
//! Out: how the code connects, which versions it names, whether it checks certificates.
//! Not here: the rest of the program; no types are resolved, only constants that stand beside.

use super::{Data, Decode};
use crate::evidence::Statement;
use crate::paste::{Line, Span};

/// Lines of code that stood together.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// Calls that connect to a mail server.
    pub connects: Vec<Connect>,
    /// Certificates are accepted whatever they are.
    pub validation_off: Vec<Span>,
    /// `ServicePointManager.SecurityProtocol` or `SslProtocols` with the versions named.
    pub protocols: Vec<(Vec<&'static str>, Span)>,
}

/// How a connection is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectHow {
    /// TLS from the first byte: `useSsl: true`, `SslOnConnect`.
    ImplicitTls,
    /// Plain text first: `StartTls`, `StartTlsWhenAvailable`.
    StartTls,
    /// The library decides by the port.
    Auto,
    /// No TLS.
    None,
}

/// One call that connects.
#[derive(Clone, Debug)]
pub struct Connect {
    /// How.
    pub how: ConnectHow,
    /// The port, where it is a number or a constant that stands beside.
    pub port: Option<u16>,
    /// The call.
    pub span: Span,
}

pub(super) struct CSharp;

/// How far ahead of the telling line its surroundings may begin.
const AHEAD: usize = 8;

impl Decode for CSharp {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        let block = lines.iter().take_while(|line| is_code(line.body()));
        if !block.clone().take(AHEAD).any(|line| is_telling(line.body())) {
            return None;
        }
        let block: Vec<Line<'_>> = block.copied().collect();
        let mut code = Code::default();
        for line in &block {
            statement(line, &block, &mut code);
        }
        let told = !code.connects.is_empty() || !code.validation_off.is_empty() || !code.protocols.is_empty();
        told.then_some((block.len(), Data::Code(code)))
    }
}

/// A line that only a program has, at least with its neighbours.
fn is_code(line: &str) -> bool {
    let line = line.trim();
    let line = line.split("//").next().unwrap_or(line).trim_end();
    line.ends_with([';', '{', '}', ',', '(', ')'])
        || line.starts_with(['.', '[', '{', '}'])
        || line.contains("=>")
        || is_telling(line)
}

fn is_telling(line: &str) -> bool {
    [
        "ertificateValidationCallback",
        "ertificateCustomValidationCallback",
        "SecurityProtocol",
        "SslProtocols.",
    ]
    .iter()
    .any(|word| line.contains(word) && line.contains(['=', '(']))
        || connect_call(line).is_some()
}

fn statement(line: &Line<'_>, block: &[Line<'_>], code: &mut Code) {
    let text = line.body().trim();
    // What is commented out does not run.
    if text.starts_with("//") || text.starts_with('#') {
        return;
    }
    if let Some(arguments) = connect_call(text)
        && let Some((how, port)) = connect(&arguments, block)
    {
        code.connects.push(Connect { how, port, span: line.span_of(text) });
    }
    if accepts_everything(text, line, block) {
        code.validation_off.push(line.span_of(text));
    }
    let versions = if sets_versions(text) { versions(text) } else { Vec::new() };
    // What is added to a list that is not shown says nothing of the list, unless it is new.
    let adds =
        text.contains("|=") && !versions.iter().any(|version| ["tls-1.2", "tls-1.3"].contains(version));
    if !versions.is_empty() && !adds {
        code.protocols.push((versions, line.span_of(text)));
    }
}

/// The arguments of `.Connect (host, port, how)` or `.ConnectAsync(…)`.
fn connect_call(text: &str) -> Option<Vec<&str>> {
    let (_, rest) = text.split_once(".ConnectAsync").or_else(|| text.split_once(".Connect"))?;
    let arguments = arguments(rest.trim_start().strip_prefix('(')?);
    (arguments.len() >= 3).then_some(arguments)
}

/// The arguments up to the closing parenthesis, cut at the commas of the outermost level.
fn arguments(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => {
                found.extend(text.get(start..at).map(str::trim));
                return found;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.extend(text.get(start..at).map(str::trim));
                start = at + 1;
            }
            _ => {}
        }
    }
    // Cut off before the end: what is there is no whole list of arguments.
    Vec::new()
}

fn connect(arguments: &[&str], block: &[Line<'_>]) -> Option<(ConnectHow, Option<u16>)> {
    let value =
        |argument: &str| argument.split_once(':').map_or(argument, |(_, value)| value).trim().to_owned();
    let port = value(arguments.get(1)?);
    let how = value(arguments.get(2)?);
    let how = match how.rsplit('.').next().unwrap_or_default() {
        "true" | "SslOnConnect" => ConnectHow::ImplicitTls,
        "StartTls" | "StartTlsWhenAvailable" | "false" => ConnectHow::StartTls,
        "Auto" => ConnectHow::Auto,
        "None" => ConnectHow::None,
        _ => return None,
    };
    Some((how, port.parse().ok().or_else(|| constant(&port, block))))
}

/// The number that a name was given in the same lines: `int port = 587;`.
fn constant(name: &str, block: &[Line<'_>]) -> Option<u16> {
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    block.iter().take(AHEAD * 8).find_map(|line| {
        let (before, after) = line.body().split_once('=')?;
        (before.split_whitespace().next_back() == Some(name)).then_some(())?;
        after.trim().trim_end_matches(';').parse().ok()
    })
}

/// `… => true`, `delegate { return true; }`, and the framework's own name for it.
fn accepts_everything(text: &str, line: &Line<'_>, block: &[Line<'_>]) -> bool {
    if text.contains("DangerousAcceptAnyServerCertificateValidator") {
        return true;
    }
    if !text.contains("ertificateValidationCallback") && !text.contains("ertificateCustomValidationCallback")
    {
        return false;
    }
    // The body may stand on the next lines.
    let mut body = String::new();
    for next in block.iter().skip_while(|other| other.number < line.number).take(5) {
        body.push_str(next.body());
        body.push(' ');
        if next.body().contains(';') {
            break;
        }
    }
    let packed: String = body.split_whitespace().collect();
    // Only where it is all that the callback does: what is true under a condition is a check.
    packed.contains("=>true")
        || packed.contains("={$true}")
        || packed
            .split_once('{')
            .is_some_and(|(before, body)| body.starts_with("returntrue;}") && !before.contains("if("))
}

/// Whether a line sets versions, rather than comparing them or taking some away.
fn sets_versions(text: &str) -> bool {
    let named = text.contains("SecurityProtocol") || text.contains("SslProtocols");
    named
        && text.contains(['=', '('])
        && !["==", "!=", "&=", "&~", "& ~"].iter().any(|operator| text.contains(operator))
}

/// The protocol versions that a line names.
fn versions(text: &str) -> Vec<&'static str> {
    const NAMES: [(&str, &str); 6] = [
        ("Ssl2", "ssl-2.0"),
        ("Ssl3", "ssl-3.0"),
        ("Tls", "tls-1.0"),
        ("Tls11", "tls-1.1"),
        ("Tls12", "tls-1.2"),
        ("Tls13", "tls-1.3"),
    ];
    const NUMBERS: [(&str, &str); 4] =
        [("192", "tls-1.0"), ("768", "tls-1.1"), ("3072", "tls-1.2"), ("12288", "tls-1.3")];
    let words = || text.split(|c: char| !c.is_ascii_alphanumeric());
    // .NET's own name for SSL 3.0 and TLS 1.0 together.
    let default = text.contains("SslProtocols.Default").then_some("tls-1.0");
    let named =
        NAMES.iter().filter(|(name, _)| words().any(|word| word == *name)).map(|(_, version)| *version);
    // Numbers count only where they are cast: `(SecurityProtocolType)3072`.
    let cast = text.contains("SecurityProtocolType)") || text.contains("SslProtocols)");
    let numbered = NUMBERS.iter().filter(|(number, _)| cast && words().any(|word| word == *number));
    named.chain(numbered.map(|(_, version)| *version)).chain(default).collect()
}

pub(super) fn read(code: &Code, see: &mut impl FnMut(Span, Vec<Statement>)) {
    for connect in &code.connects {
        let how = match connect.how {
            ConnectHow::ImplicitTls => "implicit-tls",
            ConnectHow::StartTls => "starttls",
            ConnectHow::Auto => "auto",
            ConnectHow::None => "none",
        };
        let mut states = vec![Statement::new("code.connect", how), Statement::new("code.library", "mailkit")];
        if let Some(port) = connect.port {
            states.push(Statement::new("code.port", port.to_string()));
        }
        see(connect.span, states);
    }
    for span in &code.validation_off {
        see(*span, vec![Statement::new("code.validation", "off")]);
    }
    for (versions, span) in &code.protocols {
        let value = match versions.iter().any(|version| ["tls-1.2", "tls-1.3"].contains(version)) {
            true => "with-tls-1.2",
            false => "old-only",
        };
        see(*span, vec![Statement::new("code.protocols", value)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<Code> {
        let paste = crate::Paste::text(text);
        match CSharp.find(&paste.inputs.first()?.regions().first()?.lines)? {
            (_, Data::Code(code)) => Some(code),
            _ => None,
        }
    }

    #[test]
    fn reads_how_a_mail_client_connects() {
        let connect = |text| code(text).and_then(|code| code.connects.first().map(|c| (c.how, c.port)));
        assert_eq!(connect("client.Connect (host, 25, true);"), Some((ConnectHow::ImplicitTls, Some(25))));
        assert_eq!(
            connect("int port = 587;\nawait client.ConnectAsync(host, port, useSsl: true);"),
            Some((ConnectHow::ImplicitTls, Some(587)))
        );
        assert_eq!(
            connect("client.Connect(host, 25, MailKit.Security.SecureSocketOptions.StartTls);"),
            Some((ConnectHow::StartTls, Some(25)))
        );
        assert_eq!(connect("tcp.Connect(host, 25);"), None);
        assert_eq!(connect("client.Connect (host, 25, tr"), None);
        assert_eq!(connect("// client.Connect (host, 25, true);"), None);
    }

    #[test]
    fn sees_validation_switched_off_and_only_then() {
        let off = |text| code(text).is_some_and(|code| !code.validation_off.is_empty());
        assert!(off("client.ServerCertificateValidationCallback = (s, c, h, e) => true;"));
        assert!(off(
            "handler.ServerCertificateCustomValidationCallback =\n    (m, c, ch, e) => { return true; };"
        ));
        assert!(off("ServicePointManager.ServerCertificateValidationCallback += delegate { return true; };"));
        assert!(!off("client.ServerCertificateValidationCallback = MyCheck;"));
        assert!(!off(
            "c.ServerCertificateValidationCallback = (s, c, h, e) => { if (e == SslPolicyErrors.None) { return true; } return Pinned(c); };"
        ));
    }

    #[test]
    fn reads_the_versions_that_code_names() {
        let versions = |text| code(text).and_then(|code| code.protocols.first().map(|(v, _)| v.clone()));
        assert_eq!(
            versions(
                "ServicePointManager.SecurityProtocol = SecurityProtocolType.Ssl3 | SecurityProtocolType.Tls;"
            ),
            Some(vec!["ssl-3.0", "tls-1.0"])
        );
        assert_eq!(
            versions("ServicePointManager.SecurityProtocol = (SecurityProtocolType)3072;"),
            Some(vec!["tls-1.2"])
        );
        for other in [
            "ServicePointManager.SecurityProtocol &= ~SecurityProtocolType.Tls;",
            "if (ServicePointManager.SecurityProtocol == SecurityProtocolType.Tls) {",
            "ServicePointManager.SecurityProtocol |= SecurityProtocolType.Tls11;",
        ] {
            assert_eq!(versions(other), None, "{other}");
        }
    }
}
