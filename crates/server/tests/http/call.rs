//! Requests to any router, from any network.

use std::net::IpAddr;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, Method, Request, request};
use http_body_util::BodyExt;
use sayso_server::client::Peer;
use tower::ServiceExt;

use crate::world::{Answer, HOST, ORIGIN};

/// A request being put together.
pub(crate) struct Call(request::Builder);

pub(crate) fn get(path: &str) -> Call {
    Call::new(Method::GET, path)
}

/// A post from the site's own page.
pub(crate) fn post(path: &str) -> Call {
    Call::new(Method::POST, path)
        .with("origin", ORIGIN)
        .with("content-type", "text/plain;charset=UTF-8")
}

impl Call {
    pub(crate) fn new(method: Method, path: &str) -> Self {
        Self(Request::builder().method(method).uri(path)).with("host", HOST)
    }

    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// The same with another value.
    pub(crate) fn instead(mut self, name: &str, value: &str) -> Self {
        let headers = self.0.headers_mut().expect("a sound request");
        let name = HeaderName::try_from(name).expect("a name");
        headers.insert(name, value.try_into().expect("a value"));
        self
    }

    /// As if it had come over a connection from this address.
    pub(crate) fn from(self, address: &str) -> Self {
        let address: IpAddr = address.parse().expect("an address");
        Self(self.0.extension(Peer((address, 4711).into())))
    }

    pub(crate) async fn send(self, router: &Router) -> Answer {
        self.send_body(router, Vec::new()).await
    }

    pub(crate) async fn send_body(self, router: &Router, body: impl Into<Body>) -> Answer {
        let request = self.0.body(body.into()).expect("a request");
        let response = router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}
