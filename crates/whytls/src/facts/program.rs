//! What a program's files say that the model asks for: its target framework, its switches, the
//! versions that its code names; and what `systeminfo` says of the machine.
//!
//! In:  the lines of app.config, web.config, project files, code, `systeminfo`.
//! Out: answers and settings of a [`Machine`], each with its line.
//! Not here: XML. Tags and attributes are looked for, each on its own line.

use crate::content::{Windows, library};
use crate::paste::Paste;
use crate::policy::{self, Client, Input, Machine, Origin, Place};
use crate::tls::Version;

/// One line, and where it stands.
struct At<'a> {
    text: &'a str,
    origin: Origin,
}

/// Reads every input; what is known already stays.
pub(super) fn read(paste: &Paste, machine: &mut Machine) {
    for input in &paste.inputs {
        let regions = input.regions();
        let lines: Vec<At<'_>> = regions
            .iter()
            .flat_map(|region| &region.lines)
            .map(|line| At {
                text: line.body().trim(),
                origin: Origin::Line { input: input.name.clone(), line: line.number, evidence: None },
            })
            .filter(|line| !is_comment(line.text))
            .collect();
        // AppContextSwitchOverrides has no effect there, and other rules tell the target.
        let web =
            lines.iter().any(|line| line.text.contains("<system.web") || line.text.contains("<httpRuntime"));
        for line in &lines {
            target(line, web, machine);
            switches(line, web, machine);
            named_versions(line, machine);
            options(line, machine);
            system(line, machine);
        }
        if web && let Some(line) = lines.iter().find(|line| line.text.contains("<system.web")) {
            // Without a targetFramework ASP.NET behaves as 4.0 did.
            machine.know(Input::Target, "4.0", line.origin.clone());
        }
    }
}

fn is_comment(text: &str) -> bool {
    ["//", "#", "'", "<!--", "REM "].iter().any(|mark| text.starts_with(mark))
}

/// `name="value"` of a tag.
fn attribute<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(name)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    rest.get(1..)?.split(quote).next()
}

/// What stands between `<tag>` and `</tag>`.
fn element<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{tag}>"))?;
    rest.split('<').next().map(str::trim)
}

fn target(line: &At<'_>, web: bool, machine: &mut Machine) {
    let text = line.text;
    let named = text.split_once("NETFramework,Version=v").map(|(_, rest)| rest);
    let found = match named {
        Some(rest) => rest.split(|c: char| !c.is_ascii_digit() && c != '.').next(),
        None if text.contains("<httpRuntime") => attribute(text, "targetFramework"),
        None if text.contains("<supportedRuntime") && !web => {
            attribute(text, "version").filter(|version| version.starts_with("v2.")).map(|_| "3.5")
        }
        None => element(text, "TargetFrameworkVersion").or_else(|| element(text, "TargetFramework")),
    };
    if let Some(target) = found.filter(|target| target.bytes().any(|byte| byte.is_ascii_digit())) {
        machine.know(Input::Target, policy::target_version(target), line.origin.clone());
    }
}

fn switches(line: &At<'_>, web: bool, machine: &mut Machine) {
    let text = line.text;
    if text.contains("AppContextSwitchOverrides") && !web {
        for pair in attribute(text, "value").unwrap_or_default().split(';') {
            if let Some((name, value)) = pair.split_once('=') {
                machine.set(Place::Config, name.trim(), value.trim(), line.origin.clone());
            }
        }
    }
    if let Some((_, rest)) = text.split_once("AppContext.SetSwitch") {
        let name = rest.split('"').nth(1);
        let value = rest.split_once(',').map(|(_, value)| value.trim().trim_end_matches([')', ';', ' ']));
        if let (Some(name), Some(value)) = (name, value) {
            machine.set(Place::Code, name, value.trim_start_matches('$'), line.origin.clone());
        }
    }
    if text.contains("netTcpBinding") {
        machine.set(Place::Config, policy::WCF_BINDING, "netTcpBinding", line.origin.clone());
    }
}

/// `SecurityProtocolType.Tls12 | …`, `SslProtocols.None`, `'Tls12'`, `(SecurityProtocolType)3072`.
fn named_versions(line: &At<'_>, machine: &mut Machine) {
    const NAMES: [(&str, &str, &[Version]); 8] = [
        ("Ssl2", "12", &[Version::SSL2]),
        ("Ssl3", "48", &[Version::SSL3]),
        ("Tls", "192", &[Version::TLS10]),
        ("Tls11", "768", &[Version::TLS11]),
        ("Tls12", "3072", &[Version::TLS12]),
        ("Tls13", "12288", &[Version::TLS13]),
        ("Default", "240", &[Version::SSL3, Version::TLS10]),
        ("Tls10", "192", &[Version::TLS10]),
    ];
    let text = line.text;
    let manager = text.contains("SecurityProtocol");
    let stream = ["SslProtocols", "sslProtocols", "-SslProtocol "].iter().any(|word| text.contains(word));
    // A comparison sets nothing, and `&=` takes away.
    let sets = text.contains(['=', '(', '-'])
        && !["==", "!=", "&=", " -eq ", " -ne "].iter().any(|o| text.contains(o));
    if !(manager || stream) || !sets {
        return;
    }
    let words = || text.split(|c: char| !c.is_ascii_alphanumeric());
    let mut versions: Vec<Version> = Vec::new();
    for (name, number, named) in NAMES {
        let cast = text.contains("Type)") || text.contains("Protocols)") || text.contains("Type]");
        let has = words().any(|word| word.eq_ignore_ascii_case(name) || cast && word == number);
        versions
            .extend(named.iter().filter(|version| has && !versions.contains(version)).collect::<Vec<_>>());
    }
    versions.sort_unstable();
    let system = words().any(|word| word == "SystemDefault") || text.contains("SslProtocols.None");
    let value = match (versions.as_slice(), system) {
        ([], true) => "SystemDefault".to_owned(),
        ([], false) => return,
        (versions, _) => versions.iter().map(Version::to_string).collect::<Vec<_>>().join(", "),
    };
    let adds = manager && (text.contains("|=") || text.contains("-bor"));
    let property = if manager { policy::SECURITY_PROTOCOL } else { policy::SSL_PROTOCOLS };
    let value = if adds { format!("|= {value}") } else { value };
    machine.set(Place::Code, property, value, line.origin.clone());
}

/// What a command line, or a call of WinHTTP, asks for.
fn options(line: &At<'_>, machine: &mut Machine) {
    let text = line.text;
    if machine.client == Client::CurlSchannel {
        let words: Vec<&str> = text.split_whitespace().collect();
        for (at, word) in words.iter().enumerate() {
            let version = |short: &str| Version::named(&format!("TLS {short}"));
            if let Some(oldest) = word.strip_prefix("--tlsv").and_then(version) {
                machine.set(Place::Code, "--tlsv1", oldest.to_string(), line.origin.clone());
            }
            let newest = (*word == "--tls-max").then(|| words.get(at + 1)).flatten();
            if let Some(newest) = newest.and_then(|short| version(short)) {
                machine.set(Place::Code, "--tls-max", newest.to_string(), line.origin.clone());
            }
        }
    }
    if machine.client == Client::WinHttp
        && let Some((_, value)) = text.split_once("Option(9)").and_then(|(_, rest)| rest.split_once('='))
    {
        let value = value.trim().trim_end_matches(';').to_ascii_lowercase();
        let hex = value.strip_prefix("&h").or_else(|| value.strip_prefix("0x"));
        let bits = hex.map_or_else(|| value.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
        if let Some(bits) = bits {
            let versions: Vec<String> = policy::of_bits(bits).iter().map(Version::to_string).collect();
            let name = "WINHTTP_OPTION_SECURE_PROTOCOLS";
            machine.set(Place::Code, name, versions.join(", "), line.origin.clone());
        }
    }
}

/// The name of the system, and updates of it that the tables know.
fn system(line: &At<'_>, machine: &mut Machine) {
    let text = line.text;
    let rows = &library().windows;
    if let Some(at) = text.find("Microsoft Windows ") {
        let name = text.get(at + "Microsoft ".len()..).unwrap_or_default();
        // The longest name that fits: "Windows Server 2012 R2" before "Windows Server 2012".
        let plain = |row: &Windows| row.name.split(" SP").next().unwrap_or_default().to_owned();
        let fits = rows.iter().filter(|row| name.starts_with(&plain(row)));
        if let Some(row) = fits.max_by_key(|row| plain(row).len()) {
            machine.know(Input::Os, &row.is, line.origin.clone());
        }
    }
    let updates =
        rows.iter().flat_map(|row| [&row.winhttp_update, &row.clr2_update, &row.schannel_update]).flatten();
    for kb in updates.filter(|kb| kb.starts_with("KB")) {
        let listed = text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == kb);
        if listed {
            machine.know(Input::Update(kb), "installed", line.origin.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(client: Client, text: &str) -> Machine {
        let mut machine = Machine::new(client);
        read(&Paste::text(text), &mut machine);
        machine
    }

    #[test]
    fn reads_the_target_of_a_program() {
        let target =
            |text| machine(Client::SmtpClient, text).known(Input::Target).map(|given| given.value.clone());
        for (text, expected) in [
            ("<supportedRuntime version=\"v4.0\" sku=\".NETFramework,Version=v4.7.2\"/>", "4.7.2"),
            ("<supportedRuntime version=\"v2.0.50727\"/>", "3.5"),
            (
                "[assembly: TargetFramework(\".NETFramework,Version=v4.5\", FrameworkDisplayName = \"\")]",
                "4.5",
            ),
            ("<TargetFrameworkVersion>v4.6.1</TargetFrameworkVersion>", "4.6.1"),
            ("<TargetFramework>net48</TargetFramework>", "4.8"),
            ("<TargetFramework>net8.0-windows</TargetFramework>", "net8.0-windows"),
            ("<system.web>\n<httpRuntime targetFramework=\"4.7.2\" />", "4.7.2"),
            ("<system.web>\n<compilation targetFramework=\"4.7.2\" />", "4.0"),
        ] {
            assert_eq!(target(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(target("<!-- <TargetFramework>net48</TargetFramework> -->"), None);
    }

    #[test]
    fn reads_switches_and_the_versions_that_code_names() {
        let set = |text, place, name| {
            machine(Client::SmtpClient, text).setting(place, name).map(|setting| setting.value.clone())
        };
        let switch = "<AppContextSwitchOverrides value=\"Switch.System.Net.DontEnableSystemDefaultTlsVersions=true\" />";
        assert_eq!(set(switch, Place::Config, policy::SYSTEM_SWITCH).as_deref(), Some("true"));
        let web = format!("<system.web>\n{switch}");
        assert_eq!(set(&web, Place::Config, policy::SYSTEM_SWITCH), None);
        for (text, expected) in [
            ("ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls12;", "TLS 1.2"),
            ("ServicePointManager.SecurityProtocol |= SecurityProtocolType.Tls12;", "|= TLS 1.2"),
            ("ServicePointManager.SecurityProtocol = (SecurityProtocolType)3072;", "TLS 1.2"),
            ("[Net.ServicePointManager]::SecurityProtocol = 'Tls, Tls11'", "TLS 1.0, TLS 1.1"),
            ("ServicePointManager.SecurityProtocol = SecurityProtocolType.SystemDefault;", "SystemDefault"),
        ] {
            assert_eq!(
                set(text, Place::Code, policy::SECURITY_PROTOCOL).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        let compared = "if (ServicePointManager.SecurityProtocol == SecurityProtocolType.Tls) {";
        assert_eq!(set(compared, Place::Code, policy::SECURITY_PROTOCOL), None);
        let stream = "ssl.AuthenticateAsClient(host, null, SslProtocols.Tls12, true);";
        assert_eq!(set(stream, Place::Code, policy::SSL_PROTOCOLS).as_deref(), Some("TLS 1.2"));
    }

    #[test]
    fn reads_the_system_and_the_options_of_a_command() {
        let info = "OS Name:    Microsoft Windows Server 2012 R2 Standard\n[02]: KB3154520";
        let server = machine(Client::SmtpClient, info);
        assert_eq!(server.known(Input::Os).map(|os| os.value.as_str()), Some("windows-server-2012-r2"));
        assert!(server.known(Input::Update("KB3154520")).is_some());
        let curl = machine(Client::CurlSchannel, "curl --tlsv1.2 --tls-max 1.2 https://example.com");
        assert_eq!(curl.setting(Place::Code, "--tls-max").map(|max| max.value.as_str()), Some("TLS 1.2"));
        let winhttp = machine(Client::WinHttp, "http.Option(9) = &H800");
        let named = winhttp.setting(Place::Code, "WINHTTP_OPTION_SECURE_PROTOCOLS");
        assert_eq!(named.map(|named| named.value.as_str()), Some("TLS 1.2"));
    }
}
