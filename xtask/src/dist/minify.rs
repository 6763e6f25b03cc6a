//! Minifying JavaScript with oxc.

use anyhow::{Result, anyhow, bail};
use oxc::allocator::Allocator;
use oxc::codegen::{Codegen, CodegenOptions};
use oxc::diagnostics::Diagnostics;
use oxc::minifier::{CompressOptions, Minifier, MinifierOptions};
use oxc::parser::Parser;
use oxc::span::SourceType;
use oxc_compat::EngineTargets;

/// The oldest syntax that minifying may write; every browser with the WebAssembly we need knows it.
const SYNTAX: &str = "es2020";

/// What kind of text is minified.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A classic script.
    Script,
    /// An ES module.
    Module,
}

impl Kind {
    pub(super) fn source_type(self) -> SourceType {
        match self {
            Self::Script => SourceType::script(),
            Self::Module => SourceType::mjs(),
        }
    }
}

/// Minifies `source`; `name` is only for errors.
pub(super) fn minify(name: &str, source: &str, kind: Kind) -> Result<String> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, kind.source_type()).parse();
    accept(name, source, parsed.diagnostics)?;
    let mut program = parsed.program;
    let targets = EngineTargets::from_target(SYNTAX).map_err(|e| anyhow!("{SYNTAX}: {e}"))?;
    let options = MinifierOptions {
        compress: Some(CompressOptions {
            target: targets,
            ..CompressOptions::smallest()
        }),
        ..MinifierOptions::default()
    };
    let minified = Minifier::new(options).minify(&allocator, &mut program);
    let printed = Codegen::new()
        .with_options(CodegenOptions::minify())
        .with_scoping(minified.scoping)
        .build(&program);
    Ok(printed.code.trim_end().to_owned())
}

/// Turns what the parser or the scope check says into one readable error.
pub(super) fn accept(name: &str, source: &str, diagnostics: Diagnostics) -> Result<()> {
    let texts: Vec<String> = diagnostics
        .into_iter()
        .map(|d| format!("{:?}", d.with_source_code(source.to_owned())))
        .collect();
    if texts.is_empty() {
        return Ok(());
    }
    bail!("{name} is not valid JavaScript:\n{}", texts.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_keeps_its_exports_and_loses_the_rest() {
        let source = "/** doc */ function unused() {} const long = 1; export function open(value) { return value + long; }";
        let out = minify("a.js", source, Kind::Module).expect("is valid");
        assert!(out.contains("open"), "{out}");
        assert!(!out.contains("unused") && !out.contains("doc"), "{out}");
    }

    #[test]
    fn newer_syntax_is_not_invented() {
        let out = minify("a.js", "window.a || (window.a = f())", Kind::Script).expect("is valid");
        assert!(!out.contains("||="), "{out}");
    }

    #[test]
    fn an_error_names_the_file() {
        let error = minify("broken.js", "let = ;", Kind::Module).expect_err("is broken");
        assert!(error.to_string().contains("broken.js"), "{error}");
    }
}
