//! Links the binary at a fixed address where the system's C library is glibc.
//!
//! The frozen vocabulary and RustPython's tables hold hundreds of thousands of pointers; in a position-independent executable the loader rewrites them at every start, which was a third
//! of the CPU time of `heads` (425 page faults against 179).

fn main() {
    let target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
    println!("cargo:rerun-if-changed=build.rs");
}
