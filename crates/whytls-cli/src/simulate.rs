//! `whytls simulate`: reads the files, asks the core.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use whytls::Paste;
use whytls::report::Question;

use crate::args::{DecodeFormat, Simulate};
use crate::{FINE, UNREADABLE, input, publish, terminal};

/// Answers on standard output; gives the exit code.
pub(crate) fn run(args: &Simulate) -> Result<u8> {
    let own: Vec<_> = [&args.registry, &args.config, &args.code].into_iter().flatten().cloned().collect();
    let (own, own_failed) = read(&own);
    let (server, server_failed) = read(&args.server_config);
    let question = Question {
        client: args.client.clone(),
        client_version: args.client_version.clone(),
        os: args.os.clone(),
        dotnet: args.dotnet.clone(),
        target: args.target.clone(),
        bits: args.bits.clone(),
        openssl: args.openssl.clone(),
        wants: args.wants.clone(),
        server: args.server.clone(),
        server_version: args.server_version.clone(),
        server_os: args.server_os.clone(),
        server_library: args.server_library.clone(),
    };
    let simulated = question.answer(&own, &server, args.lang).map_err(|why| anyhow!(why))?;
    let text = match args.format {
        DecodeFormat::Text => terminal::for_stdout(&simulated.markdown(args.lang)),
        DecodeFormat::Json => simulated.json(),
    };
    publish::write(None, &text)?;
    Ok(if own_failed || server_failed { UNREADABLE } else { FINE })
}

/// Without a file nothing is read, standard input neither.
fn read(files: &[PathBuf]) -> (Paste, bool) {
    if files.is_empty() {
        return (Paste::default(), false);
    }
    let read = input::read(files);
    (read.paste, read.failed)
}
