//! What is known of a machine and of the program on it, each with where that is from.
//!
//! In:  flags, settings, facts of a paste.
//! Out: [`Machine`], which [`super::simulate`] runs the model on.
//! Not here: what follows from it.

use std::collections::BTreeMap;

use super::{Answer, Client};
use crate::content::{Lang, Text};
use crate::tls::Version;

/// A program, the machine it runs on, and the settings that are known.
///
/// What can only be asked of people (an [`Input`]) is known or unknown. A setting that is not given
/// counts as not set.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The program, or the library that makes its connections.
    pub client: Client,
    /// The version that is wanted, where that is not the newest that is missing.
    pub wanted: Option<Version>,
    inputs: BTreeMap<Input, Given>,
    settings: Vec<Setting>,
}

/// A question to a person: what a model cannot assume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// The system: `windows-7`, `debian-12`.
    Os,
    /// The program's or library's own version.
    ClientVersion,
    /// The .NET that runs the program: `4.8`, `3.5`, `8.0`.
    Dotnet,
    /// The .NET Framework that the program is built for.
    Target,
    /// Whether it is a 32-bit or a 64-bit program.
    Bits,
    /// An update of Windows, by its KB number.
    Update(&'static str),
    /// Which release of a version exactly: the update of Java 8.
    Release,
    /// The version of the library that a program stands on.
    Library,
    /// The version of Java that a program stands on.
    Java,
    /// Which of several classes makes the connection.
    Api,
}

impl Input {
    /// The name that flags and the contract's JSON give it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Os => "os",
            Self::ClientVersion => "client-version",
            Self::Dotnet => "dotnet",
            Self::Target => "target",
            Self::Bits => "bits",
            Self::Update(kb) => kb,
            Self::Release => "release",
            Self::Library => "openssl",
            Self::Java => "java",
            Self::Api => "api",
        }
    }

    /// The question, as it is put to a person.
    #[must_use]
    pub fn question(self) -> Text {
        let (en, zh) = match self {
            Self::Os => ("Which system is it?", "是什么系统？"),
            Self::ClientVersion => ("Which version of the program is it?", "程序是什么版本？"),
            Self::Dotnet => ("Which .NET runs it?", "由哪个版本的 .NET 运行？"),
            Self::Target => {
                ("Which .NET Framework is the program built for?", "程序面向哪个版本的 .NET Framework？")
            }
            Self::Bits => ("Is it a 32-bit or a 64-bit program?", "是 32 位还是 64 位程序？"),
            Self::Update(kb) => {
                return Text {
                    en: format!("Is update {kb} installed?"), zh: format!("是否装了更新 {kb}？")
                };
            }
            Self::Release => ("Which release of it exactly?", "具体是哪个发行版本？"),
            Self::Library => ("Which version of OpenSSL does it use?", "它用的是哪个版本的 OpenSSL？"),
            Self::Java => ("Which version of Java runs it?", "由哪个版本的 Java 运行？"),
            Self::Api => ("What makes the connection?", "由哪个类建立连接？"),
        };
        text(en, zh)
    }
}

impl Input {
    /// On these answers something hangs, as the rest of a sentence: "only if …".
    #[must_use]
    pub fn condition(self, answers: &[Answer]) -> Text {
        let names = |lang: Lang, or: &str| {
            answers.iter().map(|answer| answer.name.get(lang)).collect::<Vec<_>>().join(or)
        };
        let (en, zh) = (names(Lang::En, " or "), names(Lang::ZhCn, "或"));
        let installed = answers.iter().any(|answer| answer.value == "installed");
        match self {
            Self::Os => text(format!("only on {en}"), format!("仅限 {zh}")),
            Self::ClientVersion => {
                text(format!("only if its version is {en}"), format!("仅当程序版本为 {zh}"))
            }
            Self::Dotnet => text(format!("only if .NET {en} runs it"), format!("仅当由 .NET {zh} 运行")),
            Self::Target => text(
                format!("only if the program is built for .NET Framework {en}"),
                format!("仅当程序面向 .NET Framework {zh}"),
            ),
            Self::Bits => text(format!("only if the program is {en}"), format!("仅当程序是 {zh}")),
            Self::Update(kb) if installed => {
                text(format!("only if update {kb} is installed"), format!("仅当装了更新 {kb}"))
            }
            Self::Update(kb) => {
                text(format!("only if update {kb} is not installed"), format!("仅当未装更新 {kb}"))
            }
            Self::Release => text(format!("only if its release is {en}"), format!("仅当发行版本为 {zh}")),
            Self::Library => text(format!("only with OpenSSL {en}"), format!("仅当使用 OpenSSL {zh}")),
            Self::Java => text(format!("only on Java {en}"), format!("仅当由 Java {zh} 运行")),
            Self::Api => text(format!("only if {en} makes the connection"), format!("仅当由 {zh} 建立连接")),
        }
    }
}

/// A value, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The value.
    pub value: String,
    /// Who says so.
    pub origin: Origin,
}

/// Where something is known from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The user says so, with this flag.
    Flag(&'static str),
    /// It stands in an input.
    Line {
        /// The input's name.
        input: String,
        /// The line in it, from 1.
        line: usize,
        /// The evidence that shows it, where there is a report to cite it in.
        evidence: Option<usize>,
    },
    /// It is tried out: a change that is proposed, a world that is possible.
    Supposed,
}

/// Where a setting stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the program's own code, or on its command line.
    Code,
    /// In a file that the program or its library reads.
    Config,
    /// In the registry of Windows.
    Registry,
    /// In an environment variable.
    Environment,
    /// Nowhere: it is what holds where nothing is set.
    Default,
}

impl Place {
    /// The name in the contract's JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Config => "config",
            Self::Registry => "registry",
            Self::Environment => "environment",
            Self::Default => "default",
        }
    }
}

/// One setting that somebody made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Where it stands.
    pub place: Place,
    /// Its whole name: a registry value with its key, a switch, a property.
    pub name: String,
    /// What it is set to. Numbers are written in decimal.
    pub value: String,
    /// Who says so.
    pub origin: Origin,
}

impl Setting {
    /// The number, where it is one.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        self.value.parse().ok()
    }
}

impl Machine {
    /// A machine of which nothing is known but the program.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, wanted: None, inputs: BTreeMap::new(), settings: Vec::new() }
    }

    /// The same, where the program stands on another library on this system: .NET, which asks Schannel on
    /// Windows only.
    #[must_use]
    pub fn on_its_system(mut self) -> Self {
        let Some(os) = self.known(Input::Os).filter(|_| self.client == Client::Dotnet) else { return self };
        let table = match os.value.split_once('-').map_or(os.value.as_str(), |(system, _)| system) {
            "windows" => return self,
            "macos" | "ios" => "dotnet-macos",
            _ => "dotnet-linux",
        };
        if let Some(client) = Client::from_slug(table) {
            self.client = client;
        }
        // Whoever says which .NET runs it says which version it is.
        if let Some(dotnet) = self.known(Input::Dotnet).cloned() {
            self.know(Input::ClientVersion, dotnet.value, dotnet.origin);
        }
        self
    }

    /// Answers a question. What is said first stays.
    pub fn know(&mut self, input: Input, value: impl Into<String>, origin: Origin) {
        self.inputs.entry(input).or_insert_with(|| Given { value: value.into(), origin });
    }

    /// Answers a question otherwise than before.
    pub(super) fn suppose(&mut self, input: Input, value: &str) {
        self.inputs.insert(input, Given { value: value.to_owned(), origin: Origin::Supposed });
    }

    /// What is known of a question.
    #[must_use]
    pub fn known(&self, input: Input) -> Option<&Given> {
        self.inputs.get(&input)
    }

    /// Every question that is answered.
    pub fn inputs(&self) -> impl Iterator<Item = (Input, &Given)> {
        self.inputs.iter().map(|(input, given)| (*input, given))
    }

    /// Makes a setting, in place of one of the same name.
    pub fn set(&mut self, place: Place, name: impl Into<String>, value: impl Into<String>, origin: Origin) {
        let name = name.into();
        self.unset(place, &name);
        self.settings.push(Setting { place, name, value: value.into(), origin });
    }

    /// Takes a setting away.
    pub fn unset(&mut self, place: Place, name: &str) {
        self.settings.retain(|setting| setting.place != place || !setting.name.eq_ignore_ascii_case(name));
    }

    /// The setting of that name, if somebody made it.
    #[must_use]
    pub fn setting(&self, place: Place, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.place == place && setting.name.eq_ignore_ascii_case(name))
    }

    /// Every setting, in the order in which they were made.
    #[must_use]
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }
}

/// A text in both languages.
pub(super) fn text(en: impl Into<String>, zh: impl Into<String>) -> Text {
    Text { en: en.into(), zh: zh.into() }
}
