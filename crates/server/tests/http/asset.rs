//! What a browser loads: encodings, conditions, caching, and what `sayso.js` is made of.

use axum::http::StatusCode;
use sayso_core::digest::{Digest, sha256};
use sayso_core::gate::GateConfig;
use serde_json::Value;

use crate::expression::read_all;
use crate::world::{Answer, World};

fn public(answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        answer.header("cross-origin-resource-policy"),
        Some("cross-origin")
    );
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

/// The gate's configuration in short, the layer and its style, out of a script. It begins with V8's hint, which counts
/// nowhere else.
fn told(script: &str) -> (Value, Value, Value) {
    let inside = script
        .strip_prefix("//# allFunctionsCalledOnLoad\n(function(c,l,s){window.told=[c,l,s]})(")
        .and_then(|rest| rest.strip_suffix(");"))
        .unwrap_or_else(|| panic!("not a call: {script}"));
    let mut values = read_all(inside);
    assert_eq!(values.len(), 3);
    let style = values.pop().expect("a style");
    let layer = values.pop().expect("a layer");
    (values.pop().expect("a configuration"), layer, style)
}

/// The whole configuration, as the gate's second file carries it.
async fn whole(world: &World, short: &Value) -> GateConfig {
    let path = format!("/sayso/{}", short["late"].as_str().expect("a path"));
    let late = world.get(&path).send().await;
    assert_eq!(
        late.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    public(&late);
    let text = late.text();
    let expression = text
        .split("export const config=")
        .nth(1)
        .expect("a configuration")
        .trim_end_matches(';');
    let config = read_all(expression).remove(0);
    serde_json::from_value(config).expect("a configuration")
}

#[tokio::test]
async fn the_script_carries_policy_layer_and_style() {
    let world = World::new().await;
    let answer = world.get("/sayso/sayso.js").send().await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert_eq!(answer.header("cache-control"), Some("public, max-age=3600"));
    public(&answer);
    let text = answer.text();
    assert!(!text.contains('<'), "it may stand inside a page");
    let (short, layer, style) = told(&text);
    let gate = whole(&world, &short).await;
    assert_eq!(short["layer"], Value::from(gate.layer.as_str()));
    assert_eq!(
        (
            gate.site.as_str(),
            gate.language.as_str(),
            gate.jurisdiction.as_str()
        ),
        ("demo", "en", "EU")
    );
    assert_eq!(layer[1]["id"], "sayso");
    // The digest is of what was sent: tree, line break, style.
    let sent = format!("{layer}\n{}", style.as_str().expect("a text"));
    assert_eq!(gate.layer, sha256(sent.as_bytes()).to_string());
    let kept = world
        .get(&format!("/sayso/v1/layers/{}", gate.layer))
        .send()
        .await;
    assert_eq!(kept.text(), sent);
    public(&kept);
    let notice = world
        .get(&format!("/sayso/v1/notices/{}", gate.notice))
        .send()
        .await;
    assert_eq!(sha256(&notice.body).to_string(), gate.notice);
    for file in [
        &gate.files.settle,
        &gate.files.settle_wasm,
        &gate.files.app,
        &gate.files.app_wasm,
        &gate.files.view,
    ] {
        let answer = world.get(&format!("/sayso/{file}")).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
        assert_eq!(
            answer.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        public(&answer);
    }
    let view = world
        .get(&format!("/sayso/{}", gate.files.view))
        .send()
        .await;
    let view: sayso_core::view::View = serde_json::from_slice(&view.body).expect("a view");
    assert_eq!(view.notice, gate.notice);
    assert!(view.texts.contains_key("give-all"));
    assert!(
        !view.texts.keys().any(|key| key.starts_with("mail-")),
        "mail is the server's alone"
    );
}

#[tokio::test]
async fn the_language_is_the_one_the_address_names() {
    let world = World::new().await;
    for (asked, got) in [
        ("de", "de"),
        ("de-AT", "de"),
        ("AR", "ar"),
        ("fr", "en"),
        ("", "en"),
    ] {
        let answer = world
            .get(&format!("/sayso/sayso.js?lang={asked}"))
            .with("accept-language", "ar")
            .send()
            .await;
        let (short, ..) = told(&answer.text());
        assert_eq!(whole(&world, &short).await.language, got, "{asked}");
    }
    for (asked, jurisdiction, controller) in [
        ("world", "world", "larkspur-world"),
        ("nowhere", "EU", "larkspur-eu"),
    ] {
        let path = format!("/sayso/sayso.js?r={asked}");
        let answer = world.get(&path).send();
        let (short, ..) = told(&answer.await.text());
        let gate = whole(&world, &short).await;
        assert_eq!(
            (&*gate.jurisdiction, &*gate.controller),
            (jurisdiction, controller)
        );
    }
}

#[tokio::test]
async fn a_signal_in_a_header_is_told_to_the_gate_and_kept_apart_by_caches() {
    let world = World::new().await;
    let get = |signal: Option<&'static str>| {
        let request = world.get("/sayso/sayso.js").with("accept-encoding", "br");
        match signal {
            Some(signal) => request.with("sec-gpc", signal).send(),
            None => request.send(),
        }
    };
    let plain = get(None).await;
    for (signal, heard) in [
        ("1", true),
        ("0", false),
        ("true", false),
        ("1;x", false),
        ("", false),
    ] {
        let answer = get(Some(signal)).await;
        assert_eq!(answer.header("vary"), Some("accept-encoding, sec-gpc"));
        let tags = (answer.header("etag"), plain.header("etag"));
        assert_eq!(tags.0 != tags.1, heard, "{signal:?}");
        let keep = if heard {
            "private, max-age=3600"
        } else {
            "public, max-age=3600"
        };
        assert_eq!(answer.header("cache-control"), Some(keep), "{signal:?}");
    }
    let answer = world.get("/sayso/sayso.js").with("sec-gpc", "1").send();
    let (short, ..) = told(&answer.await.text());
    assert_eq!(short["gpc"], true);
    let (short, ..) = told(&world.get("/sayso/sayso.js").send().await.text());
    assert_eq!(short["gpc"], Value::Null);

    for path in ["/.well-known/gpc.json", "/sayso/gpc.json"] {
        let answer = world.get(path).send().await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.text(), "{\"gpc\":true}");
    }
}

#[tokio::test]
async fn the_cookie_table_names_every_cookie_in_every_language() {
    let world = World::new().await;
    for language in &world.site.config.languages {
        let answer = world
            .get(&format!("/sayso/cookies.{language}.html"))
            .send()
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{language}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        let html = answer.text();
        for name in [
            "sayso",
            "chat_session",
            "_pulse_id",
            "_pulse_session",
            "pulse.queue",
            "vp_seen",
            "pixel.gif",
        ] {
            assert!(
                html.contains(&format!("<code>{name}</code>")),
                "{name} in {html}"
            );
        }
        assert!(html.contains(&format!("lang=\"{language}\"")));
    }
}

#[tokio::test]
async fn compressed_forms_are_chosen_and_remembered_apart() {
    let world = World::new().await;
    let get = |encoding: &'static str| {
        world
            .get("/sayso/sayso.js")
            .with("accept-encoding", encoding)
            .send()
    };
    let plain = get("identity").await;
    let mut tags = Vec::new();
    for (asked, encoding) in [
        ("br, gzip", Some("br")),
        ("gzip", Some("gzip")),
        ("gzip;q=1.0, br;q=0", Some("gzip")),
        ("deflate", None),
        ("", None),
    ] {
        let answer = get(asked).await;
        assert_eq!(answer.header("content-encoding"), encoding, "{asked}");
        assert_eq!(answer.header("vary"), Some("accept-encoding, sec-gpc"));
        assert!(encoding.is_none() || answer.body.len() < plain.body.len());
        tags.push(answer.header("etag").expect("a tag").to_owned());
    }
    assert_ne!(tags[0], tags[1]);
    assert_eq!(tags[1], tags[2]);

    let mut unpacked = Vec::new();
    let packed = get("br").await.body;
    brotli::BrotliDecompress(&mut packed.as_slice(), &mut unpacked).expect("brotli");
    assert_eq!(unpacked, plain.body);
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let world = World::new().await;
    let first = world
        .get("/sayso/sayso.js")
        .with("accept-encoding", "br")
        .send()
        .await;
    let tag = first.header("etag").expect("a tag").to_owned();
    let again = |tags: String| {
        world
            .get("/sayso/sayso.js")
            .with("accept-encoding", "br")
            .with("if-none-match", &tags)
            .send()
    };
    for tags in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
        let answer = again(tags).await;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED);
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("etag"), Some(tag.as_str()));
    }
    assert_eq!(again("\"x\"".to_owned()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let world = World::new().await;
    for path in [
        "/",
        "/sayso",
        "/sayso/",
        "/sayso/a/gone.js",
        "/sayso/a/..%2fkeys",
        "/elsewhere/sayso.js",
        "/saysoo/sayso.js",
    ] {
        world.get(path).send().await.refused(404, "not-found");
    }
    for kind in ["notices", "layers"] {
        world
            .get(&format!("/sayso/v1/{kind}/{}", Digest([0; 32])))
            .send()
            .await
            .refused(404, "not-found");
        world
            .get(&format!("/sayso/v1/{kind}/x"))
            .send()
            .await
            .refused(404, "not-found");
    }
}
