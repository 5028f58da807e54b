//! Which release of a program it is, and how its system ships it.
//!
//! In:  a table, and what is known of versions and systems.
//! Out: the row that holds, or the question that is open.
//! Not here: what the row gives.

use super::super::machine::{Input, text};
use super::super::{Answer, Answered, Stop, World};
use super::edition::Edition;
use crate::content::{Program, Release, System, Text};

/// The system that stands for one that changes nothing.
const OTHER: &str = "other";

/// "Java (8u261 or later, before 8u291)".
pub(super) fn label(program: &Program, release: &Release) -> Text {
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

/// The row that holds for a version; the oldest one for all that are older still.
pub(super) fn at(releases: &'static [Release], edition: &Edition) -> Option<&'static Release> {
    let older = releases.iter().rev().find(|release| Edition::parse(&release.from) <= *edition);
    older.or_else(|| releases.first())
}

/// The release of a program, by its version or, where it comes with a system, by that.
pub(super) fn release(world: &World<'_>, program: &'static Program) -> Answered<(&'static Release, Edition)> {
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
pub(super) fn by_version(
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
pub(super) fn shipped(
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
