//! Which program says hello like this.
//!
//! In:  a ClientHello; `content/hellos/clients.txt` has the hellos of known programs.
//! Out: the programs whose hello is the same, or nearly so.
//! Not here: what follows from it. Programs can be told to offer something else, and many share a
//!           library: this is a likeness, not a proof.

use super::flow::ClientHello;
use crate::tls::is_grease;

static CLIENTS: &str = include_str!("../../../../content/hellos/clients.txt");

/// Extensions that come and go with the server's name and earlier connections.
const VOLATILE: [u16; 8] = [0, 16, 21, 35, 41, 42, 44, 13172];
/// Fewer suites are chosen by a setting, and say nothing of the program.
const TELLING: usize = 4;

/// How like a known hello is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// The same suites in the same order; extensions or groups differ.
    Similar,
    /// The same version, suites, extensions and groups.
    Same,
}

/// A program whose hello was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its name and version: `Java 7u25`, `IE 11 Win 7`.
    pub name: &'static str,
    /// Its TLS library as facts name it: `schannel`, `openssl`, `jsse` …, where that is known.
    pub tls: Option<&'static str>,
    /// The system as facts name it, where the library is a part of it: `windows-7`.
    pub os: Option<&'static str>,
}

/// The programs whose hello is the same as this one; if there are none, those with a similar one.
///
/// ```
/// # use whytls::wire::{ClientHello, probable_clients};
/// assert!(probable_clients(&ClientHello::default()).is_empty());
/// ```
#[must_use]
pub fn probable_clients(hello: &ClientHello) -> Vec<(Client, Likeness)> {
    let Some(version) = hello.legacy_version.filter(|_| hello.complete) else { return Vec::new() };
    let suites = joined(hello.ciphers.iter().map(|suite| suite.0).filter(|number| !is_grease(*number)));
    let mut extensions: Vec<u16> = hello.extensions.iter().map(|extension| extension.0).collect();
    extensions.retain(|number| !is_grease(*number) && !VOLATILE.contains(number));
    extensions.sort_unstable();
    let groups = joined(hello.groups.iter().map(|group| group.0).filter(|number| !is_grease(*number)));
    let begin = format!("{},{suites},", version.0);
    let whole = format!("{begin}{},{groups}", joined(extensions.into_iter()));
    let mut found: Vec<(Client, Likeness)> = CLIENTS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let [name, tls, os, says] = line.split(';').collect::<Vec<_>>().try_into().ok()?;
            let likeness = if says == whole {
                Likeness::Same
            } else if hello.ciphers.len() >= TELLING && says.starts_with(&begin) {
                Likeness::Similar
            } else {
                return None;
            };
            let known = |text: &'static str| Some(text).filter(|text| !text.is_empty());
            Some((Client { name, tls: known(tls), os: known(os) }, likeness))
        })
        .collect();
    let best = found.iter().map(|(_, likeness)| *likeness).max();
    found.retain(|(_, likeness)| Some(*likeness) == best);
    found
}

fn joined(numbers: impl Iterator<Item = u16>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{CipherSuite, ExtensionType, NamedGroup, Version};

    /// What Windows 7 offers as long as TLS 1.2 is switched off.
    fn windows_7() -> ClientHello {
        ClientHello {
            legacy_version: Some(Version::TLS10),
            ciphers: [47, 53, 5, 10, 49171, 49172, 49161, 49162, 50, 56, 19, 4].map(CipherSuite).to_vec(),
            extensions: [65281, 0, 5, 10, 11].map(ExtensionType).to_vec(),
            groups: [23, 24].map(NamedGroup).to_vec(),
            complete: true,
            ..ClientHello::default()
        }
    }

    #[test]
    fn knows_windows_7_by_its_hello() {
        let found = probable_clients(&windows_7());
        assert!(
            found
                .iter()
                .all(|(client, likeness)| client.tls == Some("schannel") && *likeness == Likeness::Same)
        );
        assert!(found.iter().any(|(client, _)| client.os == Some("windows-7")));
    }

    #[test]
    fn calls_another_list_of_groups_similar() {
        let mut hello = windows_7();
        hello.groups.push(NamedGroup(25));
        let found = probable_clients(&hello);
        assert!(!found.is_empty() && found.iter().all(|(_, likeness)| *likeness == Likeness::Similar));
        hello.ciphers.pop();
        assert!(probable_clients(&hello).is_empty());
    }

    #[test]
    fn every_line_has_its_parts() {
        for line in CLIENTS.lines().filter(|line| !line.starts_with('#')) {
            assert_eq!(line.split(';').count(), 4, "{line}");
            assert_eq!(
                line.split(',').count(),
                4 + line.split(';').next().map_or(0, |n| n.matches(',').count())
            );
        }
    }
}
