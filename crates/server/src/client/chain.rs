//! The chain of addresses that proxies write: `X-Forwarded-For`, or `Forwarded` of RFC 7239. Read from the right.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};

use super::ForwardedBy;

/// Entries further left than this are nobody's business.
const MOST: usize = 32;

/// The address that the `count`th proxy from the right has written. Where the chain is shorter, a proxy was asked past
/// the ones in front of it, and its own word counts. An entry that is no address is passed over to the right.
pub(super) fn last(headers: &HeaderMap, by: ForwardedBy, count: usize) -> Option<IpAddr> {
    entries(headers, by)
        .take(count.min(MOST))
        .map_while(|entry| entry)
        .last()
}

/// From the right, the first address that is no trusted proxy's.
pub(super) fn first_stranger(
    headers: &HeaderMap,
    by: ForwardedBy,
    peer: IpAddr,
    trusted: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    if !trusted(peer) {
        return None;
    }
    let mut last = None;
    for entry in entries(headers, by).take(MOST).map_while(|entry| entry) {
        last = Some(entry);
        if !trusted(entry) {
            break;
        }
    }
    last
}

/// The entries from the right; nothing for one that is no address.
fn entries(headers: &HeaderMap, by: ForwardedBy) -> impl Iterator<Item = Option<IpAddr>> {
    const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
    let name = match by {
        ForwardedBy::XForwardedFor => X_FORWARDED_FOR,
        ForwardedBy::Forwarded => header::FORWARDED,
    };
    let lines: Vec<Vec<&str>> = headers
        .get_all(name)
        .iter()
        // A line that is not text hides how many entries it has: nothing left of it can be trusted.
        .map(|line| line.to_str().map_or_else(|_| vec![""], split))
        .collect();
    lines
        .into_iter()
        .rev()
        .flat_map(|line| line.into_iter().rev())
        .map(move |entry| match by {
            ForwardedBy::XForwardedFor => node(entry),
            ForwardedBy::Forwarded => forwarded(entry),
        })
}

/// Splits at commas outside of quotes.
fn split(line: &str) -> Vec<&str> {
    pieces(line, b',')
}

fn pieces(text: &str, at: u8) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if byte == at && !quoted => {
                pieces.push(text[start..place].trim());
                start = place + 1;
            }
            _ => {}
        }
    }
    pieces.push(text[start..].trim());
    pieces
}

/// The `for` of one element of `Forwarded`; two of them are as good as none.
fn forwarded(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in pieces(element, b';') {
        let (name, value) = pair.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("for") {
            continue;
        }
        let value = value.trim();
        let value = match value.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"')?,
            // Colons and brackets need quotes, but not everybody knows.
            None => value,
        };
        if found.replace(bracketed(value)?).is_some() {
            return None;
        }
    }
    found
}

/// An address as proxies write it: bare, in brackets, with a port or without.
fn node(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| bracketed(text))
}

/// The same without bare IPv6 addresses, whose last group would look like a port.
fn bracketed(text: &str) -> Option<IpAddr> {
    let address = match text.strip_prefix('[') {
        Some(rest) if rest.ends_with(']') => IpAddr::V6(rest.strip_suffix(']')?.parse().ok()?),
        Some(_) => text.parse::<SocketAddr>().ok()?.ip(),
        None => match text.parse::<std::net::Ipv4Addr>() {
            Ok(address) => IpAddr::V4(address),
            Err(_) => text
                .parse::<std::net::SocketAddrV4>()
                .ok()?
                .ip()
                .to_owned()
                .into(),
        },
    };
    Some(address.to_canonical())
}
