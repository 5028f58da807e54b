//! Serves a built site on this machine, for a look at it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// Serves a folder on 127.0.0.1 until the process ends. `ready` is told the address; port 0 is
/// any that is free.
///
/// # Errors
/// The folder holds no built site, or the port is taken.
pub fn serve(dir: &Path, port: u16, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    ensure!(dir.join("index.html").is_file(), "{} holds no site: `make site` builds it", dir.display());
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().build().context("cannot start a server")?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .with_context(|| format!("cannot listen on 127.0.0.1:{port} (another --port may be free)"))?;
        ready(listener.local_addr().context("the server has no address")?);
        axum::serve(listener, router(dir)).await.context("the server stopped")
    })
}

fn router(dir: &Path) -> Router {
    let always =
        |name, value: &'static str| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    Router::new()
        .fallback_service(ServeDir::new(dir))
        .layer(always(CONTENT_SECURITY_POLICY, crate::CONTENT_SECURITY_POLICY))
        .layer(always(REFERRER_POLICY, "no-referrer"))
        .layer(always(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Whoever rebuilds the site wants to see it.
        .layer(always(CACHE_CONTROL, "no-cache"))
}
