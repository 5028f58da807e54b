//! Tables of what a platform's version tells: who prints it, which branch it is, when its support ended.
//!
//! In:  `content/platforms/products.toml`.
//! Out: products, each with its branches from old to new.
//! Not here: where a version stands in a text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PageError, Vocabulary};

/// A product whose version says something about TLS.
#[derive(Serialize, Deserialize)]
pub struct Product {
    /// Its name.
    pub name: String,
    /// What stands before its version, in lower case.
    pub marks: Vec<String>,
    /// Its branches, oldest first.
    pub branches: Vec<Branch>,
    /// A line that shows it.
    pub seen: String,
}

/// The versions of a product up to some version.
#[derive(Serialize, Deserialize)]
pub struct Branch {
    /// The first version that is none of them any more; absent in the last branch.
    pub below: Option<Vec<u32>>,
    /// What people call it: `Python 2.7`.
    pub name: Option<String>,
    /// The day of its last security update, where that is past.
    pub ended: Option<String>,
    /// The facts it states.
    pub says: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Where the dates are from; for readers of the file.
    #[serde(rename = "sources")]
    _sources: Vec<String>,
    product: Vec<ProductEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductEntry {
    name: String,
    marks: Vec<String>,
    branch: Vec<BranchEntry>,
    seen: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BranchEntry {
    below: Option<String>,
    name: Option<String>,
    ended: Option<String>,
    #[serde(default)]
    says: BTreeMap<String, String>,
}

pub(super) fn read(file: &str, text: &str, vocabulary: &Vocabulary) -> Result<Vec<Product>, PageError> {
    let parsed: File = super::parse(file, text)?;
    let mut products = Vec::new();
    for entry in parsed.product {
        let mut branches: Vec<Branch> = Vec::new();
        for branch in entry.branch {
            for (key, value) in &branch.says {
                vocabulary.check(file, key, value)?;
            }
            let below = branch.below.as_deref().map(numbers);
            if branches
                .last()
                .is_some_and(|last| last.below.is_none() || below.is_some() && last.below >= below)
            {
                return Err(PageError::new(file, format!("the branches of {} are not in order", entry.name)));
            }
            branches.push(Branch {
                below,
                name: branch.name,
                ended: branch.ended,
                says: branch.says.into_iter().collect(),
            });
        }
        products.push(Product {
            name: entry.name,
            marks: entry.marks.into_iter().map(|mark| mark.to_ascii_lowercase()).collect(),
            branches,
            seen: entry.seen,
        });
    }
    Ok(products)
}

impl Product {
    /// The branch that a version belongs to.
    #[must_use]
    pub fn branch(&self, version: &[u32]) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.below.as_deref().is_none_or(|below| version < below))
    }
}

/// The numbers of a version: `1.8.0_292`, `1.0.2k`.
#[must_use]
pub fn numbers(version: &str) -> Vec<u32> {
    version.split(['.', '_', '-', 'p']).map_while(|part| part.parse().ok()).collect()
}
