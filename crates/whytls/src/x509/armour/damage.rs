//! What can have happened to a certificate on its way into a paste.
//!
//! In:  nothing; these are the words.
//! Out: [`Damage`], with a name that stays.
//! Not here: finding it. `armour` reads through it, and says what it met.

/// Something about the way in which bytes were written that a program may stumble over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Damage {
    /// Bytes are missing at the end.
    Truncated,
    /// Bytes are missing, and the end is there.
    Gap,
    /// It does not begin with a BEGIN line, and ends with an END line.
    NoBegin,
    /// It begins with a BEGIN line, and no END line follows.
    NoEnd,
    /// More or fewer than five dashes.
    DashCount,
    /// Other dashes than `-`.
    TypographicDashes,
    /// Spaces between the dashes and the label.
    SpacedMark,
    /// The label is not in capitals.
    LabelCase,
    /// The label says something else than what is inside.
    WrongLabel,
    /// BEGIN and END have different labels.
    LabelsDiffer,
    /// Line ends as two characters, `\n`.
    EscapedLineEnds,
    /// `%2B` and its like.
    UrlEncoded,
    /// Entities or tags of HTML.
    Markup,
    /// Every line has the same before it: `> `, a line number, a time.
    Prefixed,
    /// Every line is indented.
    Indented,
    /// Everything on one line.
    OneLine,
    /// Blank lines between the lines.
    BlankLines,
    /// Lines end with a CR alone.
    CrOnly,
    /// Lines end with more than one CR.
    DoubledCr,
    /// A mark of the byte order before it.
    ByteOrderMark,
    /// UTF-16, as PowerShell's `>` writes it.
    Utf16,
    /// UTF-32.
    Utf32,
    /// Spaces inside the lines.
    SpacesInside,
    /// Lines longer than the 76 characters that programs read, or of uneven lengths.
    OddWidth,
    /// `-` and `_` instead of `+` and `/`.
    Base64Url,
    /// The `=` at the end are missing.
    NoPadding,
    /// More behind the end of the object.
    TrailingData,
    /// Lines or characters between that do not belong there.
    ForeignText,
    /// Characters that nobody sees.
    InvisibleCharacters,
    /// Full-width characters, as an input method writes them.
    FullWidth,
    /// Quotes around the lines, as in a program's source.
    Quoted,
    /// Lines such as `Proc-Type:` before what is no key.
    Headers,
    /// Encoded in base64 once more.
    EncodedTwice,
    /// The base64 does not decode to DER.
    NotDer,
    /// It begins in the middle.
    HeadMissing,
    /// The BEGIN or END line does not have a line to itself.
    JoinedLines,
}

impl Damage {
    /// Every one.
    pub const ALL: [Self; 36] = [
        Self::Truncated,
        Self::Gap,
        Self::NoBegin,
        Self::NoEnd,
        Self::DashCount,
        Self::TypographicDashes,
        Self::SpacedMark,
        Self::LabelCase,
        Self::WrongLabel,
        Self::LabelsDiffer,
        Self::EscapedLineEnds,
        Self::UrlEncoded,
        Self::Markup,
        Self::Prefixed,
        Self::Indented,
        Self::OneLine,
        Self::BlankLines,
        Self::CrOnly,
        Self::DoubledCr,
        Self::ByteOrderMark,
        Self::Utf16,
        Self::Utf32,
        Self::SpacesInside,
        Self::OddWidth,
        Self::Base64Url,
        Self::NoPadding,
        Self::TrailingData,
        Self::ForeignText,
        Self::InvisibleCharacters,
        Self::FullWidth,
        Self::Quoted,
        Self::Headers,
        Self::EncodedTwice,
        Self::NotDer,
        Self::HeadMissing,
        Self::JoinedLines,
    ];

    /// Its name in the vocabulary (`armour.damage`) and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Gap => "gap",
            Self::NoBegin => "no-begin-line",
            Self::NoEnd => "no-end-line",
            Self::DashCount => "dash-count",
            Self::TypographicDashes => "typographic-dashes",
            Self::SpacedMark => "spaced-mark",
            Self::LabelCase => "label-case",
            Self::WrongLabel => "wrong-label",
            Self::LabelsDiffer => "labels-differ",
            Self::EscapedLineEnds => "escaped-line-ends",
            Self::UrlEncoded => "url-encoded",
            Self::Markup => "markup",
            Self::Prefixed => "prefixed-lines",
            Self::Indented => "indented",
            Self::OneLine => "one-line",
            Self::BlankLines => "blank-lines",
            Self::CrOnly => "cr-only",
            Self::DoubledCr => "doubled-cr",
            Self::ByteOrderMark => "byte-order-mark",
            Self::Utf16 => "utf-16",
            Self::Utf32 => "utf-32",
            Self::SpacesInside => "spaces-inside",
            Self::OddWidth => "odd-width",
            Self::Base64Url => "base64url",
            Self::NoPadding => "no-padding",
            Self::TrailingData => "trailing-data",
            Self::ForeignText => "foreign-text",
            Self::InvisibleCharacters => "invisible-characters",
            Self::FullWidth => "full-width",
            Self::Quoted => "quoted",
            Self::Headers => "headers",
            Self::EncodedTwice => "encoded-twice",
            Self::NotDer => "not-der",
            Self::HeadMissing => "head-missing",
            Self::JoinedLines => "joined-lines",
        }
    }
}
