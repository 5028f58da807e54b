//! Reads a packet list as XML: PSML, as `tshark -T psml` and Wireshark's export of summaries write it.
//!
//! In:  a structure that names the columns, and packets with a section for each.
//! Out: one [`Packet`] for each.
//! Not here: what the cells mean (`columns`).

use super::Before;
use super::columns::Packet;
use super::header::Header;
use crate::paste::Line;

/// How many lines are looked at before it is clear what a document is.
const LOOKED_AT: usize = 6;

/// The packets of a document that begins at the first line, and how many lines it has.
pub(super) fn read<'a>(lines: &[Line<'a>]) -> Option<(usize, Vec<Packet<'a>>)> {
    let before = Before::of(lines.first()?, |text| text.starts_with('<'))?;
    let begins = |line: &Line<'_>| before.line(line).trim_start().starts_with("<structure>");
    let begin = lines.iter().take(LOOKED_AT).position(begins)?;
    let (mut header, mut packets) = (None, Vec::new());
    let mut cells: Vec<&str> = Vec::new();
    let mut count = 0;
    let mut first = lines.get(begin)?.span();
    for (at, line) in lines.iter().enumerate().skip(begin) {
        let text = before.line(line).trim();
        if let Some(cell) = text.strip_prefix("<section>") {
            cells.push(cell.strip_suffix("</section>").unwrap_or(cell));
        } else if text.starts_with("<packet>") {
            first = line.span();
            cells.clear();
        } else if text.starts_with("</structure>") {
            header = Some(Header::of(&cells)?);
            cells.clear();
        } else if text.starts_with("</packet>") {
            let span = first.to(line.span());
            packets.extend(header.as_ref().and_then(|header| Packet::of_cells(&cells, header, span)));
        } else if !text.is_empty() && !text.starts_with('<') {
            break;
        }
        count = at + 1;
    }
    (!packets.is_empty()).then_some((count, packets))
}
