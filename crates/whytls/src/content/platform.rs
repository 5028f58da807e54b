//! Tables of platforms: which build of a program belongs to which system.
//!
//! In:  `content/platforms/`.
//! Out: rows, each with its source.
//! Not here: what a machine offers because of it. Pages and facts say that.

use serde::{Deserialize, Serialize};

use super::PageError;
use crate::tls::Version;

/// One version string of .NET Framework, as `DotNetVersions` and the registry print it.
#[derive(Debug, Deserialize, Serialize)]
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

/// One Windows, and what its Schannel knows and offers.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// The name that `--os` and the fact `client.os` give it: `windows-7`.
    pub is: String,
    /// Other names of the same: `windows-10-22h2`.
    #[serde(default)]
    pub also: Vec<String>,
    /// Its name on the screen.
    pub name: String,
    /// Version and build, as far as they tell it: `6.1`, `10.0.17763`.
    pub nt: String,
    /// The versions that a program gets when it names them.
    pub known: Vec<Version>,
    /// What clients offer that leave the choice to Windows.
    pub client: Vec<Version>,
    /// What servers accept that leave the choice to Windows.
    pub server: Vec<Version>,
    /// What WinHTTP names when nobody sets it.
    pub winhttp: Vec<Version>,
    /// What WinINet names when nobody sets it.
    pub wininet: Vec<Version>,
    /// The update without which WinHTTP reads no `DefaultSecureProtocols`.
    pub winhttp_update: Option<String>,
    /// The update without which .NET 2.0 to 3.5 never leaves the choice to Windows; `none` where there is none.
    pub clr2_update: Option<String>,
    /// The update that teaches Schannel more versions, off by default.
    pub schannel_update: Option<String>,
    /// Which those are.
    #[serde(default)]
    pub schannel_adds: Vec<Version>,
    /// The oldest .NET Framework 4.x that it comes with.
    pub dotnet: Option<String>,
    /// Sources contradict each other, or there is none.
    #[serde(default)]
    pub unsure: bool,
    /// Where the row is from.
    pub source: String,
}

impl Windows {
    /// The row of a name, however it is written: `windows-7`, `Windows 7 SP1`, `windows-10-22h2`.
    #[must_use]
    pub fn named<'a>(rows: &'a [Self], name: &str) -> Option<&'a Self> {
        let name = name.trim().to_ascii_lowercase().replace([' ', '_'], "-");
        rows.iter().find(|row| row.is == name || row.also.contains(&name))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowsFile {
    windows: Vec<Windows>,
}

pub(super) fn read_windows(file: &str, text: &str) -> Result<Vec<Windows>, PageError> {
    let parsed: WindowsFile = super::parse(file, text)?;
    Ok(parsed.windows)
}

/// Which versions MailKit asks for, from one of its versions on.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MailKit {
    /// The first version that does so.
    pub from: String,
    /// The versions that it names.
    pub names: Option<Vec<Version>>,
    /// Whom it leaves the choice to, where it names none: `system` or `manager`.
    pub follows: Option<String>,
    /// There is no source for the row itself.
    #[serde(default)]
    pub unsure: bool,
    /// Where the row is from.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailKitFile {
    mailkit: Vec<MailKit>,
}

pub(super) fn read_mailkit(file: &str, text: &str) -> Result<Vec<MailKit>, PageError> {
    let parsed: MailKitFile = super::parse(file, text)?;
    Ok(parsed.mailkit)
}
