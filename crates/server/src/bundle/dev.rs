//! `sayso.dev.js`: warnings for whoever builds a site, with what the site declares.

use sayso_core::config::SiteConfig;
use sayso_core::policy::Channel;
use serde_json::json;

use super::vendor::piece;
use super::{BundleError, embed, json};
use crate::piece::Pieces;

/// The file's text.
pub(super) fn script(config: &SiteConfig, pieces: &Pieces) -> Result<String, BundleError> {
    let mut ids = Vec::new();
    let mut services = Vec::new();
    for purpose in &config.purposes {
        if purpose.channel != Channel::Device {
            continue;
        }
        ids.push(purpose.id.as_str());
        for service in &purpose.services {
            ids.push(service.id.as_str());
            let keeps: Vec<&str> = service.cookies.iter().map(|c| c.name.as_str()).collect();
            services.push(json!({ "id": service.id, "hosts": service.hosts, "keeps": keeps }));
        }
    }
    let declared = json!({ "services": services, "ids": ids });
    let dev = piece(pieces, "dev.js")?;
    Ok(format!("({dev})({});\n", embed(&json(&declared))))
}
