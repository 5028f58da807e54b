//! The versions of one program, while its settings are gone through.
//!
//! In:  its release, how the system ships it, the settings that were made.
//! Out: each version with what decides; what else its hello shows.
//! Not here: which release it is (`release`), the grammar of lists (`lists`).

use super::super::machine::{Input, Place, Setting, text};
use super::super::spelled;
use super::super::{Answered, Decision, Feature, Offer, Stop, World};
use super::PLACES;
use super::edition::Edition;
use super::lists::{self, Bare, close_gap, has_word, newest_part, priority, signed};
use super::release::{at, label, release, shipped};
use crate::content::{self, Condition, Does, FeatureRow, Knob, Program, Release, System, Text, library};
use crate::tls::Version;

/// One end of a range.
#[derive(Clone)]
struct Bound {
    version: Version,
    decided_by: Decision,
    says: Text,
}

/// Versions that are taken out, or named.
#[derive(Clone)]
struct List {
    versions: Vec<Version>,
    decided_by: Decision,
    says: Text,
    /// Nobody set it.
    by_default: bool,
}

/// What a program offers, while its settings are gone through.
pub(super) struct Range {
    program: &'static Program,
    /// The program and its release, as people say it: "Java from 8u341 on".
    label: Text,
    edition: Edition,
    known: Vec<Version>,
    /// What is offered where nobody sets anything.
    default: Vec<Version>,
    default_by: Decision,
    least: Option<Bound>,
    most: Option<Bound>,
    named: Option<List>,
    without: Vec<List>,
    level: u32,
    level_by: Decision,
    strict_level: Option<u32>,
    /// The range of the program below, for what it says of levels and features.
    below: Option<(&'static Program, Edition)>,
    /// Its own suites all need this version, if nobody gives it others.
    suites_from: Option<(Version, Decision)>,
    /// What has no suite is not offered, whatever else there is.
    usable_only: bool,
    unsure: bool,
}

impl Range {
    /// A program that stands for itself, with all its settings.
    pub(super) fn of(world: &World<'_>, program: &'static Program) -> Answered<Self> {
        let (release, edition, system) = match program.systems.is_empty() {
            true => {
                let (release, edition) = release(world, program)?;
                (release, edition, None)
            }
            false => shipped(world, program, Input::ClientVersion, None)?,
        };
        let mut range = Self::new(program, release, edition, system);
        range.apply(world, program, &PLACES);
        Ok(range)
    }

    /// A program that has its TLS from another.
    pub(super) fn on(world: &World<'_>, program: &'static Program, below: &str) -> Answered<Self> {
        let (own, edition) = release(world, program)?;
        let unfit = || Stop::Unfit(text(format!("no {below}"), format!("没有 {below}")));
        let lower = Program::named(&library().programs, below).ok_or_else(unfit)?;
        let mut range = match &own.brings {
            // Its own copy, which reads nobody's configuration.
            Some(version) => {
                let edition = Edition::parse(version);
                let release = at(&lower.releases, &edition).ok_or_else(unfit)?;
                Self::new(lower, release, edition, None)
            }
            None => {
                let which = if lower.client == "java" { Input::Java } else { Input::Library };
                let (release, edition, system) = shipped(world, lower, which, own.needs.as_deref())?;
                let mut range = Self::new(lower, release, edition, system);
                range.program = program;
                range.apply(world, lower, &[Place::Environment, Place::Config]);
                range
            }
        };
        range.below = Some((lower, std::mem::replace(&mut range.edition, edition)));
        range.program = program;
        range.take(own);
        range.apply(world, program, &PLACES);
        Ok(range)
    }

    fn new(
        program: &'static Program,
        release: &'static Release,
        edition: Edition,
        system: Option<&'static System>,
    ) -> Self {
        let mut range = Self {
            program,
            label: label(program, release),
            edition,
            known: release.known.clone(),
            default: release.offers.clone(),
            default_by: Decision::default(reads(program, Does::Least)),
            least: None,
            most: None,
            named: None,
            without: Vec::new(),
            level: release.level.unwrap_or(0),
            level_by: Decision::default("SECLEVEL"),
            strict_level: None,
            below: None,
            suites_from: suites_of(program, release),
            usable_only: program.serves() || release.usable_only,
            unsure: release.unsure,
        };
        range.leave_out(program, release);
        if let Some(system) = system {
            let name = &system.name;
            if let Some(least) = system.least {
                let place = if system.file.starts_with('/') { Place::Config } else { Place::Default };
                let decided_by = Decision {
                    setting: system.file.clone(),
                    place,
                    value: Some(least.to_string()),
                    origin: None,
                };
                let says = text(
                    format!("{name} sets the minimum to {least} in {}.", system.file),
                    format!("{name} 在 {} 里把最低版本设为 {least}。", system.file),
                );
                range.least = Some(Bound { version: least, decided_by, says });
            }
            range.level = system.level.unwrap_or(range.level);
            range.strict_level = system.strict_level;
            range.unsure |= system.unsure;
        }
        range
    }

    /// What a release asks of the program below.
    fn take(&mut self, release: &'static Release) {
        let program = self.program;
        self.label = label(program, release);
        self.usable_only = program.serves() || release.usable_only;
        self.unsure |= release.unsure;
        if !release.known.is_empty() {
            self.known.retain(|version| release.known.contains(version));
        }
        if !release.offers.is_empty() {
            (self.least, self.most) = (None, None);
            self.default.clone_from(&release.offers);
            self.default_by = Decision::default(reads(program, Does::Least));
        }
        let bound = |version: Version, does: Does, says: Text| Bound {
            version,
            decided_by: Decision::default(reads(program, does)),
            says,
        };
        if let Some(least) = release.least {
            let (en, zh) = (&self.label.en, &self.label.zh);
            let says = text(
                format!("{en} sets the minimum to {least} itself."),
                format!("{zh}自己把最低版本设为 {least}。"),
            );
            self.least = Some(bound(least, Does::Least, says));
        }
        if let Some(most) = release.most {
            let (en, zh) = (&self.label.en, &self.label.zh);
            let says = match program.serves() {
                true => text(format!("{en} accepts {most} at most."), format!("{zh}最高只接受 {most}。")),
                false => text(format!("{en} offers {most} at most."), format!("{zh}最高只提供 {most}。")),
            };
            self.most = Some(bound(most, Does::Most, says));
        }
        // A server chooses its suites itself.
        if release.suites_from.is_some() || program.serves() {
            self.suites_from = suites_of(program, release);
        }
        if let Some(level) = release.level {
            self.level = level;
            self.level_by = Decision::default("SECLEVEL");
        }
        self.leave_out(program, release);
    }

    fn leave_out(&mut self, program: &'static Program, release: &'static Release) {
        if release.without.is_empty() {
            return;
        }
        let by = program.without_by.as_deref().unwrap_or(&program.name);
        let (en, zh) = (&self.label.en, &self.label.zh);
        self.without.push(List {
            versions: release.without.clone(),
            decided_by: Decision::default(by),
            says: text(
                format!("{en} switches it off by default ({by})."),
                format!("{zh}默认把它关闭（{by}）。"),
            ),
            by_default: true,
        });
    }

    /// Goes through the settings that were made, of those that the program reads.
    fn apply(&mut self, world: &World<'_>, program: &'static Program, places: &[Place]) {
        for knob in &program.settings {
            let holds = |condition: &Condition| {
                places.iter().filter_map(|place| world.setting(*place, &condition.setting)).any(|setting| {
                    condition.is.is_empty()
                        || condition.is.iter().any(|is| is.eq_ignore_ascii_case(&setting.value))
                })
            };
            let counts = knob.side.is_none_or(|side| side == self.program.side)
                && (knob.when.is_empty() || knob.when.iter().any(holds))
                && !knob.unless.iter().any(holds);
            let reads_it = counts
                && knob.from.as_deref().is_none_or(|from| self.edition >= Edition::parse(from))
                && knob.until.as_deref().is_none_or(|until| self.edition < Edition::parse(until));
            for place in places.iter().filter(|_| reads_it) {
                if let Some(setting) = world.setting(*place, &knob.name) {
                    self.set(program, knob, setting);
                }
            }
        }
    }

    fn set(&mut self, program: &'static Program, knob: &'static Knob, setting: &Setting) {
        let decided_by = Decision::by(setting);
        let shown = match setting.value.is_empty() {
            true => setting.name.clone(),
            false => format!("{} = {}", setting.name, setting.value),
        };
        let listed = || match knob.versions.is_empty() {
            true => spelled::versions_in(&setting.value),
            false => knob.versions.clone(),
        };
        let end = || match knob.versions.first() {
            Some(version) => Some(*version),
            None => spelled::version(&setting.value, knob),
        };
        match knob.does {
            Does::Names => {
                let mut versions = listed();
                // TLS 1.3 has suites of its own.
                if let Some(before) = self.named.as_ref().filter(|_| knob.same_suites) {
                    let new = |version: &Version| *version == Version::TLS13;
                    versions.retain(|version| before.versions.iter().any(|other| new(other) == new(version)));
                }
                self.name(versions, decided_by, shown, !knob.versions.is_empty());
            }
            Does::UpTo => {
                let newest = listed().iter().map(|version| version.rank()).max().unwrap_or(0);
                let named = self.known.iter().filter(|version| version.rank() <= newest).copied().collect();
                self.name(named, decided_by, shown, false);
            }
            Does::Priority => {
                let least = self.least.as_ref().map_or(0, |bound| bound.version.rank());
                let default: Vec<Version> =
                    self.default.iter().filter(|version| version.rank() >= least).copied().collect();
                let named = priority(&setting.value, &default, &self.known);
                self.name(named, decided_by, shown, false);
            }
            Does::Least => {
                if let Some(version) = end() {
                    let says = text(
                        format!("{shown} sets the minimum to {version}."),
                        format!("{shown} 把最低版本设为 {version}。"),
                    );
                    self.least = Some(Bound { version, decided_by, says });
                }
            }
            Does::NotBelow | Does::NotAbove => {
                if let Some(version) = end() {
                    let outside = |other: &&Version| match knob.does {
                        Does::NotBelow => other.rank() < version.rank(),
                        _ => other.rank() > version.rank(),
                    };
                    let outside = self.known.iter().filter(outside).copied().collect();
                    self.take_out(outside, decided_by, &shown);
                }
            }
            Does::Most => {
                if let Some(version) = end() {
                    let below = self.least.as_ref().is_some_and(|least| {
                        least.version.rank() > version.rank() && least.decided_by.origin.is_none()
                    });
                    if program.most_moves_least && below {
                        let says = text(
                            format!("{shown} moves the minimum to {version} as well."),
                            format!("{shown} 把最低版本也一并设为 {version}。"),
                        );
                        self.least = Some(Bound { version, decided_by: decided_by.clone(), says });
                    }
                    let says = text(
                        format!("{shown} sets the maximum to {version}."),
                        format!("{shown} 把最高版本设为 {version}。"),
                    );
                    self.most = Some(Bound { version, decided_by, says });
                }
            }
            Does::Without => {
                if program.without_by.as_deref() == Some(knob.name.as_str()) {
                    self.without.retain(|list| !list.by_default);
                }
                self.take_out(listed(), decided_by, &shown);
            }
            Does::Protocol => {
                let left = signed(&setting.value, &self.known, &self.known, Bare::Adds);
                let taken = self.known.iter().filter(|version| !left.contains(version)).copied().collect();
                self.take_out(taken, decided_by, &shown);
            }
            Does::Replacing => {
                let list = signed(&setting.value, &[], &self.known, Bare::Replaces);
                let list = if program.newest_part { newest_part(&list, &self.known) } else { list };
                let (Some(least), Some(most)) = (list.first(), list.last()) else {
                    self.name(list, decided_by, shown, false);
                    return;
                };
                let names = list.iter().map(Version::to_string).collect::<Vec<_>>();
                let says = text(
                    format!("{shown} comes to {}.", names.join(", ")),
                    format!("{shown} 的结果是 {}。", names.join("、")),
                );
                let bound = |version: &Version| Bound {
                    version: *version,
                    decided_by: decided_by.clone(),
                    says: says.clone(),
                };
                (self.least, self.most) = (Some(bound(least)), Some(bound(most)));
            }
            Does::Adding => {
                let list = signed(&setting.value, &[], &self.known, Bare::Adds);
                self.name(list, decided_by, shown, false);
            }
            Does::Marked => {
                let list = lists::marked(&setting.value, &self.known);
                self.name(list, decided_by, shown, false);
            }
            Does::Level => {
                self.suites_from =
                    lists::suites_from(&setting.value).map(|version| (version, decided_by.clone()));
                if let Some(level) = spelled::level(&setting.value) {
                    (self.level, self.level_by) = (level, decided_by);
                }
            }
            Does::Nothing => {}
        }
    }

    fn name(&mut self, mut versions: Vec<Version>, decided_by: Decision, shown: String, joins: bool) {
        // Constants are put together: TLSv1_1 | TLSv1_2.
        if joins && let Some(before) = self.named.take() {
            versions.extend(before.versions);
        }
        versions.sort_by_key(|version| version.rank());
        versions.dedup();
        let names = versions.iter().map(Version::to_string).collect::<Vec<_>>().join(", ");
        let says = text(format!("{shown} names {names}."), format!("{shown} 指定了 {names}。"));
        self.named = Some(List { versions, decided_by, says, by_default: false });
    }

    fn take_out(&mut self, versions: Vec<Version>, decided_by: Decision, shown: &str) {
        if !versions.is_empty() {
            let says = text(format!("{shown} switches it off."), format!("{shown} 把它关闭。"));
            self.without.push(List { versions, decided_by, says, by_default: false });
        }
    }

    /// The rows about security levels stand with the library.
    fn library(&self) -> (&'static Program, &Edition) {
        match &self.below {
            Some((below, edition)) => (below, edition),
            None => (self.program, &self.edition),
        }
    }

    /// The level forbids it, on every machine or on this system.
    fn forbidden(&self, version: Version) -> Option<(bool, Decision, Text)> {
        let level = self.level;
        let (library, edition) = self.library();
        let side = self.program.side;
        let rows = library.levels.iter().filter(|row| {
            row.side.is_none_or(|own| own == side)
                && row.from <= level
                && row.since.as_deref().is_none_or(|since| *edition >= Edition::parse(since))
        });
        let strict =
            self.strict_level.is_some_and(|strict| strict <= level) && version.rank() < Version::TLS12.rank();
        if !strict && !rows.into_iter().any(|row| row.without.contains(&version)) {
            return None;
        }
        let decided_by = match &self.level_by {
            Decision { place: Place::Default, .. } => {
                Decision { value: Some(level.to_string()), ..self.level_by.clone() }
            }
            set => set.clone(),
        };
        let says = text(
            format!("Security level {level} forbids {version} here."),
            format!("在这里，安全级别 {level} 不允许 {version}。"),
        );
        Some((false, decided_by, says))
    }

    pub(super) fn offers(&self) -> Vec<Offer> {
        let mut offers: Vec<Offer> = Version::ALL
            .into_iter()
            .map(|version| {
                let (offered, decided_by, says) = self.offer(version);
                Offer { version, offered, decided_by, says, unsure: self.unsure }
            })
            .collect();
        let serves = self.program.serves();
        // A server may leave a gap; a client may not.
        if self.library().0.gapless && !serves {
            close_gap(&mut offers, &self.known);
        }
        if self.program.newest_part {
            self.keep_newest_part(&mut offers);
        }
        self.need_suites(&mut offers);
        for offer in offers.iter_mut().filter(|offer| offer.offered) {
            self.remark(offer);
        }
        offers
    }

    fn offer(&self, version: Version) -> (bool, Decision, Text) {
        let (en, zh) = (&self.label.en, &self.label.zh);
        if !self.known.contains(&version) {
            let says = text(format!("{en} does not know {version}."), format!("{zh}不支持 {version}。"));
            return (false, Decision::default(self.program.name.clone()), says);
        }
        if let Some(list) = self.without.iter().rev().find(|list| list.versions.contains(&version)) {
            return (false, list.decided_by.clone(), list.says.clone());
        }
        if let Some(answer) = self.forbidden(version) {
            return answer;
        }
        if let Some(list) = &self.named {
            return (list.versions.contains(&version), list.decided_by.clone(), list.says.clone());
        }
        let rank = version.rank();
        let bounds = [
            self.least.as_ref().map(|bound| (bound, bound.version.rank() <= rank)),
            self.most.as_ref().map(|bound| (bound, rank <= bound.version.rank())),
        ];
        if let Some((bound, _)) = bounds.iter().flatten().find(|(_, inside)| !inside) {
            return (false, bound.decided_by.clone(), bound.says.clone());
        }
        // One setting gave both ends.
        if let [Some((least, _)), Some((most, _))] = &bounds
            && least.decided_by == most.decided_by
        {
            return (true, least.decided_by.clone(), least.says.clone());
        }
        let default = self.default.contains(&version);
        if !default {
            // Somebody moved that end of the range.
            let lowest = self.default.first().is_some_and(|first| rank < first.rank());
            let [least, most] = &bounds;
            if let Some((bound, _)) = if lowest { least } else { most } {
                return (true, bound.decided_by.clone(), bound.says.clone());
            }
        }
        let says = match default {
            _ if self.program.serves() => match default {
                true => {
                    text(format!("{en} accepts {version} by default."), format!("{zh}默认接受 {version}。"))
                }
                false => text(
                    format!("{en} knows {version} but does not accept it by default."),
                    format!("{zh}支持 {version}，但默认不接受。"),
                ),
            },
            true => text(format!("{en} offers {version} by default."), format!("{zh}默认提供 {version}。")),
            false => text(
                format!("{en} knows {version} but leaves it out by default."),
                format!("{zh}支持 {version}，但默认不提供。"),
            ),
        };
        (default, self.default_by.clone(), says)
    }

    /// Takes out what lies below the last gap.
    fn keep_newest_part(&self, offers: &mut [Offer]) {
        let offered: Vec<Version> =
            offers.iter().filter(|offer| offer.offered).map(|offer| offer.version).collect();
        let left = newest_part(&offered, &self.known);
        let gap =
            left.first().and_then(|first| self.known.iter().rfind(|version| version.rank() < first.rank()));
        let decided_by =
            offers.iter().find(|offer| Some(&offer.version) == gap).map(|offer| offer.decided_by.clone());
        let (Some(gap), Some(decided_by)) = (gap, decided_by) else { return };
        for offer in offers.iter_mut().filter(|offer| offer.offered && !left.contains(&offer.version)) {
            offer.offered = false;
            offer.decided_by = decided_by.clone();
            offer.says = text(
                format!("{gap} is left out, and of a range with a gap only the newer part is accepted."),
                format!("{gap} 被去掉了；版本范围中间有缺口时，只接受缺口以上的部分。"),
            );
        }
    }

    /// Without a suite for any version that is left, a client sends nothing at all. A server goes on with
    /// the versions that have one.
    fn need_suites(&self, offers: &mut [Offer]) {
        let Some((from, decided_by)) = &self.suites_from else { return };
        let newest = offers.iter().rev().find(|offer| offer.offered).map(|offer| offer.version);
        if !self.usable_only && newest.is_none_or(|newest| newest.rank() >= from.rank()) {
            return;
        }
        let without = |offer: &&mut Offer| offer.offered && offer.version.rank() < from.rank();
        for offer in offers.iter_mut().filter(without) {
            let (en, zh) = (&self.label.en, &self.label.zh);
            offer.offered = false;
            offer.decided_by = decided_by.clone();
            offer.says = text(
                format!("Every cipher suite of {en} needs {from}, so none is left for {}.", offer.version),
                format!("{zh}的密码套件都要求 {from}，没有一个可用于 {}。", offer.version),
            );
        }
    }

    fn remark(&self, offer: &mut Offer) {
        let (library, edition) = self.library();
        for remark in &library.remarks {
            if remark.versions.contains(&offer.version)
                && *edition >= Edition::parse(&remark.from)
                && self.level >= remark.level
            {
                offer.says.en = format!("{} {}", offer.says.en, remark.en);
                offer.says.zh = format!("{}{}", offer.says.zh, remark.zh);
            }
        }
    }

    /// What else the hello shows, for as many features as the tables speak of.
    pub(super) fn features(&self, world: &World<'_>) -> Vec<Feature> {
        // The rows are of hellos.
        if self.program.serves() {
            return Vec::new();
        }
        let offered: Vec<Version> =
            self.offers().iter().filter(|offer| offer.offered).map(|offer| offer.version).collect();
        let mut features = Vec::new();
        for feature in &library().features {
            let suits =
                |version: &Version| (feature.least.rank()..=feature.most.rank()).contains(&version.rank());
            if !offered.iter().any(suits) {
                continue;
            }
            let row = |program: &'static Program, edition: &Edition| {
                program.features.iter().rev().find(|row| {
                    row.is == feature.is
                        && row.from.as_deref().is_none_or(|from| *edition >= Edition::parse(from))
                })
            };
            // What it settles itself, else what the library does.
            let (below, below_edition) = self.library();
            let found = row(self.program, &self.edition).map(|row| (row, &self.edition));
            if let Some((row, edition)) = found.or_else(|| Some((row(below, below_edition)?, below_edition)))
            {
                features.push(self.feature(world, feature, row, edition));
            }
        }
        features
    }

    fn feature(
        &self,
        world: &World<'_>,
        feature: &'static content::Feature,
        row: &'static FeatureRow,
        edition: &Edition,
    ) -> Feature {
        let own = |name: &str| self.program.settings.iter().any(|knob| knob.name == name);
        let said = |words: &[String]| {
            let mut settings = world.machine().settings().iter().filter(|setting| own(&setting.name));
            settings.any(|setting| words.iter().any(|word| has_word(&setting.value, word)))
        };
        // Whoever writes the list of what is left out takes over from the release.
        let replaced = !row.unless.is_empty()
            && self
                .program
                .without_by
                .as_deref()
                .is_some_and(|name| PLACES.iter().any(|place| world.setting(*place, name).is_some()));
        let still = replaced || row.until.as_deref().is_none_or(|until| *edition < Edition::parse(until));
        let level = row.below_level.is_none_or(|level| self.level < level);
        let offered = !row.never && level && (still || said(&row.with)) && !said(&row.unless);
        let says = if offered { feature.has.text() } else { feature.lacks.text() };
        Feature { name: feature.is.clone(), offered, says, unsure: row.unsure }
    }
}

/// The setting that would change what holds by default.
fn reads(program: &Program, does: Does) -> String {
    let lists = |knob: &&Knob| {
        let list = matches!(knob.does, Does::Names | Does::Replacing | Does::Adding | Does::Marked);
        list && knob.versions.is_empty() && knob.until.is_none()
    };
    let own = program.settings.iter().find(|knob| program.serves() && does != Does::Level && lists(knob));
    let knob = own.or_else(|| program.settings.iter().find(|knob| knob.does == does));
    let knob = knob.or_else(|| program.settings.iter().find(|knob| knob.does == Does::Names));
    knob.map_or_else(|| program.name.clone(), |knob| knob.name.clone())
}

/// The suites of a release, where they all need one version.
fn suites_of(program: &Program, release: &Release) -> Option<(Version, Decision)> {
    release.suites_from.map(|from| (from, Decision::default(reads(program, Does::Level))))
}
