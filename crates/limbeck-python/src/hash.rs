//! Content hashes, in hexadecimal digits.

use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// The SHA-256 of `bytes`.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The names in a directory, sorted; Python's own droppings left out.
pub(crate) fn names_of(directory: &Path) -> std::io::Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(directory)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name != "__pycache__")
        .collect();
    names.sort();
    Ok(names)
}

/// The hash of the names in a directory.
pub(crate) fn of_directory(directory: &Path) -> Option<String> {
    let names = names_of(directory).ok()?;
    Some(of_bytes(names.join("\n").as_bytes()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_sha_256() {
        assert_eq!(super::of_bytes(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
