//! `whytls simulate`: reads the files, asks the core.

use anyhow::{Result, anyhow};
use whytls::Paste;
use whytls::report::Question;

use crate::args::{DecodeFormat, Simulate};
use crate::{FINE, UNREADABLE, input, publish, terminal};

/// Answers on standard output; gives the exit code.
pub(crate) fn run(args: &Simulate) -> Result<u8> {
    let files: Vec<_> = [&args.registry, &args.config, &args.code].into_iter().flatten().cloned().collect();
    // Without a file nothing is read, standard input neither.
    let (paste, failed) = match files.is_empty() {
        true => (Paste::default(), false),
        false => {
            let read = input::read(&files);
            (read.paste, read.failed)
        }
    };
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
    };
    let simulated = question.answer(&paste, args.lang).map_err(|why| anyhow!(why))?;
    let text = match args.format {
        DecodeFormat::Text => terminal::for_stdout(&simulated.markdown(args.lang)),
        DecodeFormat::Json => simulated.json(),
    };
    publish::write(None, &text)?;
    Ok(if failed { UNREADABLE } else { FINE })
}
