//! The OpenAPI document, made from the handlers' own words and types at the moment they become routes.
//!
//! A route can only be registered together with its description, so neither can be there without the other.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use sayso_core::config::SiteConfig;
use sayso_core::wire::Problem;
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::asset::{Asset, Keep};
use crate::bundle::File;
use crate::limit::class::Class;
use crate::problem::Code;

/// Routes, each with its description.
pub struct Routes(OpenApiRouter);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sayso",
        description = "What a site's Sayso answers, below its base path. Shapes and promises in words: docs/protocol.md.",
    ),
    tags(
        (name = "answers", description = "Visitors' decisions, kept and countersigned"),
        (name = "proofs", description = "What was shown, and the keys: all that it takes to check a receipt"),
        (name = "log", description = "The log that receipts stand in"),
        (name = "links", description = "Pages behind the links in mails"),
        (name = "pages", description = "Pages for people"),
        (name = "assets", description = "What pages load"),
        (name = "health", description = "For whoever runs it"),
    ),
    components(schemas(Problem)),
)]
struct Frame;

impl Routes {
    /// None yet.
    pub fn new() -> Self {
        Self(OpenApiRouter::with_openapi(Frame::openapi()))
    }

    /// One more.
    #[must_use]
    pub fn with(self, route: UtoipaMethodRouter) -> Self {
        Self(self.0.routes(route))
    }

    /// The router, and the document that describes it.
    pub fn finish(self) -> (Router, Document) {
        let (router, document) = self.0.split_for_parts();
        // Its own shapes: serialising them has no way to fail.
        let document = serde_json::to_value(document).unwrap_or_default();
        (router, Document::complete(document))
    }
}

impl Default for Routes {
    fn default() -> Self {
        Self::new()
    }
}

/// The document of one site, ready to be handed out.
#[derive(Clone, Debug)]
pub struct Description(Arc<Asset>);

impl Description {
    /// The document of a site.
    pub fn new(document: &Document, config: &SiteConfig) -> Self {
        let file = File {
            body: document.of(config).into_bytes(),
            media: "application/json",
            brotli: None,
            gzip: None,
        };
        Self(Arc::new(Asset::new(&file, Keep::Hour)))
    }

    /// Answers a request for it.
    pub fn respond(&self, request: &HeaderMap) -> Response {
        self.0.respond(request)
    }
}

/// The document, but for where the service is.
#[derive(Clone, Debug)]
pub struct Document(Value);

impl Document {
    /// The document of one site.
    pub fn of(&self, config: &SiteConfig) -> String {
        let mut document = self.0.clone();
        document["servers"] = json!([{ "url": config.base }]);
        document.to_string()
    }

    /// Every method and path in it.
    pub fn operations(&self) -> Vec<(Method, String)> {
        let mut found = Vec::new();
        for (path, item) in self.0["paths"].as_object().into_iter().flatten() {
            for method in item.as_object().into_iter().flat_map(|item| item.keys()) {
                let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
                found.extend(method.ok().map(|method| (method, path.clone())));
            }
        }
        found
    }

    /// Adds what every route of a class answers, and the stable codes.
    fn complete(mut document: Value) -> Self {
        let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] = json!(codes);
        let paths = document["paths"].take();
        let mut complete = serde_json::Map::new();
        for (path, mut item) in paths.as_object().cloned().into_iter().flatten() {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
                let class = method.map_or(Class::Free, |method| Class::of(&method, &path));
                refusals(&mut operation["responses"], class, Class::is_page(&path));
            }
            // The router's way to say "the rest of the path".
            complete.insert(path.replace("{*", "{"), item);
        }
        document["paths"] = Value::Object(complete);
        Self(document)
    }
}

/// Adds the refusals that come from before the handler.
fn refusals(responses: &mut Value, class: Class, page: bool) {
    let reading: &[(u16, &str)] = &[(400, "Not the shape expected")];
    let limited: &[(u16, &str)] = &[
        (429, "Too many requests from one network"),
        (503, "Too much at once, or nothing can be stored now"),
    ];
    let sending: &[(u16, &str)] = &[
        (408, "The body did not arrive in time"),
        (413, "The body is too large"),
    ];
    let groups = match class {
        Class::Free => vec![reading],
        Class::Read => vec![reading, limited],
        Class::Write(_) | Class::Shut => vec![reading, limited, sending],
    };
    let problem = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    for (status, description) in groups.into_iter().flatten() {
        let entry = &mut responses[status.to_string()];
        if entry.is_null() {
            *entry = json!({ "description": description, "content": {} });
        }
        entry["content"]["application/problem+json"] = problem.clone();
        if page {
            entry["content"]["text/html"] = json!({ "schema": { "type": "string" } });
        }
        if matches!(status, 429 | 503) {
            let seconds = json!({ "description": "Seconds to wait", "schema": { "type": "integer", "minimum": 0 } });
            entry["headers"]["Retry-After"] = seconds;
        }
    }
}
