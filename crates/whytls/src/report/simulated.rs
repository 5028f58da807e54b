//! What a program offers, told: `whytls simulate`.
//!
//! In:  a machine as flags and files describe it.
//! Out: [`Simulated`], as the contract's JSON or as Markdown in one of two languages.
//! Not here: the model. That is `policy`.

use std::fmt::Write as _;

use serde::Serialize;

use crate::content::{Lang, Text, library};
use crate::policy::{self, Client, Decision, Input, Machine, Origin, Simulation};
use crate::{Paste, decode, facts};

/// What is asked, in the words of the command line.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The program: one of [`clients`].
    pub client: String,
    /// Its version.
    pub client_version: Option<String>,
    /// The system.
    pub os: Option<String>,
    /// The .NET that runs it.
    pub dotnet: Option<String>,
    /// The .NET Framework that it is built for.
    pub target: Option<String>,
    /// 32 or 64.
    pub bits: Option<String>,
}

/// The names of all clients.
#[must_use]
pub fn clients() -> Vec<&'static str> {
    Client::ALL.into_iter().map(Client::slug).collect()
}

/// The names of all systems.
#[must_use]
pub fn systems() -> Vec<&'static str> {
    library().windows.iter().map(|windows| windows.is.as_str()).collect()
}

/// The answer in the names of the contract.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct Simulated {
    whytls: super::view::About,
    pub client: &'static str,
    /// What is known of the machine, each with where it is from.
    pub known: Vec<KnownView>,
    pub offers: Vec<OfferView>,
    pub unknown: Vec<UnknownView>,
    pub changes: Vec<ChangeView>,
}

/// Something that is known.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct KnownView {
    pub what: String,
    pub value: String,
    pub from: String,
}

/// One version.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct OfferView {
    pub protocol: String,
    pub offered: Option<bool>,
    pub decided_by: Option<DecisionView>,
    pub says: String,
    /// Sources contradict each other, or there is none.
    pub as_far_as_known: bool,
}

/// What decides.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct DecisionView {
    pub setting: String,
    #[serde(rename = "where")]
    pub place: &'static str,
    pub value: Option<String>,
    pub from: Option<String>,
}

/// What would change something, if it were known.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct UnknownView {
    pub what: &'static str,
    pub question: String,
    #[serde(rename = "if")]
    pub answers: Vec<AnswerView>,
}

/// What follows from one answer.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct AnswerView {
    pub value: String,
    pub name: String,
    pub offers: Vec<String>,
    /// Offered only if another unknown has the right answer too.
    pub perhaps: Vec<String>,
}

/// A change that makes a version offered.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct ChangeView {
    pub makes: String,
    pub form: &'static str,
    pub title: String,
    pub text: String,
    pub undo: String,
    pub restart: &'static str,
    pub risk: &'static str,
}

impl Question {
    /// Runs the model on what is asked, with the settings that the files hold.
    ///
    /// # Errors
    /// A name that is not known, or values that contradict each other: one line that helps.
    pub fn answer(&self, files: &Paste, lang: Lang) -> Result<Simulated, String> {
        let client = Client::from_slug(&self.client).ok_or_else(|| {
            format!("--client {}: not known; known are {}", self.client, clients().join(", "))
        })?;
        let mut machine = Machine::new(client);
        if let Some(os) = &self.os {
            if !systems().contains(&os.as_str()) {
                return Err(format!("--os {os}: not known; known are {}", systems().join(", ")));
            }
            machine.know(Input::Os, os, Origin::Flag("--os"));
        }
        let given = [
            (Input::ClientVersion, &self.client_version, "--client-version"),
            (Input::Dotnet, &self.dotnet, "--dotnet"),
            (Input::Target, &self.target, "--target"),
            (Input::Bits, &self.bits, "--bits"),
        ];
        for (input, value, flag) in given {
            if let Some(value) = value {
                machine.know(input, value, Origin::Flag(flag));
            }
        }
        let artifacts = decode::find(files);
        facts::settings(files, &artifacts, &mut machine);
        let simulation = policy::simulate(machine).map_err(|why| why.get(lang).to_owned())?;
        Ok(Simulated::new(&simulation, lang))
    }
}

impl Simulated {
    fn new(simulation: &Simulation, lang: Lang) -> Self {
        let machine = &simulation.machine;
        let inputs = machine.inputs().map(|(input, given)| KnownView {
            what: input.name().to_owned(),
            value: given.value.clone(),
            from: from(&given.origin, lang),
        });
        let settings = machine.settings().iter().map(|setting| KnownView {
            what: setting.name.clone(),
            value: setting.value.clone(),
            from: from(&setting.origin, lang),
        });
        Self {
            whytls: super::view::About::this(),
            client: machine.client.slug(),
            known: inputs.chain(settings).collect(),
            offers: simulation
                .verdicts
                .iter()
                .map(|verdict| OfferView {
                    protocol: verdict.version.to_string(),
                    offered: verdict.offered,
                    decided_by: verdict.decided_by.as_ref().map(|decision| DecisionView::new(decision, lang)),
                    says: verdict.says.get(lang).to_owned(),
                    as_far_as_known: verdict.unsure,
                })
                .collect(),
            unknown: simulation
                .unknown
                .iter()
                .map(|unknown| UnknownView {
                    what: unknown.input.name(),
                    question: unknown.input.question().get(lang).to_owned(),
                    answers: unknown
                        .answers
                        .iter()
                        .map(|answer| AnswerView {
                            value: answer.answer.value.clone(),
                            name: answer.answer.name.get(lang).to_owned(),
                            offers: answer.offers.iter().map(ToString::to_string).collect(),
                            perhaps: answer.perhaps.iter().map(ToString::to_string).collect(),
                        })
                        .collect(),
                })
                .collect(),
            changes: Vec::new(),
        }
    }

    /// One object, a line end behind it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }

    /// The table, then what is unknown.
    #[must_use]
    pub fn markdown(&self, lang: Lang) -> String {
        let say = |en: &'static str, zh: &'static str| if lang == Lang::En { en } else { zh };
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{}",
            say("| | offered | decided by | why |", "| | 是否提供 | 由什么决定 | 原因 |")
        );
        let _ = writeln!(out, "| --- | --- | --- | --- |");
        for offer in &self.offers {
            let offered = match offer.offered {
                Some(true) => say("yes", "是"),
                Some(false) => say("no", "否"),
                None => say("unknown", "未知"),
            };
            let decided = offer.decided_by.as_ref().map_or_else(String::new, |by| match &by.value {
                Some(value) => format!("`{} = {value}`", by.setting),
                None => format!("`{}`", by.setting),
            });
            let _ = writeln!(out, "| {} | {offered} | {decided} | {} |", offer.protocol, offer.says);
        }
        for unknown in &self.unknown {
            let _ = writeln!(out, "\n{}\n", unknown.question);
            for answer in &unknown.answers {
                let _ = writeln!(out, "- {}: {}", answer.name, answer.offers.join(", "));
            }
        }
        out
    }
}

impl DecisionView {
    fn new(decision: &Decision, lang: Lang) -> Self {
        Self {
            setting: decision.setting.clone(),
            place: decision.place.name(),
            value: decision.value.clone(),
            from: decision.origin.as_ref().map(|origin| from(origin, lang)),
        }
    }
}

/// Where something is from, in words.
fn from(origin: &Origin, lang: Lang) -> String {
    match origin {
        Origin::Flag(flag) => (*flag).to_owned(),
        Origin::Line { input, line, .. } => {
            let text = Text { en: format!("{input}, line {line}"), zh: format!("{input} 第 {line} 行") };
            text.get(lang).to_owned()
        }
        Origin::Supposed => Text { en: "supposed".to_owned(), zh: "假设".to_owned() }.get(lang).to_owned(),
    }
}
