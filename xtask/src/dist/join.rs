//! Joining ES modules into one function body, in import order.
//!
//! What only a bundler could do (renaming, namespaces, default exports) is refused with a sentence, so that the
//! joined text means exactly what the modules mean: every top-level name is unique, every import has its export,
//! and no module's own name hides a global that another module uses.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use oxc::allocator::Allocator;
use oxc::ast::ast::{ImportDeclarationSpecifier, ModuleExportName, Program, Statement};
use oxc::parser::Parser;
use oxc::semantic::{Scoping, SemanticBuilder};
use oxc::span::{GetSpan, Span};

use super::minify::{Kind, accept};

/// One module, taken apart.
struct Module {
    /// Its text without import and export.
    body: String,
    /// What it imports: the file and the names.
    imports: Vec<(PathBuf, Vec<String>)>,
    /// What it exports.
    exports: Vec<String>,
    /// The names it declares at its top level.
    names: Vec<String>,
    /// The globals it uses.
    globals: Vec<String>,
}

/// Joins `entry` and what it imports; `read` gives a module's text.
pub(super) fn join(entry: &Path, read: &dyn Fn(&Path) -> Result<String>) -> Result<String> {
    let mut modules = BTreeMap::new();
    let mut order = Vec::new();
    visit(entry, read, &mut modules, &mut order)?;
    check(&modules)?;
    let bodies: Vec<&str> = order.iter().map(|path| modules[path].body.trim()).collect();
    Ok(bodies.join("\n"))
}

/// Reads a module, then what it imports; a module comes after its imports, as in a browser.
fn visit(
    path: &Path,
    read: &dyn Fn(&Path) -> Result<String>,
    modules: &mut BTreeMap<PathBuf, Module>,
    order: &mut Vec<PathBuf>,
) -> Result<()> {
    if modules.contains_key(path) {
        return Ok(());
    }
    let module = take_apart(path, &read(path)?)?;
    let imported: Vec<PathBuf> = module
        .imports
        .iter()
        .map(|(file, _)| file.clone())
        .collect();
    modules.insert(path.to_owned(), module);
    for file in imported {
        visit(&file, read, modules, order)
            .with_context(|| format!("imported by {}", path.display()))?;
    }
    order.push(path.to_owned());
    Ok(())
}

fn take_apart(path: &Path, source: &str) -> Result<Module> {
    let name = path.display().to_string();
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, Kind::Module.source_type()).parse();
    accept(&name, source, parsed.diagnostics)?;
    let program = parsed.program;
    let checked = SemanticBuilder::new()
        .with_check_syntax_error(true)
        .build(&program);
    accept(&name, source, checked.diagnostics)?;

    let mut module = Module {
        body: String::new(),
        imports: Vec::new(),
        exports: Vec::new(),
        names: Vec::new(),
        globals: Vec::new(),
    };
    let cuts = cuts(path, source, &program, &mut module)?;
    module.body = without(source, &cuts);
    let scoping = checked.semantic.scoping();
    module.names = top_level(scoping, |flags| !flags.is_import());
    module.globals = scoping
        .root_unresolved_references()
        .keys()
        .map(ToString::to_string)
        .collect();
    Ok(module)
}

/// The parts of a module's text that are import and export syntax.
fn cuts(path: &Path, source: &str, program: &Program, module: &mut Module) -> Result<Vec<Span>> {
    let refuse = |span: Span, why: &str| -> Result<Vec<Span>> {
        let line = source[..span.start as usize].matches('\n').count() + 1;
        bail!("{}:{line}: {why}", path.display())
    };
    let mut cuts = Vec::new();
    for statement in &program.body {
        match statement {
            Statement::ImportDeclaration(import) => {
                let mut names = Vec::new();
                for specifier in import.specifiers.iter().flatten() {
                    let ImportDeclarationSpecifier::ImportSpecifier(one) = specifier else {
                        return refuse(
                            import.span,
                            "default and namespace imports cannot be joined; import the names, as in `import { a } from './a.js'`",
                        );
                    };
                    if spelled(&one.imported) != one.local.name.as_str() {
                        return refuse(
                            import.span,
                            "an import cannot be renamed when modules are joined; rename the exported name itself",
                        );
                    }
                    names.push(one.local.name.to_string());
                }
                let Some(file) = beside(path, import.source.value.as_str()) else {
                    return refuse(
                        import.span,
                        "only files beside this one can be joined; write the path as './name.js'",
                    );
                };
                module.imports.push((file, names));
                cuts.push(import.span);
            }
            Statement::ExportDeclaration(export) => {
                cuts.push(Span::new(
                    export.span.start,
                    export.declaration.span().start,
                ));
                module.exports.extend(declared(source, &export.declaration));
            }
            Statement::ExportNamedDeclaration(export) => {
                for one in &export.specifiers {
                    if spelled(&one.local) != spelled(&one.exported) {
                        return refuse(
                            export.span,
                            "an export cannot be renamed when modules are joined; rename the declaration itself",
                        );
                    }
                    module.exports.push(spelled(&one.local).to_owned());
                }
                cuts.push(export.span);
            }
            Statement::ExportDefaultDeclaration(export) => {
                return refuse(
                    export.span,
                    "a default export cannot be joined; export it by name",
                );
            }
            Statement::ExportAllDeclaration(export) => {
                return refuse(
                    export.span,
                    "`export *` cannot be joined; import the names where they are used",
                );
            }
            Statement::ExportFromDeclaration(export) => {
                return refuse(
                    export.span,
                    "`export … from` cannot be joined; import the names where they are used",
                );
            }
            _ => {}
        }
    }
    Ok(cuts)
}

/// The names of an exported declaration, by reading it as a module of its own.
fn declared(source: &str, declaration: &oxc::ast::ast::Declaration) -> Vec<String> {
    let span = declaration.span();
    let text = &source[span.start as usize..span.end as usize];
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, Kind::Module.source_type()).parse();
    let built = SemanticBuilder::new().build(&parsed.program);
    top_level(built.semantic.scoping(), |_| true)
}

fn top_level(
    scoping: &Scoping,
    wanted: impl Fn(oxc::syntax::symbol::SymbolFlags) -> bool,
) -> Vec<String> {
    scoping
        .get_bindings(scoping.root_scope_id())
        .iter()
        .filter(|(_, symbol)| wanted(scoping.symbol_flags(**symbol)))
        .map(|(name, _)| name.to_string())
        .collect()
}

fn spelled<'a>(name: &'a ModuleExportName) -> &'a str {
    match name {
        ModuleExportName::IdentifierName(name) => name.name.as_str(),
        ModuleExportName::IdentifierReference(name) => name.name.as_str(),
        ModuleExportName::StringLiteral(name) => name.value.as_str(),
    }
}

fn without(source: &str, cuts: &[Span]) -> String {
    let mut out = String::with_capacity(source.len());
    let mut from = 0;
    for cut in cuts {
        out.push_str(&source[from..cut.start as usize]);
        from = cut.end as usize;
    }
    out.push_str(&source[from..]);
    out
}

/// The file that `./name.js` means in the module `path`.
fn beside(path: &Path, specifier: &str) -> Option<PathBuf> {
    if !specifier.starts_with("./") && !specifier.starts_with("../") {
        return None;
    }
    let mut file = path.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(specifier).components() {
        match part {
            Component::Normal(name) => file.push(name),
            Component::ParentDir => {
                file.pop();
            }
            _ => {}
        }
    }
    Some(file)
}

fn check(modules: &BTreeMap<PathBuf, Module>) -> Result<()> {
    let mut owners: BTreeMap<&str, &Path> = BTreeMap::new();
    for (path, module) in modules {
        for name in &module.names {
            if let Some(other) = owners.insert(name, path) {
                bail!(
                    "{} and {} both declare `{name}` at their top level; rename one of them",
                    other.display(),
                    path.display()
                );
            }
        }
    }
    for (path, module) in modules {
        for (file, names) in &module.imports {
            for name in names {
                if !modules[file].exports.contains(name) {
                    bail!(
                        "{} imports `{name}`, which {} does not export",
                        path.display(),
                        file.display()
                    );
                }
            }
        }
        for global in &module.globals {
            if let Some(owner) = owners.get(global.as_str()) {
                bail!(
                    "{} uses `{global}` without importing it, and {} declares that name: import it, or rename the one in {} if the browser's own is meant",
                    path.display(),
                    owner.display(),
                    owner.display()
                );
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn joined(files: &[(&str, &str)]) -> Result<String> {
        join(Path::new("main.js"), &|path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found
                .map(|(_, text)| (*text).to_owned())
                .ok_or_else(|| anyhow!("no {}", path.display()))
        })
    }

    fn refused(files: &[(&str, &str)]) -> String {
        format!("{:#}", joined(files).expect_err("is refused"))
    }

    #[test]
    fn imports_come_first_and_once() {
        let out = joined(&[
            ("main.js", "import { a } from './a.js';\nimport { b } from './sub/b.js';\nexport function gate() { return a + b; }"),
            ("a.js", "export const a = 1;"),
            ("sub/b.js", "import { a } from '../a.js';\nconst b = a;\nexport { b };"),
        ])
        .expect("joins");
        let lines: Vec<&str> = out.lines().filter(|l| !l.is_empty()).collect();
        assert_eq!(
            lines,
            [
                "const a = 1;",
                "const b = a;",
                "function gate() { return a + b; }"
            ]
        );
    }

    #[test]
    fn a_circle_is_joined_once() {
        let out = joined(&[
            (
                "main.js",
                "import { a } from './a.js'; export function gate() { return a(); }",
            ),
            (
                "a.js",
                "import { gate } from './main.js'; export function a() { return gate; }",
            ),
        ])
        .expect("joins");
        assert_eq!(out.matches("function").count(), 2);
    }

    #[test]
    fn destructured_exports_count() {
        let out = joined(&[
            (
                "main.js",
                "import { x } from './a.js'; export const gate = x;",
            ),
            ("a.js", "export const { x, y: [z] } = f();"),
        ]);
        assert!(out.is_ok(), "{out:?}");
    }

    #[test]
    fn what_would_change_meaning_is_refused() {
        let twice = [
            ("main.js", "import './a.js'; const x = 1;"),
            ("a.js", "let x;"),
        ];
        assert!(refused(&twice).contains("both declare `x`"));
        let hidden = [
            ("main.js", "import './a.js'; close();"),
            ("a.js", "function close() {}"),
        ];
        assert!(refused(&hidden).contains("uses `close` without importing it"));
        let missing = [
            ("main.js", "import { x } from './a.js';"),
            ("a.js", "const x = 1;"),
        ];
        assert!(refused(&missing).contains("does not export"));
        assert!(
            refused(&[("main.js", "\nexport default 1;")]).contains("main.js:2: a default export")
        );
        assert!(refused(&[("main.js", "import * as a from './a.js';")]).contains("namespace"));
        assert!(refused(&[("main.js", "import { a as b } from './a.js';")]).contains("renamed"));
        assert!(refused(&[("main.js", "import { a } from 'a';")]).contains("./name.js"));
    }
}
