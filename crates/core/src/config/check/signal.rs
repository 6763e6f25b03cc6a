//! Checks of `[signals]`: every signal follows a purpose or a service of this site that a visitor answers for the device.

use toml::Spanned;

use super::Check;
use crate::config::raw::{self, MatomoWaits};
use crate::config::{PurposeConfig, Vendor, VendorConfig, VendorSettings};
use crate::map::Map;
use crate::policy::Channel;

/// Longest that tags may be told to wait, in milliseconds.
const MOST_WAIT: u32 = 10_000;
/// For how long they wait where the site does not say: Google's own example.
const WAIT: u32 = 500;

/// A signal's name, and what it follows if the site says so.
type Named = (&'static str, Option<Spanned<String>>);

impl Check<'_> {
    pub(super) fn signals(
        &mut self,
        raw: raw::Signals,
        purposes: &[PurposeConfig],
    ) -> Vec<VendorConfig> {
        let mut vendors = Vec::new();
        if let Some(google) = raw.google {
            vendors.push(self.google(google, purposes));
        }
        if let Some(uet) = raw.uet {
            let named = [("ad_storage", Some(uet.ad_storage))];
            vendors.push(self.plain(Vendor::Uet, named, purposes));
        }
        if let Some(clarity) = raw.clarity {
            let span = clarity.span();
            let raw = clarity.into_inner();
            let named = [
                ("ad_storage", raw.ad_storage),
                ("analytics_storage", raw.analytics_storage),
            ];
            let vendor = self.plain(Vendor::Clarity, named, purposes);
            self.not_empty(span, &vendor);
            vendors.push(vendor);
        }
        if let Some(meta) = raw.meta {
            let named = [("consent", Some(meta.consent))];
            vendors.push(self.plain(Vendor::Meta, named, purposes));
        }
        if let Some(matomo) = raw.matomo {
            let named = [("consent", Some(matomo.consent))];
            let mut vendor = self.plain(Vendor::Matomo, named, purposes);
            vendor.settings.cookies = matomo.waits == MatomoWaits::Cookies;
            vendors.push(vendor);
        }
        vendors
    }

    fn google(&mut self, raw: Spanned<raw::Google>, purposes: &[PurposeConfig]) -> VendorConfig {
        let span = raw.span();
        let raw = raw.into_inner();
        let named = [
            ("ad_storage", raw.ad_storage),
            ("ad_user_data", raw.ad_user_data),
            ("ad_personalization", raw.ad_personalization),
            ("analytics_storage", raw.analytics_storage),
            ("functionality_storage", raw.functionality_storage),
            ("personalization_storage", raw.personalization_storage),
            ("security_storage", raw.security_storage),
        ];
        let mut vendor = self.plain(Vendor::Google, named, purposes);
        self.not_empty(span, &vendor);
        if let Some(wait) = raw
            .wait_for_update
            .as_ref()
            .filter(|w| *w.get_ref() > MOST_WAIT)
        {
            self.fault(
                wait.span(),
                format!("tags would wait {} ms for an answer", wait.get_ref()),
                format!("write milliseconds, at most {MOST_WAIT}; {WAIT} is usual"),
            );
        }
        for region in raw.region.iter().filter(|r| !is_region(r.get_ref())) {
            self.fault(
                region.span(),
                format!("{:?} is no region", region.get_ref()),
                "write ISO 3166-2 codes, like \"DE\" or \"US-CA\"",
            );
        }
        vendor.settings.wait = Some(raw.wait_for_update.map_or(WAIT, Spanned::into_inner));
        vendor.settings.region = raw.region.into_iter().map(Spanned::into_inner).collect();
        vendor.settings.redact = raw.ads_data_redaction;
        vendor.settings.pass = raw.url_passthrough;
        vendor
    }

    fn plain(
        &mut self,
        vendor: Vendor,
        named: impl IntoIterator<Item = Named>,
        purposes: &[PurposeConfig],
    ) -> VendorConfig {
        let mut signals = Map::default();
        for (name, follows) in named {
            let Some(follows) = follows else { continue };
            self.followed(&follows, purposes);
            signals.insert(name.to_owned(), follows.into_inner());
        }
        VendorConfig {
            vendor,
            settings: VendorSettings {
                signals,
                ..VendorSettings::default()
            },
        }
    }

    fn followed(&mut self, follows: &Spanned<String>, purposes: &[PurposeConfig]) {
        let id = follows.get_ref().as_str();
        let device = purposes.iter().filter(|p| p.channel == Channel::Device);
        let known: Vec<&str> = device
            .flat_map(|purpose| {
                let services = purpose.services.iter().map(|service| service.id.as_str());
                std::iter::once(purpose.id.as_str()).chain(services)
            })
            .collect();
        if !known.contains(&id) {
            self.fault(
                follows.span(),
                format!(
                    "{id:?} is neither a purpose nor a service that is answered for the device"
                ),
                format!("name one of: {}", known.join(", ")),
            );
        }
    }

    fn not_empty(&mut self, span: std::ops::Range<usize>, vendor: &VendorConfig) {
        if vendor.settings.signals.is_empty() {
            let name = vendor.vendor.name();
            self.fault(
                span,
                format!("no signal of {name} follows a purpose, so it could only ever be denied"),
                "write, for example, analytics_storage = \"analytics\", or take the table out",
            );
        }
    }
}

/// `DE`, or `US-CA`: a country, and at most one of its parts.
fn is_region(text: &str) -> bool {
    let (country, part) = text.split_once('-').unwrap_or((text, "XX"));
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=3).contains(&part.len())
        && part
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}
