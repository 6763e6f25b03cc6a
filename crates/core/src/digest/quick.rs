//! Base64url in whole groups, four letters to three bytes: a server reads and writes kilobytes of it for each receipt, and
//! letter by letter that was a twentieth of its time. Whatever is no whole group is left to the caller.

use super::{LETTERS, value};

/// What stands in the table for a byte that is no letter.
const NONE: u8 = 0xff;

/// Values by letter.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut letter = 0;
    while letter < 256 {
        if let Some(value) = value(letter as u8) {
            values[letter] = value;
        }
        letter += 1;
    }
    values
};

/// The whole groups as text, with room for the rest, and the bytes that make none.
pub(super) fn encode(bytes: &[u8]) -> (String, &[u8]) {
    let (groups, rest) = bytes.as_chunks::<3>();
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    out.resize(groups.len() * 4, 0);
    for ([a, b, c], group) in groups.iter().zip(out.as_chunks_mut::<4>().0) {
        let bits = u32::from_be_bytes([0, *a, *b, *c]);
        group[0] = LETTERS[(bits >> 18 & 63) as usize];
        group[1] = LETTERS[(bits >> 12 & 63) as usize];
        group[2] = LETTERS[(bits >> 6 & 63) as usize];
        group[3] = LETTERS[(bits & 63) as usize];
    }
    // Letters of the alphabet: nothing in them is not text.
    (String::from_utf8(out).unwrap_or_default(), rest)
}

/// Reads the whole groups, and gives back the letters that make none; `None` if something is no letter.
pub(super) fn decode<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (groups, rest) = text.as_chunks::<4>();
    out.resize(groups.len() * 3, 0);
    let of = |letter: u8| u32::from(VALUES[usize::from(letter)]);
    let mut all = 0;
    for ([a, b, c, d], group) in groups.iter().zip(out.as_chunks_mut::<3>().0) {
        let (a, b, c, d) = (of(*a), of(*b), of(*c), of(*d));
        all |= a | b | c | d;
        let bits = a << 18 | b << 12 | c << 6 | d;
        group[0] = (bits >> 16) as u8;
        group[1] = (bits >> 8) as u8;
        group[2] = bits as u8;
    }
    // Looked at once, at the end: a value has six bits, and what is none has more.
    (all < 64).then_some(rest)
}
