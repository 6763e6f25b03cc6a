//! Whose network a request comes from, behind no proxy, one, several; whatever the client writes itself.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use sayso_server::client::{ForwardedBy, Network, Peer, Proxies, Trust};

const XFF: &str = "x-forwarded-for";

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header");
        headers.append(HeaderName::from_static(name), value);
    }
    headers
}

fn of(text: &str) -> Option<Network> {
    Some(Network::of(text.parse().expect("an address")))
}

fn peer(text: &str) -> Peer {
    Peer((text.parse::<std::net::IpAddr>().expect("an address"), 1234).into())
}

fn behind(count: u8) -> Proxies {
    Proxies {
        trust: Trust::Count(count),
        ..Proxies::default()
    }
}

#[test]
fn without_proxies_whoever_connects_is_who_asks() {
    let lie = headers(&[(XFF, "198.51.100.1"), ("forwarded", "for=198.51.100.1")]);
    let nobody = Proxies::default();
    for (from, expected) in [
        ("203.0.113.9", of("203.0.113.200")),
        ("2001:db8:1:2300::1", of("2001:db8:1:23ff::9")),
        ("::ffff:203.0.113.9", of("203.0.113.1")),
        // A proxy that nobody told us of: all visitors would share its limits.
        ("127.0.0.1", None),
        ("::1", None),
        ("10.1.2.3", None),
        ("172.17.0.1", None),
        ("fd00::1", None),
    ] {
        assert_eq!(nobody.network(peer(from), &lie), expected, "{from}");
        assert_eq!(nobody.direct(peer(from)), expected, "{from}");
    }
}

#[test]
fn networks_are_as_large_as_said() {
    assert_eq!(of("203.0.113.1"), of("203.0.113.254"));
    assert_ne!(of("203.0.113.1"), of("203.0.112.1"));
    assert_eq!(of("2001:db8:1:2300::"), of("2001:db8:1:23ff:ffff::"));
    assert_ne!(of("2001:db8:1:2300::"), of("2001:db8:1:2400::"));
}

#[test]
fn the_right_end_of_the_chain_counts() {
    let one = behind(1);
    let from = peer("127.0.0.1");
    for (chain, expected) in [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1, 10.0.0.1,203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9:4711 ", "203.0.113.9"),
        ("nonsense, 203.0.113.9", "203.0.113.9"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
    ] {
        let found = one.network(from, &headers(&[(XFF, chain)]));
        assert_eq!(found, of(expected), "{chain}");
    }
}

#[test]
fn further_proxies_reach_further_left_and_never_past_what_they_wrote() {
    let chain = headers(&[(XFF, "192.0.2.66"), (XFF, "203.0.113.9, 198.51.100.7")]);
    let from = peer("198.51.100.8");
    for (count, expected) in [
        (1, "198.51.100.7"),
        (2, "203.0.113.9"),
        (3, "192.0.2.66"),
        // Somebody came past the outer proxies: the word of the ones that were passed.
        (9, "192.0.2.66"),
    ] {
        assert_eq!(behind(count).network(from, &chain), of(expected), "{count}");
    }
    // No proxy has written anything: the connection itself is what is known.
    assert_eq!(
        behind(2).network(from, &HeaderMap::new()),
        of("198.51.100.8")
    );
}

#[test]
fn what_is_no_address_ends_the_chain() {
    let from = peer("198.51.100.8");
    for garbage in [
        "unknown",
        "",
        "203.0.113.9.1",
        "203.0.113",
        "0203.0.113.9",
        "203.0.113.9:99999",
        "fe80::1%eth0",
        "[2001:db8::7",
        "2001:db8::7]:1",
        "<script>",
        "203.0.113.9 198.51.100.1",
    ] {
        let chain = format!("192.0.2.1, {garbage}");
        let found = behind(2).network(from, &headers(&[(XFF, &chain)]));
        assert_eq!(found, of("198.51.100.8"), "{garbage}");
        let chain = format!("{garbage}, 203.0.113.9");
        let found = behind(2).network(from, &headers(&[(XFF, &chain)]));
        assert_eq!(found, of("203.0.113.9"), "{garbage}");
    }
    let found = behind(2).network(from, &headers(&[(XFF, "192.0.2.1"), (XFF, "\u{e4}")]));
    assert_eq!(found, of("198.51.100.8"), "a line that is no text");
}

#[test]
fn forwarded_is_read_where_the_proxies_write_it() {
    let proxies = Proxies {
        trust: Trust::Count(1),
        header: ForwardedBy::Forwarded,
    };
    let from = peer("198.51.100.8");
    for (line, expected) in [
        ("for=203.0.113.9", "203.0.113.9"),
        (
            "For=\"203.0.113.9:4711\";proto=https;by=192.0.2.1",
            "203.0.113.9",
        ),
        (
            "for=192.0.2.66, proto=http;for=\"[2001:db8::7]:443\"",
            "2001:db8::7",
        ),
        (
            "for=192.0.2.66;host=\"a, for=192.0.2.67\", for=203.0.113.9",
            "203.0.113.9",
        ),
        ("for=\"[2001:db8::7]\"", "2001:db8::7"),
        // No address, two of them, or a quote that never ends: the connection is what is known.
        ("for=unknown", "198.51.100.8"),
        ("for=_hidden", "198.51.100.8"),
        ("for=203.0.113.9;for=203.0.113.10", "198.51.100.8"),
        ("proto=https", "198.51.100.8"),
        ("for=\"203.0.113.9", "198.51.100.8"),
    ] {
        let sent = headers(&[("forwarded", line), (XFF, "192.0.2.1")]);
        assert_eq!(proxies.network(from, &sent), of(expected), "{line}");
    }
}

#[test]
fn trusted_networks_are_walked_through_from_the_right() {
    let proxies = Proxies {
        trust: Trust::Networks(vec![
            "10.0.0.0/8".parse().expect("a network"),
            "2001:db8:ffff::/48".parse().expect("a network"),
        ]),
        header: ForwardedBy::XForwardedFor,
    };
    let chain = headers(&[(XFF, "192.0.2.66, 203.0.113.9, 2001:db8:ffff::2, 10.3.4.5")]);
    assert_eq!(proxies.network(peer("10.1.1.1"), &chain), of("203.0.113.9"));
    // Who is no proxy of ours is who asks, whatever it writes.
    assert_eq!(
        proxies.network(peer("203.0.113.77"), &chain),
        of("203.0.113.77")
    );
    let inside = headers(&[(XFF, "10.9.9.9, 10.3.4.5")]);
    assert_eq!(proxies.network(peer("10.1.1.1"), &inside), of("10.9.9.9"));
    assert_eq!(proxies.direct(peer("10.1.1.1")), None);
    assert_eq!(proxies.direct(peer("203.0.113.77")), of("203.0.113.77"));
}

#[test]
fn neither_peer_nor_network_can_be_printed() {
    let text = format!("{:?} {:?}", peer("203.0.113.9"), of("203.0.113.9"));
    assert!(!text.contains("113"), "{text}");
}
