//! `sayso build`: a site's files, for hosts that serve files only.

use sayso_server::build;

use crate::args::BuildArgs;
use crate::failure::Failure;
use crate::site;

pub(crate) fn run(args: &BuildArgs) -> Result<String, Failure> {
    let id = site::chosen(&args.site)?.config.id;
    let written = build(&args.site.sites, &id, &args.out).map_err(Failure::of)?;
    Ok(written
        .iter()
        .map(|name| format!("{}\n", args.out.join(name).display()))
        .collect())
}
