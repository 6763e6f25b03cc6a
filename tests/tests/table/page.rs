//! The page with every feature, the site's configuration with every service, and the script that looks at them.

use std::fmt::Write as _;

use sayso_tests::workspace;

use crate::cell::Features;

/// Everything under this path is the table's own: pages, and what gated things reach.
pub(crate) const OWN: &str = "/sayso/-table/";

/// What stands before the gate: every browser here sends Global Privacy Control, which the one purpose `ads` heeds, and
/// what is said is noted where a page that is loaded anew still finds it.
const NOTES: &str = "
Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true });
window.note = (who, what) => {
  const notes = JSON.parse(sessionStorage['table.said'] || '[]');
  notes.push([who, what]);
  sessionStorage['table.said'] = JSON.stringify(notes);
};
window.ask = (what) => fetch('/sayso/-table/hit/' + what, { keepalive: true });";

/// The site's configuration.
pub(crate) fn site(features: &Features) -> String {
    let mut text =
        std::fs::read_to_string(workspace().join("tests/table/site.toml")).expect("it is there");
    for (name, feature) in features.iter() {
        if let Some(members) = &feature.service {
            // Writing to a text cannot fail.
            let _ = write!(
                text,
                "\n[[purposes.services]]\nid = \"{name}\"\nname = \"The {name}\"\nprovider = \"Table Ltd\"\n\
                 description = {{ en = {:?} }}\n{members}\n",
                feature.about
            );
        }
    }
    text
}

/// The page; `{snippet}` in it is for the front to fill.
pub(crate) fn table(features: &Features) -> String {
    let all = |part: fn(&crate::cell::Feature) -> &str| -> String {
        let parts = features.iter().map(|(_, feature)| part(feature).trim());
        parts
            .filter(|part| !part.is_empty())
            .map(|part| part.to_owned() + "\n")
            .collect()
    };
    let (head, view, script) = (
        all(|one| &one.head),
        all(|one| &one.page),
        all(|one| &one.script),
    );
    // Its addresses are others: a browser does not ask twice for a picture that it shows already.
    let next = view.replace("/one.", "/next.");
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>Table</title><link rel=icon href='data:,'>\n\
         <script>{NOTES}\n{head}</script>\n<script>{{snippet}}</script>\n\
         <script async src='/sayso/sayso.js?lang=en'></script></head>\n\
         <body><h1>Table</h1><div id=view>\n{view}</div>\n<template id=next>\n{next}</template>\n\
         <script>\n{script}</script></body></html>"
    )
}

/// A page with the gate and no feature, where a visitor may answer elsewhere.
pub(crate) fn door() -> String {
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>Door</title><link rel=icon href='data:,'>\n\
         <script>{NOTES}</script>\n<script>{{snippet}}</script>\n\
         <script async src='/sayso/sayso.js?lang=en'></script></head><body><h1>Door</h1></body></html>"
    )
}

/// A page with nothing, where a visitor's device is made ready.
pub(crate) const BLANK: &str =
    "<!doctype html><html lang=en><title>Blank</title><link rel=icon href='data:,'><h1>Blank</h1>";

/// The body of a function that gives what can be told of every feature now.
pub(crate) fn look(features: &Features) -> String {
    let mut each = String::new();
    for (name, feature) in features.iter() {
        let list = |expression: &str| {
            let expression = if expression.is_empty() {
                "[]"
            } else {
                expression
            };
            format!("list(() => {expression})")
        };
        let said = if feature.said.is_empty() {
            "said(name)"
        } else {
            feature.said.as_str()
        };
        let stored = feature
            .stored
            .as_deref()
            .map_or("undefined".to_owned(), list);
        let _ = writeln!(
            each,
            "(() => {{ const name = {name:?}; features[name] = {{ shown: {}, said: {}, stored: {stored} }} }})();",
            list(&feature.shown),
            list(said),
        );
    }
    format!(
        "const list = (give) => {{ try {{ return [].concat(give()) }} catch (error) {{ return ['' + error] }} }};
         const notes = JSON.parse(sessionStorage['table.said'] || '[]');
         const said = (name) => notes.filter(([who]) => who == name).map(([, what]) => what);
         const $ = (css) => document.querySelector('#view ' + css);
         const features = {{}};
         {each}
         const cookies = document.cookie.split('; ').filter(Boolean).map((one) => 'cookie ' + one.split('=')[0]);
         const local = Object.keys(localStorage).map((key) => 'local ' + key);
         const session = Object.keys(sessionStorage).map((key) => 'session ' + key);
         return {{ features, kept: [...cookies, ...local, ...session] }};"
    )
}
