//! The one site that a command is about.

use sayso_server::load::{Loaded, load, load_one};

use crate::args::SiteArgs;
use crate::failure::Failure;

/// The site that was named, or the only one there is.
pub(crate) fn chosen(args: &SiteArgs) -> Result<Loaded, Failure> {
    if let Some(id) = &args.site {
        return load_one(&args.sites, id).map_err(Failure::of);
    }
    let mut sites = load(&args.sites).map_err(Failure::of)?;
    match (sites.pop(), sites.as_slice()) {
        (Some(site), []) => Ok(site),
        (last, rest) => {
            let ids: Vec<_> = rest
                .iter()
                .chain(&last)
                .map(|site| site.config.id.as_str())
                .collect();
            Err(Failure::of(format!(
                "there are several sites; say which with --site: {}",
                ids.join(", ")
            )))
        }
    }
}
