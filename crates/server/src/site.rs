//! One site, ready to serve: its configuration, files, keys, ledger, and what it has ever shown.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::HeaderMap;
use sayso_core::config::SiteConfig;
use sayso_ledger::Ledger;
use sayso_ledger::sqlite::SqliteLedger;
use sayso_ledger::vault::Vault;

use crate::asset::{Asset, Keep};
use crate::bundle::{Bundle, Edition};
use crate::checkpoint::{Cosigner, Publication, resume};
use crate::clock::Clock;
use crate::cosign::{Trust, Witnesses};
use crate::error::StartError;
use crate::locale::Locales;
use crate::piece::Pieces;
use crate::random::Random;
use crate::rotation;
use crate::shown::Shown;
use crate::signer::{Missing, Secrets, Signer};

/// What every site needs from the world.
#[derive(Clone)]
pub struct World {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub random: Arc<dyn Random>,
    /// Wakes whoever sends mail.
    pub mail: Arc<tokio::sync::Notify>,
    /// Where this service is reached from outside, if it is not the page's own origin.
    pub address: Option<String>,
}

/// One site, ready to serve.
pub struct Site {
    /// What it declares.
    pub config: SiteConfig,
    /// What it hands out.
    pub bundle: Bundle,
    /// Its keys.
    pub signer: Signer,
    /// Its receipts.
    pub ledger: Arc<dyn Ledger>,
    /// What it has published of its log.
    pub publication: Publication,
    /// Those who watch its log, if there are any.
    pub cosigner: Option<Arc<dyn Cosigner>>,
    /// What it has ever shown.
    pub shown: Shown,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Arc<dyn Random>,
    /// Wakes whoever sends mail.
    pub mail: Arc<tokio::sync::Notify>,
    /// Where the site's data lies.
    pub folder: PathBuf,
    address: Option<String>,
    files: BTreeMap<String, Asset>,
    scripts: BTreeMap<(String, String), Script>,
}

/// `sayso.js` in one language under one jurisdiction's rules.
pub struct Script {
    /// For most browsers.
    pub plain: Asset,
    /// For those that send Global Privacy Control, where a purpose follows it.
    pub signalled: Option<Asset>,
}

impl Site {
    /// Opens a site's data, making it at the first start, and freezes what it shows now.
    pub async fn open(
        config: SiteConfig,
        data: &Path,
        locales: &Locales,
        pieces: &Pieces,
        world: &World,
    ) -> Result<Self, StartError> {
        let folder = data.join(&config.id);
        let database = folder.join("ledger.db");
        let missing = if database.exists() {
            Missing::Refuse
        } else {
            Missing::Create
        };
        make(&folder)?;
        let random = world.random.as_ref();
        let secrets = Secrets::open(&folder.join("keys"), missing, random)?;
        let vault = Vault::new(secrets.address_key(), Arc::clone(&world.random));
        let ledger: Arc<dyn Ledger> =
            Arc::new(SqliteLedger::open(&database, &log_origin(&config), vault)?);
        let entries = ledger.size().await?;
        let signer = secrets.into_signer(ledger.log(), entries, random)?;
        let published = resume::resume(&folder, ledger.as_ref(), &signer, &config.log).await?;
        let cosigner: Option<Arc<dyn Cosigner>> = match config.log.witnesses.is_empty() {
            true => None,
            false => Some(Arc::new(Witnesses::new(&config.log, &Trust::Public))),
        };
        let bundle = Bundle::new(&config, locales, pieces)?;
        let shown = Shown::publish(ledger.as_ref(), &config, &bundle, world.clock.now()).await?;
        let site = Self {
            files: files(&config, &bundle),
            scripts: scripts(&bundle),
            config,
            bundle,
            signer,
            ledger,
            publication: Publication::new(published),
            cosigner,
            shown,
            clock: Arc::clone(&world.clock),
            random: Arc::clone(&world.random),
            mail: Arc::clone(&world.mail),
            folder,
            address: world.address.clone(),
        };
        rotation::heal(&site).await?;
        Ok(site)
    }

    /// A file by its path below the base.
    pub fn file(&self, path: &str) -> Option<&Asset> {
        self.files.get(path)
    }

    /// `sayso.js` in the language and for the jurisdiction asked for.
    pub fn script(&self, language: Option<&str>, jurisdiction: Option<&str>) -> &Script {
        let edition = self.edition(language, jurisdiction);
        &self.scripts[&(edition.language.clone(), edition.jurisdiction.clone())]
    }

    /// What is shown in the language and for the jurisdiction asked for.
    pub fn edition(&self, language: Option<&str>, jurisdiction: Option<&str>) -> &Edition {
        self.bundle.edition(&self.config, language, jurisdiction)
    }

    /// The edition in the first of the reader's languages that the site has.
    pub fn edition_for(&self, headers: &HeaderMap) -> &Edition {
        let wanted = headers
            .get("accept-language")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let primary = |tag: &str| {
            tag.split(['-', ';'])
                .next()
                .unwrap_or(tag)
                .trim()
                .to_ascii_lowercase()
        };
        let known = |tag: &&str| {
            self.config
                .languages
                .iter()
                .any(|language| primary(language) == primary(tag))
        };
        let language = wanted
            .split(',')
            .find(known)
            .and_then(|tag| tag.split(';').next())
            .map(str::trim);
        self.edition(language, None)
    }

    /// Where links in mail lead: this service as reached from outside, without a slash at the end.
    pub fn public_address(&self, origin: &str) -> String {
        format!(
            "{}{}",
            self.address.as_deref().unwrap_or(origin),
            self.config.base
        )
    }
}

/// Makes a site's folder, and puts its name and those above it on stable storage: a power cut must not take away the
/// folder of what has been acknowledged.
fn make(folder: &Path) -> Result<(), StartError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |source| StartError::Folder { path, source }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    for above in folder.ancestors().skip(1).take(2) {
        // A relative path ends where this process stands.
        let above = if above.as_os_str().is_empty() {
            Path::new(".")
        } else {
            above
        };
        std::fs::File::open(above)
            .and_then(|folder| folder.sync_all())
            .map_err(failed(above))?;
    }
    Ok(())
}

/// The log's origin at its first start: the site's first host and the base path.
pub fn log_origin(config: &SiteConfig) -> String {
    format!(
        "{}{}",
        config.origins.first().map_or("", |origin| origin.host()),
        config.base
    )
}

fn files(config: &SiteConfig, bundle: &Bundle) -> BTreeMap<String, Asset> {
    let hashed = bundle
        .files
        .iter()
        .map(|(path, file)| (path.clone(), Asset::new(file, Keep::ForEver)));
    let fixed = [
        ("snippet.js", &bundle.snippet),
        ("sayso.dev.js", &bundle.dev),
        ("gpc.json", &bundle.gpc),
    ]
    .map(|(name, file)| (name.to_owned(), Asset::new(file, Keep::Hour)));
    let tables = bundle
        .cookie_tables(config)
        .into_iter()
        .map(|(name, file)| (name, Asset::new(&file, Keep::Hour)));
    hashed.chain(fixed).chain(tables).collect()
}

fn scripts(bundle: &Bundle) -> BTreeMap<(String, String), Script> {
    let asset = |edition: &Edition| Script {
        plain: Asset::new(&edition.script, Keep::Hour),
        signalled: edition
            .signalled
            .as_ref()
            .map(|file| Asset::new(file, Keep::Hour)),
    };
    bundle
        .editions
        .iter()
        .map(|(key, edition)| (key.clone(), asset(edition)))
        .collect()
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site")
            .field("id", &self.config.id)
            .finish_non_exhaustive()
    }
}
