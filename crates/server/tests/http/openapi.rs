//! The document and the routes are equal, and it is a document.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use serde_json::Value;

use crate::call::{Call, get};
use crate::world::World;

async fn document(world: &World) -> Value {
    let answer = get("/sayso/v1/openapi.json").send(&world.router()).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// A path of the document with something in its braces.
fn filled(path: &str) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (_, behind) = after.split_once('}').expect("a closing brace");
        filled.push_str(before);
        filled.push_str("none");
        rest = behind;
    }
    filled + rest
}

#[tokio::test]
async fn each_documented_route_is_there_with_these_methods_and_no_others() {
    let world = World::new().await;
    let document = document(&world).await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "/sayso");
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.len() >= 15, "{}", paths.len());
    for (path, item) in paths {
        let mut documented: BTreeSet<String> = item
            .as_object()
            .expect("operations")
            .keys()
            .map(|method| method.to_ascii_uppercase())
            .collect();
        // Whoever may GET may ask for the head alone.
        if documented.contains("GET") {
            documented.insert("HEAD".to_owned());
        }
        let unheard = Method::from_bytes(b"UNHEARD").expect("a method");
        let path = format!("/sayso{}", filled(path));
        let answer = Call::new(unheard, &path).send(&world.router()).await;
        answer.refused(405, "method-not-allowed");
        let allowed = answer.header("allow").expect("the methods");
        let allowed: BTreeSet<String> = allowed.split(',').map(str::to_owned).collect();
        assert_eq!(allowed, documented, "{path}");
    }
}

#[tokio::test]
async fn every_refusal_in_it_is_a_problem_document_with_a_stable_code() {
    let world = World::new().await;
    let document = document(&world).await;
    let codes = &document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"];
    let codes: Vec<&str> = codes
        .as_array()
        .expect("codes")
        .iter()
        .map(|code| code.as_str().expect("a code"))
        .collect();
    let protocol = include_str!("../../../../docs/protocol.md");
    for code in codes {
        assert!(
            protocol.contains(&format!("| `{code}` |")),
            "docs/protocol.md does not list {code}"
        );
    }
    let mut refusals = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let responses = operation["responses"].as_object().expect("responses");
            for (status, response) in responses {
                if status.starts_with(['2', '3']) {
                    continue;
                }
                refusals += 1;
                let content = &response["content"];
                let problem = &content["application/problem+json"];
                let page = &content["text/html"];
                assert!(
                    problem.is_object() || page.is_object(),
                    "{method} {path} {status}: {response}"
                );
            }
        }
    }
    assert!(refusals > 40, "{refusals}");
}

#[tokio::test]
async fn every_reference_in_it_leads_somewhere() {
    let world = World::new().await;
    let document = document(&world).await;
    let mut references = BTreeMap::new();
    collect(&document, &mut references);
    assert!(references.len() >= 6, "{references:?}");
    for reference in references.keys() {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, found: &mut BTreeMap<String, usize>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                *found.entry(reference.clone()).or_default() += 1;
            }
            members.values().for_each(|value| collect(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}
