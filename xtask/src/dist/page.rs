//! The script of the page that checks receipts: its modules as one.

use std::path::Path;

use anyhow::Result;

use super::join;
use super::minify::{Kind, minify};
use crate::repo::Repo;
use crate::stamp::{read_text, write};

/// Writes `verify_page.js`.
pub(super) fn build(repo: &Repo) -> Result<()> {
    let main = repo.root.join("www/verify/main.js");
    let read = |path: &Path| read_text(path);
    let joined = join::join(&main, &read)? + "\nstart();";
    let page = minify("verify_page.js", &joined, Kind::Module)?;
    write(&repo.web().join("verify_page.js"), page.as_bytes())
}
