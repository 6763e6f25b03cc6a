//! `[signals]`: which vendors are told, and what their signals follow.

use serde::Deserialize;
use toml::Spanned;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Signals {
    pub(in crate::config) google: Option<Spanned<Google>>,
    pub(in crate::config) uet: Option<Uet>,
    pub(in crate::config) clarity: Option<Spanned<Clarity>>,
    pub(in crate::config) meta: Option<Meta>,
    pub(in crate::config) matomo: Option<Matomo>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Google {
    pub(in crate::config) ad_storage: Option<Spanned<String>>,
    pub(in crate::config) ad_user_data: Option<Spanned<String>>,
    pub(in crate::config) ad_personalization: Option<Spanned<String>>,
    pub(in crate::config) analytics_storage: Option<Spanned<String>>,
    pub(in crate::config) functionality_storage: Option<Spanned<String>>,
    pub(in crate::config) personalization_storage: Option<Spanned<String>>,
    pub(in crate::config) security_storage: Option<Spanned<String>>,
    pub(in crate::config) wait_for_update: Option<Spanned<u32>>,
    #[serde(default)]
    pub(in crate::config) region: Vec<Spanned<String>>,
    #[serde(default)]
    pub(in crate::config) ads_data_redaction: bool,
    #[serde(default)]
    pub(in crate::config) url_passthrough: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Uet {
    pub(in crate::config) ad_storage: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Clarity {
    pub(in crate::config) ad_storage: Option<Spanned<String>>,
    pub(in crate::config) analytics_storage: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Meta {
    pub(in crate::config) consent: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Matomo {
    pub(in crate::config) consent: Spanned<String>,
    #[serde(default)]
    pub(in crate::config) waits: MatomoWaits,
}

/// What of Matomo waits for consent.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum MatomoWaits {
    /// Every request.
    #[default]
    Requests,
    /// Its cookies alone.
    Cookies,
}
