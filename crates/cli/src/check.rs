//! `sayso check`: every fault of every configuration, with file, line and remedy.

use std::fs;

use sayso_core::config::SiteConfig;
use sayso_server::error::StartError;
use sayso_server::load::{Loaded, load};

use crate::args::CheckArgs;
use crate::failure::Failure;

pub(crate) fn run(args: &CheckArgs) -> Result<String, Failure> {
    let sites = if args.sites.is_dir() {
        load(&args.sites).map_err(Failure::of)?
    } else {
        vec![one(args).map_err(Failure::of)?]
    };
    Ok(sites.iter().map(sound).collect())
}

fn one(args: &CheckArgs) -> Result<Loaded, StartError> {
    let path = args.sites.clone();
    let file = path.display().to_string();
    let text = fs::read_to_string(&path).map_err(|source| StartError::Folder {
        path: file.clone(),
        source,
    })?;
    let config = SiteConfig::parse(&file, &text).map_err(StartError::Config)?;
    Ok(Loaded { path, config })
}

fn sound(site: &Loaded) -> String {
    let config = &site.config;
    format!(
        "{}: sound (site {}, languages {}, purposes {})\n",
        site.path.display(),
        config.id,
        config.languages.join(" "),
        config
            .purposes
            .iter()
            .map(|purpose| purpose.id.as_str())
            .collect::<Vec<_>>()
            .join(" "),
    )
}
