//! What programs offer or accept that do not ask Schannel: Java, OpenSSL, Node, browsers, nginx.
//!
//! In:  a program's table, its version, the system, the settings that were made.
//! Out: each version with what decides.
//! Not here: the tables, which are data; how settings are found in text (`spelled`).
//!
//! A program offers a range of versions out of those it knows, or names some of them; then single
//! versions may be taken out, by a setting or by a security level. One that stands on another
//! library starts from what that library does. A server accepts as a client offers.

mod edition;
mod lists;
mod range;
mod release;

use super::machine::{Input, Machine, Place};
use super::spelled::place_of;
use super::{Answered, Outcome, World};
use crate::content::{Program, library};
use range::Range;

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

/// Whether a system of that name is told of, or one of its kind.
#[must_use]
pub fn is_system(os: &str) -> bool {
    let kind = |os: &str| os.split_once('-').map_or(os, |(kind, _)| kind).to_owned();
    library().programs.iter().any(|program| {
        program.systems.iter().any(|system| system.is_called(os) || kind(&system.is) == kind(os))
            || program.releases.iter().any(|release| release.os.as_deref() == Some(kind(os).as_str()))
    })
}

/// Whether a program is known to be older than a version.
pub(super) fn is_older(machine: &Machine, from: &str) -> bool {
    let known = machine.known(Input::ClientVersion);
    known.is_some_and(|given| edition::Edition::parse(&given.value) < edition::Edition::parse(from))
}

/// Where a setting of that name stands, as the model reads it.
pub(super) fn place_in(program: &Program, name: &str) -> Option<Place> {
    let below = program.on.as_deref().and_then(|below| Program::named(&library().programs, below));
    let mut knobs = program.settings.iter().chain(below.into_iter().flat_map(|below| &below.settings));
    knobs.find(|knob| knob.name == name).map(place_of)
}
