//! What became of settings that were tried on a program with a TLS of its own.
//!
//! In:  a machine with all settings that were made, and the version that is wanted.
//! Out: for each setting that was to bring the version a verdict, where the model can tell.
//! Not here: programs that ask Schannel (`judge`).

use super::judge::{Fix, Judgement, Sentence};
use super::machine::{Machine, Setting, text};
use super::programs;
use super::spelled::{self, knobs_of};
use super::worlds::{Possible, possible};
use super::{Client, simulate};
use crate::content::{Does, Knob, Program, Risk, Text, Verdict};
use crate::tls::Version;

/// Judges each setting of a machine by itself, and among the others; none of those that were not meant
/// to bring the version, or on which something unknown decides.
#[must_use]
pub fn attempts(machine: &Machine, wanted: Version) -> Vec<(Fix, Judgement)> {
    let Some(program) = machine.client.program() else { return Vec::new() };
    let aims = |setting: &&Setting| {
        let mut knobs = knobs_of(program).filter(|knob| knob.name == setting.name);
        knobs.any(|knob| match knob.does {
            // Whoever rewrites the list that keeps it out wants it in.
            Does::Without if knob.versions.is_empty() => {
                !spelled::versions_in(&setting.value).contains(&wanted) && keeps_out(machine, setting, wanted)
            }
            _ => aims_at(knob, setting, wanted),
        })
    };
    let tried: Vec<&Setting> = machine.settings().iter().filter(aims).collect();
    let mut bare = machine.clone();
    for setting in &tried {
        bare.unset(setting.place, &setting.name);
    }
    let case = Case { program, bare, all: machine, wanted };
    let judged = tried.iter().filter_map(|setting| {
        let (verdict, why) = case.verdict(setting, &tried)?;
        let fix = Fix { name: shown(setting), settings: vec![(*setting).clone()] };
        let says = vec![Sentence { target: None, fits: true, verdict, why }];
        Some((fix, Judgement { verdict, says }))
    });
    judged.collect()
}

/// The old version that somebody tried to bring back, where a newer one is offered anyway.
#[must_use]
pub fn aimed_back(machine: &Machine) -> Option<Version> {
    let program = machine.client.program()?;
    let ends = machine.settings().iter().filter_map(|setting| {
        let knob = knobs_of(program).find(|knob| knob.name == setting.name)?;
        match (knob.does, knob.versions.first()) {
            (Does::Least | Does::Names, Some(version)) => Some(*version),
            (Does::Least, None) => spelled::version(&setting.value, knob),
            (Does::Names, None) => {
                spelled::versions_in(&setting.value).into_iter().min_by_key(|version| version.rank())
            }
            _ => None,
        }
    });
    let old =
        ends.filter(|version| version.rank() < Version::TLS12.rank()).min_by_key(|version| version.rank())?;
    let mut bare = machine.clone();
    for setting in machine.settings() {
        bare.unset(setting.place, &setting.name);
    }
    let modern =
        possible(&bare).is_ok_and(|worlds| worlds.iter().all(|world| world.outcome.has(Version::TLS12)));
    modern.then_some(old)
}

/// Whether, without a setting, its default is what keeps a version out.
fn keeps_out(machine: &Machine, setting: &Setting, wanted: Version) -> bool {
    let mut without = machine.clone();
    without.unset(setting.place, &setting.name);
    let decides = |world: &Possible| {
        let mut offers = world.outcome.offers.iter();
        offers.any(|offer| {
            offer.version == wanted && !offer.offered && offer.decided_by.setting == setting.name
        })
    };
    possible(&without).is_ok_and(|worlds| worlds.iter().any(decides))
}

/// Whether a setting, if it is read, says that a version is to be there.
fn aims_at(knob: &Knob, setting: &Setting, wanted: Version) -> bool {
    let versions = match knob.versions.is_empty() {
        true => spelled::versions_in(&setting.value),
        false => knob.versions.clone(),
    };
    let names = versions.contains(&wanted);
    let end = || spelled::version(&setting.value, knob).or_else(|| versions.first().copied());
    match knob.does {
        Does::Names | Does::UpTo | Does::Adding | Does::Replacing => names,
        Does::Least | Does::NotBelow => end().is_some_and(|end| end.rank() <= wanted.rank()),
        Does::Most | Does::NotAbove => end().is_some_and(|end| end.rank() >= wanted.rank()),
        Does::Level => spelled::level(&setting.value).is_some(),
        Does::Protocol | Does::Marked => names || setting.value.contains('!') || setting.value.contains('-'),
        Does::Priority => names,
        Does::Without | Does::Nothing => false,
    }
}

/// `MinProtocol = TLSv1`, cut short.
fn shown(setting: &Setting) -> String {
    const LONGEST: usize = 80;
    let whole = match setting.value.is_empty() {
        true => setting.name.clone(),
        false => format!("{} = {}", setting.name, setting.value),
    };
    let mut short: String = whole.chars().filter(|c| *c != '`' && !c.is_control()).take(LONGEST).collect();
    if short.chars().count() == LONGEST {
        short.push('…');
    }
    short
}

struct Case<'m> {
    program: &'static Program,
    /// Without what was tried.
    bare: Machine,
    all: &'m Machine,
    wanted: Version,
}

impl Case<'_> {
    fn offers(&self, worlds: &[Possible]) -> Option<bool> {
        let first = worlds.first()?.outcome.has(self.wanted);
        worlds.iter().all(|world| world.outcome.has(self.wanted) == first).then_some(first)
    }

    fn with(&self, settings: &[&Setting]) -> Machine {
        let mut machine = self.bare.clone();
        for setting in settings {
            machine.set(setting.place, &setting.name, &setting.value, setting.origin.clone());
        }
        machine
    }

    fn verdict(&self, setting: &Setting, tried: &[&Setting]) -> Option<(Verdict, Text)> {
        let alone = self.with(&[setting]);
        let worlds = possible(&alone).ok()?;
        let (wanted, name) = (self.wanted, Client::name(self.all.client));
        if !worlds.iter().any(|world| world.read.iter().any(|read| read.name == setting.name)) {
            return Some((Verdict::NoEffect, self.not_read(setting)));
        }
        let before = self.offers(&possible(&self.bare).ok()?)?;
        let after = self.offers(&worlds)?;
        if before {
            let says = text(
                format!("{name} offers {wanted} without it."),
                format!("{name} 不设它也会提供 {wanted}。"),
            );
            return Some((Verdict::NoEffect, says));
        }
        if !after {
            let completes = |other: &&&Setting| {
                let both = possible(&self.with(&[setting, other]));
                other.name != setting.name && both.is_ok_and(|worlds| self.offers(&worlds) == Some(true))
            };
            let Some(partner) = tried.iter().find(completes).map(|other| shown(other)) else {
                return Some(self.not_enough(&alone));
            };
            let says = text(
                format!(
                    "By itself it is not enough; together with `{partner}` {wanted} is offered. If the failure stayed with both, they did not reach the process that fails, or something else is wrong."
                ),
                format!(
                    "单独设置它不够；与 `{partner}` 一起设置才会提供 {wanted}。如果两项都设了故障依旧，说明它们没有到达出错的进程，或另有原因。"
                ),
            );
            return Some((Verdict::NeedsMore, says));
        }
        if self.offers(&possible(self.all).ok()?)? {
            let says = text(
                format!(
                    "It is the cure: {wanted} is then offered. If the failure stayed, the setting did not reach the process that fails (not started again, set for another user, another copy of {name}), or something else is wrong."
                ),
                format!(
                    "它正是解决办法：之后会提供 {wanted}。如果故障依旧，说明这个设置没有到达出错的进程（没有重启、设在别的用户下、是另一份 {name}），或另有原因。"
                ),
            );
            return Some((Verdict::WouldHaveWorked, says));
        }
        let undoes = |other: &&&Setting| {
            other.name != setting.name
                && possible(&self.with(&[setting, other]))
                    .is_ok_and(|worlds| self.offers(&worlds) == Some(false))
        };
        let by = tried.iter().find(undoes).map(|other| shown(other));
        let says = match by {
            Some(by) => text(
                format!("Alone it would have worked; `{by}` takes it back."),
                format!("单独设置它本来会起作用；`{by}` 把它抵消了。"),
            ),
            None => text(
                "Alone it would have worked; another setting here takes it back.",
                "单独设置它本来会起作用；这里的另一个设置把它抵消了。",
            ),
        };
        Some((Verdict::Undone, says))
    }

    /// It is read, and the version stays out all the same: why, and what is missing.
    fn not_enough(&self, alone: &Machine) -> (Verdict, Text) {
        let wanted = self.wanted;
        let mut machine = alone.clone();
        machine.wanted = Some(wanted);
        let simulation = simulate(machine).ok();
        let says = simulation.as_ref().and_then(|simulation| {
            simulation.verdicts.iter().find(|verdict| verdict.version == wanted).map(|verdict| &verdict.says)
        });
        let (en, zh) = says.map_or(("", ""), |says| (says.en.as_str(), says.zh.as_str()));
        let read = text(
            format!("It is read, and {wanted} stays out all the same. {en}"),
            format!("程序会读取它，但 {wanted} 仍不在其中。{zh}"),
        );
        let helps = simulation
            .iter()
            .flat_map(|simulation| simulation.changes())
            .find(|change| change.only_if.is_none());
        let Some(change) = helps else { return (Verdict::NoEffect, read) };
        let bare = super::applied(&self.bare, &change.operations);
        let by_itself = possible(&bare).is_ok_and(|worlds| self.offers(&worlds) == Some(true));
        let (danger_en, danger_zh) = match change.risk {
            Risk::Unsafe => (", which is dangerous", "（有危险）"),
            _ => ("", ""),
        };
        let title = &change.title;
        let (verdict, lead_en, lead_zh) = match by_itself {
            true => (Verdict::NoEffect, "What works", "能起作用的是"),
            false => (Verdict::NeedsMore, "It needs as well", "还需要"),
        };
        let fenced = format!("\n\n```{}\n{}\n```", change.fence, change.text.trim());
        let says = text(
            format!("{} {lead_en}: {}{danger_en}.{fenced}", read.en, decapitalized(&title.en)),
            format!("{}{lead_zh}：{}{danger_zh}。{fenced}", read.zh, title.zh),
        );
        (verdict, says)
    }

    fn not_read(&self, setting: &Setting) -> Text {
        let name = &self.program.name;
        let knobs = || knobs_of(self.program).filter(|knob| knob.name == setting.name);
        let other = knobs().find_map(|knob| knob.when.first());
        let mut first = knobs().filter_map(|knob| knob.from.as_deref());
        if let Some(from) = first.find(|from| other.is_none() && programs::is_older(&self.bare, from)) {
            return text(
                format!("{name} reads it from {from} on; this one is older."),
                format!("{name} 从 {from} 起才读取它；这里的版本更旧。"),
            );
        }
        match (other, knobs().find_map(|knob| knob.unless.first())) {
            (Some(when), _) => text(
                format!("It counts only with `{}` set to {}.", when.setting, when.is.join(" or ")),
                format!("只有把 `{}` 设为 {} 时它才起作用。", when.setting, when.is.join(" 或 ")),
            ),
            (None, Some(unless)) => text(
                format!("It does not count beside `{}`.", unless.setting),
                format!("有 `{}` 时它不起作用。", unless.setting),
            ),
            (None, None) => {
                text(format!("{name} does not read it here."), format!("{name} 在这里不读取它。"))
            }
        }
    }
}

fn decapitalized(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Input, Origin, settings_in};

    /// What becomes of the settings in a text: `MinProtocol = TLSv1: NoEffect`.
    fn told(client: &str, version: &str, os: &str, settings: &str, wanted: Version) -> Vec<String> {
        let mut machine = Machine::new(Client::from_slug(client).expect("a client"));
        machine.know(Input::ClientVersion, version, Origin::Supposed);
        machine.know(Input::Os, os, Origin::Supposed);
        for found in settings_in(client, settings) {
            machine.set(found.place, found.name, found.value, Origin::Supposed);
        }
        let judged = attempts(&machine, wanted);
        judged.iter().map(|(fix, judgement)| format!("{}: {:?}", fix.name, judgement.verdict)).collect()
    }

    #[test]
    fn settings_of_programs_get_their_verdict() {
        let cnf = "MinProtocol = TLSv1\n";
        let level = "CipherString = DEFAULT@SECLEVEL=0\n";
        let both = format!("{cnf}{level}");
        for (client, version, os, settings, wanted, expected) in [
            // Python names its minimum itself, so openssl.cnf cannot lower it.
            ("python", "3.11", "debian-12", cnf, Version::TLS10, vec!["MinProtocol = TLSv1: NoEffect"]),
            ("python", "3.8", "rhel-9", cnf, Version::TLS10, vec!["MinProtocol = TLSv1: WouldHaveWorked"]),
            // Ubuntu's level forbids it as well.
            ("curl", "7.81.0", "ubuntu-22.04", cnf, Version::TLS10, vec!["MinProtocol = TLSv1: NoEffect"]),
            ("curl", "8.5.0", "fedora", cnf, Version::TLS10, vec!["MinProtocol = TLSv1: WouldHaveWorked"]),
            (
                "curl",
                "8.5.0",
                "rhel-10",
                &both,
                Version::TLS10,
                vec!["MinProtocol = TLSv1: NeedsMore", "CipherString = DEFAULT@SECLEVEL=0: NeedsMore"],
            ),
            (
                "java",
                "7u80",
                "other",
                "-Djdk.tls.client.protocols=TLSv1.2",
                Version::TLS12,
                vec!["jdk.tls.client.protocols = TLSv1.2: NoEffect"],
            ),
            (
                "java",
                "7u100",
                "other",
                "-Djdk.tls.client.protocols=TLSv1.2",
                Version::TLS12,
                vec!["jdk.tls.client.protocols = TLSv1.2: WouldHaveWorked"],
            ),
            (
                "java",
                "8u202",
                "other",
                "-Dhttps.protocols=TLSv1.2",
                Version::TLS12,
                vec!["https.protocols = TLSv1.2: NoEffect"],
            ),
            (
                "java",
                "17",
                "other",
                "jdk.tls.disabledAlgorithms=SSLv3, RC4",
                Version::TLS10,
                vec!["jdk.tls.disabledAlgorithms = SSLv3, RC4: WouldHaveWorked"],
            ),
            ("java", "17", "other", "jdk.tls.disabledAlgorithms=SSLv3, RC4", Version::TLS12, vec![]),
            (
                "node",
                "10",
                "other",
                "NODE_OPTIONS=--tls-min-v1.0",
                Version::TLS10,
                vec!["--tls-min-v1.0: NoEffect"],
            ),
        ] {
            assert_eq!(
                told(client, version, os, settings, wanted),
                expected,
                "{client} {version} {settings}"
            );
        }
    }

    #[test]
    fn an_old_version_is_wanted_where_somebody_names_it() {
        let mut machine = Machine::new(Client::Program("python"));
        machine.know(Input::ClientVersion, "3.11", Origin::Supposed);
        machine.know(Input::Os, "debian-12", Origin::Supposed);
        assert_eq!(aimed_back(&machine), None);
        for found in settings_in("python", "MinProtocol = TLSv1") {
            machine.set(found.place, found.name, found.value, Origin::Supposed);
        }
        assert_eq!(aimed_back(&machine), Some(Version::TLS10));
    }
}
