//! The part of `sayso.js` and of the snippet that tells vendors' tags: pieces of the vendors a site declares, and no others.

use sayso_core::config::{SiteConfig, VendorConfig};

use super::{BundleError, embed, json};
use crate::piece::Pieces;

/// The gate's fourth argument: a function that is told whether the defaults are set already, and gives what tells the
/// vendors. `None` where the site declares no vendor.
pub(super) fn teller(config: &SiteConfig, pieces: &Pieces) -> Result<Option<String>, BundleError> {
    if config.vendors.is_empty() {
        return Ok(None);
    }
    let signal = piece(pieces, "signal.js")?;
    let mut list = Vec::new();
    for vendor in &config.vendors {
        let deny = piece(pieces, &file("deny", vendor))?;
        let tell = piece(pieces, &file("tell", vendor))?;
        let ids = embed(&json(&vendor.ids()));
        list.push(format!("[{deny},{tell},{},{ids}]", settings(vendor)));
    }
    Ok(Some(format!(
        "function(d){{return({signal})(window,d,[{}])}}",
        list.join(",")
    )))
}

/// The snippet's text: the queue, and what is made ready while the gate is fetched.
pub fn snippet(config: &SiteConfig, pieces: &Pieces) -> Result<String, BundleError> {
    with(config, pieces, "ahead.js")
}

/// The inline form's text behind its other tags: the queue, and what has the gate in the page run.
pub fn inline(config: &SiteConfig, pieces: &Pieces) -> Result<String, BundleError> {
    with(config, pieces, "inline.js")
}

fn with(config: &SiteConfig, pieces: &Pieces, name: &str) -> Result<String, BundleError> {
    let after = super::text_of(pieces, name)?.trim();
    Ok(format!("{}\n{after}", queue(config, pieces)?))
}

/// The queue, and the denied default of every vendor declared. It never grants.
fn queue(config: &SiteConfig, pieces: &Pieces) -> Result<String, BundleError> {
    // One call at its end; the page may have the snippet twice, and the first one works.
    const CALL: &str = "(window,document)";
    let text = super::text_of(pieces, "snippet.js")?.trim();
    if config.vendors.is_empty() {
        return Ok(text.to_owned());
    }
    let mut denials = String::new();
    for vendor in &config.vendors {
        let deny = piece(pieces, &file("deny", vendor))?;
        denials += &format!("({deny})(window,{});", settings(vendor));
    }
    let (before, after) = text
        .rsplit_once(CALL)
        .ok_or_else(|| BundleError::Piece("snippet.js".to_owned()))?;
    Ok(format!(
        "{before}(window,document,function(){{{denials}}}){after}"
    ))
}

/// A piece that is a function expression; its absence would break the script around it.
pub(super) fn piece<'a>(pieces: &'a Pieces, name: &str) -> Result<&'a str, BundleError> {
    let text = super::function_of(pieces, name)?;
    if text.starts_with("function(") {
        Ok(text)
    } else {
        Err(BundleError::Piece(name.to_owned()))
    }
}

fn file(what: &str, vendor: &VendorConfig) -> String {
    format!("{what}.{}.js", vendor.vendor.name())
}

fn settings(vendor: &VendorConfig) -> String {
    embed(&json(&vendor.settings))
}
