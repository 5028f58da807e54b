//! Tables of platforms: which build of a program belongs to which system.
//!
//! In:  `content/platforms/`.
//! Out: rows, each with its source.
//! Not here: what a machine offers because of it. Pages and facts say that.

use serde::Deserialize;

use super::PageError;

/// One version string of .NET Framework, as `DotNetVersions` and the registry print it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DotnetBuild {
    /// The version, whole or up to a dot: `4.8.03761`, `3.5.30729.5420`.
    pub version: String,
    /// The framework's own version: `4.8`. Absent where the string says nothing (`4.0.0.0`).
    pub framework: Option<String>,
    /// The only system that has this build, as the fact `client.os` names it.
    pub os: Option<String>,
    /// Where it comes from, in words.
    pub note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DotnetFile {
    /// Where the table is from; for readers of the file.
    #[serde(rename = "source")]
    _source: String,
    build: Vec<DotnetBuild>,
}

pub(super) fn read_dotnet(file: &str, text: &str) -> Result<Vec<DotnetBuild>, PageError> {
    let parsed: DotnetFile = super::parse(file, text)?;
    Ok(parsed.build)
}
