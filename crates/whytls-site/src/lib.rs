//! The static site: the page itself, a page for every problem, its checks, a search, published reports.
//!
//! In:  `web/` with the core built for the browser, the knowledge in the core, a folder of reports.
//! Out: a folder that any web server can show, from any path; and a server for one's own machine.
//! Not here: what the pages say.

mod build;
mod feed;
mod front_matter;
mod index;
mod serve;

pub use build::{Built, build};
pub use serve::serve;

/// What the page may do, in the words of Content-Security-Policy: load its own files and nothing
/// else. `web/index.html` says the same; as a header it binds the worker as well.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
     connect-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";
