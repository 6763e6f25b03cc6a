//! Makes a change of the web pieces rebuild the crate that embeds them.

fn main() {
    println!("cargo:rerun-if-changed=../../target/web");
    println!("cargo:rerun-if-changed=../../locales");
}
