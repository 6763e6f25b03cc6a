//! Finding the sites: every `DIR/*/sayso.toml`.

use std::path::{Path, PathBuf};

use sayso_core::config::SiteConfig;

use crate::error::StartError;

/// A site's configuration and the file it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The file.
    pub path: PathBuf,
    /// What it declares.
    pub config: SiteConfig,
}

/// Reads the sites of a folder, in the order of their names. Every fault of every file is reported together.
pub fn load(folder: &Path) -> Result<Vec<Loaded>, StartError> {
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |source| StartError::Folder { path, source }
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io(folder))? {
        let path = entry.map_err(io(folder))?.path().join("sayso.toml");
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(StartError::NoSite {
            folder: folder.display().to_string(),
        });
    }
    let mut sites = Vec::new();
    let mut faults = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(io(&path))?;
        match SiteConfig::parse(&path.display().to_string(), &text) {
            Ok(config) => sites.push(Loaded { path, config }),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() {
        distinct(&sites)?;
        Ok(sites)
    } else {
        Err(StartError::Config(faults))
    }
}

/// The one site of this id.
pub fn load_one(folder: &Path, id: &str) -> Result<Loaded, StartError> {
    let unknown = || StartError::UnknownSite {
        id: id.to_owned(),
        folder: folder.display().to_string(),
    };
    load(folder)?
        .into_iter()
        .find(|site| site.config.id == id)
        .ok_or_else(unknown)
}

/// No two sites may share their data or want the same requests.
fn distinct(sites: &[Loaded]) -> Result<(), StartError> {
    for (at, one) in sites.iter().enumerate() {
        for other in &sites[..at] {
            let (first, second) = (
                other.path.display().to_string(),
                one.path.display().to_string(),
            );
            if one.config.id == other.config.id {
                return Err(StartError::SameId {
                    first,
                    second,
                    id: one.config.id.clone(),
                });
            }
            let shared = one
                .config
                .origins
                .iter()
                .find(|origin| other.config.origins.contains(origin));
            if let (Some(origin), true) = (shared, one.config.base == other.config.base) {
                let (origin, base) = (origin.to_string(), one.config.base.clone());
                return Err(StartError::Clash {
                    first,
                    second,
                    origin,
                    base,
                });
            }
        }
    }
    Ok(())
}
