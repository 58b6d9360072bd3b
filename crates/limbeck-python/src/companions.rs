//! Packages whose mere import changes what migrations do.
//!
//! Alembic imports every script, and with it what the application imports, before it runs the first. Here the application is loaded late or not at all, so
//! that such effects are found by reading: the import lines of a script and of the project modules they lead to.

use crate::find::{self, Found};
use crate::state::State;
use rustpython_vm::VirtualMachine;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Stand-ins with such an effect.
const WITH_EFFECTS: &[&str] = &["sqlalchemy_continuum"];

/// Imports the stand-ins that a script would lead to. A module is read once per engine.
pub(crate) fn apply(text: &str, state: &State, vm: &VirtualMachine) {
    let mut open: Vec<String> = imported_modules(text, "").into_iter().collect();
    while let Some(name) = open.pop() {
        if !state.followed.borrow_mut().insert(name.clone()) {
            continue;
        }
        let root = name.split('.').next().unwrap_or(&name);
        if WITH_EFFECTS.contains(&root) {
            // The stand-in is part of the binary: should it fail, importing it where it is used tells so.
            let _ = vm.import(vm.ctx.intern_str(root), 0);
            continue;
        }
        if state.vocabulary_roots.contains(root) || state.stand_in_roots.contains(root) {
            continue;
        }
        for (file, package) in files(&name, vm) {
            if let Ok(text) = std::fs::read_to_string(&file) {
                open.extend(imported_modules(&text, &package));
            }
        }
    }
}

/// The files that importing `name` runs, each with the package that its relative imports start from.
fn files(name: &str, vm: &VirtualMachine) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = find::search_path(vm);
    let mut known = String::new();
    for part in name.split('.') {
        known = if known.is_empty() { part.to_owned() } else { format!("{known}.{part}") };
        match find::in_folders(part, &folders) {
            Some(Found::File { path, package: true }) => {
                folders = Path::new(&path).parent().map(|folder| folder.display().to_string()).into_iter().collect();
                files.push((path.into(), known.clone()));
            }
            Some(Found::File { path, package: false }) => {
                let package = known.rsplit_once('.').map_or("", |(package, _)| package).to_owned();
                files.push((path.into(), package));
                break;
            }
            Some(Found::Namespace { paths }) => folders = paths,
            _ => break,
        }
    }
    files
}

/// The modules that the unindented import lines of a text name; a name taken from a module may be a module too.
fn imported_modules(text: &str, package: &str) -> HashSet<String> {
    let mut modules = HashSet::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(rest) = line.strip_prefix("import ") {
            let names = rest.split('#').next().unwrap_or_default().split(',');
            modules.extend(names.filter_map(|name| name.split_whitespace().next()).map(str::to_owned));
        } else if let Some((module, names)) = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import")) {
            let Some(module) = absolute(module.trim(), package) else { continue };
            let mut names = names.split('#').next().unwrap_or_default().to_owned();
            while names.contains('(') && !names.contains(')') {
                let Some(more) = lines.next() else { break };
                names.push_str(more.split('#').next().unwrap_or_default());
            }
            for name in names.split([',', '(', ')']).filter_map(|name| name.split_whitespace().next()) {
                modules.insert(format!("{module}.{name}"));
            }
            modules.insert(module);
        }
    }
    modules
}

/// The name of a module, relative ones resolved.
fn absolute(module: &str, package: &str) -> Option<String> {
    let name = module.trim_start_matches('.');
    let dots = module.len() - name.len();
    if dots == 0 {
        return Some(name.to_owned());
    }
    let mut base = package;
    for _ in 1..dots {
        base = base.rsplit_once('.')?.0;
    }
    match (base.is_empty(), name.is_empty()) {
        (true, _) => None,
        (false, true) => Some(base.to_owned()),
        (false, false) => Some(format!("{base}.{name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_lines_are_read_as_python_reads_them() {
        let text = "import a, b.c as d  # e\nfrom .x import (y,\n    z as w,\n)\nfrom .. import v\n    import inner\nfrom q import r\n";
        let mut found: Vec<String> = imported_modules(text, "p.s").into_iter().collect();
        found.sort();
        assert_eq!(found, ["a", "b.c", "p", "p.s.x", "p.s.x.y", "p.s.x.z", "p.v", "q", "q.r"]);
    }
}
