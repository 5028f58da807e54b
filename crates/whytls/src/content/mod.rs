//! What we know, read from `content/`: the vocabulary of facts, the messages that programs
//! print, the problems' pages.
//!
//! In:  the files that `build.rs` puts into the program.
//! Out: one [`Library`], read once.
//! Not here: anything about the paste at hand.

mod catalogue;
mod checked;
mod code;
mod command;
mod error;
mod family;
mod known;
mod message;
mod page;
mod platform;
mod product;
mod program;
mod setting;
mod text;
mod vocabulary;

use std::sync::OnceLock;

pub use catalogue::Catalogue;
pub use code::{Code, CodeFamily, Form};
pub use command::CommandOption;
pub use error::PageError;
use error::parse;
pub use family::Family;
use known::Known;
pub use message::{Frame, Groups, Message, MessageBody, Part, Phrase, Wording, same_quote};
pub use page::{
    Body, Clause, Confidence, Example, Expectation, Page, Risk, Role, Section, SectionKind, Slug, Topic,
    Tried, Verdict,
};
pub use platform::{DotnetBuild, MailKit, Windows};
pub use product::{Branch, Product, numbers};
pub use program::{
    Both, ChangeRow, Condition, Does, Feature, FeatureRow, Joins, Knob, Level, Program, Release, Remark,
    Service, Sets, Side, System,
};
pub use setting::{Argument, Call, Is, Naming, Setting};
pub use text::{Lang, Text};
pub use vocabulary::{Fact, Value, Values, Vocabulary};

mod files {
    include!(concat!(env!("OUT_DIR"), "/files.rs"));
}

/// All that we know.
pub struct Library {
    /// What can be said of a case at all.
    pub vocabulary: Vocabulary,
    /// What programs print.
    pub catalogue: Catalogue,
    /// What names in code and configuration tell when they are given a value.
    pub settings: Vec<Setting>,
    /// Calls in code that connect.
    pub calls: Vec<Call>,
    /// Options that commands take.
    pub options: Vec<CommandOption>,
    /// The problems and their causes, in the order of their slugs, a problem before its causes.
    pub pages: Vec<Page>,
    /// Products whose version says something.
    pub products: Vec<Product>,
    /// The families of problems, in the order of a connection's life.
    pub families: Vec<Family>,
    /// .NET Framework builds by the version that tools print.
    pub dotnet_builds: Vec<DotnetBuild>,
    /// Every Windows, oldest first.
    pub windows: Vec<Windows>,
    /// What MailKit asks for, oldest version first.
    pub mailkit: Vec<MailKit>,
    /// Programs that do not ask Schannel.
    pub programs: Vec<Program>,
    /// What a hello shows beside its versions.
    pub features: Vec<Feature>,
    /// Services, and what they accept.
    pub services: Vec<Service>,
    /// The codes of libraries and systems. Those that are built in are read when the first number is met: most
    /// never are.
    code_families: OnceLock<Vec<CodeFamily>>,
}

impl Library {
    /// Reads a library from its files, each a path from `content/` on and its text, which the library keeps.
    ///
    /// # Errors
    /// The first file that does not hold together, and why.
    pub fn read(files: &[(&'static str, &'static str)]) -> Result<Self, PageError> {
        let codes = OnceLock::from(code::written(files)?);
        Ok(Self::of(Known::written(files)?, Catalogue::written(files)?, codes))
    }

    fn of(known: Known, catalogue: Catalogue, code_families: OnceLock<Vec<CodeFamily>>) -> Self {
        Self {
            vocabulary: known.vocabulary,
            catalogue,
            settings: known.settings,
            calls: known.calls,
            options: known.options,
            pages: known.pages,
            products: known.products,
            families: known.families,
            dotnet_builds: known.dotnet_builds,
            windows: known.windows,
            mailkit: known.mailkit,
            programs: known.programs,
            features: known.features,
            services: known.services,
            code_families,
        }
    }

    /// What need not be looked at each time a program starts: that each message says what can be said, and
    /// stands in the line that was seen, and that pages' prose holds together.
    ///
    /// # Errors
    /// The first file that does not hold together, and why.
    pub fn check(&self) -> Result<(), PageError> {
        checked::catalogue(&self.catalogue, &self.vocabulary)?;
        self.pages.iter().try_for_each(Page::check)?;
        page::check_together(&self.pages)
    }

    /// The codes of libraries and systems, in the order of their files.
    pub fn code_families(&self) -> &[CodeFamily] {
        self.code_families.get_or_init(|| postcard::from_bytes(files::CODES).unwrap_or_default())
    }

    /// The page of a slug such as `client-tls-too-old` or `client-tls-too-old/hard-coded`.
    #[must_use]
    pub fn page(&self, slug: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.slug.to_string() == slug)
    }

    /// The pages of a problem's causes.
    pub fn causes<'a>(&'a self, problem: &'a str) -> impl Iterator<Item = &'a Page> {
        self.pages.iter().filter(move |page| page.slug.problem == problem && page.slug.cause.is_some())
    }
}

static LIBRARY: OnceLock<Library> = OnceLock::new();

/// Takes another library instead of the one that is built in, for those who write pages and want
/// to see what they wrote without building anything. Only before the first use; says whether it
/// was in time.
pub fn install(library: Library) -> bool {
    LIBRARY.set(library).is_ok()
}

/// The library that is built into this program, or was installed.
pub fn library() -> &'static Library {
    LIBRARY.get_or_init(|| match built_in() {
        Ok(library) => library,
        // A page that does not hold together fails the build's tests; it never gets this far.
        Err(error) => unreachable!("{error}"),
    })
}

fn built_in() -> Result<Library, PageError> {
    let known = Known::built_in(files::KNOWN, files::FILES)?;
    Ok(Library::of(known, Catalogue::built_in(files::CATALOGUE)?, OnceLock::new()))
}

/// A template of `content/templates/` by its file name.
#[must_use]
pub fn template(name: &str) -> &'static str {
    let path = format!("templates/{name}");
    files::FILES.iter().find(|(file, _)| *file == path).map_or("", |(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_content_holds_together() {
        if let Err(error) = built_in().and_then(|library| library.check()) {
            panic!("{error}");
        }
    }
}
