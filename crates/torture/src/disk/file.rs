//! A file: what it holds, what of it was synced, and the writes between.

/// The part of a write that reaches the medium whole or not at all.
const SECTOR: usize = 512;

/// A file.
#[derive(Clone, Debug)]
pub struct File {
    /// Its permissions.
    pub mode: u16,
    data: Vec<u8>,
    synced: Vec<u8>,
    changes: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(u64, Vec<u8>),
    Length(u64),
}

impl File {
    /// An empty file.
    pub fn new(mode: u16) -> Self {
        Self {
            mode,
            data: Vec::new(),
            synced: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// What it reads as.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Writes.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) {
        put(&mut self.data, offset, bytes);
        self.changes.push(Change::Write(offset, bytes.to_vec()));
    }

    /// Cuts it off, or makes it longer.
    pub fn resize(&mut self, length: u64) {
        self.data.resize(index(length), 0);
        self.changes.push(Change::Length(length));
    }

    /// Makes what it reads as safe.
    pub fn sync(&mut self) {
        for change in self.changes.drain(..) {
            apply(&mut self.synced, &change);
        }
    }

    /// What a failed sync does: the changes count as written from now on, and never reach the medium.
    pub fn forget_to_sync(&mut self) {
        self.changes.clear();
    }

    /// Leaves what was synced, and what else survives.
    pub fn cut(&mut self, survives: &mut impl FnMut() -> bool) {
        for change in self.changes.drain(..) {
            match &change {
                Change::Length(_) if survives() => apply(&mut self.synced, &change),
                Change::Length(_) => {}
                Change::Write(offset, bytes) => {
                    let mut at = 0;
                    while at < bytes.len() {
                        let place = index(*offset) + at;
                        let end = (at + SECTOR - place % SECTOR).min(bytes.len());
                        if survives() {
                            put(&mut self.synced, place as u64, &bytes[at..end]);
                        }
                        at = end;
                    }
                }
            }
        }
        self.data = self.synced.clone();
    }
}

fn apply(data: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write(offset, bytes) => put(data, *offset, bytes),
        Change::Length(length) => data.resize(index(*length), 0),
    }
}

fn put(data: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let offset = index(offset);
    let end = offset + bytes.len();
    if data.len() < end {
        data.resize(end, 0);
    }
    data[offset..end].copy_from_slice(bytes);
}

/// These disks hold megabytes; an offset beyond memory is a fault of the test.
fn index(offset: u64) -> usize {
    usize::try_from(offset).expect("a disk that fits into memory")
}
