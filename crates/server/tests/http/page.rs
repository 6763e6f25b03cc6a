//! The service's own pages: headers, and the newsletter form without JavaScript.

use axum::http::StatusCode;

use crate::world::{Answer, ORIGIN, World};

fn policy(answer: &Answer) -> &str {
    answer.header("content-security-policy").expect("a policy")
}

#[tokio::test]
async fn the_preference_page_loads_the_gate_and_nothing_of_others() {
    let world = World::new().await;
    let answer = world.get("/sayso/preferences").send().await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let html = answer.text();
    assert!(html.contains("data-sayso-mount=\"preferences\""), "{html}");
    assert!(html.contains("src=\"/sayso/sayso.js?lang=en\""), "{html}");
    assert!(!html.contains("style="), "{html}");
    for part in [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "frame-ancestors 'none'",
        "trusted-types sayso",
    ] {
        assert!(policy(&answer).contains(part), "{part}");
    }
    let start = html.find("/sayso/a/page.").expect("a style sheet");
    let style = world
        .get(html[start..].split('"').next().expect("a path"))
        .send()
        .await;
    assert_eq!(
        style.header("content-type"),
        Some("text/css; charset=utf-8")
    );
}

#[tokio::test]
async fn pages_speak_the_readers_language() {
    let world = World::new().await;
    let german = world
        .get("/sayso/preferences")
        .with("accept-language", "fr, de-CH;q=0.8, en;q=0.5")
        .send()
        .await;
    assert!(german.text().contains("lang=\"de\""));
    let arabic = world
        .get("/sayso/newsletter?lang=ar")
        .with("accept-language", "de")
        .send()
        .await;
    assert!(arabic.text().contains("dir=\"rtl\""));
    let english = world.get("/sayso/preferences").send().await;
    assert!(english.text().contains("lang=\"en\""));
}

#[tokio::test]
async fn the_form_works_without_javascript() {
    let world = World::new().await;
    let page = world.get("/sayso/newsletter").send().await;
    assert!(
        page.text().contains("action=\"/sayso/newsletter\""),
        "{}",
        page.text()
    );
    assert!(!page.text().contains("<script"), "{}", page.text());
    assert!(
        !page.text().contains("checked"),
        "nothing is ticked beforehand"
    );
    assert!(policy(&page).contains("form-action 'self'"));
    // Under "no-referrer" the browser would post the form with the origin "null".
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    assert!(!page.text().contains("no-referrer"));

    let post = |body: &str, origin: &str| {
        world
            .post("/sayso/newsletter", body)
            .with("origin", origin)
            .with("content-type", "application/x-www-form-urlencoded")
            .send()
    };
    let filled = "email=Ada%40Larkspur.example&first-name=Ada&consent=on&product=on&smuggled=on";
    assert_eq!(
        post(filled, "https://evil.example").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(post(filled, "null").await.status, StatusCode::FORBIDDEN);
    for wrong in [
        "email=&consent=on",
        "email=nobody&consent=on",
        "email=ada%40larkspur.example",
        "",
    ] {
        assert_eq!(
            post(wrong, ORIGIN).await.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{wrong}"
        );
    }
    assert_eq!(world.site.ledger.size().await, Ok(0));

    let answer = post(filled, ORIGIN).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(world.site.ledger.size().await, Ok(1));
    assert_eq!(world.mails().await.len(), 1);
}

#[tokio::test]
async fn what_was_typed_is_shown_again_as_text() {
    let world = World::new().await;
    let body = "email=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&first-name=%3Cb%3E&consent=on";
    let ask = world
        .post("/sayso/newsletter", body)
        .with("content-type", "application/x-www-form-urlencoded");
    let answer = ask.send().await;
    assert!(!answer.text().contains("<script>"), "{}", answer.text());
    assert!(!answer.text().contains("<b>"), "{}", answer.text());
}
