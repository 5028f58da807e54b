//! The parts of the contract's JSON for `whytls simulate`.
//!
//! In:  what the model says.
//! Out: the same under the contract's names, in one language.
//! Not here: the sentences around it.

use serde::Serialize;

use crate::content::{Lang, Risk, Text};
use crate::policy::{self, Change, Decision, Feature, Form, Machine, Origin, Unknown, Verdict};

/// Something that a hello shows beside its versions.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct FeatureView {
    pub feature: String,
    pub offered: bool,
    pub says: String,
    pub as_far_as_known: bool,
}

/// Something that is known.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct KnownView {
    pub what: String,
    pub value: String,
    pub from: String,
}

impl FeatureView {
    pub(super) fn new(feature: &Feature, lang: Lang) -> Self {
        Self {
            feature: feature.name.clone(),
            offered: feature.offered,
            says: feature.says.get(lang).to_owned(),
            as_far_as_known: feature.unsure,
        }
    }
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

impl OfferView {
    pub(super) fn new(verdict: &Verdict, lang: Lang) -> Self {
        Self {
            protocol: verdict.version.to_string(),
            offered: verdict.offered,
            decided_by: verdict.decided_by.as_ref().map(|decision| DecisionView::new(decision, lang)),
            says: verdict.says.get(lang).to_owned(),
            as_far_as_known: verdict.unsure,
        }
    }
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
    /// It stands in an input.
    #[serde(skip)]
    pub(super) in_a_line: bool,
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

impl UnknownView {
    pub(super) fn new(unknown: &Unknown, lang: Lang) -> Self {
        let answers = unknown.answers.iter().map(|answer| AnswerView {
            value: answer.answer.value.clone(),
            name: answer.answer.name.get(lang).to_owned(),
            offers: answer.offers.iter().map(ToString::to_string).collect(),
            perhaps: answer.perhaps.iter().map(ToString::to_string).collect(),
        });
        Self {
            what: unknown.input.name(),
            question: unknown.input.question().get(lang).to_owned(),
            answers: answers.collect(),
        }
    }
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
    /// The language of the text, as fences have it.
    pub fence: &'static str,
    pub title: String,
    pub text: String,
    pub undo: String,
    /// The same for PowerShell, where it is a file for the registry.
    pub powershell: Option<PowerShellView>,
    pub restart: &'static str,
    pub risk: Risk,
    /// It works only with these answers to what is unknown.
    pub only_if: Option<OnlyIfView>,
    /// An update that has to be installed first.
    pub needs: Option<&'static str>,
}

/// A change of the registry as PowerShell commands.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct PowerShellView {
    pub text: String,
    pub undo: String,
}

/// On what it hangs whether a change works.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct OnlyIfView {
    pub what: &'static str,
    pub question: String,
    pub values: Vec<String>,
    pub names: Vec<String>,
    /// The same as the rest of a sentence.
    pub says: String,
}

impl ChangeView {
    pub(super) fn new(change: &Change, machine: &Machine, lang: Lang) -> Self {
        Self {
            makes: change.makes.to_string(),
            form: change.form.name(),
            fence: change.fence,
            title: change.title.get(lang).to_owned(),
            text: change.text.clone(),
            undo: change.undo.get(lang).to_owned(),
            powershell: (change.form == Form::Reg).then(|| PowerShellView {
                text: policy::powershell(&change.operations),
                undo: policy::powershell(&policy::undone(machine, &change.operations)),
            }),
            restart: change.restart.name(),
            risk: change.risk,
            only_if: change.only_if.as_ref().map(|(input, answers)| OnlyIfView {
                what: input.name(),
                question: input.question().get(lang).to_owned(),
                values: answers.iter().map(|answer| answer.value.clone()).collect(),
                names: answers.iter().map(|answer| answer.name.get(lang).to_owned()).collect(),
                says: input.condition(answers).get(lang).to_owned(),
            }),
            needs: change.needs,
        }
    }
}

impl DecisionView {
    pub(super) fn new(decision: &Decision, lang: Lang) -> Self {
        Self {
            setting: decision.setting.clone(),
            place: decision.place.name(),
            value: decision.value.clone(),
            from: decision.origin.as_ref().map(|origin| from(origin, lang)),
            in_a_line: matches!(decision.origin, Some(Origin::Line { .. })),
        }
    }
}

/// Where something is from, in words.
pub(super) fn from(origin: &Origin, lang: Lang) -> String {
    match origin {
        Origin::Flag(flag) => (*flag).to_owned(),
        Origin::Line { input, line, .. } => {
            let text = Text { en: format!("{input}, line {line}"), zh: format!("{input} 第 {line} 行") };
            text.get(lang).to_owned()
        }
        Origin::Supposed => Text { en: "supposed".to_owned(), zh: "假设".to_owned() }.get(lang).to_owned(),
    }
}
