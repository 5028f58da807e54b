//! Puts the site together.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;
use tera::{Context, Tera};
use whytls::content::{Page, Role, library};
use whytls::{Lang, report};

use crate::front_matter;

/// What was built.
pub struct Built {
    /// How many HTML pages.
    pub pages: usize,
}

/// Files of `web/` that browsers load; scripts that build the page are not among them.
const SERVED: [&str; 9] = ["html", "js", "css", "svg", "wasm", "md", "txt", "json", "png"];

/// Builds the site.
///
/// # Errors
/// A file cannot be read or written, or the core is not built for the browser yet.
pub fn build(web: &Path, reports: Option<&Path>, output: &Path) -> Result<Built> {
    ensure!(
        web.join("pkg/whytls_wasm_bg.wasm").is_file(),
        "{} is missing: `make wasm` builds the core for the browser",
        web.join("pkg/whytls_wasm_bg.wasm").display()
    );
    // A page that was taken away must not stay; only what an earlier build left is removed.
    if output.join("_headers").is_file() {
        fs::remove_dir_all(output).with_context(|| format!("cannot empty {}", output.display()))?;
    }
    let mut site = Site { tera: templates()?, output, pages: 1 };
    copy(web, output)?;
    for lang in Lang::ALL {
        site.problems(lang)?;
        site.reports(lang, reports)?;
    }
    site.write(
        Path::new("_headers"),
        &format!("/*\n  Content-Security-Policy: {}\n", crate::CONTENT_SECURITY_POLICY),
    )?;
    Ok(Built { pages: site.pages })
}

fn templates() -> Result<Tera> {
    let mut tera = Tera::default();
    tera.add_raw_templates([
        ("site.html", include_str!("../../../web/templates/site.html")),
        ("problems.html", include_str!("../../../web/templates/problems.html")),
        ("article.html", include_str!("../../../web/templates/article.html")),
        ("reports.html", include_str!("../../../web/templates/reports.html")),
    ])
    .context("a template of the site does not hold together")?;
    Ok(tera)
}

struct Site<'a> {
    tera: Tera,
    output: &'a Path,
    pages: usize,
}

/// A problem in the index.
#[derive(Serialize)]
struct Entry {
    slug: String,
    title: String,
    summary: String,
    role: Role,
    causes: Vec<Entry>,
}

/// A report in the index.
#[derive(Serialize)]
struct ReportEntry {
    name: String,
    title: String,
}

impl Site<'_> {
    fn problems(&mut self, lang: Lang) -> Result<()> {
        let entry = |page: &Page, causes| Entry {
            slug: page.slug.to_string(),
            title: page.title.get(lang).to_owned(),
            summary: report::summary(page, lang),
            role: page.role,
            causes,
        };
        let problems: Vec<Entry> = library()
            .pages
            .iter()
            .filter(|page| page.slug.cause.is_none())
            .map(|page| {
                let causes =
                    library().causes(&page.slug.problem).map(|cause| entry(cause, Vec::new())).collect();
                entry(page, causes)
            })
            .collect();
        let folder = PathBuf::from(prefix(lang)).join("problems");
        let mut context = Context::new();
        context.insert("problems", &problems);
        self.page("problems.html", &folder, lang, words(lang).problems, context)?;
        for page in &library().pages {
            let mut context = Context::new();
            context.insert("body", &report::from_markdown(&report::page_markdown(page, lang)));
            let folder = folder.join(page.slug.to_string());
            self.page("article.html", &folder, lang, page.title.get(lang), context)?;
        }
        Ok(())
    }

    fn reports(&mut self, lang: Lang, reports: Option<&Path>) -> Result<()> {
        let mut paths = match reports {
            Some(folder) => list(folder)?,
            // The page links to the reports, so there is a list of them even where it is empty.
            None => Vec::new(),
        };
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
        paths.sort();
        let folder = PathBuf::from(prefix(lang)).join("reports");
        let mut entries = Vec::new();
        for path in paths {
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let article = front_matter::split(&text);
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            // `name.zh-CN.md` is the same report in Chinese.
            let (name, named) =
                match stem.rsplit_once('.').and_then(|(name, tag)| Some((name, Lang::from_tag(tag)?))) {
                    Some((name, named)) => (name.to_owned(), Some(named)),
                    None => (stem, None),
                };
            let own = article.lang.as_deref().and_then(Lang::from_tag).or(named).unwrap_or_default();
            if own != lang {
                continue;
            }
            let title = article.title.unwrap_or_else(|| name.clone());
            let heading = if article.body.trim_start().starts_with("# ") {
                String::new()
            } else {
                format!("# {title}\n\n")
            };
            let mut context = Context::new();
            context.insert("body", &report::from_markdown(&format!("{heading}{}", article.body)));
            self.page("article.html", &folder.join(&name), lang, &title, context)?;
            entries.push(ReportEntry { name, title });
        }
        let mut context = Context::new();
        context.insert("reports", &entries);
        self.page("reports.html", &folder, lang, words(lang).reports, context)
    }

    /// Renders one page as `folder/index.html`; every address in it is relative to there.
    fn page(
        &mut self,
        template: &str,
        folder: &Path,
        lang: Lang,
        title: &str,
        mut context: Context,
    ) -> Result<()> {
        let depth = folder.components().count();
        let below = folder.strip_prefix(prefix(lang)).unwrap_or(folder);
        context.insert("root", &"../".repeat(depth));
        context.insert("own", &"../".repeat(below.components().count()));
        context.insert("lang", lang.tag());
        context.insert("title", title);
        context.insert("path", &below.to_string_lossy());
        context.insert("words", &words(lang));
        context.insert("version", whytls::VERSION);
        let html = self
            .tera
            .render(template, &context)
            .with_context(|| format!("cannot render {}", folder.display()))?;
        self.pages += 1;
        self.write(&folder.join("index.html"), &html)
    }

    fn write(&self, path: &Path, text: &str) -> Result<()> {
        let path = self.output.join(path);
        let about = || format!("cannot write {}", path.display());
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(about)?;
        }
        fs::write(&path, text).with_context(about)
    }
}

/// English stands at the root, Chinese in a folder of its own.
fn prefix(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "",
        Lang::ZhCn => "zh-CN",
    }
}

/// The few words that the site's own templates need.
#[derive(Serialize)]
struct Words {
    tool: &'static str,
    problems: &'static str,
    problems_lead: &'static str,
    causes: &'static str,
    advisories: &'static str,
    reports: &'static str,
    reports_lead: &'static str,
    other_language: &'static str,
    footer: &'static str,
}

fn words(lang: Lang) -> Words {
    match lang {
        Lang::En => Words {
            tool: "Diagnose",
            problems: "Problems",
            problems_lead: "Why secure connections fail: what each failure looks like, how it comes about, what to do, and how to be sure. Every example on these pages is run as a test.",
            causes: "Causes",
            advisories: "Worth a word, whatever failed",
            reports: "Reports",
            reports_lead: "Failures that were looked into, as whytls reported them.",
            other_language: "中文",
            footer: "Nothing you paste leaves your machine.",
        },
        Lang::ZhCn => Words {
            tool: "诊断",
            problems: "问题",
            problems_lead: "安全连接为什么会失败：每种失败是什么样子、怎么来的、怎么办、如何确认。这些页面上的每个示例都作为测试运行。",
            causes: "起因",
            advisories: "无论因何失败，都值得一提",
            reports: "报告",
            reports_lead: "查过的故障，whytls 是这样报告的。",
            other_language: "English",
            footer: "您粘贴的内容不会离开您的电脑。",
        },
    }
}

/// What a folder holds.
fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let about = || format!("cannot read {}", folder.display());
    let entries = fs::read_dir(folder).with_context(about)?;
    entries.map(|entry| Ok(entry.with_context(about)?.path())).collect()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for path in list(from)? {
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            if name != "templates" {
                copy(&path, &to.join(name))?;
            }
        } else if path.extension().is_some_and(|extension| SERVED.iter().any(|served| extension == *served)) {
            fs::copy(&path, to.join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}
