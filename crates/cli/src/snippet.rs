//! `sayso snippet`: what to paste into a site's pages, and the CSP source that allows it.

use sayso_server::snippet;
use sayso_server::snippet::Snippet;

use crate::args::SnippetArgs;
use crate::failure::Failure;
use crate::site;

pub(crate) fn run(args: &SnippetArgs) -> Result<String, Failure> {
    let config = site::chosen(&args.site)?.config;
    if let Some(language) = &args.lang
        && !config.languages.contains(language)
    {
        let known = config.languages.join(", ");
        return Err(Failure::of(format!(
            "the site has no texts in {language:?}; it has {known}"
        )));
    }
    let (base, language) = (args.base.as_deref(), args.lang.as_deref());
    let Snippet { html, csp, .. } =
        snippet(&args.site.sites, &config.id, base, language).map_err(Failure::of)?;
    Ok(format!(
        "<!-- Where script-src names hashes, it needs this one: {csp} -->\n{html}"
    ))
}
