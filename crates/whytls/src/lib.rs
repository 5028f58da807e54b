//! Says why a secure connection failed, from whatever was left behind: stack traces,
//! captures as text, settings, lines of code.
//!
//! The data's way is the program, and the modules stand in its order:
//! paste → artifacts → evidence → facts → findings → report.
//!
//! The core reads no files, opens no connection, asks no clock and prints nothing: the same
//! bytes give the same report on every machine, in a terminal and in a browser.
//!
//! ```
//! let report = whytls::diagnose(&whytls::Paste::text(
//!     "MailKit.Security.SslHandshakeException: An error occurred while attempting to \
//!      establish an SSL or TLS connection\n\nclient.Connect (host, 25, true);",
//! ));
//! assert_eq!(report.findings[0].problem, "implicit-tls-on-starttls-port");
//! ```

pub mod tls;

pub mod x509;

pub mod wire;

pub mod content;

pub mod policy;

pub mod paste;

pub mod evidence;

mod finder;

pub mod decode;

pub mod facts;

pub mod findings;

pub mod report;

pub use content::Lang;
pub use paste::Paste;
pub use report::{Decoded, Diff, Report, explain, why};

/// The version of this crate, as reports show it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Works one case through: everything in the paste is about the same failure, or the same story.
///
/// Never fails: what cannot be read becomes a note in the report.
///
/// ```
/// let report = whytls::diagnose(&whytls::Paste::text("SSL alert number 70"));
/// assert!(!report.findings.is_empty());
/// ```
#[must_use]
pub fn diagnose(paste: &Paste) -> Report {
    let artifacts = decode::find(paste);
    let evidence = decode::read(paste, &artifacts);
    let facts = facts::weigh(paste, &artifacts, evidence);
    let findings = findings::judge(&facts);
    Report::new(paste, &artifacts, &facts, findings)
}
