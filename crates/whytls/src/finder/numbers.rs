//! Numbers side by side, as they are built with the program or while it runs.
//!
//! In:  numbers of 32 bits.
//! Out: any of them, and any row of them.
//! Not here: what they count.

use std::borrow::Cow;

/// Numbers of 32 bits, the lowest byte first, so that a file of them is used as it is.
#[derive(Clone, Default)]
pub(crate) struct Numbers(Cow<'static, [u8]>);

const WIDTH: usize = size_of::<u32>();

impl Numbers {
    pub(crate) fn stored(bytes: &'static [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }

    /// As they are stored.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.0.len() / WIDTH
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<u32> {
        self.0.get(WIDTH * at..)?.first_chunk().copied().map(u32::from_le_bytes)
    }

    /// The row at a place, of numbers that stand in rows as long.
    #[inline]
    pub(crate) fn row<const N: usize>(&self, at: usize) -> Option<[u32; N]> {
        let bytes = self.0.get(N * WIDTH * at..)?.get(..N * WIDTH)?;
        let mut row = [0; N];
        for (to, bytes) in row.iter_mut().zip(bytes.chunks_exact(WIDTH)) {
            *to = u32::from_le_bytes(*bytes.first_chunk()?);
        }
        Some(row)
    }
}

impl FromIterator<u32> for Numbers {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        Self(Cow::Owned(numbers.into_iter().flat_map(u32::to_le_bytes).collect()))
    }
}
