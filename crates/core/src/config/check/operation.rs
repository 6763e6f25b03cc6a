//! Checks of what concerns the running of a service: log, keeping, limits, mail server.

use toml::Spanned;

use super::Check;
use crate::config::operation::{Keep, Limits, LogConfig, SmtpUrl, WitnessConfig};
use crate::config::raw::{self, Bound};
use crate::log::note::{Algorithm, VerifierKey};
use crate::policy::Days;

/// Most witnesses of one log: each is asked for every checkpoint.
const MOST_WITNESSES: usize = 16;
/// Longest pause between two checkpoints, in seconds.
const MOST_INTERVAL: u32 = 3600;
/// Longest keeping that is a number of days: a hundred years.
const MOST_DAYS: u32 = 36_525;

impl Check<'_> {
    pub(super) fn log(&mut self, raw: Option<raw::Log>) -> LogConfig {
        let Some(raw) = raw else {
            return LogConfig::default();
        };
        let count = raw.witnesses.len();
        if let Some(first_too_many) = raw.witnesses.get(MOST_WITNESSES) {
            self.fault(
                first_too_many.span(),
                format!("{count} witnesses are more than {MOST_WITNESSES}"),
                "each is asked for every checkpoint; choose fewer, of different operators",
            );
        }
        let mut witnesses: Vec<WitnessConfig> = Vec::new();
        for written in raw.witnesses {
            if let Some(witness) = self.witness(written.into_inner(), &witnesses) {
                witnesses.push(witness);
            }
        }
        let quorum = match &raw.quorum {
            // More than half: for two checkpoints that contradict each other, one witness would have to cosign both.
            None if count == 0 => 0,
            None => count / 2 + 1,
            Some(quorum) => *quorum.get_ref() as usize,
        };
        if let Some(written) = raw.quorum.as_ref().filter(|_| quorum > count) {
            self.fault(
                written.span(),
                format!("a quorum of {quorum} cannot be had from {count} witnesses"),
                "name more witnesses, or lower the quorum: no checkpoint would ever be published",
            );
        }
        let interval = raw.interval.as_ref().map_or(1, |i| *i.get_ref());
        if let Some(written) = &raw.interval
            && !(1..=MOST_INTERVAL).contains(&interval)
        {
            self.fault(
                written.span(),
                format!("a checkpoint every {interval} seconds is out of range"),
                format!("choose 1 to {MOST_INTERVAL} seconds"),
            );
        }
        LogConfig {
            witnesses,
            quorum,
            interval,
        }
    }

    fn witness(&mut self, raw: raw::Witness, others: &[WitnessConfig]) -> Option<WitnessConfig> {
        let url = raw.url.get_ref().trim_end_matches('/').to_owned();
        if let Err(what) = witness_url(&url) {
            self.fault(
                raw.url.span(),
                format!("{:?}: {what}", raw.url.get_ref()),
                "write the witness's submission prefix, like https://witness.example",
            );
        } else if others.iter().any(|other| other.url == url) {
            self.fault(
                raw.url.span(),
                format!("two witnesses have the address {url:?}"),
                "name each witness once",
            );
        }
        let key = match VerifierKey::parse(raw.key.get_ref()) {
            Ok(key) => key,
            Err(error) => {
                self.fault(
                    raw.key.span(),
                    error.to_string(),
                    "paste the verifier key as the witness's operator published it, like witness.example+0123abcd+BA…",
                );
                return None;
            }
        };
        if key.algorithm != Algorithm::Cosignature {
            self.fault(
                raw.key.span(),
                format!("the key {} signs notes; a witness's key cosigns", key.name),
                "ask the operator for the key of the type cosignature/v1 (its base64 begins with \"B\")",
            );
        }
        let twice = others
            .iter()
            .any(|other| other.key.name == key.name || other.key.public == key.public);
        if twice {
            self.fault(
                raw.key.span(),
                format!("the witness {} is named twice", key.name),
                "one party counts once towards the quorum; take one out",
            );
        }
        Some(WitnessConfig { url, key })
    }

    pub(super) fn keep(&mut self, raw: Option<raw::Keep>, days: Days) -> Keep {
        let default = Keep::default();
        let Some(raw) = raw else { return default };
        // An answer in force whose proof is gone could not be shown to anyone.
        let least = days.given.max(days.refused);
        Keep {
            signed_days: self.kept(raw.signed_days, default.signed_days, least),
            witnessed_days: self.kept(raw.witnessed_days, default.witnessed_days, least),
            address_days: self.kept(raw.address_days, default.address_days, 1),
        }
    }

    fn kept(
        &mut self,
        raw: Option<Spanned<Bound>>,
        default: Option<u32>,
        least: u32,
    ) -> Option<u32> {
        let Some(raw) = raw else { return default };
        let Bound(bound) = *raw.get_ref();
        if let Some(days) = bound.filter(|days| !(least..=MOST_DAYS).contains(days)) {
            let what = if days < least && least > 1 {
                format!(
                    "a receipt would be erased after {days} days while its answer may hold for {least}"
                )
            } else {
                format!("{days} days is out of range")
            };
            self.fault(
                raw.span(),
                what,
                format!("choose {least} to {MOST_DAYS} days, or \"unlimited\""),
            );
        }
        bound
    }

    pub(super) fn limits(&mut self, raw: Option<raw::Limits>) -> Limits {
        let default = Limits::default();
        let Some(raw) = raw else { return default };
        let burst = raw.burst.as_ref().map_or(default.burst, |b| *b.get_ref());
        if let Some(written) = raw.burst.as_ref().filter(|b| *b.get_ref() == 0) {
            self.fault(
                written.span(),
                "a burst of 0 would refuse every request",
                "choose at least 1",
            );
        }
        Limits {
            per_network: self.rate(raw.per_network, default.per_network),
            burst,
            addresses_per_network: self
                .rate(raw.addresses_per_network, default.addresses_per_network),
        }
    }

    fn rate(&mut self, raw: Option<Spanned<Bound>>, default: Option<u32>) -> Option<u32> {
        let Some(raw) = raw else { return default };
        let Bound(bound) = *raw.get_ref();
        if bound == Some(0) {
            self.fault(
                raw.span(),
                "a rate of 0 would refuse every request",
                "choose a number of requests a minute, or \"unlimited\"",
            );
        }
        bound
    }

    pub(super) fn smtp(&mut self, raw: Option<Spanned<String>>) -> Option<SmtpUrl> {
        let raw = raw?;
        let url = SmtpUrl::parse(raw.get_ref());
        if url.is_none() {
            // Not quoted: it may hold a password.
            self.fault(
                raw.span(),
                "this is not the address of a mail server",
                "write smtp://host:25, smtps://user:password@host or smtp://host:587?tls=required",
            );
        }
        url
    }
}

/// Whether a witness can be asked there.
fn witness_url(url: &str) -> Result<(), &'static str> {
    let (scheme, rest) = url
        .split_once("://")
        .ok_or("an address begins with https://")?;
    if url
        .chars()
        .any(|c| !c.is_ascii_graphic() || "?#\"<>\\^`{|}".contains(c))
    {
        return Err("a submission prefix has no query, no fragment and no spaces");
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err("witnesses take no user name and password");
    }
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => {
            port.parse::<u16>().map_err(|_| "that is not a port")?;
            host
        }
        _ => authority,
    };
    let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    match scheme {
        _ if host.is_empty() => Err("it names no host"),
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        "http" => Err("plain http is for loopback hosts alone; use https://"),
        _ => Err("an address begins with https://"),
    }
}
