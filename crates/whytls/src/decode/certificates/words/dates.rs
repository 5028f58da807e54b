//! Dates as programs print them, in the languages that they speak.
//!
//! In:  the text behind a label.
//! Out: the moment; a date without a time is its midnight.
//! Not here: which of the two dates it is.

use crate::x509::Time;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date in any of the notations below.
pub(crate) fn time(text: &str) -> Option<Time> {
    exact_time(text).or_else(|| shown_time(text))
}

/// Months as viewers write them: each language's in order, three letters or as many as tell them apart.
const MONTH_WORDS: &[[&str; 12]] = &[
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    ["jan", "feb", "märz", "apr", "mai", "juni", "juli", "aug", "sep", "okt", "nov", "dez"],
    ["janv", "févr", "mars", "avri", "mai", "juin", "juil", "août", "sept", "octo", "nove", "déce"],
    ["ener", "febr", "marz", "abri", "mayo", "juni", "juli", "agos", "sept", "octu", "novi", "dici"],
    ["genn", "febb", "marz", "apri", "magg", "giug", "lugl", "agos", "sett", "otto", "nove", "dice"],
    ["jane", "feve", "març", "abri", "maio", "junh", "julh", "agos", "sete", "outu", "nove", "deze"],
    ["янва", "февр", "март", "апре", "мая", "июня", "июля", "авгу", "сент", "октя", "нояб", "дека"],
];

/// Dates as people read them: `Monday, November 3, 2025 9:15:02 AM`, `3. November 2025 09:15:02`,
/// `2025年11月3日 9:15:02`, `03.11.2025`. The zone is that of the machine, which nobody says: they are
/// taken for UTC. `11/3/2025` is one of two days, and so none.
fn shown_time(text: &str) -> Option<Time> {
    let text: String = text.chars().filter(|c| !matches!(c, '\u{200e}' | '\u{200f}')).take(80).collect();
    let text = text.to_lowercase();
    let numbers: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty()).collect();
    let number = |at: usize| numbers.get(at).and_then(|word| word.parse::<i64>().ok());
    let wide = |at: usize| numbers.get(at).is_some_and(|word| word.len() == 4);
    let month_word = text.split(|c: char| !c.is_alphabetic()).find_map(|word| {
        // A Tuesday is no March.
        let weekday = ["mardi", "martes", "marted"].iter().any(|day| word.starts_with(day));
        let month = |words: &[&str; 12]| words.iter().position(|month| word.starts_with(month));
        MONTH_WORDS.iter().find_map(month).filter(|_| !weekday)
    });
    let (year, month, day, used) = match month_word {
        Some(month) if wide(1) => (number(1)?, i64::try_from(month).ok()? + 1, number(0)?, 2),
        Some(_) => return None,
        None if wide(0) => (number(0)?, number(1)?, number(2)?, 3),
        None if wide(2) => {
            let (first, second) = (number(0)?, number(1)?);
            let dotted = text.contains('.') && !text.contains('/');
            match (first, second) {
                _ if dotted => (number(2)?, second, first, 3),
                (13..=31, 1..=12) => (number(2)?, second, first, 3),
                (1..=12, 13..=31) => (number(2)?, first, second, 3),
                (same, other) if same == other => (number(2)?, first, second, 3),
                _ => return None,
            }
        }
        None => return None,
    };
    let afternoon = ["pm", "p.m", "下午", "午後", "오후"].iter().any(|word| text.contains(word));
    let hours = match number(used) {
        Some(hours) if afternoon && hours < 12 => hours + 12,
        Some(hours) if hours < 24 => hours,
        _ => 0,
    };
    let minutes = number(used + 1).filter(|minutes| *minutes < 60).unwrap_or(0);
    let seconds = number(used + 2).filter(|seconds| *seconds < 60).unwrap_or(0);
    let (month, day) = (u32::try_from(month).ok()?, u32::try_from(day).ok()?);
    date(year, month, day, hours * 3600 + minutes * 60 + seconds, "UTC")
}

/// `Nov 24 15:40:32 2026 GMT`, `Tue Nov 24 15:40:32 UTC 2026`, `2026-11-24 15:40:32 UTC`.
fn exact_time(text: &str) -> Option<Time> {
    let words: Vec<&str> = text.split([' ', ',', 'T']).filter(|word| !word.is_empty()).take(7).collect();
    let number = |word: &&str| word.parse::<i64>().ok();
    let clock = |word: &&str| -> Option<i64> {
        let mut parts = word.trim_end_matches('Z').split([':', '.']);
        let (hours, minutes) = (parts.next()?.parse::<i64>().ok()?, parts.next()?.parse::<i64>().ok()?);
        let seconds = parts.next().and_then(|part| part.parse::<i64>().ok()).unwrap_or(0);
        Some(hours * 3600 + minutes * 60 + seconds)
    };
    // `2026-11-24` first, or a month's name.
    let iso = words.first().and_then(|word| {
        let mut parts = word.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        (year.len() == 4).then_some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
    });
    if let Some((year, month, day)) = iso {
        let seconds = words.get(1).and_then(clock).unwrap_or(0);
        return date(year, month, day, seconds, "UTC");
    }
    // The letter T was taken for a separator: `Tue`, `UTC` lost it.
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).take(7).collect();
    let at = words.iter().position(|word| MONTHS.contains(word)).filter(|at| *at <= 1)?;
    let month = MONTHS.iter().position(|month| words.get(at) == Some(month))? + 1;
    let day = words.get(at + 1).and_then(number)?;
    let seconds = words.get(at + 2).and_then(clock)?;
    // Year and zone, in either order.
    let (third, fourth) = (words.get(at + 3)?, words.get(at + 4));
    let digits = |word: &str| word.chars().take_while(char::is_ascii_digit).collect::<String>();
    let (year, zone) = match third.parse::<i64>() {
        Ok(year) => (year, fourth.copied().unwrap_or("UTC")),
        Err(_) => (digits(fourth?).parse().ok()?, *third),
    };
    date(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?, seconds, zone)
}

fn date(year: i64, month: u32, day: u32, seconds: i64, zone: &str) -> Option<Time> {
    let hours = match zone.trim_end_matches([';', ',']) {
        "UTC" | "GMT" | "Z" | "WET" => 0,
        "CET" | "BST" | "WEST" => 1,
        "CEST" | "EET" => 2,
        "MSK" | "EEST" => 3,
        "JST" | "KST" => 9,
        "EST" => -5,
        "EDT" => -4,
        "PST" => -8,
        "PDT" => -7,
        _ => return None,
    };
    let sane = (1950..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    sane.then(|| Time(Time::date(year, month, day).0 + seconds - hours * 3600))
}

/// The date behind the first one.
pub(super) fn second_time(text: &str) -> Option<Time> {
    if let Some((first, second)) = text.split_once(" to ")
        && time(first).is_some()
    {
        return time(second);
    }
    let start = |text: &str| {
        let words = MONTHS.iter().filter_map(|month| text.find(&format!("{month} "))).min();
        words.or_else(|| text.find("NotAfter: ").map(|at| at + 10))
    };
    let first = start(text)?;
    let behind = text.get(first + 4..)?;
    let second = start(behind)?;
    time(behind.get(second..)?)
}
