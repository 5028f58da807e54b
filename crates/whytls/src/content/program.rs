//! Programs and libraries that have a TLS of their own, or settle what they ask of one.
//!
//! In:  the files of `content/platforms/programs/`.
//! Out: for each program its releases, the systems that change its defaults, the settings that it
//!      reads, and what can be changed.
//! Not here: what follows for a machine. That is `policy`.

use serde::{Deserialize, Serialize};

use super::{PageError, Risk, Text};
use crate::tls::Version;

/// One program or library.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The name that `--client` gives it.
    pub client: String,
    /// Its name on the screen.
    pub name: String,
    /// Which end of a connection it is.
    #[serde(default)]
    pub side: Side,
    /// Names that only its own configuration has: a server is known by them.
    #[serde(default)]
    pub marks: Vec<String>,
    /// The program below it, whose defaults it has where it settles nothing itself.
    pub on: Option<String>,
    /// Its releases are those of the system: the answer to "which system?" gives the release.
    #[serde(default)]
    pub by_system: bool,
    /// The setting that takes out what a release leaves out; whoever sets it replaces that.
    pub without_by: Option<String>,
    /// Versions must be without a gap: only the oldest ones up to the first gap count.
    #[serde(default)]
    pub gapless: bool,
    /// Of a range with a gap, only the newest part counts.
    #[serde(default)]
    pub newest_part: bool,
    /// A maximum below what is the minimum by default takes the minimum along.
    #[serde(default)]
    pub most_moves_least: bool,
    /// Its names are the same in capitals.
    #[serde(default)]
    pub any_case: bool,
    /// How a setting goes on in the next line.
    #[serde(default)]
    pub joins: Joins,
    /// The word before a block in braces of which several may stand in a file, and the first one
    /// decides, or that which says `default_server`.
    pub block: Option<String>,
    /// Oldest first.
    #[serde(rename = "release")]
    pub releases: Vec<Release>,
    /// Systems that ship it with defaults of their own.
    #[serde(rename = "system", default)]
    pub systems: Vec<System>,
    /// The settings that it reads, the stronger ones later.
    #[serde(rename = "setting", default)]
    pub settings: Vec<Knob>,
    /// What a security level forbids.
    #[serde(rename = "level", default)]
    pub levels: Vec<Level>,
    /// What else its hello shows.
    #[serde(rename = "feature", default)]
    pub features: Vec<FeatureRow>,
    /// What is worth knowing of a version that is offered.
    #[serde(rename = "remark", default)]
    pub remarks: Vec<Remark>,
    /// The language of a change, as fences have it, by its form.
    #[serde(default)]
    pub fences: std::collections::BTreeMap<String, String>,
    /// What can be changed, smallest first.
    #[serde(rename = "change", default)]
    pub changes: Vec<ChangeRow>,
}

/// Which end of a connection a program is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// It connects, and offers versions.
    #[default]
    Client,
    /// It is connected to, and accepts versions.
    Server,
}

/// How a setting goes on in the next line, beside a backslash at the end.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Joins {
    /// It does not.
    #[default]
    No,
    /// It ends with a semicolon, on whatever line that is.
    Semicolon,
    /// A line that begins with a space belongs to the one before.
    Indent,
}

/// What holds from one release on.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The first version that does so, as its makers write it.
    pub from: String,
    /// The system, where releases are those of a system: `macos`.
    pub os: Option<String>,
    /// What it can be made to offer; where it is left out, what the program below can.
    #[serde(default)]
    pub known: Vec<Version>,
    /// What it offers by itself; where it is left out, what the program below does.
    #[serde(default)]
    pub offers: Vec<Version>,
    /// The oldest version that it asks of the program below.
    pub least: Option<Version>,
    /// The newest version that it asks of the program below.
    pub most: Option<Version>,
    /// What it takes out of that again.
    #[serde(default)]
    pub without: Vec<Version>,
    /// The security level.
    pub level: Option<u32>,
    /// The oldest version that has a suite in its own list.
    pub suites_from: Option<Version>,
    /// A version for which it has no suite counts as not offered, even if its hello should name it.
    #[serde(default)]
    pub usable_only: bool,
    /// The version of the program below that it brings.
    pub brings: Option<String>,
    /// The oldest version of the program below that it works with.
    pub needs: Option<String>,
    /// There is no source but what is known.
    #[serde(default)]
    pub unsure: bool,
    /// Where the row is from.
    pub source: String,
}

impl Program {
    /// Whether it is a server.
    #[must_use]
    pub fn serves(&self) -> bool {
        self.side == Side::Server
    }

    /// The program of a name.
    #[must_use]
    pub fn named<'p>(programs: &'p [Self], client: &str) -> Option<&'p Self> {
        programs.iter().find(|program| program.client == client)
    }
}

impl System {
    /// Whether a system is called so, be it with a minor version: `rhel-9.4`.
    #[must_use]
    pub fn is_called(&self, os: &str) -> bool {
        let called = |name: &String| {
            os == name || os.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'))
        };
        std::iter::once(&self.is).chain(&self.also).any(called)
    }
}

/// How a system ships a program.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// The name that `--os` gives it.
    pub is: String,
    /// Systems that are built from it.
    #[serde(default)]
    pub also: Vec<String>,
    /// Its name on the screen.
    pub name: String,
    /// The version that it ships.
    pub version: String,
    /// The oldest version that its configuration allows.
    pub least: Option<Version>,
    /// The security level.
    pub level: Option<u32>,
    /// The level from which on it forbids everything before TLS 1.2.
    pub strict_level: Option<u32>,
    /// Where it says so.
    #[serde(default)]
    pub file: String,
    /// One of those that are asked about where the system is unknown.
    #[serde(default)]
    pub telling: bool,
    /// There is no source but what is known.
    #[serde(default)]
    pub unsure: bool,
    /// Where the row is from.
    pub source: String,
}

/// A setting that a program reads.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Knob {
    /// How people write it.
    pub name: String,
    /// Where it stands: `code`, `config` or `environment`.
    pub place: String,
    /// What it does.
    pub does: Does,
    /// The versions that it stands for, where it has no value of its own.
    #[serde(default)]
    pub versions: Vec<Version>,
    /// The first release that reads it.
    pub from: Option<String>,
    /// The first release that reads it no more.
    pub until: Option<String>,
    /// It leaves the suites alone, which those who named versions before it chose for these.
    #[serde(default)]
    pub same_suites: bool,
    /// Only at this end of a connection.
    pub side: Option<Side>,
    /// It counts only on lines that begin with one of these words.
    #[serde(default)]
    pub lines: Vec<String>,
    /// It counts only where one of these holds.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// It does not count where one of these holds.
    #[serde(default)]
    pub unless: Vec<Condition>,
    /// Words with a meaning of their own as its value.
    #[serde(default)]
    pub words: std::collections::BTreeMap<String, Version>,
    /// Where this is from.
    pub source: String,
}

/// Something that another setting says.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Its name.
    pub setting: String,
    /// What it is set to; where it is left out, anything.
    #[serde(default)]
    pub is: Vec<String>,
}

/// What a setting does.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    /// It names versions, and no others are offered.
    Names,
    /// It names a version, and with it all that are older.
    UpTo,
    /// It sets the oldest version.
    Least,
    /// It sets the newest version.
    Most,
    /// It takes versions out.
    Without,
    /// It sets OpenSSL's security level, as `@SECLEVEL=1` in a list of suites.
    Level,
    /// It takes out what is older than a version, and brings nothing back.
    NotBelow,
    /// It takes out what is newer than a version, and brings nothing back.
    NotAbove,
    /// A list of OpenSSL's `Protocol`, `ALL, -TLSv1`: signs on all that is known.
    Protocol,
    /// A list of Apache's, `all -SSLv3`: a word without a sign replaces what stood before it. What
    /// comes of it is a range.
    Replacing,
    /// A list of Tomcat's, `TLSv1.2+TLSv1.3`, `all,-TLSv1`: a word without a sign is added.
    Adding,
    /// A list of Postfix's: `!SSLv3, !TLSv1`, `>=TLSv1.2`, `TLSv1.2`.
    Marked,
    /// A priority string of GnuTLS.
    Priority,
    /// It says nothing about versions, but about suites and groups.
    Nothing,
}

/// What a security level forbids.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// From this level on.
    pub from: u32,
    /// From this release on.
    pub since: Option<String>,
    /// Only at this end of a connection.
    pub side: Option<Side>,
    /// These versions.
    pub without: Vec<Version>,
    /// Where this is from.
    pub source: String,
}

/// Something else that a hello shows: a way to agree on keys, a group, a signature.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureRow {
    /// One of the names in `content/platforms/features.toml`.
    pub is: String,
    /// The first release that the row is about; of several rows the last one that fits counts.
    pub from: Option<String>,
    /// The first release that has it no more.
    pub until: Option<String>,
    /// No release that the row is about has it.
    #[serde(default)]
    pub never: bool,
    /// It goes with a security level below this one.
    pub below_level: Option<u32>,
    /// Words that take it out, where they stand in the value of a setting.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Words that bring it back after `until`, where they stand in the value of a setting.
    #[serde(default)]
    pub with: Vec<String>,
    /// There is no source but what is known.
    #[serde(default)]
    pub unsure: bool,
    /// Where this is from.
    pub source: String,
}

/// What is worth knowing of a version that is offered.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// Of which versions.
    pub versions: Vec<Version>,
    /// From which release on.
    pub from: String,
    /// At which security level.
    #[serde(default)]
    pub level: u32,
    /// The sentence.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
    /// Where this is from.
    pub source: String,
}

/// A change, with a place for the version that it is to bring: `{version}` is `TLS 1.2`, `{n}` `1.2`,
/// `{v}` `TLSv1.2`, `{w}` `TLSv1_2`, `{u}` `1_2`, `{d}` `12`, `{m}` 3.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRow {
    /// `command`, `config` or `code`.
    pub form: String,
    /// The settings that it makes, as the model reads them.
    pub sets: Vec<Sets>,
    /// The versions that it is meant for.
    pub makes: Vec<Version>,
    /// What to do.
    pub title: Both,
    /// The lines to type or paste.
    pub text: String,
    /// `program`, `machine` or `none`.
    pub restart: String,
    /// What it puts at risk; what brings versions before TLS 1.2 back is unsafe by itself.
    pub risk: Option<Risk>,
}

/// A setting that a change makes.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sets {
    /// Its name.
    pub name: String,
    /// What it is set to.
    #[serde(default)]
    pub value: String,
}

/// A sentence in both languages.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Both {
    en: String,
    zh: String,
}

impl Both {
    /// As it is shown.
    #[must_use]
    pub fn text(&self) -> Text {
        Text { en: self.en.clone(), zh: self.zh.clone() }
    }
}

/// A feature of a hello, told.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// Its name: `rsa-key-exchange`.
    pub is: String,
    /// The oldest version that can have it.
    pub least: Version,
    /// The newest version that can have it.
    pub most: Version,
    /// What it means that the hello has it.
    pub has: Both,
    /// What it means that the hello lacks it.
    pub lacks: Both,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeatureFile {
    feature: Vec<Feature>,
}

/// A service, and the oldest version that it accepts.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name on the screen.
    pub name: String,
    /// Its hosts; one that begins with a dot stands for all below it.
    pub hosts: Vec<String>,
    /// The oldest version that it accepts.
    pub least: Version,
    /// Since when: a year, a month or a day.
    #[serde(default)]
    pub since: String,
    /// There is no source but what is known.
    #[serde(default)]
    pub unsure: bool,
    /// Where this is from.
    pub source: String,
}

impl Service {
    /// The service of a host.
    #[must_use]
    pub fn of<'s>(services: &'s [Self], host: &str) -> Option<&'s Self> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        services.iter().find(|service| {
            service.hosts.iter().any(|own| match own.strip_prefix('.') {
                Some(domain) => host == domain || host.ends_with(own.as_str()),
                None => host == *own,
            })
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceFile {
    service: Vec<Service>,
}

pub(super) fn read(files: &[(&str, &str)]) -> Result<Vec<Program>, PageError> {
    let programs = files
        .iter()
        .filter(|(name, _)| name.starts_with("platforms/programs/"))
        .map(|(name, text)| super::parse::<Program>(name, text))
        .collect::<Result<Vec<_>, _>>()?;
    for program in &programs {
        if let Some(below) = &program.on
            && !programs.iter().any(|other| other.client == *below)
        {
            return Err(PageError::new(
                &format!("platforms/programs/{}.toml", program.client),
                format!("there is no program {below:?}"),
            ));
        }
    }
    Ok(programs)
}

pub(super) fn read_features(file: &str, text: &str) -> Result<Vec<Feature>, PageError> {
    let parsed: FeatureFile = super::parse(file, text)?;
    Ok(parsed.feature)
}

pub(super) fn read_services(file: &str, text: &str) -> Result<Vec<Service>, PageError> {
    let parsed: ServiceFile = super::parse(file, text)?;
    Ok(parsed.service)
}
