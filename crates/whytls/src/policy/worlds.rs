//! Every machine that fits what is known: a model asks, and each possible answer is a world.
//!
//! In:  a machine, and a model that asks for what it needs.
//! Out: the worlds, each with what was assumed and what follows.
//! Not here: the models.
//!
//! A model reads what it needs from its [`World`] and stops with a question where that is unknown.
//! It is run again for each answer, so only what matters is ever asked, and where everything is
//! known there is one world.

use std::cell::RefCell;

use super::machine::{Input, Machine, Place, Setting, text};
use super::{Outcome, model};
use crate::content::{Text, Windows, library};

/// More worlds than any model has; a bound, should one ask without end.
const MOST: usize = 4096;

/// A machine with some unknown things assumed.
pub struct World<'m> {
    machine: &'m Machine,
    assumed: &'m [Assumed],
    /// The settings that the model came upon.
    read: RefCell<Vec<&'m Setting>>,
}

/// An answer that one world assumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// The question.
    pub input: Input,
    /// The answer.
    pub answer: Answer,
}

/// A possible answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What a model reads: `4.7`.
    pub value: String,
    /// What people read: "4.7 or later".
    pub name: Text,
}

impl Answer {
    /// An answer whose value needs no other name.
    pub fn plain(value: &str) -> Self {
        Self { value: value.to_owned(), name: text(value, value) }
    }

    /// An answer with a name in each language.
    pub fn named(value: &str, en: &str, zh: &str) -> Self {
        Self { value: value.to_owned(), name: text(en, zh) }
    }
}

/// Why a model stops.
#[derive(Debug)]
pub enum Stop {
    /// It needs to know this; the answers that make a difference.
    Ask(Input, Vec<Answer>),
    /// There is no such program: what is known contradicts itself.
    Unfit(Text),
}

/// What a model gives, or why it stops.
pub type Answered<T> = Result<T, Stop>;

impl<'m> World<'m> {
    /// The answer to a question; where it is unknown the model stops, and is run again for each of `answers`.
    ///
    /// # Errors
    /// It is not known yet.
    pub fn ask(&self, input: Input, answers: impl FnOnce() -> Vec<Answer>) -> Answered<&'m str> {
        match self.known(input) {
            Some(value) => Ok(value),
            None => Err(Stop::Ask(input, answers())),
        }
    }

    /// The answer to a question, if it is known or assumed.
    #[must_use]
    pub fn known(&self, input: Input) -> Option<&'m str> {
        let assumed = || self.assumed.iter().find(|assumed| assumed.input == input);
        self.machine
            .known(input)
            .map(|given| given.value.as_str())
            .or_else(|| assumed().map(|assumed| assumed.answer.value.as_str()))
    }

    /// The setting of that name; one that nobody made is not set.
    #[must_use]
    pub fn setting(&self, place: Place, name: &str) -> Option<&'m Setting> {
        let setting = self.machine.setting(place, name)?;
        let mut read = self.read.borrow_mut();
        if !read.contains(&setting) {
            read.push(setting);
        }
        Some(setting)
    }

    /// The number that a registry value is set to.
    #[must_use]
    pub fn registry(&self, name: &str) -> Option<&'m Setting> {
        self.setting(Place::Registry, name).filter(|setting| setting.number().is_some())
    }

    /// The machine itself.
    #[must_use]
    pub fn machine(&self) -> &'m Machine {
        self.machine
    }

    /// The Windows that the program runs on.
    ///
    /// # Errors
    /// It is not known yet, or is no Windows.
    pub fn windows(&self) -> Answered<&'static Windows> {
        const TELLING: [&str; 5] =
            ["windows-7", "windows-8.1", "windows-10", "windows-11", "windows-11-24h2"];
        let row = |is: &str| library().windows.iter().find(|windows| windows.is == is);
        let os = self.ask(Input::Os, || {
            TELLING.iter().filter_map(|is| Some(Answer::named(is, &row(is)?.name, &row(is)?.name))).collect()
        })?;
        row(os).ok_or_else(|| {
            Stop::Unfit(text(
                format!("{} runs on Windows, and {os} is none", self.machine.client.name()),
                format!("{} 只在 Windows 上运行，而 {os} 不是 Windows", self.machine.client.name()),
            ))
        })
    }

    /// Whether an update of Windows is installed.
    ///
    /// # Errors
    /// It is not known yet.
    pub fn installed(&self, kb: &'static str) -> Answered<bool> {
        let answer = self.ask(Input::Update(kb), || {
            vec![
                Answer::named("installed", "it is installed", "已安装"),
                Answer::named("missing", "it is not installed", "未安装"),
            ]
        })?;
        Ok(answer == "installed")
    }

    /// Whether it is a 32-bit program.
    ///
    /// # Errors
    /// It is not known yet.
    pub fn is_32_bit(&self) -> Answered<bool> {
        let bits = self.ask(Input::Bits, || {
            vec![Answer::named("64", "64-bit", "64 位"), Answer::named("32", "32-bit", "32 位")]
        })?;
        Ok(bits == "32")
    }
}

/// One world that is possible, and what follows in it.
#[derive(Clone, Debug)]
pub struct Possible {
    /// What it assumes.
    pub assumed: Vec<Assumed>,
    /// What the program then offers.
    pub outcome: Outcome,
    /// The settings that the model came upon, in force or not.
    pub read: Vec<Setting>,
}

impl Possible {
    /// What this world assumes of a question, if it was asked.
    #[must_use]
    pub fn answer(&self, input: Input) -> Option<&Answer> {
        self.assumed.iter().find(|assumed| assumed.input == input).map(|assumed| &assumed.answer)
    }
}

/// Every world that fits what is known; at least one.
///
/// # Errors
/// No program is like that: why.
pub fn possible(machine: &Machine) -> Result<Vec<Possible>, Text> {
    let mut found = Vec::new();
    let mut open: Vec<Vec<Assumed>> = vec![Vec::new()];
    let mut unfit = None;
    while let Some(assumed) = open.pop() {
        if found.len() + open.len() > MOST {
            break;
        }
        let world = World { machine, assumed: &assumed, read: RefCell::default() };
        let answered = model(&world);
        let read: Vec<Setting> = world.read.take().into_iter().cloned().collect();
        match answered {
            Ok(outcome) => found.push(Possible { assumed, outcome, read }),
            // The last one pushed is worked through first.
            Err(Stop::Ask(input, answers)) => open.extend(answers.into_iter().rev().map(|answer| {
                let mut next = assumed.clone();
                next.push(Assumed { input, answer });
                next
            })),
            Err(Stop::Unfit(why)) => unfit = Some(why),
        }
    }
    match unfit {
        Some(why) if found.is_empty() => Err(why),
        _ => Ok(found),
    }
}
