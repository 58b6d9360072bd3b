//! Rebuilds the crate when the Python code that it freezes changes.

fn main() {
    println!("cargo:rerun-if-changed=src/vocabulary");
    println!("cargo:rerun-if-changed=src/python");
}
