//! What Schannel offers, or accepts, of what a program asks.
//!
//! In:  the versions that a program names, or that it leaves the choice to Windows; the keys under
//!      `SCHANNEL\Protocols`, the list of cipher suites, the switch for FIPS.
//! Out: each version with what decides.
//! Not here: why the program asks that.

use super::machine::{Place, Setting, text};
use super::{Answered, Decision, Offer, Outcome, Request, World};
use crate::content::{Side, Text, Windows};
use crate::tls::Version;

/// The key that holds a key for each protocol.
pub(super) const PROTOCOLS: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols";
/// The list of cipher suites: of a policy, and before there is one.
pub(super) const SUITES: [&str; 2] = [
    r"HKLM\SOFTWARE\Policies\Microsoft\Cryptography\Configuration\SSL\00010002\Functions",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Cryptography\Configuration\Local\SSL\00010002\Functions",
];
/// Only what FIPS 140 approves.
pub(super) const FIPS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa\FipsAlgorithmPolicy\Enabled";

fn key(side: Side) -> &'static str {
    match side {
        Side::Client => "Client",
        Side::Server => "Server",
    }
}

/// The whole name of a value of one protocol.
pub(super) fn value_name(version: Version, side: Side, value: &str) -> String {
    format!(r"{PROTOCOLS}\{version}\{}\{value}", key(side))
}

/// How a key of one protocol is called for short.
fn short_name(version: Version, side: Side) -> String {
    format!(r"SCHANNEL\Protocols\{version}\{}", key(side))
}

/// What a client on Schannel offers.
pub(super) fn client(world: &World<'_>, request: &Request, newest: Version) -> Answered<Outcome> {
    outcome(world, Side::Client, request, newest)
}

/// What one end of a connection on Schannel offers or accepts.
pub(super) fn outcome(
    world: &World<'_>,
    side: Side,
    request: &Request,
    newest: Version,
) -> Answered<Outcome> {
    let windows = world.windows()?;
    let added = match windows.schannel_update.as_deref() {
        // The update makes a difference only where somebody asks for what it adds.
        Some(kb) if windows.schannel_adds.iter().any(|version| asked_for(world, side, request, *version)) => {
            world.installed(kb)?
        }
        _ => false,
    };
    let adds: &[Version] = if added { &windows.schannel_adds } else { &[] };
    let offers = Version::ALL
        .into_iter()
        .map(|version| offer(world, (windows, adds), side, request, version, newest))
        .collect();
    Ok(Outcome { offers, features: Vec::new() })
}

fn asked_for(world: &World<'_>, side: Side, request: &Request, version: Version) -> bool {
    let by_default = world.registry(&value_name(version, side, "DisabledByDefault"));
    match &request.named {
        Some(named) => named.contains(&version),
        None => by_default.is_some_and(|setting| setting.number() == Some(0)),
    }
}

/// Whether a list of suites, as Windows names them, has one for a version.
fn has_suite(list: &str, version: Version) -> bool {
    let suites = || {
        list.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.starts_with("TLS_"))
    };
    // Before Windows 10 the group is a part of the name.
    let plain = |suite: &str| {
        let curve = suite.rfind("_P").filter(|at| suite.len() - at == 5);
        suite.get(..curve.unwrap_or(suite.len())).unwrap_or_default().to_ascii_uppercase()
    };
    suites().any(|suite| {
        let suite = plain(suite);
        match version {
            Version::TLS13 => !suite.contains("_WITH_"),
            Version::TLS12 => suite.contains("_WITH_"),
            _ => suite.contains("_WITH_") && (suite.ends_with("_SHA") || suite.ends_with("_MD5")),
        }
    })
}

/// What takes a version out beside its own key: no suite is left for it, or FIPS forbids it.
fn ruled_out(world: &World<'_>, version: Version) -> Option<(Decision, Text)> {
    let list = SUITES.iter().find_map(|name| world.setting(Place::Registry, name));
    if let Some(list) = list.filter(|list| list.value.contains("TLS_") && !has_suite(&list.value, version)) {
        let says = text(
            format!("The list of cipher suites has none that {version} could use."),
            format!("密码套件列表里没有 {version} 能用的套件。"),
        );
        let decided_by = Decision { setting: suites_name(list), value: None, ..Decision::by(list) };
        return Some((decided_by, says));
    }
    let fips = world.registry(FIPS).filter(|setting| setting.number() != Some(0))?;
    (version.rank() < Version::TLS10.rank()).then(|| {
        let says = text(
            format!("FipsAlgorithmPolicy allows only what FIPS 140 approves, and that is not {version}."),
            format!("FipsAlgorithmPolicy 只允许 FIPS 140 认可的算法，{version} 不在其中。"),
        );
        (Decision { setting: r"Lsa\FipsAlgorithmPolicy\Enabled".to_owned(), ..Decision::by(fips) }, says)
    })
}

fn suites_name(list: &Setting) -> String {
    match list.name.contains("Policies") {
        true => r"Policies\…\SSL\00010002\Functions".to_owned(),
        false => r"Configuration\Local\SSL\00010002\Functions".to_owned(),
    }
}

fn offer(
    world: &World<'_>,
    (windows, adds): (&Windows, &[Version]),
    side: Side,
    request: &Request,
    version: Version,
    newest: Version,
) -> Offer {
    let name = &windows.name;
    let own = Decision::default(short_name(version, side));
    let value = |value: &str| world.registry(&value_name(version, side, value));
    let answer = |offered: bool, decided_by: Decision, says: Text, unsure: bool| Offer {
        version,
        offered,
        decided_by,
        says,
        unsure,
    };
    if !windows.known.contains(&version) && !adds.contains(&version) {
        let decided = Decision { value: Some(windows.is.clone()), ..Decision::default("Windows") };
        let mut says = text(format!("{name} does not know {version}."), format!("{name} 不支持 {version}。"));
        // What people copy from guides for newer Windows.
        if ["Enabled", "DisabledByDefault"].iter().any(|name| value(name).is_some()) {
            says.en.push_str(" Its key is set, and does nothing here.");
            says.zh.push_str("虽然设置了它的键，但在这里不起作用。");
        }
        return answer(false, decided, says, false);
    }
    if let Some(enabled) = value("Enabled").filter(|setting| setting.number() == Some(0)) {
        let says = text(
            format!("Enabled = 0 switches {version} off in Schannel, also for programs that name it."),
            format!("Enabled = 0 在 Schannel 里关闭了 {version}，点名要它的程序也用不了。"),
        );
        return answer(false, short(enabled), says, false);
    }
    if let Some((decided_by, says)) = ruled_out(world, version) {
        return answer(false, decided_by, says, true);
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
    let (offers, zh_offers) = match side {
        Side::Client => ("offers", "提供"),
        Side::Server => ("accepts", "接受"),
    };
    if let Some(by_default) = value("DisabledByDefault") {
        let offered = by_default.number() == Some(0);
        let says = match offered {
            true => text(
                format!("{} DisabledByDefault = 0 puts {version} into what Windows {offers}.", because.en),
                format!(
                    "{}DisabledByDefault = 0 把 {version} 加入 Windows 默认{zh_offers}的版本。",
                    because.zh
                ),
            ),
            false => text(
                format!("{} DisabledByDefault takes {version} out of what Windows {offers}.", because.en),
                format!(
                    "{}DisabledByDefault 把 {version} 从 Windows 默认{zh_offers}的版本中去掉。",
                    because.zh
                ),
            ),
        };
        return answer(offered, short(by_default), says, request.unsure);
    }
    let offered = match side {
        Side::Client => &windows.client,
        Side::Server => &windows.server,
    }
    .contains(&version);
    let says = match offered {
        true => text(
            format!("{} {name} {offers} {version} by default.", because.en),
            format!("{}{name} 默认{zh_offers} {version}。", because.zh),
        ),
        false => text(
            format!("{} {name} knows {version} but leaves it out by default.", because.en),
            format!("{}{name} 支持 {version}，但默认不{zh_offers}。", because.zh),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_which_versions_a_list_of_suites_serves() {
        let new = "TLS_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
        assert!(has_suite(new, Version::TLS13) && has_suite(new, Version::TLS12));
        assert!(!has_suite(new, Version::TLS11));
        let old = r"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA_P256\0TLS_RSA_WITH_3DES_EDE_CBC_SHA";
        assert!(has_suite(old, Version::TLS10) && has_suite(old, Version::TLS12));
        assert!(!has_suite(old, Version::TLS13));
        assert!(!has_suite("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256_P256", Version::TLS10));
    }
}
