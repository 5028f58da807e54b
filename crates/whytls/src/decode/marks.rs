//! Finds the words that most readers look for, all of them in one pass.
//!
//! In:  the text of an input.
//! Out: for each reader, where its words stand. Most lines of a log have none of them.
//! Not here: what the words mean where they stand; case and neighbours are the readers' business as well.

use std::ops::Range;
use std::sync::OnceLock;

use super::configuration::FRAMEWORKS;
use super::{certificates, handshakes, lengths, packets, peers, phrases, traces};
use crate::content::{Setting, library};
use crate::finder::Finder;
use crate::paste::Input;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// What code and configuration set or call.
    Name,
    /// What they set and what means the same everywhere.
    Setting,
    /// What programs begin the lines of their traces with.
    Handshake,
    /// A product before its version.
    Product,
    /// A program whose options are known.
    Program,
    /// A protocol, or the header of its column in a list of packets.
    Protocol,
    /// The word before a port's number.
    Port,
    /// A word of sizes.
    Size,
    /// What a line about TLS has.
    Tls,
    /// What the first line of a trace has.
    Trace,
    /// What a statement about a connection has, in whatever words.
    Subject,
    /// What the fields of a certificate are called where one is printed.
    Field,
    /// What only one program prints, of those that have a TLS of their own.
    Printed,
}

/// How many of them there are.
const KINDS: usize = Mark::Printed as usize + 1;

/// Where the words stand, in their order.
#[derive(Default)]
pub(super) struct Marks<'a>([&'a [usize]; KINDS]);

impl<'a> Marks<'a> {
    /// Those of an input.
    pub(super) fn of(input: &'a Input) -> Self {
        let mut marks = Self::default();
        marks.0.iter_mut().zip(input.places(find)).for_each(|(own, places)| *own = places);
        marks
    }

    /// Where the words of one kind begin.
    pub(super) fn all(&self, kind: Mark) -> &'a [usize] {
        self.0.get(kind as usize).copied().unwrap_or_default()
    }

    /// Whether a word of one kind begins in a part of the text.
    pub(super) fn any(&self, kind: Mark, part: &Range<usize>) -> bool {
        let places = self.all(kind);
        let next = places.partition_point(|place| *place < part.start);
        places.get(next).is_some_and(|place| *place < part.end)
    }
}

/// The places of the words of each kind.
fn find(text: &str) -> Vec<Vec<usize>> {
    let words = Words::get();
    let mut found = vec![Vec::new(); KINDS];
    for (id, start, _) in words.finder.find(text) {
        let Some(kind) = words.kinds.get(id) else { continue };
        // A name is a whole one: `port` is none in `transport`.
        let named = matches!(kind, Mark::Name | Mark::Setting);
        if let Some(places) = found.get_mut(*kind as usize)
            && !(named && inside_word(text.as_bytes(), start))
        {
            places.push(start);
        }
    }
    for places in &mut found {
        places.sort_unstable();
        places.dedup();
    }
    found
}

/// Whether a place is in the middle of a word.
fn inside_word(text: &[u8], at: usize) -> bool {
    let of_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    of_word(at.checked_sub(1).and_then(|before| text.get(before))) && of_word(text.get(at))
}

struct Words {
    finder: Finder,
    /// Who looks for each word.
    kinds: Vec<Mark>,
}

impl Words {
    fn get() -> &'static Self {
        static WORDS: OnceLock<Words> = OnceLock::new();
        WORDS.get_or_init(|| {
            let library = library();
            let mut words: Vec<(&str, Mark)> = vec![("port", Mark::Port)];
            let mut add = |kind, own: &mut dyn Iterator<Item = &'static str>| {
                words.extend(own.map(|word| (word, kind)));
            };
            let names = |setting: &'static Setting| setting.names.iter().map(String::as_str);
            let everywhere = library.settings.iter().filter(|setting| setting.within.is_empty());
            let calls = library.calls.iter().flat_map(|call| &call.names).map(String::as_str);
            let products = library.products.iter().flat_map(|product| &product.marks);
            let mut programs: Vec<&str> =
                library.options.iter().flat_map(|option| &option.programs).map(String::as_str).collect();
            programs.sort_unstable();
            programs.dedup();
            add(Mark::Name, &mut library.settings.iter().flat_map(names).chain(calls).chain(FRAMEWORKS));
            add(Mark::Setting, &mut everywhere.flat_map(names));
            add(Mark::Handshake, &mut handshakes::marks());
            add(Mark::Product, &mut products.map(String::as_str));
            add(Mark::Program, &mut programs.into_iter());
            add(Mark::Protocol, &mut packets::protocols());
            add(Mark::Size, &mut lengths::SIZES.into_iter());
            add(Mark::Tls, &mut peers::WORDS.into_iter());
            add(Mark::Trace, &mut traces::marks());
            add(Mark::Subject, &mut phrases::SUBJECTS.into_iter());
            add(Mark::Field, &mut certificates::field_names());
            let printed = library.programs.iter().flat_map(|program| &program.marks);
            add(Mark::Printed, &mut printed.map(String::as_str));
            let (words, kinds): (Vec<&str>, Vec<Mark>) = words.into_iter().unzip();
            Self { finder: Finder::new(words.into_iter()), kinds }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paste::Paste;

    #[test]
    fn knows_the_words_of_each_kind_where_they_stand() {
        let paste = Paste::text("$ curl -k https://a/\nOpenSSL 3.0.2 15 Mar 2022\nssl_protocols TLSv1;\n");
        let marks = Marks::of(&paste.inputs[0]);
        assert_eq!(marks.all(Mark::Program).first(), Some(&2));
        assert!(marks.any(Mark::Product, &(21..46)) && !marks.any(Mark::Product, &(22..46)));
        assert!(marks.any(Mark::Name, &(47..67)) && !marks.any(Mark::Name, &(0..21)));
        let marks = |text: &str| Marks::of(&Paste::text(text).inputs[0]).any(Mark::Name, &(0..text.len()));
        assert!(marks("server.port = 25") && !marks("the transport stream"));
    }
}
