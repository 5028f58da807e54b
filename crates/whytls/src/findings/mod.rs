//! Why it failed: which pages fit the facts, in the order of what the evidence proves.
//!
//! In:  the facts of every incident, and the pages' conditions.
//! Out: findings, best first.
//! Not here: words. The report takes those from the pages.

mod rank;
mod why;

use crate::content::{Clause, Confidence, Page, Role, Tried, library};
use crate::facts::{Facts, Incident, Judged};

pub use why::{But, Near, held, near};

/// A page that fits, and why.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The problem's slug.
    pub problem: &'static str,
    /// The cause's slug below it, where the evidence tells which.
    pub cause: Option<&'static str>,
    /// What it is in the report.
    pub role: Role,
    /// How much the evidence proves of the problem.
    pub confidence: Confidence,
    /// How much it proves of the cause.
    pub cause_confidence: Option<Confidence>,
    /// The page of the problem.
    pub page: &'static Page,
    /// Causes that fit, best first, each with how much is proved of it.
    pub causes: Vec<(&'static Page, Confidence)>,
    /// The failure it belongs to; none for what is worth a word whatever failed.
    pub incident: Option<usize>,
    /// The evidence, in the order in which it stands.
    pub evidence: Vec<Cited>,
    /// Fixes that were tried, and what became of them.
    pub tried: Vec<TriedFix>,
}

/// A piece of evidence and what it is cited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited {
    /// Index into [`Facts::evidence`].
    pub evidence: usize,
    /// Keys and values that it shows.
    pub shows: Vec<(&'static str, String)>,
}

/// A fix that was tried.
#[derive(Clone, Debug)]
pub struct TriedFix {
    /// What a page says of it.
    pub tried: &'static Tried,
    /// The page.
    pub page: &'static Page,
    /// What the model says of it, where program and machine are known well enough.
    pub judged: Option<Judged>,
    /// Where it was seen, as indices into [`Facts::evidence`].
    pub evidence: Vec<usize>,
}

/// Judges every incident by every page.
#[must_use]
pub fn judge(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, incident) in facts.incidents.iter().enumerate() {
        let mut own = problems(incident, at);
        rank::within(&mut own);
        findings.extend(own);
    }
    rank::story(&mut findings);
    for page in library().pages.iter().filter(|page| page.role == Role::Advisory) {
        if let Some(held) = best(page, &facts.whole) {
            let mut finding = finding(page, held.proves, None);
            finding.evidence = cited(&facts.whole, [(page, held.clause)]);
            findings.push(finding);
        }
    }
    findings
}

/// A page with the clause of it that proves most.
struct Held {
    clause: &'static Clause,
    proves: Confidence,
}

fn problems(incident: &Incident, at: usize) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for page in library().pages.iter().filter(|page| page.role == Role::Problem && page.slug.cause.is_none())
    {
        let own = best(page, incident);
        let mut causes: Vec<(&'static Page, Held)> = library()
            .causes(&page.slug.problem)
            .filter_map(|cause| Some((cause, best(cause, incident)?)))
            .collect();
        // The order of the pages stays where the evidence proves the same.
        causes.sort_by_key(|(_, held)| std::cmp::Reverse(held.proves));
        let by_cause = causes.iter().map(|(_, held)| held.proves).max();
        // A cause that is only possible does not make its problem one.
        let Some(proves) =
            own.as_ref().map(|held| held.proves).max(by_cause.filter(|c| *c > Confidence::Possible))
        else {
            continue;
        };
        let mut finding = finding(page, proves, Some(at));
        let first = causes.first().filter(|(_, held)| held.proves > Confidence::Possible);
        finding.cause = first.and_then(|(cause, _)| cause.slug.cause.as_deref());
        finding.cause_confidence = first.map(|(_, held)| held.proves);
        let clauses =
            own.iter().map(|held| (page, held.clause)).chain(first.map(|(page, held)| (*page, held.clause)));
        finding.evidence = cited(incident, clauses);
        finding.causes = causes.iter().map(|(cause, held)| (*cause, held.proves)).collect();
        finding.tried = tried(page, &finding.causes, incident);
        found.push(finding);
    }
    found
}

fn finding(page: &'static Page, confidence: Confidence, incident: Option<usize>) -> Finding {
    Finding {
        problem: &page.slug.problem,
        cause: None,
        role: page.role,
        confidence,
        cause_confidence: None,
        page,
        causes: Vec::new(),
        incident,
        evidence: Vec::new(),
        tried: Vec::new(),
    }
}

fn best(page: &'static Page, incident: &Incident) -> Option<Held> {
    page.clauses
        .iter()
        .filter(|clause| holds(clause, incident))
        // The first of those that prove most.
        .rev()
        .max_by_key(|clause| clause.proves)
        .map(|clause| Held { clause, proves: clause.proves })
}

/// All conditions of a clause hold.
#[must_use]
pub fn holds(clause: &Clause, incident: &Incident) -> bool {
    let known = |(key, values): &(String, Vec<String>)| {
        incident.get(key).iter().any(|known| fits(values, &known.value))
    };
    clause.all.iter().all(known) && !clause.unless.iter().any(known)
}

fn fits(values: &[String], value: &str) -> bool {
    values.iter().any(|wanted| wanted == "*" || wanted == value)
}

/// How many places are cited for one and the same fact.
const PLACES: usize = 3;

/// The evidence that the clauses rest on, and what the pages want cited besides.
fn cited(
    incident: &Incident,
    clauses: impl IntoIterator<Item = (&'static Page, &'static Clause)>,
) -> Vec<Cited> {
    let mut cited: Vec<Cited> = Vec::new();
    let any = ["*".to_owned()];
    for (page, clause) in clauses {
        let conditions = clause.all.iter().map(|(key, values)| (key, values.as_slice()));
        let beside = page.cites.iter().map(|key| (key, any.as_slice()));
        for (key, values) in conditions.chain(beside) {
            let Some(fact) = library().vocabulary.fact(key) else { continue };
            for known in incident.get(key).iter().filter(|known| fits(values, &known.value)) {
                for evidence in known.evidence.iter().take(PLACES) {
                    let shows = (fact.key.as_str(), known.value.to_string());
                    match cited.iter_mut().find(|cited| cited.evidence == *evidence) {
                        Some(cited) if cited.shows.contains(&shows) => {}
                        Some(cited) => cited.shows.push(shows),
                        None => cited.push(Cited { evidence: *evidence, shows: vec![shows] }),
                    }
                }
            }
        }
    }
    cited.sort_by_key(|cited| cited.evidence);
    cited
}

/// What the pages have to say of the fixes that were tried. A cause knows more than its problem,
/// a proved cause more than a possible one.
fn tried(page: &'static Page, causes: &[(&'static Page, Confidence)], incident: &Incident) -> Vec<TriedFix> {
    let mut found: Vec<TriedFix> = Vec::new();
    for page in causes.iter().map(|(cause, _)| *cause).chain([page]) {
        for tried in &page.tried {
            let (key, value) = &tried.fact;
            let known = incident.get(key).iter().find(|known| known.value == value.as_str());
            if let Some(known) = known
                && !found.iter().any(|other| other.tried.fact == tried.fact)
            {
                let judged = incident.judged(key, value).cloned();
                found.push(TriedFix { tried, page, judged, evidence: known.evidence.clone() });
            }
        }
    }
    found.sort_by_key(|fix| fix.evidence.first().copied());
    found
}
