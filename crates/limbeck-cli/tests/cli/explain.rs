//! Texts that the binary carries: pages of codes and checks, completions, manual pages. None of them needs a project.

use crate::project::Ran;
use std::path::Path;
use std::process::{Command, Stdio};

fn run(arguments: &[&str]) -> Ran {
    let place = tempfile::tempdir().expect("a temporary directory");
    run_in(place.path(), arguments)
}

fn run_in(place: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_limbeck")).current_dir(place).args(arguments).output();
    Ran::from(output.expect("the binary runs"))
}

/// Runs a program on a file; `None` where there is no such program.
fn judged(program: &str, options: &[&str], file: &Path) -> Option<String> {
    let output = Command::new(program).args(options).arg(file).stdin(Stdio::null()).output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            eprintln!("skipped: {program}: {error}");
            return None;
        }
    };
    let mut words = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        words.push_str(&format!("{program} ended with {}", output.status));
    }
    Some(words)
}

#[test]
fn a_code_is_explained_however_it_is_written() {
    let page = run(&["explain", "E0412"]).ok();
    assert!(page.starts_with("E0412: a migration failed\n\n"), "{page}");
    assert!(page.contains("What to do:") && page.contains("$ limbeck upgrade head"), "{page}");
    for asked in ["e412", "412", "0412", "error[E0412]:"] {
        assert_eq!(run(&["explain", asked]).ok(), page, "{asked}");
    }
}

#[test]
fn a_check_is_explained() {
    let page = run(&["explain", "Multiple_Heads"]).ok();
    assert!(page.starts_with("multiple-heads: ") && page.contains("WHAT TO DO\n"), "{page}");
}

#[test]
fn all_pages_are_listed() {
    let list = run(&["explain"]).ok();
    for line in ["E0203  several heads, where one was asked for", "multiple-heads  multiple heads"] {
        assert!(list.lines().any(|there| there == line), "{line} is not in:\n{list}");
    }
    let json: serde_json::Value = serde_json::from_str(&run(&["explain", "--json"]).ok()).expect("JSON");
    let pages = json.as_array().expect("a list");
    assert_eq!(pages.len(), list.lines().filter(|line| !line.is_empty()).count());
    assert!(pages.iter().all(|page| page["text"].as_str().is_some_and(|text| text.len() > 100)));
}

#[test]
fn a_misspelt_name_gets_the_nearest() {
    run(&["explain", "multiple-haeds"]).fails_with(&["E0990", "did you mean `multiple-heads`?"]);
    run(&["explain", "e413"]).fails_with(&["did you mean `E0412`"]);
    run(&["explain", "xyzzy"]).fails_with(&["no code or check `xyzzy`", "`limbeck explain` lists them all"]);
}

#[test]
fn completions_are_scripts_of_their_shell() {
    let place = tempfile::tempdir().expect("a temporary directory");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]).ok();
        for word in ["upgrade", "doctor", "lock-timeout", "explain"] {
            assert!(script.contains(word), "{word} is not completed in {shell}");
        }
        let path = place.path().join(shell);
        std::fs::write(&path, script).expect("a file");
        if ["bash", "zsh", "fish"].contains(&shell)
            && let Some(words) = judged(shell, &["-n"], &path)
        {
            assert_eq!(words, "", "{shell}");
        }
    }
}

#[test]
fn manual_pages_are_written_and_without_fault() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let ran = run_in(place.path(), &["man", "some/pages"]);
    assert!(ran.stderr.contains("manual pages to some/pages"), "{}", ran.stderr);
    ran.ok();
    let folder = place.path().join("some/pages");
    let program = std::fs::read_to_string(folder.join("limbeck.1")).expect("the page of the program");
    assert!(program.contains("EXIT STATUS") && program.contains("limbeck\\-upgrade(1)"), "{program}");
    for entry in std::fs::read_dir(&folder).expect("the pages").flatten() {
        if let Some(words) = judged("groff", &["-man", "-ww", "-z", "-Tutf8"], &entry.path()) {
            assert_eq!(words, "", "{}", entry.path().display());
        }
    }
    let taken = place.path().join("taken");
    std::fs::write(&taken, "").expect("a file");
    run_in(place.path(), &["man", "taken"]).fails_with(&["E0808"]);
}
