//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand, ValueEnum};
use whytls::Lang;
use whytls::content::library;
use whytls::x509::Time;

/// Why did the secure connection fail?
///
/// Give whatever the failure left behind: a stack trace, rows of a packet capture, registry
/// values, the line of code. All inputs together are one case. Nothing leaves this machine.
#[derive(Debug, Parser)]
#[command(name = "whytls", version, after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "Examples:
  whytls error.txt                          the same as `whytls diagnose error.txt`
  whytls trace.txt capture.txt values.reg   several pieces of one case
  some-program 2>&1 | whytls                read from standard input
  whytls explain alert 70                   what a code, a message or a problem means

Exit status: 0 nothing wrong found, 1 a problem found, 2 an input could not be read.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say why it failed; the default command
    Diagnose {
        /// How to print the report
        #[arg(long, value_enum)]
        format: Option<Format>,
        /// The report's language: en or zh-CN
        #[arg(long, value_parser = lang, default_value = "en")]
        lang: Lang,
        /// The name or address that was connected to: certificates are checked against it
        #[arg(long, value_name = "NAME")]
        host: Option<String>,
        /// The time to check certificates against, such as 2026-11-24; now, if not given
        #[arg(long, value_name = "TIME", value_parser = time)]
        at: Option<Time>,
        /// What you know besides, such as client.os=windows-7 or client.target=4.7
        #[arg(long, value_name = "KEY=VALUE")]
        platform: Vec<String>,
        /// Say by which rules it was found, and what the nearest rivals lacked
        #[arg(long)]
        why: bool,
        /// Write to a file instead of standard output
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Files or folders; - or nothing is standard input
        #[arg(value_name = "FILE")]
        inputs: Vec<PathBuf>,
    },
    /// Show what is in there, without any judgement
    Decode {
        /// How to print it
        #[arg(long, value_enum, default_value = "text")]
        format: DecodeFormat,
        /// Files or folders; - is standard input
        #[arg(value_name = "FILE", required = true)]
        inputs: Vec<PathBuf>,
    },
    /// Compare a connection that fails with one that works
    Diff {
        /// How to print it
        #[arg(long, value_enum, default_value = "terminal")]
        format: DiffFormat,
        /// The language: en or zh-CN
        #[arg(long, value_parser = lang, default_value = "en")]
        lang: Lang,
        /// The capture or paste of the connection that fails
        failing: PathBuf,
        /// The capture or paste of one that works
        working: PathBuf,
    },
    /// Build and check a chain of certificates; say which link fails, and why
    Verify(Verify),
    /// Say which TLS versions a program offers on a machine, and which setting decides
    Simulate(Box<Simulate>),
    /// Say what a problem, an alert, a code or a message means
    Explain {
        /// How to print it
        #[arg(long, value_enum, default_value = "terminal")]
        format: ExplainFormat,
        /// The page's language: en or zh-CN
        #[arg(long, value_parser = lang, default_value = "en")]
        lang: Lang,
        /// A slug, a code's number or name, an alert, a message
        #[arg(value_name = "WORD", required = true, allow_negative_numbers = true)]
        words: Vec<String>,
    },
    /// Write the troubleshooting report to a file, for a blog, a ticket or a wiki
    Report {
        /// The file's format
        #[arg(long, value_enum, default_value = "markdown")]
        format: ReportFormat,
        /// Whose front matter to write
        #[arg(long, value_enum, default_value = "plain")]
        flavor: Flavor,
        /// The title, instead of the first problem's
        #[arg(long)]
        title: Option<String>,
        /// The date in the front matter, such as 2023-04-27
        #[arg(long)]
        date: Option<String>,
        /// The report's language: en or zh-CN
        #[arg(long, value_parser = lang, default_value = "en")]
        lang: Lang,
        /// Where to write it
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Files or folders; - is standard input
        #[arg(value_name = "FILE", required = true)]
        inputs: Vec<PathBuf>,
    },
    /// Build or serve the static site: knowledge base, reports, the page itself
    Site {
        #[command(subcommand)]
        command: SiteCommand,
    },
    /// Print a completion script
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// How to print it
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: DecodeFormat,
    /// The text's language: en or zh-CN
    #[arg(long, value_parser = lang, default_value = "en")]
    pub(crate) lang: Lang,
    /// The name or address that was connected to
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// When, such as 2026-11-24 or 2026-11-24T12:00:00Z; now, if not given
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) at: Option<Time>,
    /// Trusted roots: mozilla, or a file
    #[arg(long, value_name = "mozilla|FILE")]
    pub(crate) roots: Option<PathBuf>,
    /// Certificates that may help to build a path
    #[arg(long, value_name = "FILE")]
    pub(crate) intermediates: Vec<PathBuf>,
    /// Revocation lists to check against
    #[arg(long, value_name = "FILE")]
    pub(crate) crls: Vec<PathBuf>,
    /// The server's certificate first, then whatever came with it; - is standard input
    #[arg(value_name = "CHAIN", required = true)]
    pub(crate) chain: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Simulate {
    /// How to print it
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: DecodeFormat,
    /// The text's language: en or zh-CN
    #[arg(long, value_parser = lang, default_value = "en")]
    pub(crate) lang: Lang,
    /// The program, or the library that connects for it, such as smtpclient
    #[arg(long, value_name = "NAME", required_unless_present_any = ["server", "server_config"])]
    pub(crate) client: Option<String>,
    /// Its version
    #[arg(long, value_name = "VERSION")]
    pub(crate) client_version: Option<String>,
    /// The system, such as windows-7 or debian-12
    #[arg(long, value_name = "NAME")]
    pub(crate) os: Option<String>,
    /// The .NET that runs it, such as 4.8
    #[arg(long, value_name = "VERSION")]
    pub(crate) dotnet: Option<String>,
    /// The .NET Framework that it is built for, such as 4.7.2
    #[arg(long, value_name = "VERSION")]
    pub(crate) target: Option<String>,
    /// A 32-bit or a 64-bit program
    #[arg(long, value_parser = ["32", "64"])]
    pub(crate) bits: Option<String>,
    /// The version of OpenSSL that it stands on, if that is not the system's
    #[arg(long, value_name = "VERSION")]
    pub(crate) openssl: Option<String>,
    /// The version that it should offer, such as 1.2: what would change it
    #[arg(long, value_name = "VERSION")]
    pub(crate) wants: Option<String>,
    /// The other end: the host that it connects to, or a server program such as nginx or iis. Without
    /// --client: what that program accepts
    #[arg(long, value_name = "NAME")]
    pub(crate) server: Option<String>,
    /// The version of the server program
    #[arg(long, value_name = "VERSION")]
    pub(crate) server_version: Option<String>,
    /// The server's system
    #[arg(long, value_name = "NAME")]
    pub(crate) server_os: Option<String>,
    /// The version of OpenSSL, or of Java, that the server program stands on
    #[arg(long, value_name = "VERSION")]
    pub(crate) server_library: Option<String>,
    /// The server's configuration, such as nginx.conf, or its registry values
    #[arg(long, value_name = "FILE")]
    pub(crate) server_config: Vec<PathBuf>,
    /// Registry values: a .reg file, the output of reg query or of PowerShell
    #[arg(long, value_name = "FILE")]
    pub(crate) registry: Vec<PathBuf>,
    /// Configuration that the program reads, such as its app.config, openssl.cnf or java.security
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
    /// The lines of code, or the command lines, that concern TLS
    #[arg(long, value_name = "FILE")]
    pub(crate) code: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SiteCommand {
    /// Write the site to a folder
    Build {
        /// The page's own files, with pkg/ built
        #[arg(long, value_name = "DIR", default_value = "web")]
        web: PathBuf,
        /// Reports to publish: Markdown files as `whytls report` writes them
        #[arg(long, value_name = "DIR")]
        reports: Option<PathBuf>,
        /// Where to write it
        #[arg(short, long, value_name = "DIR", default_value = "target/site")]
        output: PathBuf,
    },
    /// Serve a built site on 127.0.0.1
    Serve {
        /// The built site
        #[arg(short, long, value_name = "DIR", default_value = "target/site")]
        output: PathBuf,
        /// The port; 0 takes any that is free
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    Terminal,
    Markdown,
    Html,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DecodeFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DiffFormat {
    Terminal,
    Markdown,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ExplainFormat {
    Terminal,
    Markdown,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReportFormat {
    Markdown,
    Html,
}

/// A generator of static sites, each with front matter of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Flavor {
    Plain,
    Jekyll,
    Hugo,
    Zola,
}

fn lang(tag: &str) -> Result<Lang, String> {
    Lang::from_tag(tag).ok_or_else(|| "en or zh-CN".to_owned())
}

fn time(text: &str) -> Result<Time, String> {
    Time::parse_rfc3339(text).ok_or_else(|| "write it like 2026-11-24 or 2026-11-24T12:00:00Z".to_owned())
}

/// `whytls FILE…` is `whytls diagnose FILE…`: the command is put in where none stands.
pub(crate) fn with_default_command(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    const COMMANDS: [&str; 11] = [
        "diagnose",
        "decode",
        "verify",
        "simulate",
        "diff",
        "explain",
        "report",
        "site",
        "completions",
        "man",
        "help",
    ];
    let mut args: Vec<OsString> = args.collect();
    let about_itself = |arg: &OsString| ["-h", "--help", "-V", "--version"].iter().any(|flag| arg == flag);
    let is_command = |arg: &OsString| COMMANDS.iter().any(|command| arg == command);
    if !args.get(1).is_some_and(|arg| about_itself(arg) || is_command(arg)) {
        args.insert(1.min(args.len()), "diagnose".into());
    }
    args
}

/// What the user says of the platform, checked against the vocabulary. `os` is short for `client.os`.
pub(crate) fn stated(platform: &[String]) -> Result<Vec<(String, String)>> {
    let vocabulary = &library().vocabulary;
    let mut stated = Vec::new();
    for pair in platform {
        let Some((key, value)) = pair.split_once('=') else {
            bail!("--platform {pair}: write KEY=VALUE, such as client.os=windows-7");
        };
        let long = format!("client.{key}");
        let Some(fact) = vocabulary.fact(key).or_else(|| vocabulary.fact(&long)) else {
            let keys: Vec<_> =
                vocabulary.facts().filter_map(|fact| fact.key.strip_prefix("client.")).collect();
            bail!("--platform {pair}: {key} is none of {}", keys.join(", "));
        };
        if !fact.listed().is_empty() && vocabulary.value(&fact.key, value).is_none() {
            let values: Vec<_> = fact.listed().iter().map(|value| value.is.as_str()).collect();
            bail!("--platform {pair}: {value} is none of {}", values.join(", "));
        }
        stated.push((fact.key.clone(), value.to_owned()));
    }
    Ok(stated)
}
