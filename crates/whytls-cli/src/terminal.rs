//! Shows Markdown in a terminal: wrapped to its width, with colour where it has any.
//!
//! In:  a report or a page as Markdown.
//! Out: text, Chinese wrapped by its width.
//! Not here: what the report says.

use std::io;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use pulldown_cmark::{Event, HeadingLevel, Options as MarkdownOptions, Parser, Tag, TagEnd};
use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthStr as _;

/// Longer lines are hard to read, however wide the terminal is.
const WIDEST: usize = 100;
const NARROWEST: usize = 30;

/// Rendered for standard output, whatever that is.
pub(crate) fn for_stdout(markdown: &str) -> String {
    let colour = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
    let width = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    Page::new(width.clamp(NARROWEST, WIDEST), colour).render(markdown)
}

/// Rendered for a file.
pub(crate) fn plain(markdown: &str) -> String {
    Page::new(80, false).render(markdown)
}

struct Page {
    width: usize,
    colour: bool,
    out: String,
    /// The text of the paragraph or heading that is open.
    inline: String,
    /// For each open list: the next number, or none for bullets.
    lists: Vec<Option<u64>>,
    /// The mark of an item that has not been printed yet.
    mark: Option<String>,
    indent: usize,
    code: bool,
    table: Vec<Vec<String>>,
    link: Option<String>,
}

impl Page {
    fn new(width: usize, colour: bool) -> Self {
        Self {
            width,
            colour,
            out: String::new(),
            inline: String::new(),
            lists: Vec::new(),
            mark: None,
            indent: 0,
            code: false,
            table: Vec::new(),
            link: None,
        }
    }

    fn render(mut self, markdown: &str) -> String {
        let options = MarkdownOptions::ENABLE_TABLES;
        for event in Parser::new_ext(markdown, options) {
            self.event(event);
        }
        self.out.truncate(self.out.trim_end().len());
        self.out.push('\n');
        self.out
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.code => self.code_lines(&text),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.inline.push_str(&text),
            Event::Code(text) if self.colour => self.styled(AnsiColor::Cyan.on_default(), &text),
            Event::Code(text) => {
                self.inline.push('`');
                self.inline.push_str(&text);
                self.inline.push('`');
            }
            Event::SoftBreak | Event::HardBreak => self.inline.push(' '),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.flush();
                self.blank();
            }
            // Inside an item the first paragraph follows the mark.
            Tag::Paragraph if self.mark.is_none() => self.blank(),
            Tag::CodeBlock(_) => {
                self.flush();
                self.blank();
                self.code = true;
            }
            Tag::List(first) => {
                self.flush();
                if self.lists.is_empty() {
                    self.blank();
                }
                self.lists.push(first);
            }
            Tag::Item => {
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                };
                self.indent += mark.len();
                self.mark = Some(mark);
            }
            Tag::Strong => self.open(Style::new().bold()),
            Tag::Emphasis => self.open(Style::new().italic()),
            Tag::Link { dest_url, .. } => self.link = Some(dest_url.into_string()),
            Tag::Table(_) => self.blank(),
            Tag::TableRow | Tag::TableHead => self.table.push(Vec::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => {
                let mut text = std::mem::take(&mut self.inline);
                if level >= HeadingLevel::H4 {
                    text.insert_str(0, "› ");
                }
                let style = match level {
                    HeadingLevel::H1 | HeadingLevel::H2 => Style::new().bold().underline(),
                    _ => Style::new().bold(),
                };
                self.styled(style, &text);
                self.flush();
                if !self.colour && matches!(level, HeadingLevel::H1 | HeadingLevel::H2) {
                    let rule = if level == HeadingLevel::H1 { "=" } else { "-" };
                    self.out.push_str(&rule.repeat(text.width().min(self.width)));
                    self.out.push('\n');
                }
            }
            TagEnd::Paragraph => self.flush(),
            TagEnd::CodeBlock => {
                self.code = false;
                self.blank();
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Item => {
                self.flush();
                let width = match self.lists.last() {
                    Some(Some(number)) => format!("{}. ", number - 1).len(),
                    _ => 2,
                };
                self.indent = self.indent.saturating_sub(width);
                self.mark = None;
            }
            TagEnd::Strong | TagEnd::Emphasis => self.close(),
            TagEnd::Link => {
                if let Some(url) = self.link.take().filter(|url| !self.inline.ends_with(url.as_str())) {
                    self.inline.push_str(&format!(" <{url}>"));
                }
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.inline);
                if let Some(row) = self.table.last_mut() {
                    row.push(cell);
                }
            }
            TagEnd::Table => self.flush_table(),
            _ => {}
        }
    }

    fn open(&mut self, style: Style) {
        if self.colour {
            self.inline.push_str(&style.render().to_string());
        }
    }

    fn close(&mut self) {
        if self.colour {
            self.inline.push_str(&anstyle::Reset.render().to_string());
        }
    }

    fn styled(&mut self, style: Style, text: &str) {
        self.open(style);
        self.inline.push_str(text);
        self.close();
    }

    /// Prints the open paragraph, wrapped; the first line carries the item's mark.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.inline);
        if text.trim().is_empty() {
            return;
        }
        let rest = " ".repeat(self.indent);
        let first = match self.mark.take() {
            Some(mark) => format!("{}{mark}", " ".repeat(self.indent.saturating_sub(mark.len()))),
            None => rest.clone(),
        };
        // An address or a registry key that is cut in two cannot be copied.
        let options = Options::new(self.width)
            .initial_indent(&first)
            .subsequent_indent(&rest)
            .break_words(false)
            .word_separator(WordSeparator::Custom(words))
            .word_splitter(WordSplitter::NoHyphenation);
        self.out.push_str(&textwrap::fill(text.trim(), options));
        self.out.push('\n');
    }

    /// Code is copied from the terminal, so its lines are never wrapped.
    fn code_lines(&mut self, text: &str) {
        let indent = " ".repeat(self.indent + 4);
        for line in text.lines() {
            if self.colour {
                let style = AnsiColor::Cyan.on_default();
                self.out.push_str(&format!("{indent}{style}{line}{style:#}\n"));
            } else {
                self.out.push_str(format!("{indent}{line}").trim_end());
                self.out.push('\n');
            }
        }
    }

    fn flush_table(&mut self) {
        let rows = std::mem::take(&mut self.table);
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|at| {
                rows.iter()
                    .filter_map(|row| row.get(at))
                    .map(|cell| textwrap::core::display_width(cell))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        for row in rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.push_str(&" ".repeat(width.saturating_sub(textwrap::core::display_width(cell)) + 2));
            }
            self.out.push_str(line.trim_end());
            self.out.push('\n');
        }
    }

    /// One blank line, unless there is one already.
    fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }
}

/// Words as Unicode breaks lines, but for Latin text, which breaks at spaces only: an address that
/// is cut behind a slash cannot be copied.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut ends = Vec::new();
    let mut at = 0;
    let mut words = WordSeparator::UnicodeBreakProperties.find_words(line).peekable();
    while let Some(word) = words.next() {
        at += word.word.len() + word.whitespace.len();
        let latin = word.word.ends_with(|c: char| c.is_ascii())
            && words.peek().is_some_and(|next| next.word.starts_with(|c: char| c.is_ascii()));
        if !(latin && word.whitespace.is_empty()) {
            ends.push(at);
        }
    }
    let mut start = 0;
    Box::new(ends.into_iter().filter_map(move |end| {
        let word = line.get(start..end)?;
        start = end;
        Some(Word::from(word))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_prose_and_keeps_code() {
        let text = Page::new(30, false).render(
            "One two three four five six seven eight.\n\n```\na line of code that is longer than that\n```",
        );
        assert_eq!(
            text,
            "One two three four five six\nseven eight.\n\n    a line of code that is longer than that\n"
        );
    }

    #[test]
    fn wraps_chinese_by_its_width() {
        let text = Page::new(20, false).render("客户端提供的版本服务器都不再接受");
        assert!(text.lines().all(|line| line.width() <= 20), "{text}");
    }

    #[test]
    fn numbers_items() {
        assert_eq!(Page::new(40, false).render("1. a\n2. b\n\n   c"), "1. a\n2. b\n\n   c\n");
    }
}
