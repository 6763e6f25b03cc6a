//! Global Privacy Control as a person sets it: the specification's own WebDriver command.

use axum::http::Method;
use serde_json::json;
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::{RequestData, SessionId};

use crate::browser::Browser;
use crate::{Engine, Result};

/// `POST /session/{id}/privacy`.
#[derive(Debug)]
struct Set(bool);

impl FormatRequestData for Set {
    fn format_request(&self, session: &SessionId) -> RequestData {
        RequestData::new(Method::POST, format!("session/{session}/privacy"))
            .add_body(json!({ "gpc": self.0 }))
    }
}

impl Browser {
    /// Whether the browser can be told to send the signal. WebKit has no such setting, and its driver no such command.
    pub fn has_privacy_control(&self) -> bool {
        self.engine() != Engine::WebKit
    }

    /// Has the browser send the signal from now on, or no longer: the header `Sec-GPC: 1` with every request. In Firefox it
    /// is the browser's own setting, which gives every page the property as well. Chromium has one behind a flag for its
    /// own tests alone; so there its protocol adds the header, behind the browser's cache, which cannot tell the two apart.
    pub async fn set_privacy_control(&self, on: bool) -> Result {
        if self.engine() == Engine::Chromium {
            let headers = if on {
                json!({ "Sec-GPC": "1" })
            } else {
                json!({})
            };
            self.cdp("Network.enable", json!({})).await?;
            let headers = json!({ "headers": headers });
            self.cdp("Network.setExtraHTTPHeaders", headers).await?;
            return Ok(());
        }
        self.driver.cmd(Set(on)).await?;
        Ok(())
    }
}
