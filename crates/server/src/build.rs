//! `sayso build`: one site's files, as a static host would serve them.

use std::path::Path;

use crate::bundle::{Bundle, BundleError, vendor};
use crate::error::StartError;
use crate::load::load_one;
use crate::locale::Locales;
use crate::piece::Pieces;
use crate::snippet::{Form, Snippet};

/// Writes the files of a site into a folder and gives their names.
pub fn build(sites: &Path, site: &str, out: &Path) -> Result<Vec<String>, StartError> {
    let loaded = load_one(sites, site)?;
    let pieces = Pieces::embedded();
    let bundle = Bundle::new(&loaded.config, &Locales::embedded()?, &pieces)?;
    Ok(bundle.write(&loaded.config, &pieces, out)?)
}

/// What of a site is asked for, and in which form.
#[derive(Clone, Copy, Debug, Default)]
pub struct SnippetOptions<'a> {
    /// How the gate comes into the page.
    pub form: Form,
    /// The service's address, where it is not the site's base path on the page's own host.
    pub base: Option<&'a str>,
    /// The page's language; the site's first if none is named.
    pub language: Option<&'a str>,
    /// What the page's template puts in for its nonce.
    pub nonce: Option<&'a str>,
}

/// What a site pastes into its pages.
pub fn snippet(
    sites: &Path,
    site: &str,
    options: SnippetOptions<'_>,
) -> Result<Snippet, StartError> {
    let config = load_one(sites, site)?.config;
    let pieces = Pieces::embedded();
    pieces.complete().map_err(BundleError::from)?;
    let base = options
        .base
        .unwrap_or(&config.base)
        .trim_end_matches('/')
        .to_owned();
    let language = options.language.unwrap_or(config.default_language());
    let nonce = options.nonce;
    Ok(match options.form {
        Form::Async => {
            Snippet::async_form(&vendor::snippet(&config, &pieces)?, &base, language, nonce)
        }
        Form::Sync => Snippet::sync_form(&base, language, nonce),
        Form::Inline => {
            let bundle = Bundle::new(&config, &Locales::embedded()?, &pieces)?;
            let edition = bundle.edition(&config, Some(language), None);
            let gate = edition.inline(&config.base, &base);
            let text = vendor::inline(&config, &pieces)?;
            Snippet::inline_form(&gate, &text, &base, language, nonce)
        }
    })
}
