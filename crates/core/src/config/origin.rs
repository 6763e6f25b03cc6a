//! Web origins (RFC 6454) that a site's pages may have.

use std::fmt;

/// An origin: scheme, host and port. On loopback hosts the port may be any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    text: String,
    any_port: bool,
}

impl Origin {
    /// Reads `https://shop.example`, `https://shop.example:8443` or, on loopback hosts alone, `http://localhost:*`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or("an origin begins with https:// or http://")?;
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (rest, None),
        };
        let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if !matches!(scheme, "https" | "http") {
            return Err("an origin begins with https:// or http://".into());
        }
        let host_ok = loopback
            || (!host.is_empty()
                && host
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-'));
        if !host_ok {
            return Err(
                "an origin is scheme, host in lower case and perhaps a port, without a path".into(),
            );
        }
        if scheme == "http" && !loopback {
            return Err("plain http is for loopback hosts alone; use https://".into());
        }
        match port {
            Some("*") if loopback => Ok(Self {
                text: format!("{scheme}://{host}"),
                any_port: true,
            }),
            Some("*") => Err("any port is for loopback hosts alone; name the port".into()),
            Some(port) if port.parse::<u16>().is_err() => Err(format!("{port:?} is not a port")),
            Some("443") if scheme == "https" => Ok(Self {
                text: format!("{scheme}://{host}"),
                any_port: false,
            }),
            Some("80") if scheme == "http" => Ok(Self {
                text: format!("{scheme}://{host}"),
                any_port: false,
            }),
            _ => Ok(Self {
                text: text.to_owned(),
                any_port: false,
            }),
        }
    }

    /// Whether an `Origin` header names it.
    pub fn allows(&self, header: &str) -> bool {
        match header.strip_prefix(&self.text) {
            Some("") => true,
            Some(rest) if self.any_port => rest
                .strip_prefix(':')
                .is_some_and(|port| port.parse::<u16>().is_ok()),
            _ => false,
        }
    }

    /// The host, without the port.
    pub fn host(&self) -> &str {
        let rest = self.text.split_once("://").map_or("", |(_, rest)| rest);
        match rest.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => host,
            _ => rest,
        }
    }

    /// Whether any port of the host is meant.
    pub fn any_port(&self) -> bool {
        self.any_port
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.text, if self.any_port { ":*" } else { "" })
    }
}
