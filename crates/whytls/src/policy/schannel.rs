//! What Schannel offers of what a program asks.
//!
//! In:  the versions that a program names, or that it leaves the choice to Windows; the keys under
//!      `SCHANNEL\Protocols`.
//! Out: each version with what decides.
//! Not here: why the program asks that.

use super::machine::{Place, Setting, text};
use super::{Answered, Decision, Offer, Outcome, Request, World};
use crate::content::{Text, Windows};
use crate::tls::Version;

/// The key that holds a key for each protocol.
pub(super) const PROTOCOLS: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols";

/// Which end of a connection a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Client,
    /// Servers have keys and defaults of their own.
    #[allow(dead_code, reason = "simulate speaks of clients; the tables are tested in both roles")]
    Server,
}

impl Role {
    fn key(self) -> &'static str {
        match self {
            Self::Client => "Client",
            Self::Server => "Server",
        }
    }
}

/// The whole name of a value of one protocol.
pub(super) fn value_name(version: Version, role: Role, value: &str) -> String {
    format!(r"{PROTOCOLS}\{version}\{}\{value}", role.key())
}

/// How a key of one protocol is called for short.
fn short_name(version: Version, role: Role) -> String {
    format!(r"SCHANNEL\Protocols\{version}\{}", role.key())
}

/// What a client on Schannel offers.
pub(super) fn client(world: &World<'_>, request: &Request, newest: Version) -> Answered<Outcome> {
    let windows = world.windows()?;
    let added = match windows.schannel_update.as_deref() {
        // The update makes a difference only where somebody asks for what it adds.
        Some(kb) if windows.schannel_adds.iter().any(|version| asked_for(world, request, *version)) => {
            world.installed(kb)?
        }
        _ => false,
    };
    let adds: &[Version] = if added { &windows.schannel_adds } else { &[] };
    let offers = Version::ALL
        .into_iter()
        .map(|version| offer(world, (windows, adds), Role::Client, request, version, newest))
        .collect();
    Ok(Outcome { offers, features: Vec::new() })
}

fn asked_for(world: &World<'_>, request: &Request, version: Version) -> bool {
    let by_default = world.registry(&value_name(version, Role::Client, "DisabledByDefault"));
    match &request.named {
        Some(named) => named.contains(&version),
        None => by_default.is_some_and(|setting| setting.number() == Some(0)),
    }
}

fn offer(
    world: &World<'_>,
    (windows, adds): (&Windows, &[Version]),
    role: Role,
    request: &Request,
    version: Version,
    newest: Version,
) -> Offer {
    let name = &windows.name;
    let own = Decision::default(short_name(version, role));
    let value = |value: &str| world.registry(&value_name(version, role, value));
    let answer = |offered: bool, decided_by: Decision, says: Text, unsure: bool| Offer {
        version,
        offered,
        decided_by,
        says,
        unsure,
    };
    if !windows.known.contains(&version) && !adds.contains(&version) {
        let decided = Decision { value: Some(windows.is.clone()), ..Decision::default("Windows") };
        let says = text(format!("{name} does not know {version}."), format!("{name} 不支持 {version}。"));
        return answer(false, decided, says, false);
    }
    if let Some(enabled) = value("Enabled").filter(|setting| setting.number() == Some(0)) {
        let says = text(
            format!("Enabled = 0 switches {version} off in Schannel, also for programs that name it."),
            format!("Enabled = 0 在 Schannel 里关闭了 {version}，点名要它的程序也用不了。"),
        );
        return answer(false, short(enabled), says, false);
    }
    if version.rank() > newest.rank() {
        let says = text(
            format!(
                "The program speaks to Schannel in the old way (SCHANNEL_CRED), which never offers {version}."
            ),
            format!("程序以旧方式（SCHANNEL_CRED）调用 Schannel，这种方式从不提供 {version}。"),
        );
        return answer(false, Decision::default("SCHANNEL_CRED"), says, request.unsure);
    }
    if let Some(named) = &request.named {
        let offered = named.contains(&version);
        return answer(offered, request.decided_by.clone(), request.says.clone(), request.unsure);
    }
    let because = &request.says;
    if let Some(by_default) = value("DisabledByDefault") {
        let offered = by_default.number() == Some(0);
        let says = match offered {
            true => text(
                format!("{} DisabledByDefault = 0 puts {version} into what Windows offers.", because.en),
                format!("{}DisabledByDefault = 0 把 {version} 加入 Windows 默认提供的版本。", because.zh),
            ),
            false => text(
                format!("{} DisabledByDefault takes {version} out of what Windows offers.", because.en),
                format!("{}DisabledByDefault 把 {version} 从 Windows 默认提供的版本中去掉。", because.zh),
            ),
        };
        return answer(offered, short(by_default), says, request.unsure);
    }
    let offered = match role {
        Role::Client => &windows.client,
        Role::Server => &windows.server,
    }
    .contains(&version);
    let says = match offered {
        true => text(
            format!("{} {name} offers {version} by default.", because.en),
            format!("{}{name} 默认提供 {version}。", because.zh),
        ),
        false => text(
            format!("{} {name} knows {version} but leaves it out by default.", because.en),
            format!("{}{name} 支持 {version}，但默认不提供。", because.zh),
        ),
    };
    // Who left the choice to Windows is worth naming only where somebody did so.
    answer(offered, own, says, request.unsure || windows.unsure)
}

/// The value under its short name, which is the same on every machine.
fn short(setting: &Setting) -> Decision {
    let mut decision = Decision::by(setting);
    debug_assert_eq!(setting.place, Place::Registry);
    if let Some(rest) = setting.name.get(PROTOCOLS.len()..) {
        decision.setting = format!(r"SCHANNEL\Protocols{rest}");
    }
    decision
}
