//! Whose network a request comes from: as far as trusted proxies say, and no further.
//!
//! Each proxy writes at the right end of the chain whom it was asked by. So the chain is read from the right, over as
//! many entries as trusted proxies have written; what stands further left, anybody can have made up.
//!
//! **Invariant:** an address lives for the length of one call. It is cut to its network at once, and a network can be
//! compared and hashed but not printed: neither can reach a log, a label or a file.

mod chain;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
pub use ipnet::IpNet;

/// Who is at the other end of a connection; put beside each request by the accept loop.
#[derive(Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Which proxies stand in front, and where they write whom they were asked by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    /// Which are trusted.
    pub trust: Trust,
    /// Where they write.
    pub header: ForwardedBy,
}

/// Which proxies are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// None: whoever connects is who asks.
    #[default]
    Nobody,
    /// So many, one behind the other.
    Count(u8),
    /// Those in these networks.
    Networks(Vec<IpNet>),
}

/// The header that the proxies write. Only one is read: a client can send the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedBy {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// A network: the first 24 bits of an IPv4 address, the first 56 of an IPv6 address. As small as one customer's of a
/// provider, too large to be one person's.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Network {
    /// 24 bits.
    V4([u8; 3]),
    /// 56 bits.
    V6([u8; 7]),
}

impl Network {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, ..] = address.octets();
                Self::V6([a, b, c, d, e, f, g])
            }
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Peer")
    }
}

impl Proxies {
    /// The network that a request comes from, or nothing where that says nothing of who asks: on a connection from this
    /// machine or a private network without a word of proxies, it is most likely a proxy that nobody told us of, and
    /// all visitors share its address.
    pub fn network(&self, peer: Peer, headers: &HeaderMap) -> Option<Network> {
        let peer = peer.0.ip().to_canonical();
        let named = match &self.trust {
            Trust::Nobody => None,
            Trust::Count(0) => None,
            Trust::Count(count) => chain::last(headers, self.header, usize::from(*count)),
            Trust::Networks(networks) => {
                let trusted = |address: IpAddr| networks.iter().any(|own| own.contains(&address));
                chain::first_stranger(headers, self.header, peer, trusted)
            }
        };
        match named {
            Some(address) => Some(Network::of(address)),
            None if is_private(peer) => None,
            None => Some(Network::of(peer)),
        }
    }

    /// The network that a connection comes from, or nothing where it is a proxy's.
    pub fn direct(&self, peer: Peer) -> Option<Network> {
        let peer = peer.0.ip().to_canonical();
        let proxy = match &self.trust {
            Trust::Nobody | Trust::Count(0) => false,
            Trust::Count(_) => true,
            Trust::Networks(networks) => networks.iter().any(|own| own.contains(&peer)),
        };
        (!proxy && !is_private(peer)).then(|| Network::of(peer))
    }
}

/// Whether an address is of this machine or of a network of one's own.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

impl FromStr for ForwardedBy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "x-forwarded-for" => Ok(Self::XForwardedFor),
            "forwarded" => Ok(Self::Forwarded),
            _ => Err("write x-forwarded-for or forwarded".to_owned()),
        }
    }
}
