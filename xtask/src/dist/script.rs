//! The plain scripts: the gate as one function expression, its second file, the snippet, and the types of the public API.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::join;
use super::minify::{Kind, minify};
use crate::repo::Repo;
use crate::stamp::{read_text, write};

/// The vendors whose tags a site may have told; each has a file in `www/gate/vendor/`.
const VENDORS: [&str; 5] = ["google", "uet", "clarity", "meta", "matomo"];

/// Writes `gate.js`, `late.js`, `snippet.js`, `dev.js`, the vendors' pieces and `sayso.d.ts`. This takes milliseconds, so
/// nothing is skipped.
pub(super) fn build(repo: &Repo) -> Result<()> {
    let sources = repo.root.join("www/gate");
    let web = repo.web();
    let read = |path: &Path| read_text(path);
    // Parameters have names that no module is likely to use, and are short again once minified.
    let expression = |file: &str, name: &str, parameters: &str| {
        let modules = join::join(&sources.join(file), &read)?;
        function(&modules, name, parameters)
    };
    let gate = expression("main.js", "gate", "$config,$layer,$css,$vendors")?;
    write(&web.join("gate.js"), gate.as_bytes())?;
    let dev = expression("dev.js", "dev", "$declared")?;
    write(&web.join("dev.js"), dev.as_bytes())?;
    let signal = expression("vendor/signal.js", "signal", "$window,$denied,$list")?;
    write(&web.join("signal.js"), signal.as_bytes())?;
    for vendor in VENDORS {
        let file = format!("vendor/{vendor}.js");
        let deny = expression(&file, "deny", "$window,$its")?;
        write(&web.join(format!("deny.{vendor}.js")), deny.as_bytes())?;
        let tell = expression(&file, "tell", "$window,$its,$says")?;
        write(&web.join(format!("tell.{vendor}.js")), tell.as_bytes())?;
    }
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

/// Wraps joined modules into one function expression that calls the one named, and minifies it.
fn function(modules: &str, name: &str, parameters: &str) -> Result<String> {
    // An assignment keeps the minifier from dropping a function that nobody calls.
    let wrapped = format!(
        "self.$made=function({parameters}){{\"use strict\";\n{modules}\nreturn {name}({parameters})}}"
    );
    let minified = minify(name, &wrapped, Kind::Script)?;
    let function = minified
        .strip_prefix("self.$made=")
        .with_context(|| {
            format!("minified, {name} does not begin as it was wrapped; has the minifier changed?")
        })?
        .trim_end_matches(';');
    if !function.starts_with("function(") {
        bail!("minified, {name} is no function expression: {function:.40}…");
    }
    Ok(function.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_becomes_one_strict_function_expression() {
        let modules = "const greeting = 'hello';\nfunction gate(config, layer, css) { document.title = greeting + config + layer + css; }";
        let out = function(modules, "gate", "$config,$layer,$css").expect("is valid");
        assert!(out.starts_with("function(") && out.ends_with('}'), "{out}");
        assert!(out.contains("use strict"), "{out}");
        assert!(
            !out.contains("greeting") && !out.contains("$config"),
            "{out}"
        );
    }
}
