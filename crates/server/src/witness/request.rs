//! The body of an add-checkpoint request: old size, proof, blank line, checkpoint.

use base64ct::{Base64, Encoding};
use sayso_core::digest::Digest;
use sayso_core::log::note;

use super::Refused;

/// Most hashes in a proof, as the protocol says.
const MOST_HASHES: usize = 63;
/// Most lines that sign a checkpoint: each by the log's key costs a check.
pub(super) const MOST_SIGNATURES: usize = 64;
/// Longest body: a note, 63 lines of 45 bytes, and the first line.
pub(super) const MAX_LEN: usize = note::MAX_LEN + 3 * 1024;

/// What is wrong with a checkpoint that is none.
pub(super) const NOTE: &str = "after the blank line comes a checkpoint: origin, size, root, a blank line, and lines that sign it";
/// What is wrong with too many signatures.
pub(super) const SIGNATURES: &str = "a checkpoint may carry 64 signatures at most";

/// A request, taken apart and not believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AddCheckpoint<'a> {
    /// The size that the proof starts from.
    pub(super) old: u64,
    /// The consistency proof.
    pub(super) proof: Vec<Digest>,
    /// The signed checkpoint.
    pub(super) note: &'a str,
}

impl<'a> AddCheckpoint<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, Refused> {
        let text =
            std::str::from_utf8(body).map_err(|_| Refused::Malformed("the body is not UTF-8"))?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or(Refused::Malformed("there is no blank line"))?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(decimal)
            .ok_or(Refused::Malformed(
                "the first line is \"old\", a space, and a size without leading zeroes",
            ))?;
        let proof = lines.map(hash).collect::<Option<Vec<_>>>();
        let proof = proof
            .filter(|proof| proof.len() <= MOST_HASHES)
            .ok_or(Refused::Malformed(
                "the lines before the blank one are at most 63 hashes of 32 bytes in base64",
            ))?;
        Ok(Self { old, proof, note })
    }
}

fn decimal(text: &str) -> Option<u64> {
    let canonical =
        text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    canonical.then(|| text.parse().ok()).flatten()
}

fn hash(line: &str) -> Option<Digest> {
    let bytes = Base64::decode_vec(line).ok()?;
    bytes.try_into().ok().map(Digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=";

    #[test]
    fn the_parts_are_found() {
        let body = format!("old 7\n{HASH}\n{HASH}\n\norigin\n9\nroot\n\n— key AAAA\n");
        let read = AddCheckpoint::parse(body.as_bytes()).expect("it reads");
        assert_eq!((read.old, read.proof.len()), (7, 2));
        assert_eq!(read.note, "origin\n9\nroot\n\n— key AAAA\n");
        let first = AddCheckpoint::parse(b"old 0\n\nnote").expect("it reads");
        assert_eq!((first.old, first.proof.len(), first.note), (0, 0, "note"));
    }

    #[test]
    fn anything_else_is_malformed() {
        let many = format!("old 1\n{}\nnote", format!("{HASH}\n").repeat(64));
        let cut = &HASH[..40];
        let cases = [
            "",
            "old 1",
            "old 1\nnote",
            "\n\nnote",
            "old\n\nnote",
            "old \n\nnote",
            "old 01\n\nnote",
            "old +1\n\nnote",
            "old -1\n\nnote",
            "old 1 \n\nnote",
            "old  1\n\nnote",
            "Old 1\n\nnote",
            "old 1\r\n\r\nnote",
            "old 18446744073709551616\n\nnote",
            &format!("old 1\n{cut}\n\nnote"),
            &format!("old 1\n{HASH} \n\nnote"),
            &format!("old 1\n{}\n\nnote", HASH.replace('=', "")),
            &many,
        ];
        for case in cases {
            let read = AddCheckpoint::parse(case.as_bytes());
            assert!(
                matches!(read, Err(Refused::Malformed(_))),
                "{case:?}: {read:?}"
            );
        }
        assert!(AddCheckpoint::parse(b"old 1\n\n\xff").is_err());
    }
}
