//! Tiles (C2SP tlog-tiles): 256 hashes of one level in one file, immutable, so that anyone can read and cache the tree.

use crate::digest::Digest;

/// Hashes in a full tile.
pub const WIDTH: u64 = 256;

/// A tile's coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The level of tiles: its hashes are nodes of level `8 · level`.
    pub level: u8,
    /// Counted from 0 within its level.
    pub index: u64,
    /// How many hashes: 256, or fewer at the tree's right edge.
    pub width: u16,
}

impl Tile {
    /// Reads the path after `tile/`, such as `0/x001/067.p/8`.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.split_once('/')?;
        let (rest, width) = match rest.split_once(".p/") {
            Some((rest, width)) => (rest, decimal(width)?),
            None => (rest, WIDTH),
        };
        let mut index: u64 = 0;
        let parts: Vec<&str> = rest.split('/').collect();
        for (at, part) in parts.iter().enumerate() {
            let last = at + 1 == parts.len();
            let digits = if last { *part } else { part.strip_prefix('x')? };
            if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
        }
        let tile = Self {
            level: decimal(level)?.try_into().ok().filter(|l| *l < 8)?,
            index,
            width: u16::try_from(width)
                .ok()
                .filter(|w| (1..=256).contains(w))?,
        };
        (tile.path() == path).then_some(tile)
    }

    /// The path after `tile/`.
    pub fn path(&self) -> String {
        let mut path = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            path = format!("x{:03}/{path}", rest % 1000);
            rest /= 1000;
        }
        let partial = if u64::from(self.width) == WIDTH {
            String::new()
        } else {
            format!(".p/{}", self.width)
        };
        format!("{}/{path}{partial}", self.level)
    }

    /// The nodes it holds: their level, and the first and last-but-one index.
    pub fn nodes(&self) -> (u8, std::ops::Range<u64>) {
        let begin = self.index * WIDTH;
        (self.level * 8, begin..begin + u64::from(self.width))
    }

    /// Whether a tree of a size holds all of it.
    pub fn is_in(&self, size: u64) -> bool {
        let (level, nodes) = self.nodes();
        nodes.end <= size.checked_shr(u32::from(level)).unwrap_or(0)
    }

    /// The tile's bytes: its hashes end to end.
    pub fn bytes(hashes: &[Digest]) -> Vec<u8> {
        hashes.iter().flat_map(|hash| hash.0).collect()
    }
}

fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0"
        || (!text.is_empty() && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    if canonical { text.parse().ok() } else { None }
}
