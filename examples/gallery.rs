//! Writes every surface as a static page, to be looked at without a server: `cargo run --example gallery -- DIR`.

use std::path::PathBuf;
use std::{env, fs, io};

use sayso_app::{render, style};

#[path = "../src/sample.rs"]
mod sample;

fn main() -> io::Result<()> {
    let dir = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned()));
    fs::create_dir_all(&dir)?;
    for language in ["en", "de", "ar"] {
        let view = sample::view(language);
        let page = |name: &str, css: &str, body: &str| {
            let html = format!(
                "<!doctype html><html lang=\"{language}\" dir=\"{}\"><meta charset=\"utf-8\">\
                 <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{name}</title>\
                 <style>{css}</style>{body}</html>",
                view.direction
            );
            fs::write(dir.join(format!("{name}.{language}.html")), html)
        };
        page("banner", style::FIRST_LAYER, &render::first_layer_html(&view))?;
    }
    Ok(())
}
