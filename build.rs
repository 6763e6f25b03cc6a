//! Squeezes the style sheets: comments and layout are for us, not for visitors.

use std::path::Path;
use std::{env, fs, io};

const SHEETS: [(&str, &[&str]); 3] = [
    ("first_layer.css", &["first_layer"]),
    (
        "app.css",
        &["tokens", "base", "dialog", "centre", "form", "history"],
    ),
    ("page.css", &["page", "verify"]),
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=src/style");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    for (name, parts) in SHEETS {
        let mut css = String::new();
        for part in parts {
            css += &squeeze(&fs::read_to_string(format!("src/style/{part}.css"))?);
        }
        fs::write(Path::new(&out).join(name), css)?;
    }
    Ok(())
}

/// Takes out comments, line breaks, and the blanks that no rule needs. Our sheets have no texts with braces or comments
/// in them, and write `calc` with blanks around its signs, which stay.
fn squeeze(css: &str) -> String {
    let mut out = String::new();
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out += before;
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out += rest;
    let mut words = out.split_whitespace().collect::<Vec<_>>().join(" ");
    for mark in ["{", "}", ";", ","] {
        words = words
            .replace(&format!(" {mark}"), mark)
            .replace(&format!("{mark} "), mark);
    }
    words.replace(": ", ":").replace(";}", "}")
}
