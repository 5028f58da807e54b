//! The catalogue of codes: the numbers by which libraries and systems name their errors.
//!
//! In:  `content/codes/<family>.toml`.
//! Out: families of codes, each with how its numbers are written and how its programs print one.
//! Not here: what a code shows. That is what the messages say of the line that a program prints.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::{PageError, parse};
use super::text::Text;

/// The codes of one library or system.
#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct CodeFamily {
    /// The file that has it, from `content/` on.
    pub file: String,
    /// What the codes are.
    pub title: Text,
    /// The arithmetic of its numbers.
    pub form: Form,
    /// Words by which people name it: `curl 60`.
    pub called: Vec<String>,
    /// What stands right before one of its numbers, in lower case.
    pub marks: Vec<String>,
    /// What stands close to its numbers, where they are negative; in lower case.
    pub near: Vec<String>,
    /// No other thing is called by one of its names.
    pub named: bool,
    /// Keys that its line states only by the way in which it is printed.
    pub unsaid: Vec<String>,
    /// The codes that say why, where another one is added to them: of a sum, all others say what was being done.
    pub decisive: Vec<String>,
    /// How a program prints a code: `{number}`, `{hex}`, `{library}`, `{name}` and `{text}`.
    pub line: String,
    /// What a code of this family leaves open.
    pub open: Option<Text>,
    /// The parts of the library that a packed code names.
    pub libraries: Vec<(i64, String)>,
    /// Its codes.
    pub codes: Vec<Code>,
    /// The codes by their numbers, in order.
    numbers: Vec<(i64, usize)>,
}

/// One code. There are thousands: those that are built in are not copied.
#[derive(Serialize, Deserialize)]
pub struct Code {
    /// Its number; of Mbed TLS, which negates all, the amount.
    pub number: i64,
    /// Its name in the library's headers.
    #[serde(borrow)]
    pub name: Cow<'static, str>,
    /// The library's own words, empty where they are not known.
    #[serde(borrow)]
    pub text: Cow<'static, str>,
    /// What is to be said of it besides what it shows.
    pub about: Option<Text>,
}

/// What the digits of a family's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Just a number.
    Number,
    /// 32 bits, also as a signed number or extended to 64 bits.
    Hresult,
    /// A number that also stands in the lower half of an HRESULT: `0x80070000` and more.
    Win32,
    /// OpenSSL's library, function and reason, in the two ways in which they were packed.
    Openssl,
    /// A library and a reason, packed in one way.
    Packed,
    /// The negative sum of an upper part and one of a lower layer.
    Sum,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Pair,
    form: Form,
    called: Vec<String>,
    #[serde(default)]
    marks: Vec<String>,
    #[serde(default)]
    near: Vec<String>,
    #[serde(default)]
    named: bool,
    #[serde(default)]
    unsaid: Vec<String>,
    #[serde(default)]
    decisive: Vec<String>,
    line: String,
    open: Option<Pair>,
    #[serde(default)]
    libraries: Vec<(i64, String)>,
    codes: Vec<(i64, String, String)>,
    #[serde(default)]
    about: BTreeMap<String, Pair>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    en: String,
    zh: String,
}

impl From<Pair> for Text {
    fn from(pair: Pair) -> Self {
        Self { en: pair.en, zh: pair.zh }
    }
}

/// The codes of files as they are written, each a path from `content/` on and its text; others are passed over.
pub(crate) fn written(files: &[(&str, &str)]) -> Result<Vec<CodeFamily>, PageError> {
    let own = files.iter().filter(|(name, _)| name.starts_with("codes/"));
    own.map(|(name, text)| CodeFamily::read(name, text)).collect()
}

impl CodeFamily {
    /// The library or system whose codes these are: `gnutls`.
    #[must_use]
    pub fn program(&self) -> &str {
        self.file.trim_start_matches("codes/").trim_end_matches(".toml")
    }

    fn read(file: &str, text: &str) -> Result<Self, PageError> {
        let mut parsed: File = parse(file, text)?;
        let mut numbers = Vec::with_capacity(parsed.codes.len());
        let mut codes = Vec::with_capacity(parsed.codes.len());
        for (at, (number, name, text)) in parsed.codes.into_iter().enumerate() {
            numbers.push((number, at));
            let about = parsed.about.remove(&name).map(Text::from);
            codes.push(Code { number, name: name.into(), text: text.into(), about });
        }
        numbers.sort_unstable();
        if let Some(name) = parsed.about.keys().next() {
            return Err(PageError::new(file, format!("no code is called {name:?}")));
        }
        Ok(Self {
            file: file.to_owned(),
            title: parsed.title.into(),
            form: parsed.form,
            called: parsed.called,
            marks: parsed.marks,
            near: parsed.near,
            named: parsed.named,
            unsaid: parsed.unsaid,
            decisive: parsed.decisive,
            line: parsed.line,
            open: parsed.open.map(Text::from),
            libraries: parsed.libraries,
            codes,
            numbers,
        })
    }

    /// The public name of the family: the name of its file.
    #[must_use]
    pub fn id(&self) -> &str {
        self.file.trim_start_matches("codes/").trim_end_matches(".toml")
    }

    /// The codes of a number.
    pub fn numbered(&self, number: i64) -> impl Iterator<Item = &Code> {
        let from = self.numbers.partition_point(|(other, _)| *other < number);
        let own = self.numbers.iter().skip(from).take_while(move |(other, _)| *other == number);
        own.filter_map(|(_, at)| self.codes.get(*at))
    }
}
