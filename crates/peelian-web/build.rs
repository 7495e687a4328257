//! Checks that the assets are built. It never runs npm: a change of Rust must
//! not start another tool.

use std::path::Path;

fn main() {
    let style = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist/site.css");
    println!("cargo:rerun-if-changed={}", style.display());
    assert!(
        style.exists(),
        "web/dist/site.css is missing: run “npm ci --prefix web” first"
    );
}
