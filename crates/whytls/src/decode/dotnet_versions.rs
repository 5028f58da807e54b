//! Reads lists of installed .NET Framework versions, as `DotNetVersions` and scripts print them.
//!
//! In:  lines such as `4.8.03761` and `3.5.30729.5420 Service Pack 1`.
//! Out: the versions, and the system that they come from where the table of builds knows it.
//! Not here: which framework a program is built for. The installed version does not say that.

use super::{Data, Decode};
use crate::content::{DotnetBuild, library};
use crate::evidence::Statement;
use crate::paste::{Line, Span};

/// The versions of one machine.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    /// Each version as printed, and where.
    pub versions: Vec<(String, Span)>,
}

pub(super) struct DotnetVersions;

/// No machine has more versions than this, so a longer list of numbers is something else.
const MOST: usize = 32;

impl Decode for DotnetVersions {
    fn find(&self, lines: &[Line<'_>]) -> Option<(usize, Data)> {
        version(lines.first()?)?;
        let versions: Vec<_> = lines
            .iter()
            .take(MOST)
            .map_while(version)
            .map(|(version, span)| (version.to_owned(), span))
            .collect();
        let known = versions.iter().filter(|(version, _)| build(version).is_some()).count();
        // A lone number could be anything, and so could a list of addresses.
        if versions.len() < 2 || known * 2 < versions.len() {
            return None;
        }
        Some((versions.len(), Data::DotnetVersions(Versions { versions })))
    }
}

pub(super) fn read(list: &Versions, see: &mut impl FnMut(Span, Vec<Statement>)) {
    for (version, span) in &list.versions {
        let Some(build) = build(version) else { continue };
        let mut states = Vec::new();
        if let Some(framework) = &build.framework {
            states.push(Statement::new("client.dotnet", framework.as_str()));
        }
        if let Some(os) = &build.os {
            states.push(Statement::new("client.os", os.as_str()));
            states.push(Statement::new("client.os.told-by", "dotnet-build"));
        }
        if !states.is_empty() {
            see(*span, states);
        }
    }
}

/// The row of the table for a version as it was printed.
fn build(version: &str) -> Option<&'static DotnetBuild> {
    library().dotnet_builds.iter().find(|build| build.version == version)
}

/// `3.5.30729.5420 Service Pack 1`, also behind a bullet or a `v`.
fn version<'a>(line: &Line<'a>) -> Option<(&'a str, Span)> {
    let text = line.body().trim().trim_start_matches(['-', '*', '•']).trim_start();
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == 'v') {
        return None;
    }
    let version = text.split_whitespace().next()?.trim_start_matches('v');
    let numbers = version.split('.').count();
    let numeric =
        version.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let tail = text.split_once(char::is_whitespace).map_or("", |(_, tail)| tail.trim());
    let pack = tail.is_empty()
        || tail.starts_with("Service Pack")
        || tail.starts_with("SP")
        || tail.starts_with("Full")
        || tail.starts_with("Client");
    (numeric && (3..=4).contains(&numbers) && pack).then(|| (version, line.span_of(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> Option<usize> {
        let paste = crate::Paste::text(text);
        DotnetVersions.find(&paste.inputs.first()?.regions().first()?.lines).map(|(count, _)| count)
    }

    #[test]
    fn reads_lists_and_leaves_addresses_alone() {
        assert_eq!(count("2.0.50727.5420 Service Pack 2\n4.0.0.0\n4.8.03761\n"), Some(3));
        assert_eq!(count("> 4.0.0.0\n> 4.8.04084\n"), Some(2));
        assert_eq!(count("10.0.0.1\n10.0.0.2\n"), None);
        assert_eq!(count("4.8.03761\n"), None);
    }
}
