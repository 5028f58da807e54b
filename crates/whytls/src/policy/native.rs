//! Programs of Windows that ask Schannel without .NET: WinHTTP, WinINet, SQL Server's drivers, curl.
//!
//! In:  the library's own values in the registry, the program's version, its options.
//! Out: the versions that it names, or that it leaves the choice to Windows.
//! Not here: what Schannel makes of that.

use super::machine::{Input, Place, Setting, text};
use super::{Answer, Answered, Decision, Outcome, Request, World, listed, numbers, schannel};
use crate::content::Side;
use crate::tls::Version;

/// WinHTTP's list, in the view of one bitness.
pub(super) fn winhttp_name(wow: bool) -> String {
    let view = if wow { r"Wow6432Node\" } else { "" };
    format!(
        r"HKLM\SOFTWARE\{view}Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp\DefaultSecureProtocols"
    )
}

/// WinINet's list, of the user and, before it, of a policy.
pub(super) const WININET: &str =
    r"HKCU\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\SecureProtocols";
const WININET_POLICY: &str =
    r"HKLM\SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\Internet Settings\SecureProtocols";
/// What a program tells WinHTTP itself.
pub(super) const WINHTTP_OPTION: &str = "WINHTTP_OPTION_SECURE_PROTOCOLS";
/// curl's options for the oldest and the newest version.
pub(super) const CURL_OLDEST: &str = "--tlsv1";
pub(super) const CURL_NEWEST: &str = "--tls-max";

/// The bit of each version in WinHTTP's and WinINet's lists.
const BITS: [(u32, Version); 6] = [
    (0x8, Version::SSL2),
    (0x20, Version::SSL3),
    (0x80, Version::TLS10),
    (0x200, Version::TLS11),
    (0x800, Version::TLS12),
    (0x2000, Version::TLS13),
];

/// The versions of a list of bits, as WinHTTP and WinINet have them.
#[must_use]
pub fn of_bits(bits: u32) -> Vec<Version> {
    BITS.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, version)| *version).collect()
}

/// The bits of a list of versions.
pub(super) fn to_bits(versions: &[Version]) -> u32 {
    BITS.iter().filter(|(_, version)| versions.contains(version)).map(|(bit, _)| bit).sum()
}

fn by_bits(setting: &Setting, bits: u32, library: &str) -> Request {
    let versions = of_bits(bits);
    let name = setting.name.rsplit('\\').next().unwrap_or(&setting.name);
    let says = text(
        format!("{name} = 0x{bits:X} makes {library} name {}.", listed(&versions)),
        format!("{name} = 0x{bits:X} 让 {library} 指定 {}。", listed(&versions)),
    );
    let decided_by = Decision { value: Some(format!("0x{bits:X}")), ..Decision::by(setting) };
    Request { named: Some(versions), decided_by, says, unsure: false }
}

fn by_itself(setting: &str, library: &str, windows: &str, versions: &[Version], unsure: bool) -> Request {
    let says = text(
        format!("On {windows} {library} names {} by default.", listed(versions)),
        format!("在 {windows} 上，{library} 默认指定 {}。", listed(versions)),
    );
    Request { named: Some(versions.to_vec()), decided_by: Decision::default(setting), says, unsure }
}

/// WinHTTP.
pub(super) fn winhttp(world: &World<'_>) -> Answered<Outcome> {
    if let Some(request) = world.setting(Place::Code, WINHTTP_OPTION).and_then(super::dotnet::named_by) {
        return schannel::client(world, &request, Version::TLS13);
    }
    let windows = world.windows()?;
    let value =
        |wow| world.registry(&winhttp_name(wow)).and_then(|setting| Some((setting, setting.number()?)));
    let (own, wow) = (value(false), value(true));
    let set = match own.map(|own| own.1) == wow.map(|wow| wow.1) {
        true => own,
        false if world.is_32_bit()? => wow,
        false => own,
    };
    let unset = by_itself(
        "DefaultSecureProtocols",
        "WinHTTP",
        &windows.name,
        &windows.winhttp,
        windows.unsure || windows.known.contains(&Version::TLS13),
    );
    let Some((setting, bits)) = set else { return schannel::client(world, &unset, Version::TLS13) };
    if let Some(kb) = windows.winhttp_update.as_deref()
        && !world.installed(kb)?
    {
        let says = text(
            format!("Without update {kb} WinHTTP reads no DefaultSecureProtocols: {}", unset.says.en),
            format!("没有更新 {kb}，WinHTTP 不读取 DefaultSecureProtocols：{}", unset.says.zh),
        );
        let decided_by = Decision { value: Some("not installed".to_owned()), ..Decision::default(kb) };
        return schannel::client(world, &Request { says, decided_by, ..unset }, Version::TLS13);
    }
    let request = by_bits(setting, bits, "WinHTTP");
    let mut outcome = schannel::client(world, &request, Version::TLS13)?;
    if windows.client == [Version::SSL3, Version::TLS10] {
        // Windows 7 wants Schannel's client keys as well: what it leaves out by default stays out.
        let left_to_windows = Request { named: None, ..request };
        let allowed = schannel::client(world, &left_to_windows, Version::TLS13)?;
        for (offer, allowed) in outcome.offers.iter_mut().zip(allowed.offers) {
            if offer.offered && !allowed.offered {
                *offer = allowed;
            }
        }
    }
    Ok(outcome)
}

/// IIS, whose connections HTTP.sys makes.
pub(super) fn iis(world: &World<'_>) -> Answered<Outcome> {
    let says = text("IIS leaves the choice to Windows.", "IIS 由 Windows 决定版本。");
    let request = Request { named: None, decided_by: Decision::default("SCHANNEL"), says, unsure: false };
    schannel::outcome(world, Side::Server, &request, Version::TLS13)
}

/// Exchange: what IIS does, and its own services for mail.
pub(super) fn exchange(world: &World<'_>) -> Answered<Outcome> {
    let build = world.ask(Input::ClientVersion, || {
        vec![
            Answer::named("15.2.1748", "2019 CU15, SE or later", "2019 CU15、SE 或更高版本"),
            Answer::named("15.0", "before 2019 CU15", "2019 CU15 之前"),
        ]
    })?;
    let newest = match numbers(build).as_slice() >= [15, 2, 1748].as_slice() {
        true => Version::TLS13,
        false => Version::TLS12,
    };
    let says = text("Exchange leaves the choice to Windows.", "Exchange 由 Windows 决定版本。");
    let request = Request { named: None, decided_by: Decision::default("SCHANNEL"), says, unsure: true };
    let mut outcome = schannel::outcome(world, Side::Server, &request, newest)?;
    for offer in &mut outcome.offers {
        if offer.version == Version::TLS13 && newest == Version::TLS13 && offer.offered {
            offer.says = text(
                "Exchange accepts TLS 1.3 for everything but SMTP.",
                "除 SMTP 之外，Exchange 都接受 TLS 1.3。",
            );
        }
        if offer.version.rank() > newest.rank() && offer.decided_by.setting == "SCHANNEL_CRED" {
            offer.decided_by = Decision { value: Some(build.to_owned()), ..Decision::default("Exchange") };
            offer.says = text(
                "Exchange before 2019 CU15 does not accept TLS 1.3.",
                "2019 CU15 之前的 Exchange 不接受 TLS 1.3。",
            );
        }
    }
    Ok(outcome)
}

/// WinINet: Internet Explorer, Office, XMLHTTP.
pub(super) fn wininet(world: &World<'_>) -> Answered<Outcome> {
    let windows = world.windows()?;
    let set = world.registry(WININET_POLICY).or_else(|| world.registry(WININET));
    let request = match set.and_then(|setting| Some((setting, setting.number()?))) {
        Some((setting, bits)) => by_bits(setting, bits, "WinINet"),
        None => by_itself(
            "SecureProtocols",
            "WinINet",
            &windows.name,
            &windows.wininet,
            windows.is != "windows-7",
        ),
    };
    schannel::client(world, &request, Version::TLS13)
}

/// SQL Server's clients on Windows leave the choice to Schannel.
pub(super) fn sql_client(world: &World<'_>) -> Answered<Outcome> {
    let says = text(
        "SQL Server's client leaves the choice to Windows; ServicePointManager does not reach it.",
        "SQL Server 的客户端把版本交给 Windows 决定，ServicePointManager 管不到它。",
    );
    let request =
        Request { named: None, decided_by: Decision::default("SQL Server client"), says, unsure: true };
    schannel::client(world, &request, Version::TLS13)
}

/// curl built with Schannel names its versions, by its own version and its options.
pub(super) fn curl(world: &World<'_>) -> Answered<Outcome> {
    let version = world.ask(Input::ClientVersion, || {
        vec![
            Answer::named("8.16", "8.16 or later", "8.16 或更高"),
            Answer::named("7.85", "7.85 to 8.15", "7.85 至 8.15"),
            Answer::named("7.39", "7.39 to 7.84", "7.39 至 7.84"),
        ]
    })?;
    let at = numbers(version);
    let oldest = match &at {
        at if *at >= vec![8, 16] => Version::TLS12,
        at if *at >= vec![7, 39] => Version::TLS10,
        _ => Version::SSL3,
    };
    let newest = if at >= vec![7, 85] { Version::TLS13 } else { Version::TLS12 };
    let option = |name| {
        let setting = world.setting(Place::Code, name)?;
        Some((setting, Version::named(&setting.value)?))
    };
    let (min, max) = (option(CURL_OLDEST), option(CURL_NEWEST));
    let low = min.map_or(oldest, |(_, version)| version);
    let high =
        max.map_or(newest, |(_, version)| if version.rank() < newest.rank() { version } else { newest });
    let versions: Vec<Version> = Version::ALL
        .into_iter()
        .filter(|version| version.rank() >= low.rank() && version.rank() <= high.rank())
        .collect();
    let says = text(
        format!("curl {version} names {}.", listed(&versions)),
        format!("curl {version} 指定 {}。", listed(&versions)),
    );
    let decided_by = match max.or(min) {
        Some((setting, _)) => Decision::by(setting),
        None => Decision { value: Some(version.to_owned()), ..Decision::default("curl") },
    };
    schannel::client(
        world,
        &Request { named: Some(versions), decided_by, says, unsure: false },
        Version::TLS13,
    )
}
