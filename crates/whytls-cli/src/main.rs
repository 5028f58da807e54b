//! The command line of whytls: arguments, files, exit codes.
//!
//! In:  what the user typed, files, standard input.
//! Out: a report on standard output; one line on standard error for each input that could not be read.
//! Not here: anything that decodes or decides. That is the core.

mod args;
mod input;
mod publish;
mod simulate;
mod terminal;
mod verify;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{CommandFactory as _, Parser as _};
use whytls::{Decoded, Diff, Lang};

use args::{Args, Command, DecodeFormat, DiffFormat, ExplainFormat, Format, ReportFormat, SiteCommand};
use input::Read;

/// Nothing wrong was found.
const FINE: u8 = 0;
/// A problem was found.
const PROBLEM: u8 = 1;
/// An input could not be read, or the command line is off.
const UNREADABLE: u8 = 2;

fn main() -> ExitCode {
    match run() {
        Ok(code) => ExitCode::from(code),
        // `whytls … | head` has what it wanted.
        Err(error) if is_broken_pipe(&error) => ExitCode::from(FINE),
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::from(UNREADABLE)
        }
    }
}

fn run() -> Result<u8> {
    let args = Args::parse_from(args::with_default_command(std::env::args_os()));
    match args.command {
        Command::Diagnose { format, lang, platform, why, host, at, output, inputs } => {
            if inputs.is_empty() && io::stdin().is_terminal() {
                Args::command().print_help().context("cannot print the help")?;
                return Ok(FINE);
            }
            let stated = args::stated(&platform)?;
            let mut read = input::read(&inputs);
            if read.paste.inputs.is_empty() {
                return Ok(read.code(FINE));
            }
            read.paste.stated = stated;
            read.paste.host = host;
            read.paste.at = Some(at.unwrap_or_else(verify::now));
            let report = whytls::diagnose(&read.paste);
            let markdown = || {
                let rules = if why { format!("\n{}", whytls::why(&read.paste, lang)) } else { String::new() };
                report.markdown(lang) + &rules
            };
            let text = match format.unwrap_or(Format::Terminal) {
                Format::Terminal => match &output {
                    Some(_) => terminal::plain(&markdown()),
                    None => terminal::for_stdout(&markdown()),
                },
                Format::Markdown => markdown(),
                Format::Html => report.html(lang),
                Format::Json => report.json(lang),
            };
            publish::write(output.as_deref(), &text)?;
            Ok(read.code(if report.found_problem() { PROBLEM } else { FINE }))
        }
        Command::Decode { format, inputs } => {
            let read = input::read_without_digest(&inputs);
            let decoded = Decoded::new(&read.paste);
            publish::write(
                None,
                &match format {
                    DecodeFormat::Text => decoded.text(),
                    DecodeFormat::Json => decoded.json(),
                },
            )?;
            Ok(read.code(FINE))
        }
        Command::Diff { format, lang, failing, working } => {
            let (failing, working) = (input::read(&[failing]), input::read(&[working]));
            let diff = Diff::new(&failing.paste, &working.paste, lang);
            publish::write(
                None,
                &match format {
                    DiffFormat::Terminal => terminal::for_stdout(&diff.markdown()),
                    DiffFormat::Markdown => diff.markdown(),
                    DiffFormat::Json => diff.json(),
                },
            )?;
            let differs = if diff.differences.is_empty() { FINE } else { PROBLEM };
            Ok(if failing.failed || working.failed { UNREADABLE } else { differs })
        }
        Command::Verify(args) => {
            let verified = verify::bundle(&args)?.verify();
            let text = match args.format {
                DecodeFormat::Text => verified.text(args.lang),
                DecodeFormat::Json => verified.json(),
            };
            publish::write(None, &text)?;
            Ok(if verified.valid { FINE } else { PROBLEM })
        }
        Command::Simulate(args) => simulate::run(&args),
        Command::Explain { format, lang, words } => explain(format, lang, &words.join(" ")),
        Command::Report { format, flavor, title, date, lang, output, inputs } => {
            let read = input::read(&inputs);
            let report = whytls::diagnose(&read.paste);
            let text = match format {
                ReportFormat::Markdown => {
                    let title = title.unwrap_or_else(|| report.view(lang).title);
                    publish::with_front_matter(&report.markdown(lang), flavor, &title, date.as_deref(), lang)
                }
                ReportFormat::Html => report.html(lang),
            };
            publish::write(Some(&output), &text)?;
            Ok(read.code(FINE))
        }
        Command::Site { command } => {
            match command {
                SiteCommand::Build { web, reports, output } => {
                    let built = whytls_site::build(&web, reports.as_deref(), &output)?;
                    say(&format!("{} pages in {}\n", built.pages, output.display()))?;
                }
                SiteCommand::Serve { output, port } => {
                    whytls_site::serve(&output, port, |address| {
                        // Whoever started the server wants to know where it is.
                        let _ = say(&format!("http://{address}/\n"));
                    })?;
                }
            }
            Ok(FINE)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "whytls", &mut script);
            io::stdout().write_all(&script)?;
            Ok(FINE)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Args::command()).render(&mut page).context("cannot write the manual")?;
            io::stdout().write_all(&page)?;
            Ok(FINE)
        }
    }
}

fn explain(format: ExplainFormat, lang: Lang, words: &str) -> Result<u8> {
    let Some(explanation) = whytls::explain(words, lang) else {
        let similar = whytls::report::similar_slugs(words);
        let hint = match similar.as_slice() {
            [] => {
                "give a problem's slug, a code's number or name, or the message as it was printed".to_owned()
            }
            slugs => format!("did you mean {}?", slugs.join(", ")),
        };
        complain(&format!("nothing is known of {words:?}: {hint}"));
        return Ok(UNREADABLE);
    };
    publish::write(
        None,
        &match format {
            ExplainFormat::Terminal => terminal::for_stdout(&explanation.markdown()),
            ExplainFormat::Markdown => explanation.markdown(),
            ExplainFormat::Json => explanation.json(),
        },
    )?;
    Ok(FINE)
}

impl Read {
    fn code(&self, otherwise: u8) -> u8 {
        if self.failed { UNREADABLE } else { otherwise }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn say(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// One line on standard error: what, where, and what would help.
fn complain(text: &str) {
    // Where standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr(), "whytls: {text}");
}
