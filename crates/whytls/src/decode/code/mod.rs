//! Reads lines of code that concern TLS, in whatever language.
//!
//! In:  statements such as `client.Connect (host, 25, true);` and `requests.get(url, verify=False)`.
//! Out: how the code connects, which versions it names, whether it checks certificates.
//! Not here: the rest of the program; no types are resolved, only constants that stand beside. The
//!           names themselves stand in `content/settings/`.

mod documents;
mod lex;
mod stated;

use std::ops::Range;

use super::asked::{Asked, Question};
use super::{Data, Decode};
use crate::content::Naming;
use crate::evidence::Statement;
use crate::paste::{Line, Span};

pub(super) use lex::tokens;
pub(super) use stated::{From, Stated, names_setting, stated, version};

use stated::{is_name, pairs};

/// Lines of code that stood together.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// What the lines state, and where.
    pub stated: Vec<(Span, Vec<Statement>)>,
    /// The versions that they name.
    pub versions: Vec<Named>,
}

/// Protocol versions that code or configuration names.
#[derive(Clone, Debug)]
pub struct Named {
    /// The setting, in lower case: `securityprotocol`, `ssl_protocols`.
    pub setting: &'static str,
    /// Whether these are all, the oldest, the newest, or the ones that are left out.
    pub naming: Naming,
    /// The versions' slugs: `tls-1.2`.
    pub versions: Vec<&'static str>,
    /// Where.
    pub span: Span,
}

impl Named {
    /// The versions that something states, where it names any.
    pub(super) fn of(stated: &Stated) -> Option<Self> {
        let (naming, versions) = stated.versions.as_ref()?;
        let versions = versions.iter().filter_map(|version| version.slug()).collect();
        Some(Self { setting: stated.name, naming: *naming, versions, span: stated.span })
    }
}

/// Lines of a program; with what is known of the region's lines.
pub(super) struct SourceCode<'r>(pub(super) &'r Asked<'r>);

/// How far ahead of the telling line its surroundings may begin.
const AHEAD: usize = 12;

impl SourceCode<'_> {
    fn is_code(&self, line: &Line<'_>) -> bool {
        self.0.ask(line, Question::IsCode, || is_code(line.body()))
    }
}

impl Decode for SourceCode<'_> {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        // This is asked at every line of a log, so the cheap questions come first.
        if !names_ahead(self.0, lines) || !self.is_code(lines.first()?) {
            return None;
        }
        let block = || {
            lines.iter().enumerate().take_while(|(at, line)| {
                self.is_code(line)
                    || *at > 0 && line.is_blank() && lines.get(at + 1).is_some_and(|next| self.is_code(next))
            })
        };
        let tells = |line: &Line<'_>| self.0.ask(line, Question::TellsInCode, || is_telling(self.0, line));
        if !block().take(AHEAD).any(|(_, line)| tells(line)) {
            return None;
        }
        // Only what states something is worth reading to its end.
        let head: Vec<Line<'_>> = block().take(2 * AHEAD).map(|(_, line)| *line).collect();
        if stated(&tokens(&head), From::Code).iter().all(|one| one.states.is_empty()) {
            return None;
        }
        let block: Vec<Line<'_>> = block().map(|(_, line)| *line).collect();
        let stated = stated(&tokens(&block), From::Code);
        let code = Code {
            versions: stated.iter().filter_map(Named::of).collect(),
            stated: stated
                .into_iter()
                .filter(|one| !one.states.is_empty())
                .map(|one| (one.span, one.states))
                .collect(),
        };
        (!code.stated.is_empty()).then_some((block.len(), Data::Code(code)))
    }
}

/// Whether the name of a setting or of a call stands in one of the first lines.
pub(super) fn names_ahead(asked: &Asked<'_>, lines: &[Line<'_>]) -> bool {
    let near = lines.get(..AHEAD).unwrap_or(lines);
    asked.any_named(near)
}

/// A line with a name that means something.
fn is_telling(asked: &Asked<'_>, line: &Line<'_>) -> bool {
    if !asked.any_named(std::slice::from_ref(line)) {
        return false;
    }
    let tokens = tokens(std::slice::from_ref(line));
    tokens.iter().any(|token| is_name(token) || pairs(token).iter().any(is_name))
}

/// What a program's source has at the beginning of its lines, and nothing that a program prints.
const BEGINNINGS: Words<44> = Words::new([
    "def",
    "class",
    "import",
    "from",
    "return",
    "if",
    "elif",
    "else:",
    "else",
    "try:",
    "except",
    "except:",
    "raise",
    "for",
    "while",
    "func",
    "fn",
    "pub",
    "impl",
    "package",
    "public",
    "private",
    "protected",
    "static",
    "void",
    "int",
    "const",
    "let",
    "var",
    "my",
    "our",
    "sub",
    "use",
    "struct",
    "typedef",
    "extern",
    "#include",
    "#define",
    "#ifdef",
    "#endif",
    "throw",
    "switch",
    "case",
    "unless",
]);

/// How a comment at the beginning of a file begins.
const HEADS: [&str; 7] = ["#", "//", "/*", "\"\"\"", "'''", "--", "=begin"];

/// How a line begins that is nothing but a comment.
const COMMENTS: [&str; 5] = ["#", "//", "/*", "*", "--"];

/// A file of source has at least so many of them, and one in so many lines that are no comments: a short one is made of
/// little else, and where there are very many, what stands between them is lists and tables.
const ENOUGH: [(usize, usize); 4] = [(7, 2), (12, 6), (40, 12), (100, 30)];

/// Texts and comments are not longer than this, in lines.
const BETWEEN: usize = 150;

/// The parts of some lines that are the inside of a program: what its texts and comments say was not
/// printed. Paragraphs of their own between two pieces of code are somebody's words.
pub(super) fn inside(lines: &[Line<'_>]) -> Vec<Range<usize>> {
    let mut found = source(lines);
    found.extend(documents::comments(lines));
    found.extend(documents::manual(lines));
    found.extend(documents::changes(lines));
    found.sort_by_key(|place| place.start);
    // Of two that overlap the first says where both begin.
    found.dedup_by(|next, before| {
        let joined = next.start <= before.end;
        if joined {
            before.end = before.end.max(next.end);
        }
        joined
    });
    found
}

/// The parts of some lines that are source.
fn source(lines: &[Line<'_>]) -> Vec<Range<usize>> {
    let begins: Vec<bool> = lines.iter().map(|line| begins_source(line.body())).collect();
    let count = begins.iter().filter(|begins| **begins).count();
    if ENOUGH.iter().all(|(least, _)| count < *least) {
        return Vec::new();
    }
    let comment = |line: &Line<'_>| COMMENTS.iter().any(|mark| line.body().trim_start().starts_with(mark));
    let full = lines.iter().filter(|line| !line.is_blank() && !comment(line)).count();
    if !ENOUGH.iter().any(|(least, one_in)| count >= *least && count * one_in >= full) {
        return Vec::new();
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    // A file begins with a comment that says what it does.
    let head = lines
        .iter()
        .find(|line| !line.is_blank())
        .filter(|line| HEADS.iter().any(|mark| line.body().starts_with(mark)));
    let end = begins.iter().position(|begins| *begins).and_then(|at| lines.get(at));
    if let (Some(head), Some(end)) = (head, end) {
        found.push(head.start..end.start);
    }
    let mut last: Option<usize> = None;
    for (at, _) in begins.iter().enumerate().filter(|(_, begins)| **begins) {
        let from = last.filter(|last| at - last <= BETWEEN).unwrap_or(at);
        let own = lines.get(from..=at).unwrap_or_default();
        for paragraph in own.split(|line| line.is_blank()) {
            let words =
                paragraph.iter().all(|line| !is_code(line.body()) && !line.body().starts_with([' ', '\t']));
            if let (false, Some(first), Some(end)) = (words, paragraph.first(), paragraph.last()) {
                found.push(first.start..end.start + end.text.len());
            }
        }
        last = Some(at);
    }
    // What is left of the last statement, where nothing else follows.
    let left = last.and_then(|at| lines.get(at..)).unwrap_or_default();
    let goes_on = |line: &Line<'_>| {
        line.is_blank() || is_code(line.body()) || line.body().starts_with([' ', '\t', '}', ')', ']'])
    };
    if let (Some(first), Some(end)) = (left.first(), left.last())
        && left.len() <= BETWEEN
        && left.iter().all(goes_on)
    {
        found.push(first.start..end.start + end.text.len());
    }
    found
}

/// How attributes of a module begin, in Erlang.
const ATTRIBUTES: [&str; 9] = [
    "-module(",
    "-export(",
    "-export_type(",
    "-include(",
    "-include_lib(",
    "-define(",
    "-record(",
    "-spec ",
    "-type ",
];

fn begins_source(line: &str) -> bool {
    if line.starts_with('-') {
        return ATTRIBUTES.iter().any(|attribute| line.starts_with(attribute));
    }
    // No line of a log with a time before it does.
    if !line.trim_start().starts_with(|c: char| c.is_ascii_lowercase() || c == '#') {
        return false;
    }
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let word = first.bytes().take_while(|byte| !matches!(byte, b'(' | b'{' | b';')).count();
    // In a sentence such a word has others behind it, and a full stop at the end.
    BEGINNINGS.has(first.get(..word).unwrap_or_default()) && (is_code(line) || words.count() < 3)
        || is_clause(line)
}

/// The head of a function in Erlang: `handle(Alert, State) ->`.
fn is_clause(line: &str) -> bool {
    line.ends_with("->") && line.contains('(')
}

/// Words that stand beside each other in code; three others do so in prose only.
const KEYWORDS: Words<60> = Words::new([
    "public",
    "private",
    "protected",
    "internal",
    "static",
    "final",
    "abstract",
    "async",
    "await",
    "override",
    "virtual",
    "sealed",
    "readonly",
    "const",
    "var",
    "let",
    "val",
    "new",
    "return",
    "class",
    "struct",
    "enum",
    "interface",
    "extends",
    "implements",
    "throws",
    "throw",
    "import",
    "from",
    "as",
    "using",
    "package",
    "def",
    "function",
    "func",
    "fn",
    "fun",
    "void",
    "int",
    "string",
    "bool",
    "boolean",
    "if",
    "else",
    "for",
    "in",
    "of",
    "while",
    "try",
    "catch",
    "with",
    "my",
    "our",
    "use",
    "dim",
    "sub",
    "end",
    "do",
    "begin",
    "unsigned",
]);

/// Words, most others being told from them by their length and first letter: they are asked for at every word of
/// a log.
struct Words<const N: usize> {
    words: [&'static str; N],
    /// The first letters of those of each length, as one bit each.
    letters: [u32; 16],
}

impl<const N: usize> Words<N> {
    #[allow(clippy::indexing_slicing, reason = "it is worked out by the compiler")]
    const fn new(words: [&'static str; N]) -> Self {
        let mut letters = [0; 16];
        let mut at = 0;
        while at < N {
            let word = words[at].as_bytes();
            letters[word.len()] |= Self::bit(word[0]);
            at += 1;
        }
        Self { words, letters }
    }

    const fn bit(letter: u8) -> u32 {
        1 << (letter % 32)
    }

    fn may_have(&self, word: &str) -> bool {
        let letters = self.letters.get(word.len()).copied().unwrap_or_default();
        word.bytes().next().is_some_and(|first| letters & Self::bit(first) != 0)
    }

    fn has(&self, word: &str) -> bool {
        self.may_have(word) && self.words.contains(&word)
    }

    fn has_in_any_case(&self, word: &str) -> bool {
        self.may_have(word) && self.words.iter().any(|own| own.eq_ignore_ascii_case(word))
    }
}

/// A line that only a program has, at least with its neighbours.
fn is_code(line: &str) -> bool {
    let line = line.trim();
    let first = line.split_whitespace().next().unwrap_or_default();
    if line.is_empty() || !first.is_ascii() || first == "at" || is_output(line, first) {
        return false;
    }
    if ["//", "/*", "* ", "*/", "#", "--", "<!--"].iter().any(|mark| line.starts_with(mark)) {
        return true;
    }
    let code = line.split("//").next().filter(|code| !code.ends_with(':')).unwrap_or(line);
    let code = code.split(" # ").next().unwrap_or(code).trim_end();
    code.ends_with([';', '{', '}', ',', '(', ')', ']', '\\'])
        || line.starts_with(['.', '[', '{', '}', ')', '|', '$', '@', '<'])
        || ["=>", "->", ":=", "::"].iter().any(|mark| line.contains(mark))
        || is_assignment(code)
        || [
            "import", "from", "def", "class", "with", "try:", "except", "return", "if", "elif", "else:",
            "for", "while", "func", "fn", "let", "var", "const", "my", "use", "using", "package", "require",
            "end", "begin", "end;", "try", "finally", "Dim", "Imports", "End", "Sub", "Function", "public",
            "private", "static", "await", "async", "do", "unless", "do|", "pass", "lambda", "fun", "val",
            "raise", "else",
        ]
        .contains(&first)
            && (code.ends_with([':', ';', '{', ')']) || code.split_whitespace().count() <= 4)
}

/// What programs print rather than what they are made of: an exception with its message, words
/// of a sentence in a row.
pub(super) fn is_output(line: &str, first: &str) -> bool {
    if let Some(name) = first.strip_suffix(':') {
        let failed = ["Error", "Exception", "Warning", "Failure", "error", "curl", "wget", "ERROR"];
        if failed.iter().any(|word| name.ends_with(word)) {
            return true;
        }
    }
    let code = line.split("//").next().filter(|code| !code.ends_with(':')).unwrap_or(line);
    let code = code.split(" # ").next().unwrap_or(code);
    if code.starts_with(['#', '*', '/', '\'', '-']) {
        return false;
    }
    // So many words stand in a row; the quotation mark that is open; where the word began.
    let (mut row, mut quote, mut word) = (0, None, Some(0));
    let ends = code.char_indices().chain([(code.len(), ' ')]);
    for (at, c) in ends {
        match quote {
            Some(open) => {
                quote = quote.filter(|_| c != open);
                word = None;
            }
            // A word goes on.
            None if c.is_ascii_alphabetic() => {}
            None if c == ' ' => {
                match word.and_then(|start| code.get(start..at)) {
                    Some("") => {}
                    Some(word) if !KEYWORDS.has_in_any_case(word) => {
                        row += 1;
                        if row >= 4 {
                            return true;
                        }
                    }
                    _ => row = 0,
                }
                word = Some(at + 1);
            }
            None => {
                let begun = word.is_some_and(|start| start < at);
                if c == '"' || c == '`' || c == '\'' && !begun {
                    quote = Some(c);
                }
                word = None;
                row = 0;
            }
        }
    }
    false
}

/// `name = value`, `name.of['it'] = value`, `self.x: T = value`.
fn is_assignment(line: &str) -> bool {
    let Some((name, _)) = line.split_once('=') else { return false };
    let name = name.trim_end_matches(['+', '|', ':', '&', '?']).trim();
    !name.is_empty()
        && name.split_whitespace().count() <= 4
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.$@[]'\"-> :<>&*".contains(c))
}

pub(super) fn read(code: &Code, see: &mut impl FnMut(Span, Vec<Statement>)) {
    for (span, states) in &code.stated {
        see(*span, states.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::super::marks::Marks;
    use super::*;

    fn code(text: &str) -> Option<Code> {
        let paste = crate::Paste::text(text);
        let lines = paste.inputs.first()?.regions().into_iter().next()?.lines;
        match SourceCode(&Asked::of(&lines, &Marks::of(&paste.inputs[0]))).find(&lines)? {
            (_, Data::Code(code)) => Some(code),
            _ => None,
        }
    }

    fn says(text: &str) -> Vec<String> {
        let stated = code(text).map(|code| code.stated).unwrap_or_default();
        let states = stated.into_iter().flat_map(|(_, states)| states);
        states.map(|state| format!("{}={}", state.key, state.value)).collect()
    }

    #[test]
    fn every_setting_is_read_in_its_own_line() {
        let library = crate::content::library();
        for setting in library.settings.iter().filter(|setting| !setting.spaced) {
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
        for call in &library.calls {
            assert!(says(&call.seen).iter().any(|s| s.starts_with("code.")), "{}: {}", call.file, call.seen);
        }
    }

    #[test]
    fn reads_how_a_mail_client_connects() {
        assert_eq!(
            says("client.Connect (host, 25, true);"),
            ["code.port=25", "code.connect=implicit-tls", "code.library=mailkit"]
        );
        assert!(
            says("int port = 587;\nawait client.ConnectAsync(host, port, useSsl: true);")
                .contains(&"code.port=587".to_owned())
        );
        assert!(
            says("client.Connect(host, 25, MailKit.Security.SecureSocketOptions.StartTls);")
                .contains(&"code.connect=starttls".to_owned())
        );
        assert!(says("tcp.Connect(host, 25);").is_empty());
        assert!(says("conn.connect('user', 'password', wait=True)").is_empty());
        assert!(says("client.Connect (host, 25, tr").is_empty());
        assert!(says("// client.Connect (host, 25, true);").is_empty());
    }

    #[test]
    fn sees_validation_switched_off_and_only_then() {
        let off = |text| says(text).contains(&"code.validation=off".to_owned());
        for text in [
            "client.ServerCertificateValidationCallback = (s, c, h, e) => true;",
            "handler.ServerCertificateCustomValidationCallback =\n    (m, c, ch, e) => { return true; };",
            "ServicePointManager.ServerCertificateValidationCallback += delegate { return true; };",
            "ServicePointManager.ServerCertificateValidationCallback = Function(s, c, h, e) True",
            "r = requests.get(url, timeout=5, verify = False)",
            "ctx.check_hostname = False\nctx.verify_mode = ssl.CERT_NONE",
            "const agent = new https.Agent({ keepAlive: true, rejectUnauthorized :false });",
            "curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 0L);",
            "SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);",
            "public void checkServerTrusted(X509Certificate[] c, String a) throws CertificateException {\n}",
            "cfg := &tls.Config{\n    InsecureSkipVerify: true,\n}",
            "$mail->SMTPOptions = array('ssl' => array('verify_peer' => false));",
        ] {
            assert!(off(text), "{text}: {:?}", says(text));
        }
        for text in [
            "client.ServerCertificateValidationCallback = MyCheck;",
            "c.ServerCertificateValidationCallback = (s, c, h, e) => { if (e == SslPolicyErrors.None) { return true; } return Pinned(c); };",
            "c.ServerCertificateValidationCallback = (s, c, h, e) => e == SslPolicyErrors.None;",
            "r = requests.get(url, verify=True)",
            "r = requests.get(url, verify='/etc/ca.pem')",
            "assert ctx.verify_mode == ssl.CERT_NONE",
            "# verify=False",
            "import org.apache.http.conn.ssl.NoopHostnameVerifier;",
            "def get(url, verify=False):",
            "payload = jwt.decode(token, verify=False)",
            "print(\"use verify=False to skip\")",
        ] {
            assert!(!off(text), "{text}: {:?}", says(text));
        }
    }

    #[test]
    fn reads_the_versions_that_code_names() {
        let old = |text| says(text).contains(&"code.protocols=old-only".to_owned());
        let new = |text| says(text).contains(&"code.protocols=with-tls-1.2".to_owned());
        for text in [
            "ServicePointManager.SecurityProtocol = SecurityProtocolType.Ssl3 | SecurityProtocolType.Tls;",
            "[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls11",
            "SSLContext ctx = SSLContext.getInstance(\"TLSv1\");",
            "socket.setEnabledProtocols(new String[] { \"TLSv1\", \"TLSv1.1\" });",
            "context = ssl.SSLContext(ssl.PROTOCOL_TLSv1)",
            "const o = { secureProtocol: 'TLSv1_method' };",
            "config := &tls.Config{ MaxVersion: tls.VersionTLS11 }",
            "curl_setopt($ch, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_0);",
            "http.ssl_version = :TLSv1",
        ] {
            assert!(old(text), "{text}: {:?}", says(text));
        }
        assert!(new("ServicePointManager.SecurityProtocol = (SecurityProtocolType)3072;"));
        assert!(new("ServicePointManager.SecurityProtocol |= SecurityProtocolType.Tls12;"));
        assert!(new("SSLContext ctx = SSLContext.getInstance(\"TLSv1.2\");"));
        for text in [
            "ServicePointManager.SecurityProtocol &= ~SecurityProtocolType.Tls;",
            "if (ServicePointManager.SecurityProtocol == SecurityProtocolType.Tls) {",
            "ServicePointManager.SecurityProtocol |= SecurityProtocolType.Tls11;",
            "SSLContext ctx = SSLContext.getInstance(\"TLS\");",
            "ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)",
            "config := &tls.Config{ MinVersion: tls.VersionTLS12 }",
        ] {
            assert!(!old(text) && !new(text), "{text}: {:?}", says(text));
        }
    }

    #[test]
    fn the_inside_of_a_program_is_not_what_it_printed() {
        let line = "def read(self, length):\n    \"\"\"Raises\n    EOF occurred in violation of protocol\n    \"\"\"\n    return self.buffer\n\n";
        let found = |text: &str| {
            let report = crate::diagnose(&crate::Paste::text(text));
            report.findings.first().map(|finding| finding.problem)
        };
        assert_eq!(found(&line.repeat(20)), None);
        let printed = "ssl.SSLEOFError: EOF occurred in violation of protocol (_ssl.c:1006)\n\n";
        let both = format!("{}{printed}{}", line.repeat(12), line.repeat(12));
        assert_eq!(found(&both), Some("closed-during-handshake"), "said between two pieces of code");
        assert_eq!(found(&format!("{}{printed}", line.repeat(15))), Some("closed-during-handshake"));
    }

    #[test]
    fn tells_code_from_what_programs_print() {
        for text in [
            "with httpx.Client(verify=False) as client:",
            "ctx.check_hostname = False",
            "    Port: 587,",
            "end",
        ] {
            assert!(is_code(text), "{text}");
        }
        for text in [
            "httpx.ConnectError: [SSL: X] unsafe legacy renegotiation disabled (_ssl.c:1006)",
            "Then I tried to set verify=False, and nothing changed.",
            "curl: (60) SSL certificate problem",
            "",
        ] {
            assert!(!is_code(text), "{text}");
        }
    }
}
