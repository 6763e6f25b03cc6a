//! A site's files as a static host would serve them.

use std::path::Path;

use sayso_core::config::SiteConfig;

use super::{Bundle, BundleError, File, cookies};
use crate::piece::Pieces;

impl Bundle {
    /// The cookie tables for policy pages, one per language, by the names of their files.
    pub fn cookie_tables(&self, config: &SiteConfig) -> Vec<(String, File)> {
        let table = |language: &String| {
            let view = &self.edition(config, Some(language), None).view;
            let file = File::plain(
                cookies::table(view).into_bytes(),
                "text/html; charset=utf-8",
            );
            (format!("cookies.{language}.html"), file)
        };
        config.languages.iter().map(table).collect()
    }

    /// Writes the files of a site as a static host would serve them.
    pub fn write(
        &self,
        config: &SiteConfig,
        pieces: &Pieces,
        out: &Path,
    ) -> Result<Vec<String>, BundleError> {
        let mut written = Vec::new();
        let mut write = |name: &str, body: &[u8]| {
            let path = out.join(name);
            let folder = path.parent().unwrap_or(out);
            std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::write(&path, body))
                .map_err(|source| BundleError::Write {
                    path: path.display().to_string(),
                    source,
                })?;
            written.push(name.to_owned());
            Ok::<(), BundleError>(())
        };
        write("sayso.js", &self.edition(config, None, None).script.body)?;
        for language in &config.languages {
            let edition = self.edition(config, Some(language), None);
            write(&format!("sayso.{language}.js"), &edition.script.body)?;
        }
        for (name, table) in self.cookie_tables(config) {
            write(&name, &table.body)?;
        }
        for (path, file) in &self.files {
            write(path, &file.body)?;
        }
        write("snippet.js", &self.snippet.body)?;
        write("sayso.dev.js", &self.dev.body)?;
        write("gpc.json", &self.gpc.body)?;
        for name in pieces.names().filter(|name| !is_part(name)) {
            write(name, pieces.get(name).unwrap_or_default())?;
        }
        Ok(written)
    }
}

/// Whether a piece is only ever put into another file.
fn is_part(name: &str) -> bool {
    ["gate.", "signal.", "snippet.", "dev.", "deny.", "tell."]
        .iter()
        .any(|part| name.starts_with(part))
}
