//! What is known beside the catalogues, in the form in which it is built into the program.
//!
//! In:  the files of `content/`, when a program is built or when somebody writes pages.
//! Out: vocabulary, settings, calls, options, pages, families and the tables of platforms, checked against each other.
//! Not here: what any of this means for a paste.
//!
//! `build.rs` has this module too: reading and checking it takes several times as long as taking it over.

use serde::{Deserialize, Serialize, Serializer};

use super::command::{self, CommandOption};
use super::error::PageError;
use super::family::{self, Family};
use super::page::{self, Page};
use super::platform::{self, DotnetBuild, MailKit, Windows};
use super::product::{self, Product};
use super::program::{self, Feature, Program, Service};
use super::setting::{self, Call, Setting};
use super::vocabulary::Vocabulary;
use crate::tls::Version;

/// Each as the library has it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Known {
    pub(super) vocabulary: Vocabulary,
    pub(super) settings: Vec<Setting>,
    pub(super) calls: Vec<Call>,
    pub(super) options: Vec<CommandOption>,
    /// Without their prose, where they were stored.
    pub(super) pages: Vec<Page>,
    pub(super) products: Vec<Product>,
    pub(super) families: Vec<Family>,
    pub(super) dotnet_builds: Vec<DotnetBuild>,
    pub(super) windows: Vec<Windows>,
    pub(super) mailkit: Vec<MailKit>,
    pub(super) programs: Vec<Program>,
    pub(super) features: Vec<Feature>,
    pub(super) services: Vec<Service>,
}

impl Known {
    /// From files as they are written, each a path from `content/` on and its text, which the pages keep.
    pub(crate) fn written(files: &[(&'static str, &'static str)]) -> Result<Self, PageError> {
        let within = |folder: &'static str| files.iter().filter(move |(name, _)| name.starts_with(folder));
        let facts: Vec<(&str, &str)> = within("facts/").copied().collect();
        let vocabulary = Vocabulary::read(&facts)?;
        let (mut settings, mut calls) = (Vec::new(), Vec::new());
        for (name, text) in within("settings/") {
            setting::read(name, text, &vocabulary, &mut settings, &mut calls)?;
        }
        let mut pages = Vec::new();
        for (name, text) in within("problems/").filter(|(name, _)| !name.ends_with(".zh-CN.md")) {
            let zh = page::in_chinese(name);
            pages.push(Page::read(name, text, &zh, find(files, &zh)?, &vocabulary)?);
        }
        pages.sort_by(|a, b| a.slug.cmp(&b.slug));
        let mut options = Vec::new();
        for (name, text) in within("commands/") {
            options.extend(command::read(name, text, &vocabulary)?);
        }
        let table = |name| Ok((name, find(files, name)?));
        let (name, text) = table("families.toml")?;
        let families = family::read(name, text, &pages)?;
        let (name, text) = table("platforms/products.toml")?;
        let products = product::read(name, text, &vocabulary)?;
        let (name, text) = table("platforms/dotnet.toml")?;
        let dotnet_builds = platform::read_dotnet(name, text)?;
        let (name, text) = table("platforms/windows.toml")?;
        let windows = platform::read_windows(name, text)?;
        let (name, text) = table("platforms/mailkit.toml")?;
        let mailkit = platform::read_mailkit(name, text)?;
        let programs = program::read(files)?;
        let (name, text) = table("platforms/features.toml")?;
        let features = program::read_features(name, text)?;
        let (name, text) = table("platforms/services.toml")?;
        let services = program::read_services(name, text)?;
        Ok(Self {
            vocabulary,
            settings,
            calls,
            options,
            pages,
            products,
            families,
            dotnet_builds,
            windows,
            mailkit,
            programs,
            features,
            services,
        })
    }

    /// As `build.rs` stored it; the prose of the pages is among the files, which are in the order of their names.
    pub(super) fn built_in(stored: &[u8], files: &[(&'static str, &'static str)]) -> Result<Self, PageError> {
        let mut known: Self =
            postcard::from_bytes(stored).map_err(|error| PageError::new("problems", error))?;
        let find = |name: &str| {
            let at = files.binary_search_by(|(other, _)| (*other).cmp(name)).ok();
            at.and_then(|at| files.get(at)).map(|(_, text)| *text).ok_or_else(|| missing(name))
        };
        known.pages.iter_mut().try_for_each(|page| page.take_prose(find))?;
        Ok(known)
    }
}

/// The text of a file.
fn find(files: &[(&str, &'static str)], path: &str) -> Result<&'static str, PageError> {
    files.iter().find(|(name, _)| *name == path).map(|(_, text)| *text).ok_or_else(|| missing(path))
}

fn missing(path: &str) -> PageError {
    PageError::new(path, "missing")
}

/// By its name, as the tables have it.
impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
