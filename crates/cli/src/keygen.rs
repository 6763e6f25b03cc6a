//! `sayso keygen`: a site's keys, made ahead of its first start.

use sayso_core::log::note::{Algorithm, VerifierKey};
use sayso_core::policy::PurposeId;
use sayso_server::load::load_one;
use sayso_server::random::OsRandom;
use sayso_server::signer;
use sayso_server::site::log_origin;

use crate::args::KeygenArgs;
use crate::failure::Failure;

pub(crate) fn run(args: &KeygenArgs) -> Result<String, Failure> {
    // Site ids are spelt as purpose ids are; anything else could name another folder.
    PurposeId::new(&args.site).map_err(|_| {
        Failure::of(format!(
            "{:?} is not a site id: use 1 to 32 of a-z, 0-9 and '-', beginning with a letter",
            args.site
        ))
    })?;
    // Before anything is made: a configuration with faults leaves no keys behind.
    let origin = match &args.sites {
        Some(sites) => {
            let site = load_one(sites, &args.site).map_err(Failure::of)?;
            Some(log_origin(&site.config))
        }
        None => None,
    };
    let folder = args.data.join(&args.site).join("keys");
    let keys = signer::generate(&folder, &OsRandom::new()).map_err(Failure::of)?;
    let text = serde_json::to_string_pretty(&keys.jwks).map_err(Failure::of)?;
    eprintln!(
        "sayso: keys made in {}; back them up: they cannot be made again",
        folder.display()
    );
    match origin {
        Some(origin) => eprintln!(
            "sayso: the log's key, for its witnesses: {}",
            VerifierKey {
                name: origin,
                algorithm: Algorithm::Ed25519,
                public: keys.log,
            }
        ),
        None => eprintln!(
            "sayso: with --sites DIR the log's key is printed as its witnesses need it, too"
        ),
    }
    Ok(text + "\n")
}
