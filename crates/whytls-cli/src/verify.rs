//! `whytls verify`: reads the files, asks the core.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use whytls::report::Bundle;
use whytls::x509::Time;

use crate::args::Verify;

/// Reads everything that the chain is checked with.
pub(crate) fn bundle(args: &Verify) -> Result<Bundle> {
    let mut chain = Vec::new();
    for path in &args.chain {
        chain.extend(certificates(path)?);
    }
    let mut intermediates = Vec::new();
    for path in &args.intermediates {
        intermediates.extend(certificates(path)?);
    }
    let roots = match args.roots.as_deref() {
        None => None,
        Some(path) if path == Path::new("mozilla") => None,
        Some(path) => Some(certificates(path)?),
    };
    let mut crls = Vec::new();
    for path in &args.crls {
        let found = whytls::x509::verify::blocks(&read(path)?, "CRL");
        if found.is_empty() {
            bail!("cannot read {}: it holds no revocation list", path.display());
        }
        crls.extend(found);
    }
    let at = args.at.unwrap_or_else(now);
    Ok(Bundle { chain, intermediates, roots, crls, host: args.host.clone(), at: Some(at) })
}

/// The time of this machine.
pub(crate) fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

fn certificates(path: &Path) -> Result<Vec<Vec<u8>>> {
    let bytes = read(path)?;
    let mut found = whytls::x509::verify::blocks(&bytes, "CERTIFICATE");
    if found.is_empty() {
        // Damaged armour, a container, a program's output.
        let mut paste = whytls::Paste::default();
        paste.add("chain", &bytes);
        let artifacts = whytls::decode::find(&paste);
        let certificates = whytls::decode::certificates(&artifacts);
        found = certificates.map(|given| given.der.to_vec()).filter(|der| !der.is_empty()).collect();
    }
    if found.is_empty() {
        bail!("cannot read {}: it holds no certificate; give PEM or DER", path.display());
    }
    Ok(found)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
        return Ok(bytes);
    }
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
