//! Writes a report where it is wanted, and in the form that a site generator wants.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use whytls::Lang;

use crate::args::Flavor;

/// Writes to a file, or to standard output.
pub(crate) fn write(output: Option<&Path>, text: &str) -> Result<()> {
    match output {
        Some(path) => {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
            }
            fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
        }
        None => {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes())?;
            out.flush()?;
            Ok(())
        }
    }
}

/// Puts the front matter of a site generator before a report. The generator shows the title
/// itself, and must not take what a paste quotes for its own template language.
pub(crate) fn with_front_matter(
    markdown: &str,
    flavor: Flavor,
    title: &str,
    date: Option<&str>,
    lang: Lang,
) -> String {
    let untitled = markdown.split_once('\n').map_or(markdown, |(_, rest)| rest.trim_start());
    let title = title.replace('\\', "\\\\").replace('"', "\\\"");
    let lang = lang.tag();
    let date = |name: &str, quote: &str| match date {
        Some(date) => format!("{name}{quote}{date}{quote}\n"),
        None => String::new(),
    };
    match flavor {
        Flavor::Plain => markdown.to_owned(),
        Flavor::Jekyll => {
            let body = untitled.replace("{% endraw %}", "{% endraw{{''}} %}");
            format!(
                "---\nlayout: post\ntitle: \"{title}\"\n{}lang: {lang}\n---\n\n{{% raw %}}\n{body}{{% endraw %}}\n",
                date("date: ", "")
            )
        }
        Flavor::Hugo => {
            format!("+++\ntitle = \"{title}\"\n{}+++\n\n{}", date("date = ", ""), apart(untitled))
        }
        Flavor::Zola => {
            format!(
                "+++\ntitle = \"{title}\"\n{}[extra]\nlang = \"{lang}\"\n+++\n\n{}",
                date("date = ", ""),
                apart(untitled)
            )
        }
    }
}

/// Hugo and Zola know no way to quote their shortcodes as a whole; a space of no width does it.
fn apart(markdown: &str) -> String {
    markdown.replace("{{", "{\u{200b}{").replace("{%", "{\u{200b}%")
}
