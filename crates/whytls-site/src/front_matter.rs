//! The front matter of a report, as site generators have it.

/// A report's Markdown and what stands before it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Article<'a> {
    pub(crate) title: Option<String>,
    pub(crate) lang: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) body: &'a str,
}

/// Takes front matter off: between `---` lines (Jekyll) or `+++` lines (Hugo, Zola). Without any,
/// the first heading is the title, and stays.
pub(crate) fn split(text: &str) -> Article<'_> {
    let text = text.trim_start_matches('\u{feff}');
    for fence in ["---\n", "+++\n"] {
        let Some((front, body)) =
            text.strip_prefix(fence).and_then(|rest| rest.split_once(&format!("\n{fence}")))
        else {
            continue;
        };
        let value = |name: &str| {
            front.lines().find_map(|line| {
                let (key, value) = line.split_once([':', '='])?;
                let value = value.trim();
                let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
                (key.trim() == name).then(|| quoted.unwrap_or(value).replace("\\\"", "\""))
            })
        };
        let body =
            body.trim_start().trim_start_matches("{% raw %}").trim_end().trim_end_matches("{% endraw %}");
        return Article { title: value("title"), lang: value("lang"), date: value("date"), body };
    }
    let title = text.lines().find_map(|line| line.strip_prefix("# ")).map(str::to_owned);
    Article { title, lang: None, date: None, body: text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_front_matter_off() {
        let article = split(
            "---\ntitle: \"A \\\"b\\\"\"\nlang: zh-CN\ndate: 2023-04-27\n---\n\n{% raw %}\ntext\n{% endraw %}\n",
        );
        assert_eq!((article.title.as_deref(), article.lang.as_deref()), (Some("A \"b\""), Some("zh-CN")));
        assert_eq!(article.date.as_deref(), Some("2023-04-27"));
        assert_eq!(article.body.trim(), "text");
    }

    #[test]
    fn a_plain_report_keeps_its_heading() {
        let article = split("# Why\n\ntext\n");
        assert_eq!((article.title.as_deref(), article.body), (Some("Why"), "# Why\n\ntext\n"));
    }
}
