//! Versions as the makers of programs write them, to be compared.
//!
//! In:  `8u291`, `1.8.0_291`, `1.0.2k`, `24.6.0`.
//! Out: [`Edition`], newer ones greater.
//! Not here: which of them there are.

use std::cmp::Ordering;

/// A version of a program, to be compared: `8u291`, `1.8.0_291`, `1.0.2k`, `24.6.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edition(pub(super) Vec<u32>);

impl Edition {
    pub(super) fn parse(written: &str) -> Self {
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
    pub(super) fn covers(&self, other: &Self) -> bool {
        other.0.len() > self.0.len() && other.0.starts_with(&self.0)
    }
}

impl PartialOrd for Edition {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.0.cmp(&other.0))
    }
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
}
