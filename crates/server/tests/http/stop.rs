//! Being asked to end: heard from before anything listens.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;

use sayso_server::client::Proxies;
use sayso_server::guard::room::Room;
use sayso_server::log::LogFormat;
use sayso_server::mail::MailTarget;
use sayso_server::{ServeOptions, serve};

#[cfg(unix)]
#[tokio::test]
async fn a_signal_is_heard_from_the_call_on() {
    use nix::sys::signal::{Signal, raise};
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let stop = sayso_server::asked_to_stop();
        // Nothing has waited for it yet; without a handler this would be the end of the process.
        raise(signal).expect("raised");
        stop.await;
    }
}

#[tokio::test]
async fn whoever_can_tell_that_it_listens_can_end_it_in_order() {
    let data = tempfile::tempdir().expect("a folder");
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let listen = free.local_addr().expect("an address");
    drop(free);
    let options = ServeOptions {
        sites: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sites"),
        data: data.path().to_owned(),
        listen,
        mail: MailTarget::default(),
        address: None,
        log: LogFormat::Text,
        proxies: Proxies::default(),
        room: Room::default(),
        admin: None,
    };
    let mut asked = false;
    let stop = || {
        asked = TcpStream::connect(listen).is_err();
        async {}
    };
    serve(options, stop).await.expect("it ended in order");
    assert!(asked, "it listened before it could be ended");
}
