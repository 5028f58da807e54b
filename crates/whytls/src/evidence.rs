//! Evidence: what was seen, and on which line.
//!
//! In:  nothing; these are the types that decoders fill and everything later reads.
//! Out: [`Evidence`], a place in an input with the facts that stand there.
//! Not here: what the facts mean together. That is `facts` and the pages.

use std::borrow::Cow;

use crate::paste::Span;

/// Something that was seen at one place.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The artifact it stands in, as an index into what `decode::find` gave.
    pub artifact: usize,
    /// The input that holds the artifact.
    pub input: usize,
    /// Where in that input.
    pub span: Span,
    /// What it states: keys and values of the vocabulary.
    pub states: Vec<Statement>,
    /// What it is in words, where the input's own text at that place tells a reader nothing: bytes, base64.
    pub shown: Option<String>,
    /// The English original, where the program spoke another language.
    pub original: Option<&'static str>,
}

impl Evidence {
    /// What the input's own text at a place states.
    #[must_use]
    pub fn new(artifact: usize, input: usize, span: Span, states: Vec<Statement>) -> Self {
        Self { artifact, input, span, states, shown: None, original: None }
    }
}

/// One key of the vocabulary with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The key.
    pub key: &'static str,
    /// The value.
    pub value: Cow<'static, str>,
}

impl Statement {
    /// A statement; the value may be a text that is made at run time.
    pub fn new(key: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        Self { key, value: value.into() }
    }
}
