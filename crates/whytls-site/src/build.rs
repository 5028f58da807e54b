//! Puts the site together.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;
use tera::{Context, Tera};
use whytls::content::{Family, Page, SectionKind, library};
use whytls::facts::Incident;
use whytls::{Lang, report};

use crate::feed::{self, FeedEntry};
use crate::front_matter;
use crate::index::Index;

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
    let mut site = Site { tera: templates()?, index: Index::new(), output, pages: 1 };
    copy(web, output)?;
    site.write(Path::new("search.json"), &site.index.json().context("cannot write the search's index")?)?;
    for lang in Lang::ALL {
        site.problems(lang)?;
        site.checks(lang)?;
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
        ("problem.html", include_str!("../../../web/templates/problem.html")),
        ("checks.html", include_str!("../../../web/templates/checks.html")),
        ("article.html", include_str!("../../../web/templates/article.html")),
        ("reports.html", include_str!("../../../web/templates/reports.html")),
    ])
    .context("a template of the site does not hold together")?;
    Ok(tera)
}

struct Site<'a> {
    tera: Tera,
    index: Index,
    output: &'a Path,
    pages: usize,
}

/// A family with its problems.
#[derive(Serialize)]
struct FamilyEntry<T> {
    id: &'static str,
    title: &'static str,
    problems: Vec<T>,
}

/// A problem or cause in a list.
#[derive(Serialize)]
struct Entry {
    slug: String,
    title: &'static str,
    summary: String,
    causes: Vec<Entry>,
}

/// A page with its checks.
#[derive(Serialize)]
struct Checked {
    slug: String,
    title: &'static str,
    checks: Vec<Check>,
}

/// A check, and what it tells apart.
#[derive(Serialize)]
struct Check {
    title: String,
    anchor: String,
    separates: Vec<Entry>,
}

/// A report in the index.
#[derive(Serialize)]
struct ReportEntry {
    name: String,
    title: String,
    date: Option<String>,
}

impl Site<'_> {
    fn problems(&mut self, lang: Lang) -> Result<()> {
        let folder = PathBuf::from(prefix(lang)).join("problems");
        let mut context = Context::new();
        context.insert("families", &by_family(lang, |page| entry(page, lang)));
        self.page("problems.html", &folder, lang, words(lang).problems, context)?;
        for page in &library().pages {
            let slug = page.slug.to_string();
            let mut context = Context::new();
            context.insert("body", &report::from_markdown(&report::page_markdown(page, lang)));
            context.insert("programs", &self.index.programs(&slug));
            if let Some(family) = family_of(page) {
                context.insert(
                    "family",
                    &FamilyEntry::<Entry> {
                        id: &family.id,
                        title: family.title.get(lang),
                        problems: Vec::new(),
                    },
                );
            }
            let problem = library().page(&page.slug.problem).unwrap_or(page);
            context.insert("problem", &entry(problem, lang));
            context.insert("slug", &slug);
            self.page("problem.html", &folder.join(&slug), lang, page.title.get(lang), context)?;
        }
        Ok(())
    }

    /// Every check of every page in one list: what to run when one knows what is in doubt.
    fn checks(&mut self, lang: Lang) -> Result<()> {
        let checked = |page: &'static Page| {
            let pages = std::iter::once(page).chain(library().causes(&page.slug.problem));
            pages.map(|page| checks(page, lang)).collect::<Vec<_>>()
        };
        let mut context = Context::new();
        context.insert("families", &by_family(lang, checked));
        let folder = PathBuf::from(prefix(lang)).join("checks");
        self.page("checks.html", &folder, lang, words(lang).checks, context)
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
        let mut news = Vec::new();
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
            if let Some(date) = article.date.clone() {
                let html = report::from_markdown(article.body);
                news.push(FeedEntry { name: name.clone(), title: title.clone(), date, html });
            }
            entries.push(ReportEntry { name, title, date: article.date });
        }
        let feed = feed::atom(lang, &format!("whytls: {}", words(lang).reports), news);
        let mut context = Context::new();
        context.insert("reports", &entries);
        context.insert("feed", &feed.is_some());
        self.page("reports.html", &folder, lang, words(lang).reports, context)?;
        match feed {
            Some(feed) => self.write(&folder.join("feed.xml"), &feed),
            None => Ok(()),
        }
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

/// Every family, with something made of each of its problems.
fn by_family<T>(lang: Lang, of: impl Fn(&'static Page) -> T) -> Vec<FamilyEntry<T>> {
    let families = library().families.iter();
    families
        .map(|family| FamilyEntry {
            id: &family.id,
            title: family.title.get(lang),
            problems: family.problems.iter().filter_map(|slug| library().page(slug)).map(&of).collect(),
        })
        .collect()
}

fn family_of(page: &Page) -> Option<&'static Family> {
    library().families.iter().find(|family| family.problems.contains(&page.slug.problem))
}

fn entry(page: &'static Page, lang: Lang) -> Entry {
    let causes = match page.slug.cause {
        Some(_) => Vec::new(),
        None => library().causes(&page.slug.problem).map(|cause| entry(cause, lang)).collect(),
    };
    Entry {
        slug: page.slug.to_string(),
        title: page.title.get(lang),
        summary: report::summary(page, lang),
        causes,
    }
}

fn checks(page: &'static Page, lang: Lang) -> Checked {
    let topics = page.body(lang).section(SectionKind::HowToBeSure).map(|section| section.topics.as_slice());
    let checks = topics.into_iter().flatten().map(|topic| {
        // What the English page tells apart; the Chinese one says it no second time.
        let told = page.body(Lang::En).topic(SectionKind::HowToBeSure, &topic.id);
        let separates = told.into_iter().flat_map(|topic| &topic.separates);
        let title = report::render_prose(&topic.title, &Incident::default(), lang).unwrap_or_default();
        Check {
            anchor: report::heading_id(&title),
            title: report::phrase_html(&title),
            separates: separates
                .filter_map(|slug| library().page(slug))
                .filter(|other| other.slug.problem != page.slug.problem)
                .map(|other| entry(other, lang))
                .collect(),
        }
    });
    Checked { slug: page.slug.to_string(), title: page.title.get(lang), checks: checks.collect() }
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
    checks: &'static str,
    checks_lead: &'static str,
    separates: &'static str,
    reports: &'static str,
    reports_lead: &'static str,
    feed: &'static str,
    search: &'static str,
    search_hint: &'static str,
    search_none: &'static str,
    printed: &'static str,
    printed_lead: &'static str,
    translated: &'static str,
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
            checks: "Checks",
            checks_lead: "Every check that settles a doubt, by the problem that it confirms.",
            separates: "Tells it from:",
            reports: "Reports",
            reports_lead: "Failures that were looked into, as whytls reported them.",
            feed: "Feed of reports (Atom)",
            search: "Search by message, code, alert or name",
            search_hint: "Such as: wrong version number, 0x80090326, alert 70, ERR_CERT_DATE_INVALID, or a whole line of an error, in any language.",
            search_none: "Nothing here has these words. Paste the whole error into the diagnosis.",
            printed: "What programs print",
            printed_lead: "Each of these, alone, leads to this page; together with more evidence it may lead to another. “…” stands for what varies.",
            translated: "In other languages",
            other_language: "中文",
            footer: "Nothing you paste leaves your machine.",
        },
        Lang::ZhCn => Words {
            tool: "诊断",
            problems: "问题",
            problems_lead: "安全连接为什么会失败：每种失败是什么样子、怎么来的、怎么办、如何确认。这些页面上的每个示例都作为测试运行。",
            causes: "起因",
            checks: "检查方法",
            checks_lead: "所有能打消疑问的检查方法，按各自所确认的问题排列。",
            separates: "可与下列问题区分：",
            reports: "报告",
            reports_lead: "查过的故障，whytls 是这样报告的。",
            feed: "报告订阅（Atom）",
            search: "按报错、代码、警报或名称搜索",
            search_hint: "例如：wrong version number、0x80090326、alert 70、ERR_CERT_DATE_INVALID，或整行报错，任何语言都可以。",
            search_none: "没有找到。请把完整的报错粘贴到诊断页面。",
            printed: "程序会打印什么",
            printed_lead: "下面每一条单独出现时都指向本页；与其他证据放在一起，结论可能不同。“…”代表会变化的部分。",
            translated: "其他语言",
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
