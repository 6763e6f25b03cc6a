//! `sayso snippet`: what to paste into a site's pages, and the CSP source that allows it.

use sayso_server::snippet::{Form, Snippet};
use sayso_server::{SnippetOptions, snippet};

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
    let form = match (args.inline, args.sync) {
        (true, _) => Form::Inline,
        (_, true) => Form::Sync,
        _ => Form::Async,
    };
    let options = SnippetOptions {
        form,
        base: args.base.as_deref(),
        language: args.lang.as_deref(),
        nonce: args.nonce.as_deref(),
    };
    let Snippet { html, csp } =
        snippet(&args.site.sites, &config.id, options).map_err(Failure::of)?;
    Ok(match csp {
        Some(csp) if args.nonce.is_none() => {
            format!("<!-- Where script-src names hashes, it needs: {csp} -->\n{html}")
        }
        _ => html,
    })
}
