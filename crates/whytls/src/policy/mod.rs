//! The machine's policy: which TLS versions a program offers or accepts, which setting decides, what
//! would change it.
//!
//! In:  a [`Machine`]: what is known of a program and of the machine that it runs on.
//! Out: [`Simulation`]: for each version whether it is offered, why, and on what that still hangs.
//! Not here: how settings are found in a paste. Tables stand in `content/platforms/`.
//!
//! The model of a client is a function from a [`World`], in which everything that it asks for is
//! known, to an [`Outcome`]. What is unknown is not guessed: each answer makes a world of its own
//! (see [`possible`]), and what differs between the worlds is what hangs on the answer. To judge a
//! change, the model is run on the machine that has it.

mod agree;
mod attempts;
mod blocks;
mod changes;
mod dotnet;
mod judge;
mod machine;
mod native;
mod programs;
mod schannel;
mod spelled;
mod worlds;

use std::sync::OnceLock;

use crate::content::{Program, Side, Text, library};
use crate::tls::Version;

pub use agree::{Agreement, agree};
pub use attempts::{aimed_back, attempts};
pub use changes::{Change, Form, Operation, Restart, applied, powershell, reg, undone};
pub use dotnet::{
    SECURITY_PROTOCOL, SSL_PROTOCOLS, STRONG_SWITCH, STRONG_VALUE, SYSTEM_SWITCH, SYSTEM_VALUE, WCF_BINDING,
    target_version,
};
pub use judge::{Fix, Judgement, Seen, Sentence, judge};
pub use machine::{Given, Input, Machine, Origin, Place, Setting};
pub use native::of_bits;
pub use programs::is_system;
pub use spelled::{Spelled, program_in, settings_in, system_in, version_in};
pub use worlds::{Answer, Answered, Assumed, Possible, Stop, World, possible};

use machine::text;

/// A program or library that opens connections, by the name that the contract gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is named for what it is")]
pub enum Client {
    SmtpClient,
    HttpWebRequest,
    WebClient,
    SslStream,
    Wcf,
    SqlClient,
    MailKit,
    WinHttp,
    WinInet,
    PowerShell,
    Dotnet,
    CurlSchannel,
    Iis,
    Exchange,
    /// A program or library that a table of its own tells of: `java`, `openssl`.
    Program(&'static str),
}

impl Client {
    /// The programs that ask Schannel.
    pub const ALL: [Self; 14] = [
        Self::SmtpClient,
        Self::HttpWebRequest,
        Self::WebClient,
        Self::SslStream,
        Self::Wcf,
        Self::SqlClient,
        Self::MailKit,
        Self::WinHttp,
        Self::WinInet,
        Self::PowerShell,
        Self::Dotnet,
        Self::CurlSchannel,
        Self::Iis,
        Self::Exchange,
    ];

    /// The name in the contract: `--client NAME`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::SmtpClient => "smtpclient",
            Self::HttpWebRequest => "httpwebrequest",
            Self::WebClient => "webclient",
            Self::SslStream => "sslstream",
            Self::Wcf => "wcf",
            Self::SqlClient => "sqlclient",
            Self::MailKit => "mailkit",
            Self::WinHttp => "winhttp",
            Self::WinInet => "wininet",
            Self::PowerShell => "powershell",
            Self::Dotnet => "dotnet",
            Self::CurlSchannel => "curl-schannel",
            Self::Iis => "iis",
            Self::Exchange => "exchange",
            Self::Program(slug) => slug,
        }
    }

    /// The name on the screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SmtpClient => "System.Net.Mail.SmtpClient",
            Self::HttpWebRequest => "HttpWebRequest",
            Self::WebClient => "WebClient",
            Self::SslStream => "SslStream",
            Self::Wcf => "WCF",
            Self::SqlClient => "SqlClient",
            Self::MailKit => "MailKit",
            Self::WinHttp => "WinHTTP",
            Self::WinInet => "WinINet",
            Self::PowerShell => "PowerShell",
            Self::Dotnet => ".NET",
            Self::CurlSchannel => "curl (Schannel)",
            Self::Iis => "IIS",
            Self::Exchange => "Exchange",
            Self::Program(slug) => self.program().map_or(slug, |program| &program.name),
        }
    }

    /// The client of a name.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::all().find(|client| client.slug().eq_ignore_ascii_case(slug))
    }

    /// Every client that there is a model of.
    pub fn all() -> impl Iterator<Item = Self> {
        let programs = library().programs.iter().map(|program| Self::Program(&program.client));
        Self::ALL.into_iter().chain(programs)
    }

    /// Which end of a connection it is.
    #[must_use]
    pub fn side(self) -> Side {
        match self {
            Self::Iis | Self::Exchange => Side::Server,
            _ => self.program().map_or(Side::Client, |program| program.side),
        }
    }

    /// The table that tells of it, where it does not ask Schannel.
    #[must_use]
    pub fn program(self) -> Option<&'static Program> {
        match self {
            Self::Program(slug) => Program::named(&library().programs, slug),
            _ => None,
        }
    }
}

/// The model of each client.
fn model(world: &World<'_>) -> Answered<Outcome> {
    if let Some(program) = world.machine().client.program() {
        return programs::outcome(world, program);
    }
    match world.machine().client {
        Client::SmtpClient | Client::HttpWebRequest | Client::WebClient => dotnet::framework(world),
        Client::SslStream => dotnet::ssl_stream(world),
        Client::Wcf => dotnet::wcf(world),
        Client::MailKit => dotnet::mailkit(world),
        Client::PowerShell => dotnet::powershell(world),
        Client::Dotnet => dotnet::core(world),
        Client::SqlClient => native::sql_client(world),
        Client::WinHttp => native::winhttp(world),
        Client::WinInet => native::wininet(world),
        Client::CurlSchannel => native::curl(world),
        Client::Iis => native::iis(world),
        Client::Exchange => native::exchange(world),
        // A name without a table offers nothing.
        Client::Program(_) => Ok(Outcome::default()),
    }
}

/// What a program offers in one world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Every version from SSL 2.0 to TLS 1.3, oldest first.
    pub offers: Vec<Offer>,
    /// What else its hello shows, as far as the tables tell.
    pub features: Vec<Feature>,
}

/// Whether a hello has something besides its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Its name: `rsa-key-exchange`.
    pub name: String,
    /// Whether the hello has it.
    pub offered: bool,
    /// What that means.
    pub says: Text,
    /// "As far as known".
    pub unsure: bool,
}

impl Outcome {
    /// The versions that are offered, oldest first.
    pub fn offered(&self) -> impl Iterator<Item = Version> {
        self.offers.iter().filter(|offer| offer.offered).map(|offer| offer.version)
    }

    /// Whether a version is offered.
    #[must_use]
    pub fn has(&self, version: Version) -> bool {
        self.offered().any(|offered| offered == version)
    }
}

/// Whether one version is offered, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The version.
    pub version: Version,
    /// Whether the ClientHello offers it.
    pub offered: bool,
    /// The setting that decides.
    pub decided_by: Decision,
    /// The reason, as a sentence or two.
    pub says: Text,
    /// Sources contradict each other, or there is none: "as far as known".
    pub unsure: bool,
}

/// A setting that decides, or what holds because it is not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its name.
    pub setting: String,
    /// Where it stands.
    pub place: Place,
    /// What it is set to.
    pub value: Option<String>,
    /// Who says so.
    pub origin: Option<Origin>,
}

impl Decision {
    /// Nobody set it, and its default decides.
    #[must_use]
    pub fn default(setting: impl Into<String>) -> Self {
        Self { setting: setting.into(), place: Place::Default, value: None, origin: None }
    }

    /// Somebody set it.
    #[must_use]
    pub fn by(setting: &Setting) -> Self {
        Self {
            setting: setting.name.clone(),
            place: setting.place,
            value: Some(setting.value.clone()),
            origin: Some(setting.origin.clone()),
        }
    }
}

/// What a program asks of the TLS library below it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The versions that it names; none where it leaves the choice to the library.
    pub(crate) named: Option<Vec<Version>>,
    /// What made it ask that.
    pub(crate) decided_by: Decision,
    /// The same as a sentence.
    pub(crate) says: Text,
    /// "As far as known".
    pub(crate) unsure: bool,
}

/// What is known of one version over all worlds.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The version.
    pub version: Version,
    /// Whether it is offered; none where that hangs on something unknown.
    pub offered: Option<bool>,
    /// What decides, where that is the same in every world.
    pub decided_by: Option<Decision>,
    /// The reason.
    pub says: Text,
    /// "As far as known".
    pub unsure: bool,
}

/// A question whose answer would change something.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// The question.
    pub input: Input,
    /// What each answer gives.
    pub answers: Vec<Consequence>,
}

/// What follows from one answer.
#[derive(Clone, Debug)]
pub struct Consequence {
    /// The answer.
    pub answer: Answer,
    /// What is offered then, whatever else is unknown.
    pub offers: Vec<Version>,
    /// What may be offered then, as something else is unknown too.
    pub perhaps: Vec<Version>,
}

/// What a program offers on a machine, as far as that is known.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The machine.
    pub machine: Machine,
    /// Every version from SSL 2.0 to TLS 1.3, oldest first.
    pub verdicts: Vec<Verdict>,
    /// What would change something, if it were known.
    pub unknown: Vec<Unknown>,
    /// What else the hello shows, where that is the same in every world.
    pub features: Vec<Feature>,
    worlds: Vec<Possible>,
    /// Tried out when they are asked for: most who ask what is offered do not want to change it.
    changes: OnceLock<Vec<Change>>,
}

impl Simulation {
    /// The newest version that is offered, where nothing unknown could change that.
    #[must_use]
    pub fn newest(&self) -> Option<Version> {
        let newest = self.verdicts.iter().rfind(|verdict| verdict.offered != Some(false))?;
        newest.offered.and(Some(newest.version))
    }

    /// What makes the wanted version offered, or the next one, smallest first.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        self.changes.get_or_init(|| {
            // TLS 1.2 first; where that is offered, 1.3.
            let wants = |version: &Version| self.worlds.iter().any(|world| !world.outcome.has(*version));
            let next = || [Version::TLS12, Version::TLS13].into_iter().find(wants);
            let wanted = self.machine.wanted.or_else(next);
            wanted.map_or_else(Vec::new, |wanted| changes::changes(&self.machine, &self.worlds, wanted))
        })
    }
}

/// Runs the model on every world that fits what is known.
///
/// # Errors
/// What is known contradicts itself: no program is like that.
pub fn simulate(machine: Machine) -> Result<Simulation, Text> {
    let worlds = possible(&machine)?;
    let side = machine.client.side();
    let verdicts = Version::ALL.into_iter().filter_map(|version| verdict(version, side, &worlds)).collect();
    let unknown = unknown(&worlds);
    let features = features(&worlds);
    Ok(Simulation { machine, verdicts, unknown, features, worlds, changes: OnceLock::new() })
}

fn features(worlds: &[Possible]) -> Vec<Feature> {
    let Some((first, others)) = worlds.split_first() else { return Vec::new() };
    let same = |feature: &&Feature| others.iter().all(|world| world.outcome.features.contains(feature));
    first.outcome.features.iter().filter(same).cloned().collect()
}

fn verdict(version: Version, side: Side, worlds: &[Possible]) -> Option<Verdict> {
    let offers = || {
        worlds.iter().filter_map(|world| world.outcome.offers.iter().find(|offer| offer.version == version))
    };
    let first = offers().next()?;
    let offered = offers().all(|offer| offer.offered == first.offered).then_some(first.offered);
    // What somebody set is worth more than the default that would decide the same elsewhere.
    let set = offers().find(|offer| offer.decided_by.place != Place::Default).unwrap_or(first);
    let same = |offer: &Offer| {
        let default = offer.decided_by.place == Place::Default && set.decided_by.place != Place::Default;
        default || offer.decided_by == set.decided_by
    };
    let decided_by = offered.filter(|_| offers().all(same));
    let says = match (offered, decided_by) {
        (Some(_), Some(_)) => set.says.clone(),
        (Some(true), None) if side == Side::Server => {
            text("Accepted, whatever the answer to what is unknown.", "无论未知项如何，都会接受。")
        }
        (Some(false), None) if side == Side::Server => {
            text("Not accepted, whatever the answer to what is unknown.", "无论未知项如何，都不会接受。")
        }
        (Some(true), None) => {
            text("Offered, whatever the answer to what is unknown.", "无论未知项如何，都会提供。")
        }
        (Some(false), None) => {
            text("Not offered, whatever the answer to what is unknown.", "无论未知项如何，都不会提供。")
        }
        (None, _) => text("It hangs on what is unknown; see below.", "取决于未知项，见下文。"),
    };
    Some(Verdict {
        version,
        offered,
        decided_by: decided_by.map(|_| set.decided_by.clone()),
        says,
        unsure: offers().any(|offer| offer.unsure),
    })
}

/// The questions whose answers differ in what is offered, in the order in which the model asks.
fn unknown(worlds: &[Possible]) -> Vec<Unknown> {
    let mut asked: Vec<(Input, Vec<Answer>)> = Vec::new();
    for assumed in worlds.iter().flat_map(|world| &world.assumed) {
        match asked.iter_mut().find(|(input, _)| *input == assumed.input) {
            Some((_, answers)) if answers.contains(&assumed.answer) => {}
            Some((_, answers)) => answers.push(assumed.answer.clone()),
            None => asked.push((assumed.input, vec![assumed.answer.clone()])),
        }
    }
    let mut unknown: Vec<Unknown> = asked
        .into_iter()
        .map(|(input, answers)| Unknown {
            input,
            answers: answers.into_iter().map(|answer| consequence(input, answer, worlds)).collect(),
        })
        .collect();
    unknown.retain(|unknown| {
        let first = unknown.answers.first();
        let same = |answer: &Consequence| {
            first.is_some_and(|first| first.offers == answer.offers && first.perhaps == answer.perhaps)
        };
        !unknown.answers.iter().all(same)
    });
    unknown
}

fn consequence(input: Input, answer: Answer, worlds: &[Possible]) -> Consequence {
    // A world that never asked is one for every answer.
    let own = || worlds.iter().filter(|world| world.answer(input).is_none_or(|other| *other == answer));
    let in_all = |version: &Version| own().all(|world| world.outcome.has(*version));
    let in_some = |version: &Version| own().any(|world| world.outcome.has(*version));
    Consequence {
        offers: Version::ALL.into_iter().filter(in_all).collect(),
        perhaps: Version::ALL.into_iter().filter(|version| in_some(version) && !in_all(version)).collect(),
        answer,
    }
}

/// `TLS 1.0, TLS 1.1, TLS 1.2`: versions as sentences and settings have them.
pub(crate) fn listed(versions: &[Version]) -> String {
    versions.iter().map(Version::to_string).collect::<Vec<_>>().join(", ")
}

/// The versions of such a list; none where it says something else.
pub(crate) fn named(list: &str) -> Vec<Version> {
    list.split(", ").filter_map(Version::named).collect()
}

/// Compares versions as their makers write them: `4.10` is newer than `4.7.2`.
pub(crate) fn numbers(version: &str) -> Vec<u32> {
    version
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .split('.')
        .map_while(|part| {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part.get(..digits)?.parse().ok()
        })
        .collect()
}
