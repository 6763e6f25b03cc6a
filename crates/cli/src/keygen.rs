//! `sayso keygen`: a site's keys, made ahead of its first start.

use sayso_core::policy::PurposeId;
use sayso_server::random::OsRandom;
use sayso_server::signer;

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
    let folder = args.data.join(&args.site).join("keys");
    let keys = signer::generate(&folder, &OsRandom::new()).map_err(Failure::of)?;
    let text = serde_json::to_string_pretty(&keys).map_err(Failure::of)?;
    eprintln!(
        "sayso: keys made in {}; back them up: they cannot be made again",
        folder.display()
    );
    Ok(text + "\n")
}
