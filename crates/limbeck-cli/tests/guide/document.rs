//! The blocks of `docs/guide.md` that show what is typed and answered.
//!
//! A block is the fenced text below a line `<!-- shown: NAME -->`. The tests own it: they compare it, and write it when `UPDATE_DOCS` is set.

use std::fs::{self, File};
use std::path::PathBuf;

/// What is typed and answered.
#[derive(Debug)]
pub struct Block {
    name: String,
    text: String,
}

impl Block {
    pub fn new(name: &str) -> Self {
        Block {
            name: name.to_owned(),
            text: String::new(),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds a line and its answer.
    pub fn add(&mut self, line: &str, answer: &str) {
        self.text.push_str(&format!("$ {line}\n{answer}"));
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn marker(&self) -> String {
        format!("<!-- shown: {} -->", self.name)
    }
}

fn guide() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide.md")
}

/// Compares blocks with the guide, or writes them into it.
#[track_caller]
pub fn hold(blocks: &[Block]) {
    let path = guide();
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    // Each test is a process of its own.
    let lock = File::open(&path).expect("docs/guide.md");
    lock.lock().expect("the guide can be locked");
    let mut text = fs::read_to_string(&path).expect("docs/guide.md");
    let mut differs = Vec::new();
    for block in blocks {
        let (start, end) = place(&text, block);
        if text[start..end] == block.text {
            continue;
        }
        if update {
            text.replace_range(start..end, &block.text);
        } else {
            differs.push(format!("{}\nis:\n{}\nwas:\n{}", block.marker(), block.text, &text[start..end]));
        }
    }
    if update {
        fs::write(&path, text).expect("docs/guide.md can be written");
    }
    assert!(
        differs.is_empty(),
        "docs/guide.md shows something else; read it, then UPDATE_DOCS=1 cargo nextest run -p limbeck-cli --test guide\n{}",
        differs.join("\n")
    );
}

/// Where the text of a block is in the guide.
#[track_caller]
fn place(text: &str, block: &Block) -> (usize, usize) {
    let marker = block.marker();
    let head = text.find(&marker).unwrap_or_else(|| panic!("docs/guide.md has no line `{marker}`"));
    let fence = "\n```console\n";
    let start = text[head..].find(fence).map(|at| head + at + fence.len());
    let start = start.unwrap_or_else(|| panic!("no block follows `{marker}` in docs/guide.md"));
    let end = text[start..].find("```").map(|at| start + at);
    (start, end.unwrap_or_else(|| panic!("the block of `{marker}` does not end")))
}

#[test]
fn every_block_of_the_guide_is_shown_by_a_story() {
    let text = fs::read_to_string(guide()).expect("docs/guide.md");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/guide");
    let stories: String = fs::read_dir(folder)
        .expect("the stories")
        .flatten()
        .map(|entry| fs::read_to_string(entry.path()).expect("a story"))
        .collect();
    for marker in text.split("<!-- shown: ").skip(1) {
        let name = marker.split(" -->").next().unwrap_or_default();
        assert!(stories.contains(&format!("show({name:?})")), "no story shows `{name}`");
    }
    assert_eq!(
        text.matches("```console\n").count(),
        text.matches("<!-- shown: ").count(),
        "a block without a story would rot"
    );
}
