//! A small set of ids: a handful at most, so a sorted list is smaller and faster than a tree.

/// A set of ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids(Vec<String>);

impl Ids {
    /// Whether the id is in it.
    pub fn has(&self, id: &str) -> bool {
        self.at(id).is_ok()
    }

    /// Puts the id in, or takes it out.
    pub fn put(&mut self, id: &str, on: bool) {
        match (self.at(id), on) {
            (Err(at), true) => self.0.insert(at, id.to_owned()),
            (Ok(at), false) => {
                self.0.remove(at);
            }
            _ => {}
        }
    }

    /// The ids, in order.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    fn at(&self, id: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|one| one.as_str().cmp(id))
    }
}

impl From<Ids> for Vec<String> {
    /// The ids, in order.
    fn from(ids: Ids) -> Self {
        ids.0
    }
}
