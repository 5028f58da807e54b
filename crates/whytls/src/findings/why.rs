//! Why a page was found and its neighbours were not, clause by clause.
//!
//! In:  an incident, and the pages' conditions.
//! Out: the clause of a page that held, and the clauses that one condition kept from holding.
//! Not here: words.

use std::cmp::Reverse;

use super::{best, fits};
use crate::content::{Clause, Page, Role, library};
use crate::facts::Incident;

/// A clause that nearly held.
#[derive(Clone, Debug)]
pub struct Near {
    /// Its page.
    pub page: &'static Page,
    /// The clause.
    pub clause: &'static Clause,
    /// What kept it from holding.
    pub but: But,
}

/// What kept a clause from holding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum But {
    /// A fact that is not known to have one of these values.
    Missing {
        /// The key.
        key: &'static str,
        /// Any of these would do.
        values: &'static [String],
    },
    /// A fact that speaks against it.
    RuledOut {
        /// The key.
        key: &'static str,
        /// The value that it has.
        value: String,
    },
}

/// The clause by which a page was found.
#[must_use]
pub fn held(page: &'static Page, incident: &Incident) -> Option<&'static Clause> {
    best(page, incident).map(|held| held.clause)
}

/// Clauses that a single condition kept from holding, the nearest of each page; those that would
/// prove most first, and of these the ones of which most held.
#[must_use]
pub fn near(incident: &Incident, most: usize) -> Vec<Near> {
    let mut all: Vec<(usize, Near)> = Vec::new();
    let pages = library().pages.iter().filter(|page| page.role == Role::Problem);
    for page in pages.filter(|page| best(page, incident).is_none()) {
        let nearest = page.clauses.iter().filter_map(|clause| {
            let (held, but) = short_of(clause, incident)?;
            Some((held, Near { page, clause, but }))
        });
        all.extend(nearest.max_by_key(|(held, near)| (near.clause.proves, *held)));
    }
    all.sort_by_key(|(held, near)| (Reverse(near.clause.proves), Reverse(*held)));
    all.into_iter().take(most).map(|(_, near)| near).collect()
}

/// How many conditions held, and the only one that did not.
fn short_of(clause: &'static Clause, incident: &Incident) -> Option<(usize, But)> {
    let is = |key: &str, values: &[String]| incident.get(key).iter().find(|known| fits(values, &known.value));
    let mut missing = clause.all.iter().filter(|(key, values)| is(key, values).is_none());
    let mut against = clause.unless.iter().filter_map(|(key, values)| Some((key.as_str(), is(key, values)?)));
    let first = (missing.next(), against.next());
    let single = missing.next().is_none() && against.next().is_none();
    let (held, but) = match first {
        // What is known to be otherwise is not near: another alert, another system. Errors may be several.
        (Some((key, _)), None) if key != "error" && !incident.get(key).is_empty() => return None,
        (Some((key, values)), None) if single => (clause.all.len() - 1, But::Missing { key, values }),
        (None, Some((key, known))) if single => {
            (clause.all.len(), But::RuledOut { key, value: known.value.to_string() })
        }
        _ => return None,
    };
    (held > 0).then_some((held, but))
}
