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
        "{}: sound (site {}, languages {}, purposes {})\n{}",
        site.path.display(),
        config.id,
        config.languages.join(" "),
        config
            .purposes
            .iter()
            .map(|purpose| purpose.id.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        running(config),
    )
}

/// How the service will be run, defaults included: what nobody wrote down is worth seeing once.
fn running(config: &SiteConfig) -> String {
    let (log, keep, limits) = (&config.log, &config.keep, &config.limits);
    let every = match log.interval {
        1 => "second".to_owned(),
        seconds => format!("{seconds} seconds"),
    };
    let cosigned = match log.witnesses.len() {
        0 => "no witnesses: nobody else can show that the log was never rewritten".to_owned(),
        count => format!(
            "published with {} of {count} witnesses: {}",
            log.quorum,
            log.keys()
                .map(|key| key.name.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        ),
    };
    let days =
        |days: Option<u32>| days.map_or("unlimited".to_owned(), |days| format!("{days} days"));
    let rate =
        |rate: Option<u32>| rate.map_or("unlimited".to_owned(), |rate| format!("{rate} a minute"));
    let mail = match (&config.mail_smtp, config.mail_from.as_str()) {
        (_, "") => String::new(),
        (Some(server), from) => format!("    mail: from {from}, through {server}\n"),
        (None, from) => {
            format!("    mail: from {from}, through the server given to `sayso serve`\n")
        }
    };
    format!(
        "    log: a checkpoint at most every {every}; {cosigned}\n    keep: signed {}, witnessed {}, addresses {}\n    limits for one network: writes {}, {} at once; addresses {}\n{mail}",
        days(keep.signed_days),
        days(keep.witnessed_days),
        days(keep.address_days),
        rate(limits.per_network),
        limits.burst,
        rate(limits.addresses_per_network),
    )
}
