//! Files over HTTP: compressed beforehand, conditional, cached as long as their names allow.

use std::io::Write;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sayso_core::digest::{encode, sha256};

use crate::bundle::File;

/// How long a browser may keep a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// For ever: the name changes with the content.
    ForEver,
    /// For an hour: the name stays, the content changes.
    Hour,
}

/// A file ready to be handed out.
#[derive(Clone, Debug)]
pub struct Asset {
    plain: Form,
    brotli: Option<Form>,
    gzip: Option<Form>,
    media: &'static str,
    keep: Keep,
}

#[derive(Clone, Debug)]
struct Form {
    body: Bytes,
    etag: HeaderValue,
}

impl Asset {
    /// Compresses a file, unless that was done beforehand.
    pub fn new(file: &File, keep: Keep) -> Self {
        let name = encode(&sha256(&file.body).0[..12]);
        let form = |body: Vec<u8>, mark: &str| Form {
            etag: HeaderValue::try_from(format!("\"{name}{mark}\""))
                .expect("base64url is a header value"),
            body: body.into(),
        };
        // A form that is no smaller is not worth decoding.
        let smaller = |body: &Vec<u8>| body.len() < file.body.len();
        let brotli = file.brotli.clone().unwrap_or_else(|| brotli(&file.body));
        let gzip = file.gzip.clone().unwrap_or_else(|| gzip(&file.body));
        Self {
            brotli: Some(brotli).filter(smaller).map(|body| form(body, "-br")),
            gzip: Some(gzip).filter(smaller).map(|body| form(body, "-gz")),
            plain: form(file.body.clone(), ""),
            media: file.media,
            keep,
        }
    }

    /// Answers a request for it.
    pub fn respond(&self, request: &HeaderMap) -> Response {
        let (form, encoding) = self.choose(request);
        let unchanged = request
            .get(header::IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|tags| matches(tags, form.etag.to_str().unwrap_or_default()));
        let mut response = if unchanged {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Response::new(Body::from(form.body.clone()))
        };
        let headers = response.headers_mut();
        if !unchanged {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media));
            if let Some(encoding) = encoding {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
        }
        headers.insert(header::ETAG, form.etag.clone());
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static(match self.keep {
                Keep::ForEver => "public, max-age=31536000, immutable",
                Keep::Hour => "public, max-age=3600",
            }),
        );
        public(headers);
        response
    }

    fn choose(&self, request: &HeaderMap) -> (&Form, Option<&'static str>) {
        let accepted: Vec<String> = request
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter(|item| !refused(item))
            .filter_map(|item| item.split(';').next())
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        for (name, form) in [("br", &self.brotli), ("gzip", &self.gzip)] {
            if let (Some(form), true) = (form, accepted.iter().any(|accepted| accepted == name)) {
                return (form, Some(name));
            }
        }
        (&self.plain, None)
    }
}

/// Headers of everything that any page may load.
pub fn public(headers: &mut HeaderMap) {
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("cross-origin"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
}

/// `;q=0` says "not this one".
fn refused(item: &str) -> bool {
    item.split(';').skip(1).any(|parameter| {
        let value = parameter.trim().strip_prefix("q=");
        value
            .and_then(|q| q.parse::<f32>().ok())
            .is_some_and(|q| q <= 0.0)
    })
}

/// Whether an `If-None-Match` names this tag; weak comparison, as RFC 9110 section 13.1.2 asks.
fn matches(tags: &str, etag: &str) -> bool {
    tags.trim() == "*"
        || tags
            .split(',')
            .any(|tag| tag.trim().trim_start_matches("W/") == etag)
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params)
        .expect("writing to memory does not fail");
    out
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("writing to memory does not fail")
}
