//! `sayso build`: one site's files, as a static host would serve them.

use std::path::Path;

use crate::bundle::Bundle;
use crate::error::StartError;
use crate::load::load_one;
use crate::locale::Locales;
use crate::piece::Pieces;
use crate::snippet::Snippet;

/// Writes the files of a site into a folder and gives their names.
pub fn build(sites: &Path, site: &str, out: &Path) -> Result<Vec<String>, StartError> {
    let loaded = load_one(sites, site)?;
    let pieces = Pieces::embedded();
    let bundle = Bundle::new(&loaded.config, &Locales::embedded()?, &pieces)?;
    Ok(bundle.write(&loaded.config, &pieces, out)?)
}

/// What a site pastes into its pages. `base` is the site's base path, or a whole address where the service has a host of
/// its own.
pub fn snippet(
    sites: &Path,
    site: &str,
    base: Option<&str>,
    language: Option<&str>,
) -> Result<Snippet, StartError> {
    let config = load_one(sites, site)?.config;
    let pieces = Pieces::embedded();
    pieces
        .complete()
        .map_err(crate::bundle::BundleError::from)?;
    let base = base.unwrap_or(&config.base).trim_end_matches('/');
    Ok(Snippet::new(
        &pieces,
        base,
        language.unwrap_or(config.default_language()),
    ))
}
