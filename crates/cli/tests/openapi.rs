//! The real server against its own OpenAPI document: whatever schemathesis makes of it finds no 5xx and no answer that
//! the document does not describe.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot start its own server has to stop"
)]

#[path = "openapi/server.rs"]
mod server;
mod support;

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use server::Server;
use support::{Said, skipped};

/// What an answer must not do. Whether the server takes what the schema allows is not among it: a receipt is more than
/// its shape.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,unsupported_method,\
                      allow_header_conformance";

#[test]
fn schemathesis_finds_nothing_that_the_document_does_not_describe() {
    let Some(program) = std::env::var_os("SAYSO_SCHEMATHESIS") else {
        return skipped(
            "schemathesis_finds_nothing_that_the_document_does_not_describe",
            "SAYSO_SCHEMATHESIS is not set; `cargo xtask test` fetches schemathesis and sets it",
        );
    };
    let examples = std::env::var("SAYSO_SCHEMATHESIS_EXAMPLES").unwrap_or_else(|_| "10".to_owned());
    let server = Server::start();
    let document = document(&server);
    let path = server.path("openapi.json");
    fs::write(&path, document.to_string()).unwrap();
    let said: Said = Command::new(program)
        .current_dir(server.folder.path())
        .arg("run")
        .arg(&path)
        .args(["--url", &format!("{}/sayso", server.origin())])
        .args(["--header", &format!("Origin: {}", server.origin())])
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", &examples, "--workers", "1", "--no-shrink"])
        .args(["--seed", "1", "--warnings", "off", "--no-color"])
        .output()
        .unwrap()
        .into();
    println!("{}", said.out);
    assert_eq!(said.code, 0, "{}\n{}\n{}", said.out, said.err, server.log());
    let log = server.log();
    // Whatever was sent, nothing of it is in the log: no receipt, no id of one, nobody's port.
    for sent in [
        "eyJ",
        "019aa884",
        "sayso-schemathesis",
        "python-requests",
        "127.0.0.1:1",
        "127.0.0.1:5",
    ] {
        let leaked = log.lines().skip_while(|line| !line.contains("listening"));
        let leaked: Vec<&str> = leaked.skip(1).filter(|line| line.contains(sent)).collect();
        assert!(leaked.is_empty(), "{sent}: {leaked:?}");
    }
    // A run that reaches nothing finds nothing.
    let answered = |route: &str, status: u16| {
        log.lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|line| line["route"] == route && line["status"] == status)
            .count()
    };
    for route in [
        "/v1/receipts",
        "/v1/notices/{digest}",
        "/v1/layers/{digest}",
        "/v1/log/proof/{index}",
        "/v1/log/consistency",
        "/a/{name}",
    ] {
        assert!(answered(route, 200) > 0, "{route} was never answered well");
    }
    assert!(answered("/v1/receipts", 400) > 10, "nor much refused");
}

/// The document, with examples of what this server has.
fn document(server: &Server) -> Value {
    let mut document: Value = serde_json::from_str(&server.get("v1/openapi.json")).unwrap();
    let mut scripts = server.get("sayso.js?lang=en");
    let late = named(&scripts, "late");
    scripts += &server.get(&late);
    let (layer, notice) = (named(&scripts, "layer"), named(&scripts, "notice"));
    let decision = |id: &str| {
        json!({
            "v": 1,
            "decisions": [{
                "id": id, "time": 1_763_763_600_123u64, "surface": "banner", "action": "object", "layer": layer,
                "inView": true, "signals": ["gpc"], "choices": "analytics:o1",
            }],
        })
    };
    let first = decision("019aa884-647b-780d-b1fe-97f34bae9a8e");
    let kept = server.post("v1/receipts", &first.to_string());
    assert!(kept.contains("countersigned"), "{kept}");
    server.wait_for("v1/log/proof/0");
    let mut example = |path: &str, name: &str, value: &str| {
        let parameters = &mut document["paths"][path]["get"]["parameters"];
        let all = parameters.as_array_mut().unwrap();
        let one = all.iter_mut().find(|one| one["name"] == name).unwrap();
        one["example"] = json!(value);
    };
    example("/v1/notices/{digest}", "digest", &notice);
    example("/v1/layers/{digest}", "digest", &layer);
    example("/v1/log/proof/{index}", "index", "0");
    example("/v1/log/consistency", "from", "0");
    example("/v1/log/consistency", "to", "1");
    example("/a/{name}", "name", late.trim_start_matches("a/"));
    let content = &mut document["paths"]["/v1/receipts"]["post"]["requestBody"]["content"];
    let second = decision("019aa884-647b-780d-b1fe-97f34bae9a8f");
    content["application/json"]["example"] = second;
    document
}

/// What a name stands for in a script: the first string that follows it, in whichever quotes.
fn named(script: &str, name: &str) -> String {
    let strings = script.match_indices(name).filter_map(|(at, _)| {
        let value = script[at + name.len()..]
            .trim_start_matches('"')
            .strip_prefix(':')?;
        let quote = value
            .chars()
            .next()
            .filter(|quote| "`\"".contains(*quote))?;
        value[1..].split(quote).next()
    });
    strings.map(str::to_owned).next().expect(name)
}
