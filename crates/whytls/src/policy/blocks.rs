//! Which of several server blocks in a file decides the versions.
//!
//! In:  a configuration with blocks in braces, `server { … }`.
//! Out: the lines of those that do not.
//! Not here: what the settings in them do.
//!
//! nginx settles the version before it reads which name is asked for, so of all blocks on one
//! address the default one decides: that which says `default_server`, else the first.

use std::ops::RangeInclusive;

/// A block, and what it says of itself.
struct Block {
    lines: RangeInclusive<usize>,
    /// It listens with TLS.
    tls: bool,
    /// It calls itself the default.
    default: bool,
}

/// The lines, from 1, of all blocks but the one that decides.
pub(super) fn others(text: &str, word: &str) -> Vec<RangeInclusive<usize>> {
    let blocks = blocks(text, word);
    let tls = blocks.iter().any(|block| block.tls);
    let fit = || blocks.iter().enumerate().filter(|(_, block)| block.tls || !tls);
    let decides = fit().find(|(_, block)| block.default).or_else(|| fit().next()).map(|(at, _)| at);
    let others = blocks.iter().enumerate().filter(|(at, _)| Some(*at) != decides);
    others.map(|(_, block)| block.lines.clone()).collect()
}

fn blocks(text: &str, word: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut depth = 0_usize;
    // Where the block that is open began, and how deep it stands.
    let mut open: Option<(Block, usize)> = None;
    let mut announced = false;
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        let line = line.split('#').next().unwrap_or_default().trim();
        let begins = line.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with('{'));
        if open.is_none() && (begins || announced && line.starts_with('{')) {
            open = Some((Block { lines: number..=number, tls: false, default: false }, depth));
        }
        announced = line == word || announced && line.is_empty();
        if let Some((block, _)) = &mut open
            && let Some(rest) = line.split("listen ").nth(1)
        {
            let mut words = rest.split([' ', ';']);
            block.tls |= words.clone().any(|word| word == "ssl");
            block.default |= words.any(|word| word == "default_server" || word == "default");
        }
        for mark in line.chars() {
            match mark {
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    if let Some((mut block, _)) = open.take_if(|(_, outside)| *outside == depth) {
                        block.lines = *block.lines.start()..=number;
                        blocks.push(block);
                    }
                }
                _ => {}
            }
        }
    }
    // A paste may end before the block does.
    if let Some((mut block, _)) = open {
        block.lines = *block.lines.start()..=usize::MAX;
        blocks.push(block);
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_server_decides_else_the_first_with_tls() {
        let first = "server {\n listen 80;\n}\nserver {\n listen 443 ssl;\n location / { }\n}\nserver\n{\n listen 443 ssl;\n}";
        assert_eq!(others(first, "server"), [1..=3, 9..=11]);
        let marked = "server {\n listen 443 ssl;\n}\nserver { listen 443 ssl default_server; }";
        assert_eq!(others(marked, "server"), [1..=3]);
        let upstream =
            "upstream a {\n server 127.0.0.1:80;\n}\nserver { listen 443 ssl;\n ssl_protocols TLSv1;";
        assert_eq!(others(upstream, "server"), []);
    }
}
