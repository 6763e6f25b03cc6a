//! Files over HTTP: compressed beforehand, conditional, cached as long as their names allow.

use std::io::Write;
use std::sync::OnceLock;

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

/// A file ready to be handed out. What was not compressed beforehand is compressed when it is first asked for.
#[derive(Clone, Debug)]
pub struct Asset {
    plain: Bytes,
    brotli: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
    name: String,
    media: &'static str,
    keep: Keep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// Its name in headers; none for the plain form.
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

impl Asset {
    /// A file with the forms that it was compressed to beforehand.
    pub fn new(file: &File, keep: Keep) -> Self {
        let length = file.body.len();
        let ready = |body: &Option<Vec<u8>>| match body {
            Some(body) => OnceLock::from(worthwhile(body.clone(), length)),
            None => OnceLock::new(),
        };
        Self {
            brotli: ready(&file.brotli),
            gzip: ready(&file.gzip),
            name: encode(&sha256(&file.body).0[..12]),
            plain: file.body.clone().into(),
            media: file.media,
            keep,
        }
    }

    /// Answers a request for it.
    pub fn respond(&self, request: &HeaderMap) -> Response {
        let (body, encoding) = self.choose(request);
        let etag = match encoding.name() {
            Some(encoding) => format!("\"{}-{encoding}\"", self.name),
            None => format!("\"{}\"", self.name),
        };
        let unchanged = request
            .get(header::IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|tags| matches(tags, &etag));
        let mut response = if unchanged {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Response::new(Body::from(body.clone()))
        };
        let headers = response.headers_mut();
        if !unchanged {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media));
            if let Some(encoding) = encoding.name() {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
        }
        let etag = HeaderValue::try_from(etag).expect("base64url is a header value");
        headers.insert(header::ETAG, etag);
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

    fn choose(&self, request: &HeaderMap) -> (&Bytes, Encoding) {
        let accepted: Vec<String> = request
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter(|item| !refused(item))
            .filter_map(|item| item.split(';').next())
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        for encoding in [Encoding::Brotli, Encoding::Gzip] {
            let wanted = accepted
                .iter()
                .any(|name| Some(name.as_str()) == encoding.name());
            if let Some(body) = wanted.then(|| self.form(encoding)).flatten() {
                return (body, encoding);
            }
        }
        (&self.plain, Encoding::Identity)
    }

    /// The compressed form, if it is smaller.
    fn form(&self, encoding: Encoding) -> Option<&Bytes> {
        let (form, compress) = match encoding {
            Encoding::Brotli => (&self.brotli, brotli as Compress),
            Encoding::Gzip => (&self.gzip, gzip as Compress),
            Encoding::Identity => return Some(&self.plain),
        };
        form.get_or_init(|| worthwhile(compress(&self.plain), self.plain.len()))
            .as_ref()
    }
}

type Compress = fn(&[u8]) -> Vec<u8>;

/// A form that is no smaller is not worth decoding.
fn worthwhile(body: Vec<u8>, length: usize) -> Option<Bytes> {
    (body.len() < length).then(|| body.into())
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
