//! The plain scripts: the gate as one function expression, its second file, the snippet, and the types of the public API.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::join;
use super::minify::{Kind, minify};
use crate::repo::Repo;
use crate::stamp::{read_text, write};

/// The gate's parameters; names that no module is likely to use, and short again once minified.
const PARAMETERS: &str = "$config,$layer,$css";

/// Writes `gate.js`, `late.js`, `snippet.js` and `sayso.d.ts`. This takes milliseconds, so nothing is skipped.
pub(super) fn build(repo: &Repo) -> Result<()> {
    let sources = repo.root.join("www/gate");
    let web = repo.web();
    let read = |path: &Path| read_text(path);
    let gate = function(&join::join(&sources.join("main.js"), &read)?)?;
    write(&web.join("gate.js"), gate.as_bytes())?;
    // A module by itself, which the gate imports: joined likewise, it exports the one function that makes it work.
    let late = join::join(&sources.join("late.js"), &read)? + "\nexport { late };";
    let late = minify("late.js", &late, Kind::Module)?;
    write(&web.join("late.js"), late.as_bytes())?;
    let snippet = read_text(&sources.join("snippet.js"))?;
    let snippet = minify("snippet.js", &snippet, Kind::Script)?;
    write(&web.join("snippet.js"), snippet.as_bytes())?;
    let types = read_text(&sources.join("sayso.d.ts"))?;
    write(&web.join("sayso.d.ts"), types.as_bytes())
}

/// Wraps the joined modules into one function expression that calls `gate`, and minifies it.
fn function(modules: &str) -> Result<String> {
    // An assignment keeps the minifier from dropping a function that nobody calls.
    let wrapped = format!(
        "self.$gate=function({PARAMETERS}){{\"use strict\";\n{modules}\nreturn gate({PARAMETERS})}}"
    );
    let minified = minify("the joined gate", &wrapped, Kind::Script)?;
    let function = minified
        .strip_prefix("self.$gate=")
        .context("the minified gate does not begin as it was wrapped; has the minifier changed?")?
        .trim_end_matches(';');
    if !function.starts_with("function(") {
        bail!(
            "the minified gate is no function expression: {:.40}…",
            function
        );
    }
    Ok(function.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_becomes_one_strict_function_expression() {
        let modules = "const greeting = 'hello';\nfunction gate(config, layer, css) { document.title = greeting + config + layer + css; }";
        let out = function(modules).expect("is valid");
        assert!(out.starts_with("function(") && out.ends_with('}'), "{out}");
        assert!(out.contains("use strict"), "{out}");
        assert!(
            !out.contains("greeting") && !out.contains("$config"),
            "{out}"
        );
    }
}
