//! What a .NET Framework program asks of Schannel.
//!
//! In:  its target framework, the versions named in its code, its AppContext switches, the values
//!      under `.NETFramework`.
//! Out: the versions that .NET names for it, or that it leaves the choice to Windows.
//! Not here: what Schannel makes of that.

use super::machine::{Input, Place, Setting, text};
use super::{Answer, Answered, Decision, Outcome, Request, World, numbers, schannel};
use crate::tls::Version;

/// The code's own list, for all connections of a process.
pub(super) const SECURITY_PROTOCOL: &str = "ServicePointManager.SecurityProtocol";
/// The switches that take back what later targets do.
pub(super) const SYSTEM_SWITCH: &str = "Switch.System.Net.DontEnableSystemDefaultTlsVersions";
pub(super) const STRONG_SWITCH: &str = "Switch.System.Net.DontEnableSchUseStrongCrypto";
/// The registry's words on the same.
pub(super) const SYSTEM_VALUE: &str = "SystemDefaultTlsVersions";
pub(super) const STRONG_VALUE: &str = "SchUseStrongCrypto";

const OLD: [Version; 2] = [Version::SSL3, Version::TLS10];
const STRONG: [Version; 3] = [Version::TLS10, Version::TLS11, Version::TLS12];

/// Which CLR runs a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clr {
    /// .NET 2.0, 3.0, 3.5.
    Two,
    /// .NET 4.x.
    Four,
}

impl Clr {
    /// The key of its registry values, in the view of one bitness.
    pub(super) fn key(self, wow: bool) -> String {
        let view = if wow { r"Wow6432Node\" } else { "" };
        let version = match self {
            Self::Two => "v2.0.50727",
            Self::Four => "v4.0.30319",
        };
        format!(r"HKLM\SOFTWARE\{view}Microsoft\.NETFramework\{version}")
    }
}

/// HttpWebRequest and everything else that ServicePointManager speaks for.
pub(super) fn framework(world: &World<'_>) -> Answered<Outcome> {
    let clr = clr(world)?;
    let request = match clr {
        Clr::Two => clr_2(world)?,
        Clr::Four => service_point_manager(world)?,
    };
    schannel::client(world, &request, newest(clr))
}

/// CLR 2 speaks to Schannel in the old way, which has no TLS 1.3.
fn newest(clr: Clr) -> Version {
    match clr {
        Clr::Two => Version::TLS12,
        Clr::Four => Version::TLS13,
    }
}

fn clr(world: &World<'_>) -> Answered<Clr> {
    // A program of CLR 4 cannot be built for less than 4.0, and the other way round.
    let by = |version: &str| match numbers(version).first() {
        Some(0..=3) => Clr::Two,
        _ => Clr::Four,
    };
    if let Some(target) = world.known(Input::Target) {
        return Ok(by(target));
    }
    if let Some(dotnet) = world.known(Input::Dotnet) {
        return Ok(by(dotnet));
    }
    Ok(by(target(world)?))
}

/// The target framework; a program without one counts as built for 4.0.
fn target<'w>(world: &World<'w>) -> Answered<&'w str> {
    let dotnet = world.known(Input::Dotnet).map(numbers);
    world.ask(Input::Target, || {
        let installed = |least: &[u32]| dotnet.as_deref().is_none_or(|dotnet| dotnet >= least);
        let mut answers = Vec::new();
        if dotnet.is_none() {
            answers.push(Answer::named("3.5", "3.5 or earlier", "3.5 或更早"));
        }
        answers.push(Answer::named("4.5.2", "4.0 to 4.5.2, or none", "4.0 至 4.5.2，或没有"));
        if installed(&[4, 6]) {
            answers.push(Answer::named("4.6", "4.6 to 4.6.2", "4.6 至 4.6.2"));
        }
        if installed(&[4, 7]) {
            answers.push(Answer::named("4.7 or later", "4.7 or later", "4.7 或更高"));
        }
        answers
    })
}

/// The value of the program's bitness; any other number than 0 and 1 is as good as none.
fn registry<'w>(world: &World<'w>, clr: Clr, name: &str) -> Answered<Option<&'w Setting>> {
    let value = |wow| {
        let full = format!(r"{}\{name}", clr.key(wow));
        world.registry(&full).filter(|setting| matches!(setting.number(), Some(0 | 1)))
    };
    let (own, wow) = (value(false), value(true));
    if own.map(|setting| setting.number()) == wow.map(|setting| setting.number()) {
        return Ok(own);
    }
    Ok(if world.is_32_bit()? { wow } else { own })
}

fn service_point_manager(world: &World<'_>) -> Answered<Request> {
    if let Some(request) = named_in_code(world, SECURITY_PROTOCOL) {
        return Ok(request);
    }
    // The registry is asked after the switch and wins over it; both win over the target.
    let system = registry(world, Clr::Four, SYSTEM_VALUE)?;
    let switch = world.setting(Place::Config, SYSTEM_SWITCH);
    let (system, because) = match (system, switch) {
        (Some(value), _) => (value.number() == Some(1), Some(value)),
        (None, Some(switch)) => (!is_true(switch), Some(switch)),
        (None, None) => (numbers(target(world)?) >= vec![4, 7], None),
    };
    if system {
        let says = match because {
            Some(setting) => text(
                format!("{} makes .NET leave the choice to Windows.", shown(setting)),
                format!("{} 让 .NET 把版本交给 Windows 决定。", shown(setting)),
            ),
            None => text(
                "A program built for .NET Framework 4.7 or later leaves the choice to Windows.",
                "面向 .NET Framework 4.7 或更高版本的程序，把版本交给 Windows 决定。",
            ),
        };
        let decided_by = because.map_or_else(|| Decision::default(SYSTEM_VALUE), Decision::by);
        return Ok(Request { named: None, decided_by, says, unsure: false });
    }
    let strong = registry(world, Clr::Four, STRONG_VALUE)?;
    let switch = world.setting(Place::Config, STRONG_SWITCH);
    let (strong, because) = match (strong, switch) {
        (Some(value), _) => (value.number() == Some(1), Some(value)),
        (None, Some(switch)) => (!is_true(switch), Some(switch)),
        (None, None) => (numbers(target(world)?) >= vec![4, 6], None),
    };
    let list: &[Version] = if strong { &STRONG } else { &OLD };
    let says = match because {
        Some(setting) => text(
            format!("{} makes .NET name {}.", shown(setting), listed(list)),
            format!("{} 让 .NET 指定 {}。", shown(setting), listed(list)),
        ),
        None if strong => text(
            format!("For a program built for .NET Framework 4.6 or later .NET names {}.", listed(list)),
            format!("程序面向 .NET Framework 4.6 或更高版本，.NET 替它指定 {}。", listed(list)),
        ),
        None => text(
            format!("For a program built for .NET Framework 4.5.2 or earlier .NET names {}.", listed(list)),
            format!("程序面向 .NET Framework 4.5.2 或更早版本，.NET 替它指定 {}。", listed(list)),
        ),
    };
    let decided_by = because.map_or_else(|| Decision::default(STRONG_VALUE), Decision::by);
    Ok(Request { named: Some(list.to_vec()), decided_by, says, unsure: false })
}

fn clr_2(world: &World<'_>) -> Answered<Request> {
    if let Some(request) = named_in_code(world, SECURITY_PROTOCOL) {
        return Ok(request);
    }
    let value = registry(world, Clr::Two, SYSTEM_VALUE)?;
    let says = text(
        format!("CLR 2 (.NET 2.0 to 3.5) names {}.", listed(&OLD)),
        format!("CLR 2（.NET 2.0 至 3.5）指定 {}。", listed(&OLD)),
    );
    let decided_by = value.map_or_else(|| Decision::default(SYSTEM_VALUE), Decision::by);
    Ok(Request { named: Some(OLD.to_vec()), decided_by, says, unsure: false })
}

/// The versions that code names; nothing where it names none, or says that Windows is to choose.
pub(super) fn named_in_code(world: &World<'_>, property: &str) -> Option<Request> {
    let setting = world.setting(Place::Code, property)?;
    let named: Vec<Version> = setting.value.split(", ").filter_map(Version::named).collect();
    if named.is_empty() {
        return None;
    }
    let says = text(
        format!("The code names {}, and nothing else is asked.", listed(&named)),
        format!("代码指定了 {}，其余设置都不再起作用。", listed(&named)),
    );
    Some(Request { named: Some(named), decided_by: Decision::by(setting), says, unsure: false })
}

fn is_true(setting: &Setting) -> bool {
    setting.value.eq_ignore_ascii_case("true")
}

/// `SchUseStrongCrypto = 1`: a setting as it is spoken of.
fn shown(setting: &Setting) -> String {
    let name = setting.name.rsplit('\\').next().unwrap_or(&setting.name);
    format!("{name} = {}", setting.value)
}

/// `TLS 1.0, TLS 1.1, TLS 1.2`.
pub(super) fn listed(versions: &[Version]) -> String {
    versions.iter().map(Version::to_string).collect::<Vec<_>>().join(", ")
}
