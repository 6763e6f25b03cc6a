//! Writes every surface of the demo site as a static page, to be looked at without a server:
//! `cargo run --example gallery -- DIR`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs, io};

use sayso_app::pages::centre::Place;
use sayso_app::pages::served::Page;
use sayso_app::ports::Ports;
use sayso_app::render::{self, Linked};
use sayso_app::shared::Shared;
use sayso_app::state::Section;
use sayso_app::style;
use sayso_core::config::SiteConfig;
use sayso_core::digest::sha256;
use sayso_core::view::View;

fn main() -> io::Result<()> {
    let dir = PathBuf::from(
        env::args()
            .nth(1)
            .unwrap_or_else(|| "target/gallery".to_owned()),
    );
    fs::create_dir_all(&dir)?;
    let site = SiteConfig::parse(
        "sites/demo/sayso.toml",
        &fs::read_to_string("sites/demo/sayso.toml")?,
    )
    .map_err(|errors| io::Error::other(format!("{errors:#?}")))?;
    for language in &site.languages {
        let texts: BTreeMap<String, String> =
            toml::from_str(&fs::read_to_string(format!("locales/{language}.toml"))?)
                .map_err(io::Error::other)?;
        let view = Shared::new(site.view(language, "EU", sha256(b""), texts));
        write(
            &dir,
            "banner",
            &view,
            style::FIRST_LAYER,
            &render::first_layer_html(&view),
        )?;
        for section in Section::ALL {
            for (place, suffix) in [(Place::Dialog, ""), (Place::of(section), "-page")] {
                let ports = Ports::in_memory(view.clone(), 1_763_766_000_000);
                let html = render::centre_html(ports, view.clone(), section, place);
                let name = format!("{}{suffix}", section.name());
                write(&dir, &name, &view, style::APP, &html)?;
            }
        }
        let (email, token) = ("mira@example.org".to_owned(), "…".to_owned());
        let pages = [
            ("served-newsletter", Page::Newsletter { fields: None }),
            (
                "served-wanting",
                Page::Newsletter {
                    fields: Some(Default::default()),
                },
            ),
            (
                "served-confirm",
                Page::Confirm {
                    email: email.clone(),
                    token: token.clone(),
                },
            ),
            ("served-unsubscribe", Page::Unsubscribe { email, token }),
            ("served-error", Page::Error),
        ];
        for (name, page) in pages {
            let linked = Linked {
                style: "style.css".to_owned(),
                script: String::new(),
                home: "/".to_owned(),
            };
            fs::write(
                dir.join(format!("{name}.{language}.html")),
                render::page_html(&view, &page, &linked),
            )?;
        }
    }
    fs::write(
        dir.join("style.css"),
        format!("{}{}", style::APP, style::PAGE),
    )
}

fn write(dir: &std::path::Path, name: &str, view: &View, css: &str, body: &str) -> io::Result<()> {
    let html = format!(
        "<!doctype html><html lang=\"{}\" dir=\"{}\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{name}</title>\
         <style>{css}</style>{body}</html>",
        view.language, view.direction
    );
    fs::write(dir.join(format!("{name}.{}.html", view.language)), html)
}
