//! What programs offer that do not ask Schannel: Java, OpenSSL, Node, browsers.
//!
//! In:  a program's table, its version, the system, the settings that were made.
//! Out: each version with what decides.
//! Not here: the tables, which are data; how settings are found in text (`spelled`).
//!
//! A program offers a range of versions out of those it knows, or names some of them; then single
//! versions may be taken out, by a setting or by a security level. One that stands on another
//! library starts from what that library does.

use std::cmp::Ordering;

use super::machine::{Input, Place, Setting, text};
use super::spelled::{self, place_of};
use super::{Answer, Answered, Decision, Feature, Offer, Outcome, Stop, World};
use crate::content::{self, Does, FeatureRow, Knob, Program, Release, System, Text, library};
use crate::tls::Version;

/// The system that stands for one that changes nothing.
const OTHER: &str = "other";
/// The stronger places later.
const PLACES: [Place; 4] = [Place::Environment, Place::Config, Place::Registry, Place::Code];

/// What a program offers.
pub(super) fn outcome(world: &World<'_>, program: &'static Program) -> Answered<Outcome> {
    let range = match &program.on {
        None => Range::of(world, program)?,
        Some(below) => Range::on(world, program, below)?,
    };
    Ok(Outcome { offers: range.offers(), features: range.features(world) })
}

/// A version of a program, to be compared: `8u291`, `1.8.0_291`, `1.0.2k`, `24.6.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edition(Vec<u32>);

impl Edition {
    fn parse(written: &str) -> Self {
        let mut parts = Vec::new();
        let written = written.trim_start_matches(|c: char| !c.is_ascii_digit());
        let mut rest = written.split(['-', '+', ' ', '~']).next().unwrap_or_default();
        while let Some(first) = rest.chars().next() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (run, after) = rest.split_at(digits);
            if digits > 0 {
                parts.push(run.parse().unwrap_or(u32::MAX));
                rest = after;
                continue;
            }
            let letters = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
            let (run, after) = rest.split_at(letters);
            if letters == 0 {
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
                continue;
            }
            // Letters at the end count on, as in 1.0.2k and 0.9.8zh; others only part numbers.
            if after.is_empty() {
                parts.push(run.bytes().map(|letter| u32::from(letter - b'a') + 1).sum());
            }
            rest = after;
        }
        // Java 8 calls itself 1.8.0.
        if let [1, major @ 5..=8, 0, rest @ ..] = parts.as_slice() {
            return Self([&[*major], rest].concat());
        }
        Self(parts)
    }

    /// Whether it stands for more than one version: `8` for all of 8.
    fn covers(&self, other: &Self) -> bool {
        other.0.len() > self.0.len() && other.0.starts_with(&self.0)
    }
}

impl PartialOrd for Edition {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.0.cmp(&other.0))
    }
}

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
struct Range {
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
    suites_from: Option<Version>,
    unsure: bool,
}

impl Range {
    /// A program that stands for itself, with all its settings.
    fn of(world: &World<'_>, program: &'static Program) -> Answered<Self> {
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
    fn on(world: &World<'_>, program: &'static Program, below: &str) -> Answered<Self> {
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
                let (release, edition, system) = shipped(world, lower, Input::Library, own.needs.as_deref())?;
                let mut range = Self::new(lower, release, edition, system);
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
            suites_from: release.suites_from,
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
            let says = text(format!("{en} offers {most} at most."), format!("{zh}最高只提供 {most}。"));
            self.most = Some(bound(most, Does::Most, says));
        }
        self.suites_from = release.suites_from;
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
            let reads_it = knob.from.as_deref().is_none_or(|from| self.edition >= Edition::parse(from))
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
            Does::Most => {
                if let Some(version) = end() {
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
                let taken = setting.value.split(',').filter_map(|part| part.trim().strip_prefix('-'));
                self.take_out(taken.flat_map(spelled::versions_in).collect(), decided_by, &shown);
            }
            Does::Level => {
                if setting.place == Place::Code {
                    self.suites_from = None;
                }
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
        let rows = library.levels.iter().filter(|row| {
            row.from <= level && row.since.as_deref().is_none_or(|since| *edition >= Edition::parse(since))
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

    fn offers(&self) -> Vec<Offer> {
        let mut offers: Vec<Offer> = Version::ALL
            .into_iter()
            .map(|version| {
                let (offered, decided_by, says) = self.offer(version);
                Offer { version, offered, decided_by, says, unsure: self.unsure }
            })
            .collect();
        if self.library().0.gapless {
            close_gap(&mut offers, &self.known);
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
            true => text(format!("{en} offers {version} by default."), format!("{zh}默认提供 {version}。")),
            false => text(
                format!("{en} knows {version} but leaves it out by default."),
                format!("{zh}支持 {version}，但默认不提供。"),
            ),
        };
        (default, self.default_by.clone(), says)
    }

    /// Without a suite for any version that is left, nothing is sent at all.
    fn need_suites(&self, offers: &mut [Offer]) {
        let Some(from) = self.suites_from else { return };
        let newest = offers.iter().rev().find(|offer| offer.offered).map(|offer| offer.version);
        if newest.is_none_or(|newest| newest.rank() >= from.rank()) {
            return;
        }
        for offer in offers.iter_mut().filter(|offer| offer.offered) {
            let (en, zh) = (&self.label.en, &self.label.zh);
            offer.offered = false;
            offer.decided_by = Decision::default(reads(self.program, Does::Level));
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
    fn features(&self, world: &World<'_>) -> Vec<Feature> {
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

fn has_word(value: &str, word: &str) -> bool {
    value.split([',', ' ', ':', ';', '@', '\t']).any(|part| part.eq_ignore_ascii_case(word))
}

/// Takes out what lies above the first gap.
fn close_gap(offers: &mut [Offer], known: &[Version]) {
    let mut gap: Option<(Decision, Version)> = None;
    let mut begun = false;
    for offer in offers.iter_mut().filter(|offer| known.contains(&offer.version)) {
        match (&gap, offer.offered) {
            (None, true) => begun = true,
            (None, false) if begun => gap = Some((offer.decided_by.clone(), offer.version)),
            (Some((decided_by, version)), true) => {
                offer.offered = false;
                offer.decided_by = decided_by.clone();
                offer.says = text(
                    format!(
                        "{version} is left out, and of a range with a gap only the lower part is offered."
                    ),
                    format!("{version} 被去掉了；版本范围中间有缺口时，只提供缺口以下的部分。"),
                );
            }
            _ => {}
        }
    }
}

/// The versions that a priority string of GnuTLS names.
fn priority(value: &str, default: &[Version], known: &[Version]) -> Vec<Version> {
    let mut versions: Vec<Version> = default.to_vec();
    for (at, part) in value.split([':', ',', ' ']).filter(|part| !part.is_empty()).enumerate() {
        let sign = part.chars().next().filter(|c| "+-!".contains(*c));
        let word = part.trim_start_matches(['+', '-', '!']);
        match (sign, word.strip_prefix("VERS-")) {
            (None, _) if at == 0 && word == "NONE" => versions.clear(),
            (None, _) if at == 0 && word.starts_with("SUITEB") => versions = vec![Version::TLS12],
            (Some(sign), Some(name)) => {
                let named = match name {
                    "ALL" | "TLS-ALL" => known.to_vec(),
                    _ => spelled::versions_in(name),
                };
                versions.retain(|version| !named.contains(version));
                if sign == '+' {
                    versions.extend(named);
                }
            }
            _ => {}
        }
    }
    versions
}

/// "Java (8u261 or later, before 8u291)".
fn label(program: &Program, release: &Release) -> Text {
    let (name, from) = (&program.name, &release.from);
    let rest = program.releases.iter().skip_while(|row| !std::ptr::eq(*row, release));
    match rest.skip(1).find(|row| row.os == release.os) {
        Some(next) => text(
            format!("{name} ({from} or later, before {})", next.from),
            format!("{name}（{from} 起，{} 之前）", next.from),
        ),
        None => text(format!("{name} ({from} or later)"), format!("{name}（{from} 或更高版本）")),
    }
}

/// The setting that would change what holds by default.
fn reads(program: &Program, does: Does) -> String {
    let knob = program.settings.iter().find(|knob| knob.does == does);
    let knob = knob.or_else(|| program.settings.iter().find(|knob| knob.does == Does::Names));
    knob.map_or_else(|| program.name.clone(), |knob| knob.name.clone())
}

/// The row that holds for a version; the oldest one for all that are older still.
fn at(releases: &'static [Release], edition: &Edition) -> Option<&'static Release> {
    let older = releases.iter().rev().find(|release| Edition::parse(&release.from) <= *edition);
    older.or_else(|| releases.first())
}

/// The release of a program, by its version or, where it comes with a system, by that.
fn release(world: &World<'_>, program: &'static Program) -> Answered<(&'static Release, Edition)> {
    if !program.by_system {
        let rows: Vec<&Release> = program.releases.iter().collect();
        return by_version(world, Input::ClientVersion, &rows);
    }
    let systems = || program.releases.iter().filter_map(|release| release.os.as_deref());
    let fits =
        |os: &str| systems().any(|own| os == own || os.split_once('-').is_some_and(|(is, _)| is == own));
    let os = world.known(Input::Os).filter(|os| fits(os));
    let own = || program.releases.iter();
    let one_system = systems().all(|own| Some(own) == systems().next());
    let (system, version) = match os {
        Some(os) => os.split_once('-').map_or((os, None), |(system, version)| (system, Some(version))),
        None if one_system => (systems().next().unwrap_or_default(), None),
        None => {
            if world.known(Input::Os).is_some() {
                let name = &program.name;
                return Err(Stop::Unfit(text(
                    format!("{name} comes with another system"),
                    format!("{name} 属于另一种系统"),
                )));
            }
            let answers = own()
                .map(|row| {
                    let system = row.os.as_deref().unwrap_or_default();
                    let name = format!("{} {}", system_name(system), row.from);
                    Answer {
                        value: format!("{system}-{}", row.from),
                        name: text(format!("{name} or later"), format!("{name} 或更高版本")),
                    }
                })
                .collect();
            return Err(Stop::Ask(Input::Os, answers));
        }
    };
    let rows: Vec<&'static Release> = own().filter(|row| row.os.as_deref() == Some(system)).collect();
    match version {
        Some(version) => {
            let edition = Edition::parse(version);
            let row = rows.iter().rev().find(|row| Edition::parse(&row.from) <= edition).or(rows.first());
            let unfit = || Stop::Unfit(text("no such release", "没有这个版本"));
            Ok((row.copied().ok_or_else(unfit)?, edition))
        }
        None => by_version(world, Input::ClientVersion, &rows),
    }
}

fn system_name(system: &str) -> &str {
    match system {
        "macos" => "macOS",
        "ios" => "iOS",
        "android" => "Android",
        other => other,
    }
}

/// The row of a version; where several fit, it is asked which update it is.
fn by_version(
    world: &World<'_>,
    input: Input,
    rows: &[&'static Release],
) -> Answered<(&'static Release, Edition)> {
    let exact = |edition: &Edition, rows: &[&'static Release]| {
        rows.iter().rev().find(|row| Edition::parse(&row.from) <= *edition).or(rows.first()).copied()
    };
    let unfit = || Stop::Unfit(text("no such release", "没有这个版本"));
    let version = world.ask(input, || answers(rows))?;
    let mut edition = Edition::parse(version);
    // Java 8 is called 1.8 as well.
    if let ([1, rest @ ..], Some(first)) = (edition.0.as_slice(), rows.first())
        && !rest.is_empty()
        && Edition::parse(&first.from).0.first().is_some_and(|first| *first > 1)
    {
        edition = Edition(rest.to_vec());
    }
    let given = world.machine().known(input).is_some();
    let within: Vec<&'static Release> =
        rows.iter().filter(|row| given && edition.covers(&Edition::parse(&row.from))).copied().collect();
    if within.is_empty() {
        return Ok((exact(&edition, rows).ok_or_else(unfit)?, edition));
    }
    let first = exact(&edition, rows).ok_or_else(unfit)?;
    let possible: Vec<&'static Release> =
        std::iter::once(first).chain(within.into_iter().filter(|row| !std::ptr::eq(*row, first))).collect();
    let update = world.ask(Input::Release, || answers(&possible))?;
    let edition = Edition::parse(update);
    Ok((exact(&edition, rows).ok_or_else(unfit)?, edition))
}

/// Releases as answers, those that do the same together.
fn answers(rows: &[&'static Release]) -> Vec<Answer> {
    let same = |a: &Release, b: &Release| {
        a.known == b.known
            && a.offers == b.offers
            && a.without == b.without
            && (a.least, a.most, a.level) == (b.least, b.most, b.level)
            && a.brings == b.brings
    };
    let mut groups: Vec<&'static Release> = Vec::new();
    for row in rows {
        if groups.last().is_none_or(|last| !same(last, row)) {
            groups.push(row);
        }
    }
    groups
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let from = &row.from;
            let name = match groups.get(at + 1) {
                Some(next) if at == 0 => text(format!("before {}", next.from), format!("{} 之前", next.from)),
                Some(next) => text(
                    format!("{from} or later, before {}", next.from),
                    format!("{from} 起，{} 之前", next.from),
                ),
                None => text(format!("{from} or later"), format!("{from} 或更高")),
            };
            Answer { value: from.clone(), name }
        })
        .collect()
}

/// A library that comes with a system: its release, and the system if the library is the system's.
fn shipped(
    world: &World<'_>,
    program: &'static Program,
    input: Input,
    needs: Option<&str>,
) -> Answered<(&'static Release, Edition, Option<&'static System>)> {
    let needs = needs.map(Edition::parse);
    let enough = |version: &str| needs.as_ref().is_none_or(|needs| Edition::parse(version) >= *needs);
    let rows: Vec<&'static Release> = program.releases.iter().filter(|row| enough(&row.from)).collect();
    let version = world.known(input).map(Edition::parse);
    let of_branch = |system: &System| {
        version.as_ref().is_none_or(|version| {
            let own = Edition::parse(&system.version);
            version.0.iter().take(own.0.len()).eq(own.0.iter()) || version.covers(&own)
        })
    };
    let asked = || {
        let fits = |system: &&System| system.telling && of_branch(system) && enough(&system.version);
        program.systems.iter().filter(fits)
    };
    let os = match world.known(Input::Os) {
        Some(os) => os,
        // No system that is asked about ships this branch.
        None if asked().next().is_none() => OTHER,
        None => world.ask(Input::Os, || {
            let other =
                Answer::named(OTHER, "another, or a build of one's own", "其他系统，或自行编译的版本");
            let answer =
                |system: &System| Answer { value: system.is.clone(), name: text(&system.name, &system.name) };
            asked().map(answer).chain(std::iter::once(other)).collect()
        })?,
    };
    let system = program.systems.iter().find(|system| system.is_called(os) && of_branch(system));
    if let (Some(system), None) = (system, &version) {
        let edition = Edition::parse(&system.version);
        let unfit = || Stop::Unfit(text("no such release", "没有这个版本"));
        return Ok((at(&program.releases, &edition).ok_or_else(unfit)?, edition, Some(system)));
    }
    let (release, edition) = by_version(world, input, &rows)?;
    Ok((release, edition, system))
}

/// Whether a system of that name is told of, or one of its kind.
#[must_use]
pub fn is_system(os: &str) -> bool {
    let kind = |os: &str| os.split_once('-').map_or(os, |(kind, _)| kind).to_owned();
    library().programs.iter().any(|program| {
        program.systems.iter().any(|system| system.is_called(os) || kind(&system.is) == kind(os))
            || program.releases.iter().any(|release| release.os.as_deref() == Some(kind(os).as_str()))
    })
}

/// Where a setting of that name stands, as the model reads it.
pub(super) fn place_in(program: &Program, name: &str) -> Option<Place> {
    let below = program.on.as_deref().and_then(|below| Program::named(&library().programs, below));
    let mut knobs = program.settings.iter().chain(below.into_iter().flat_map(|below| &below.settings));
    knobs.find(|knob| knob.name == name).map(place_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_their_makers_count() {
        for (older, newer) in [
            ("1.0.2", "1.0.2k"),
            ("1.0.2k", "1.1.0"),
            ("0.9.8y", "0.9.8zh"),
            ("1.8.0_281", "8u291"),
            ("7u80", "8"),
            ("8u400", "11.0.2"),
            ("11.0.10+9", "11.0.11"),
            ("go1.9", "1.18"),
            ("v8.17.0", "12.0"),
        ] {
            assert!(Edition::parse(older) < Edition::parse(newer), "{older} {newer}");
        }
        assert_eq!(Edition::parse("1.8.0_291"), Edition::parse("8u291"));
        assert!(Edition::parse("go1.5") < Edition::parse("1.19.8"));
        assert!(Edition::parse("8").covers(&Edition::parse("8u31")));
        assert!(!Edition::parse("8").covers(&Edition::parse("8")));
    }

    #[test]
    fn a_priority_string_is_read_from_left_to_right() {
        let known = [Version::TLS10, Version::TLS11, Version::TLS12, Version::TLS13];
        let read = |value| priority(value, &known, &known);
        assert_eq!(read("NORMAL:-VERS-ALL:+VERS-TLS1.2"), [Version::TLS12]);
        assert_eq!(read("NORMAL:!VERS-TLS1.3"), known[..3]);
        assert_eq!(read("NORMAL:-RSA"), known);
        assert!(read("NONE").is_empty());
    }
}
