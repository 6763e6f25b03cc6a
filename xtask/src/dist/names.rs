//! Short names for what a module asks of its glue.
//!
//! wasm-bindgen gives every import a digest for a last name: eight bytes that nothing compresses, in both files.

use anyhow::{Result, ensure};
use wasm_bindgen_cli_support::Output;

/// What the glue's side is called as a module.
const MODULE: &str = "glue";

/// Numbers the imports, and returns the glue that knows them by their numbers.
pub(super) fn shorten(output: &mut Output) -> Result<String> {
    let mut glue = output.js().to_owned();
    for (number, import) in output.wasm_mut().imports.iter_mut().enumerate() {
        ensure!(
            glue.contains(&import.name),
            "the glue has no `{}`, which the module asks for",
            import.name
        );
        let name = format!("__{number:x}");
        glue = glue
            .replace(&import.name, &name)
            .replace(&import.module, MODULE);
        import.name = name;
        MODULE.clone_into(&mut import.module);
    }
    Ok(glue)
}
