//! `whytls diagnose --why`: the rule behind each finding, and what its nearest rivals lacked.
//!
//! In:  a paste.
//! Out: Markdown.
//! Not here: the report itself.

use std::fmt::Write as _;

use super::prose::tame;
use crate::content::{Clause, Lang, Page};
use crate::decode;
use crate::facts::{self, Facts, Incident};
use crate::findings::{self, But};
use crate::paste::Paste;

/// How many rivals of an incident are told.
const RIVALS: usize = 6;

/// The clauses that held for every finding, and for the nearest rivals the one that did not.
#[must_use]
pub fn why(paste: &Paste, lang: Lang) -> String {
    let artifacts = decode::find(paste);
    let evidence = decode::read(paste, &artifacts);
    let facts = facts::weigh(paste, &artifacts, evidence);
    let found = findings::judge(&facts);
    let say = |en: &'static str, zh: &'static str| if lang == Lang::En { en } else { zh };
    let mut out = format!("## {}\n", say("By which rules", "依据哪些规则"));
    // Writing to a String cannot fail.
    let mut put = |text: std::fmt::Arguments<'_>| {
        let _ = out.write_fmt(text);
    };
    for finding in &found {
        let incident = finding.incident.and_then(|at| facts.incidents.get(at)).unwrap_or(&facts.whole);
        let pages = [finding.page].into_iter().chain(finding.causes.first().map(|(page, _)| *page));
        for page in pages {
            if let Some(clause) = findings::held(page, incident) {
                put(format_args!("\n{}", rule(page, clause, incident, &facts, lang)));
            }
        }
    }
    put(format_args!("\n## {}\n\n", say("What came near, and what was missing", "相近的问题，以及缺少什么")));
    for (at, incident) in facts.incidents.iter().enumerate() {
        if facts.incidents.len() > 1 {
            match lang {
                Lang::En => put(format_args!("{}Failure {}:\n\n", if at > 0 { "\n" } else { "" }, at + 1)),
                Lang::ZhCn => {
                    put(format_args!("{}第 {} 次失败：\n\n", if at > 0 { "\n" } else { "" }, at + 1))
                }
            }
        }
        for near in findings::near(incident, RIVALS) {
            let would = confidence(near.clause, lang);
            let lacks = match &near.but {
                But::Missing { key, values } => match lang {
                    Lang::En => format!("`{key}` is not known to be {}", any_of(values, lang)),
                    Lang::ZhCn => format!("没有看到 `{key}` 为{}", any_of(values, lang)),
                },
                But::RuledOut { key, value } => match lang {
                    Lang::En => format!("`{key}` is `{}`, which speaks against it", tame(value)),
                    Lang::ZhCn => format!("`{key}` 为 `{}`，与之不符", tame(value)),
                },
            };
            match lang {
                Lang::En => put(format_args!("- `{}` (would be {would}): {lacks}\n", near.page.slug)),
                Lang::ZhCn => put(format_args!("- `{}`（否则{would}）：{lacks}\n", near.page.slug)),
            }
        }
    }
    out
}

fn rule(page: &Page, clause: &Clause, incident: &Incident, facts: &Facts, lang: Lang) -> String {
    let mut out = match lang {
        Lang::En => format!("`{}`, {}, because all of this holds:\n\n", page.slug, confidence(clause, lang)),
        Lang::ZhCn => format!("`{}`，{}，因为以下各条都成立：\n\n", page.slug, confidence(clause, lang)),
    };
    for (key, values) in &clause.all {
        let fitting = incident
            .get(key)
            .iter()
            .filter(|known| values.iter().any(|wanted| wanted == "*" || *wanted == known.value));
        for known in fitting.take(1) {
            let seen = known.evidence.first().and_then(|id| facts.evidence.get(*id));
            let _ = match (seen, lang) {
                (Some(seen), Lang::En) => {
                    writeln!(out, "- `{key}` is `{}` (line {})", tame(&known.value), seen.span.line)
                }
                (Some(seen), Lang::ZhCn) => {
                    writeln!(out, "- `{key}` 为 `{}`（第 {} 行）", tame(&known.value), seen.span.line)
                }
                (None, Lang::En) => writeln!(out, "- `{key}` is `{}` (as you said)", tame(&known.value)),
                (None, Lang::ZhCn) => writeln!(out, "- `{key}` 为 `{}`（由您说明）", tame(&known.value)),
            };
        }
    }
    for (key, values) in &clause.unless {
        let _ = match lang {
            Lang::En => writeln!(out, "- and `{key}` is not {}", any_of(values, lang)),
            Lang::ZhCn => writeln!(out, "- 并且 `{key}` 不是{}", any_of(values, lang)),
        };
    }
    out
}

fn confidence(clause: &Clause, lang: Lang) -> &'static str {
    use crate::content::Confidence::{Certain, Likely, Possible};
    match (clause.proves, lang) {
        (Certain, Lang::En) => "certain",
        (Likely, Lang::En) => "likely",
        (Possible, Lang::En) => "possible",
        (Certain, Lang::ZhCn) => "确定",
        (Likely, Lang::ZhCn) => "很可能",
        (Possible, Lang::ZhCn) => "有可能",
    }
}

fn any_of(values: &[String], lang: Lang) -> String {
    if values.iter().any(|value| value == "*") {
        return if lang == Lang::En { "anything" } else { "任何值" }.to_owned();
    }
    let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    values.join(if lang == Lang::En { " or " } else { " 或 " })
}
