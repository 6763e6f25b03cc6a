//! `Set-Cookie`: renews what the page sent, and never decides.

use crate::visitor::{Visitor, body};
use crate::world::World;

const PATH: &str = "/sayso/v1/receipts";
const STATE: &str = "1.t61kq0.analytics:g1.g0z";

async fn renewed(
    world: &World,
    state: Option<&str>,
    cookie: &str,
    origin: &str,
    host: &str,
) -> Option<String> {
    let receipt = Visitor::new().receipt(world, &format!("{state:?}{cookie}{origin}{host}"));
    let ask = world
        .post(PATH, body(state, &[&receipt], &[]))
        .with("origin", origin)
        .with("host", host);
    let answer = ask.with("cookie", cookie).send().await;
    answer.result();
    answer.header("set-cookie").map(str::to_owned)
}

#[tokio::test]
async fn the_state_that_was_sent_comes_back_on_the_pages_own_host() {
    let world = World::new().await;
    let cookie = renewed(
        &world,
        Some(STATE),
        "",
        "https://larkspur.example",
        "larkspur.example",
    )
    .await
    .expect("renewed");
    assert!(
        cookie.starts_with(&format!("sayso={STATE}; Path=/; Max-Age=")),
        "{cookie}"
    );
    assert!(cookie.ends_with("; SameSite=Lax; Secure"), "{cookie}");
    assert!(
        !cookie.contains("HttpOnly"),
        "the gate must read it: {cookie}"
    );
    let cookie = renewed(
        &world,
        Some(STATE),
        "",
        "http://127.0.0.1:8787",
        "127.0.0.1:8787",
    )
    .await
    .expect("renewed");
    assert!(
        cookie.ends_with("; SameSite=Lax"),
        "plain http on loopback: {cookie}"
    );
}

#[tokio::test]
async fn no_cookie_without_need_or_right() {
    let world = World::new().await;
    let here = ("https://larkspur.example", "larkspur.example");
    assert_eq!(
        renewed(&world, None, "", here.0, here.1).await,
        None,
        "no state was sent"
    );
    assert_eq!(
        renewed(&world, Some("rubbish"), "", here.0, here.1).await,
        None
    );
    assert_eq!(
        renewed(
            &world,
            Some(STATE),
            "",
            "https://other.larkspur.example",
            here.1
        )
        .await,
        None,
        "another host"
    );
    assert_eq!(
        renewed(&world, Some(STATE), "", here.0, "evil.example").await,
        None
    );
    let newer = "sayso=1.t61kq5.analytics:w1.g0z";
    assert_eq!(
        renewed(&world, Some(STATE), newer, here.0, here.1).await,
        None,
        "a withdrawal came meanwhile"
    );
    let older = "sayso=1.t61kpa.analytics:w1.g0z";
    assert!(
        renewed(&world, Some(STATE), older, here.0, here.1)
            .await
            .is_some()
    );
}

#[tokio::test]
async fn what_scripts_cannot_expire_the_answer_does() {
    let world = World::new().await;
    let expired = async |state: &str, origin: &str, host: &str| {
        let receipt = Visitor::new().receipt(&world, &format!("{state}{origin}"));
        let ask = world
            .post(PATH, body(Some(state), &[&receipt], &[]))
            .with("origin", origin)
            .with("host", host);
        // The chat is necessary and may be switched off; the login belongs to nobody who declared it.
        let answer = ask
            .with(
                "cookie",
                "_pulse_id=7; chat_session=8; login=9; _pulse_idle=1",
            )
            .send()
            .await;
        answer.result();
        let all = answer.headers.get_all("set-cookie").iter();
        let all: Vec<String> = all
            .map(|one| one.to_str().expect("text").to_owned())
            .collect();
        all.into_iter()
            .filter(|one| !one.starts_with("sayso="))
            .collect::<Vec<_>>()
    };
    let (own, host) = ("https://larkspur.example", "larkspur.example");
    assert_eq!(
        expired("1.t61kq0.analytics:w1.g0z", own, host).await,
        [
            "_pulse_id=; Path=/; Max-Age=0; SameSite=Lax; Secure",
            "_pulse_id=; Path=/; Max-Age=0; SameSite=Lax; Domain=larkspur.example; Secure",
        ]
    );
    let chat = expired("1.t61kq0.analytics:g1.g0z~necessary:n1-chat", own, host).await;
    assert!(
        chat.iter().all(|one| one.starts_with("chat_session=;")) && chat.len() == 2,
        "{chat:?}"
    );
    for state in [
        "1.t61kq0.analytics:g1.g0z",
        "1.t61kq0.analytics:r1.g0z+pulse",
        "1.t61kq0.necessary:n1",
    ] {
        assert_eq!(expired(state, own, host).await, [""; 0], "{state}");
    }
    // From a page on another host the answer sets nothing at all.
    assert_eq!(
        expired("1.t61kq0.analytics:r1.g0z", own, "consent.example").await,
        [""; 0]
    );
}
