//! Handing a text to the visitor as a file.

use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::timer::after;

/// How long the browser has to fetch what it was handed, in milliseconds.
const PATIENCE: u64 = 60_000;

/// Saves a text under a name, as a click on a download link would. `None` if the browser would not.
pub fn save(name: &str, kind: &str, text: &str) -> Option<()> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let document = web_sys::window()?.document()?;
    let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    after(PATIENCE, move || drop(Url::revoke_object_url(&url)));
    Some(())
}
