//! The WebAssembly pieces: cargo, then the glue written by wasm-bindgen's own library, then wasm-opt when there is one.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::minify::{Kind, minify};
use super::names::shorten;
use crate::process;
use crate::repo::Repo;
use crate::stamp::{Stamp, read, read_text, write};

const TARGET: &str = "wasm32-unknown-unknown";

/// A package that becomes a module, and the name of its files.
struct Piece {
    package: &'static str,
    features: &'static str,
    name: &'static str,
}

const PIECES: [Piece; 3] = [
    Piece {
        package: "sayso-browser",
        features: "module",
        name: "settle",
    },
    Piece {
        package: "sayso-app",
        features: "",
        name: "app",
    },
    Piece {
        package: "sayso-verify",
        features: "",
        name: "verify",
    },
];

/// Features are named one by one: with all of them wasm-opt writes modules that browsers refuse.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The oldest wasm-opt that knows what today's compiler writes.
const OLDEST_WASM_OPT: u32 = 116;

/// Compiles every piece and writes its module and glue into `target/web/`.
pub(super) fn build(repo: &Repo) -> Result<()> {
    same_version(&repo.root)?;
    ensure_target(repo)?;
    compile(repo)?;
    let optimiser = wasm_opt();
    for piece in &PIECES {
        let input = repo
            .target
            .join(TARGET)
            .join("wasm")
            .join(format!("{}.wasm", piece.package.replace('-', "_")));
        finish(repo, piece, &input, optimiser.as_deref())
            .with_context(|| format!("making {} from {}", piece.name, piece.package))?;
    }
    Ok(())
}

/// One by one and as a `cdylib` alone: cargo leaves link-time optimisation out where a library is also an `rlib`, and
/// without it a module is an eighth heavier.
fn compile(repo: &Repo) -> Result<()> {
    for piece in &PIECES {
        let mut cargo = repo.cargo();
        cargo.args(["rustc", "--lib", "--crate-type", "cdylib"]);
        cargo.args(["--target", TARGET, "--profile", "wasm"]);
        cargo.args(["--package", piece.package, "--features", piece.features]);
        cargo.env("CARGO_ENCODED_RUSTFLAGS", short_paths(repo).join("\u{1f}"));
        process::run(&mut cargo)?;
    }
    Ok(())
}

/// Panics name source files: without this machine's folders before them the modules are smaller, tell nothing of who built
/// them, and come out the same on every machine.
fn short_paths(repo: &Repo) -> Vec<String> {
    let mut folders = vec![repo.root.clone()];
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    if let Some(sources) = home.and_then(|home| home.join("registry/src").read_dir().ok()) {
        folders.extend(sources.flatten().map(|folder| folder.path()));
    }
    folders
        .iter()
        .map(|folder| format!("--remap-path-prefix={}=", folder.display()))
        .collect()
}

/// The glue is only right when the library that writes it has the version that the code was compiled with.
fn same_version(root: &Path) -> Result<()> {
    let lock: toml::Table = read_text(&root.join("Cargo.lock"))?
        .parse()
        .context("reading Cargo.lock")?;
    let version = |name: &str| {
        let packages = lock.get("package")?.as_array()?;
        let found = packages
            .iter()
            .find(|p| p.get("name").and_then(|n| n.as_str()) == Some(name))?;
        Some(found.get("version")?.as_str()?.to_owned())
    };
    let code = version("wasm-bindgen");
    let tool = version("wasm-bindgen-cli-support");
    if code.is_none() || code != tool {
        bail!(
            "Cargo.lock has wasm-bindgen {} but wasm-bindgen-cli-support {}; give both the same `=` version in the root Cargo.toml",
            code.as_deref().unwrap_or("nowhere"),
            tool.as_deref().unwrap_or("nowhere")
        );
    }
    Ok(())
}

/// Makes sure that Rust's library for the target is there.
pub(crate) fn ensure_target(repo: &Repo) -> Result<()> {
    let rustc = || {
        let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        command.current_dir(&repo.root);
        command
    };
    let folder = process::output(rustc().args(["--print", "target-libdir", "--target", TARGET]))?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    println!("adding Rust's library for {TARGET}");
    process::run(Command::new("rustup").current_dir(&repo.root).args(["target", "add", TARGET]))
        .with_context(|| {
            format!("Rust's library for {TARGET} is missing and rustup could not add it; install it with your system's Rust")
        })
}

/// Glue, optimising and minifying of one compiled module.
fn finish(repo: &Repo, piece: &Piece, input: &Path, optimiser: Option<&Path>) -> Result<()> {
    let web = repo.web();
    let module_file = web.join(format!("{}_bg.wasm", piece.name));
    let glue_file = web.join(format!("{}.js", piece.name));
    let bytes = read(input).context("is its crate-type `cdylib`?")?;
    let with = optimiser
        .map(|o| o.display().to_string())
        .unwrap_or_default();
    let stamp = Stamp::of(repo, piece.name, [bytes.as_slice(), with.as_bytes()]);
    if stamp.is_fresh([module_file.as_path(), glue_file.as_path()]) {
        return Ok(());
    }
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(piece.name, bytes)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(true);
    let mut output = bindgen.generate_output()?;
    // A crate without any has an empty list.
    let inline = output
        .snippets()
        .iter()
        .filter(|(_, texts)| !texts.is_empty())
        .map(|(name, _)| name);
    let files: Vec<&String> = inline.chain(output.local_modules().keys()).collect();
    if !files.is_empty() {
        bail!(
            "it wants JavaScript files that this build does not carry: {files:?}; use no `inline_js` and no `module`"
        );
    }
    let glue = shorten(&mut output)?;
    let mut module = output.wasm_mut().emit_wasm();
    if let Some(optimiser) = optimiser {
        module = optimise(repo, piece, optimiser, &module)?;
    }
    let glue = minify(&format!("{}.js", piece.name), &glue, Kind::Module)?;
    write(&module_file, &module)?;
    write(&glue_file, glue.as_bytes())?;
    stamp.keep()
}

/// A wasm-opt that is new enough, if there is one; it saves about one percent of what is sent.
fn wasm_opt() -> Option<PathBuf> {
    let path = std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join("wasm-opt"))
        .find(|file| file.is_file())?;
    let text = process::version(&path, "--version")?;
    let number = text
        .split_whitespace()
        .find_map(|word| word.parse::<u32>().ok());
    if number.is_none_or(|n| n < OLDEST_WASM_OPT) {
        println!(
            "not using {} ({text}): older than {OLDEST_WASM_OPT}",
            path.display()
        );
        return None;
    }
    println!("using {text}");
    Some(path)
}

fn optimise(repo: &Repo, piece: &Piece, optimiser: &Path, module: &[u8]) -> Result<Vec<u8>> {
    let folder = repo.target.join("web-stamps");
    let before = folder.join(format!("{}.before.wasm", piece.name));
    let after = folder.join(format!("{}.after.wasm", piece.name));
    write(&before, module)?;
    process::run(
        Command::new(optimiser)
            .args(FEATURES)
            .arg("-Oz")
            .arg(&before)
            .arg("-o")
            .arg(&after),
    )?;
    read(&after)
}
