//! Reading the files of `content/`, and what is said of one that does not hold together.
//!
//! In:  a file's text.
//! Out: what it holds, or a [`PageError`].
//! Not here: what the files mean.

use std::fmt;

/// One of our own files does not hold together. A test meets this, a user never does.
#[derive(Debug)]
pub struct PageError {
    /// The file, from `content/` on.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

impl PageError {
    pub(super) fn new(file: &str, reason: impl fmt::Display) -> Self {
        Self { file: file.to_owned(), reason: reason.to_string() }
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "content/{}: {}", self.file, self.reason)
    }
}

impl std::error::Error for PageError {}

/// Reads data as it was written.
pub(super) fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, PageError> {
    toml::from_str(text).map_err(|error| PageError::new(file, error))
}
