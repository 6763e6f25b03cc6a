//! The plain scripts: the gate as one function expression, its second file, what stands inline, and the types of the
//! public API.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::join;
use super::minify::{Kind, minify};
use crate::repo::Repo;
use crate::stamp::{read_text, write};

/// The vendors whose tags a site may have told; each has a file in `www/gate/vendor/`.
const VENDORS: [&str; 5] = ["google", "uet", "clarity", "meta", "matomo"];

/// Writes `gate.js`, `late.js`, `snippet.js`, `ahead.js`, `inline.js`, `dev.js`, the vendors' pieces and `sayso.d.ts`. This takes
/// milliseconds, so nothing is skipped.
pub(super) fn build(repo: &Repo) -> Result<()> {
    let sources = repo.root.join("www/gate");
    let web = repo.web();
    for (name, text) in pieces(&sources, &|path: &Path| read_text(path))? {
        write(&web.join(name), text.as_bytes())?;
    }
    let types = read_text(&sources.join("sayso.d.ts"))?;
    write(&web.join("sayso.d.ts"), types.as_bytes())
}

/// Every piece of script by name, from the gate's sources as `read` gives them.
pub(super) fn pieces(
    sources: &Path,
    read: &dyn Fn(&Path) -> Result<String>,
) -> Result<BTreeMap<String, String>> {
    let mut made = BTreeMap::new();
    // Parameters have names that no module is likely to use, and are short again once minified.
    let expression = |file: &str, name: &str, parameters: &str| {
        let modules = join::join(&sources.join(file), read)?;
        function(&modules, name, parameters)
    };
    let gate = expression("main.js", "gate", "$config,$layer,$css,$vendors")?;
    made.insert("gate.js".to_owned(), gate);
    made.insert(
        "dev.js".to_owned(),
        expression("dev.js", "dev", "$declared")?,
    );
    let signal = expression("vendor/signal.js", "signal", "$window,$denied,$list")?;
    made.insert("signal.js".to_owned(), signal);
    for vendor in VENDORS {
        let file = format!("vendor/{vendor}.js");
        let deny = expression(&file, "deny", "$window,$its")?;
        made.insert(format!("deny.{vendor}.js"), deny);
        let tell = expression(&file, "tell", "$window,$its,$says")?;
        made.insert(format!("tell.{vendor}.js"), tell);
    }
    // A module by itself, which the gate imports: joined likewise, it exports the one function that makes it work.
    let late = join::join(&sources.join("late.js"), read)? + "\nexport { late };";
    made.insert(
        "late.js".to_owned(),
        minify("late.js", &late, Kind::Module)?,
    );
    for name in ["snippet.js", "ahead.js", "inline.js"] {
        let text = read(&sources.join(name))?;
        made.insert(name.to_owned(), minify(name, &text, Kind::Script)?);
    }
    Ok(made)
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
