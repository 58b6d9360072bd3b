//! Which Alembic the project was written with, whether its files agree about that, and whether Limbeck knows that release.

use std::collections::BTreeMap;

use crate::alembic_features::Feature;
use crate::alembic_pins::Pin;
use crate::python_version::{PythonVersion, fits};
use crate::words::some;
use crate::{Answer, Finding};

const NAME: &str = "alembic-version";
/// The release that Limbeck is measured against.
const KNOWN: &str = "1.20";
/// How many lines are shown.
const SHOWN: usize = 6;

/// What tells of a version.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// What the project's files ask for.
    pub pins: Vec<Pin>,
    /// Installed in the project's virtual environment: where, and which.
    pub installed: Vec<(String, PythonVersion)>,
    /// What in its files needs a newer release than others.
    pub features: Vec<Feature>,
}

/// Looks at it.
pub fn look(facts: &Facts) -> Answer {
    let mut findings = Vec::new();
    findings.extend(disagreeing(&facts.pins));
    findings.extend(ill_installed(facts));
    findings.extend(too_new_for_others(facts));
    findings.extend(unknown_to_us(facts));
    Answer::of(findings, || fine(facts))
}

fn fine(facts: &Facts) -> String {
    let pin = facts.pins.iter().find(|pin| pin.version.is_some()).or(facts.pins.first());
    let installed = facts.installed.first().map(|(place, version)| format!("{version} in {place}"));
    match (pin, installed) {
        (Some(pin), installed) => {
            let asked = if pin.requirement.is_empty() {
                "any".to_owned()
            } else {
                pin.requirement.clone()
            };
            let installed = installed.map(|installed| format!(", {installed}")).unwrap_or_default();
            format!("{asked} ({}{installed}); Limbeck runs what Alembic up to {KNOWN} does", pin.file)
        }
        (None, Some(installed)) => format!("{installed}; Limbeck runs what Alembic up to {KNOWN} does"),
        (None, None) => format!("no file names one; Limbeck runs what Alembic up to {KNOWN} does"),
    }
}

/// Files that allow one version each, and not the same.
fn disagreeing(pins: &[Pin]) -> Option<Finding> {
    let mut by_version: BTreeMap<&PythonVersion, Vec<&str>> = BTreeMap::new();
    for pin in pins {
        if let Some(version) = &pin.version {
            by_version.entry(version).or_default().push(&pin.file);
        }
    }
    let exact_ones_differ = by_version.len() > 1;
    let misfits: Vec<String> = pins
        .iter()
        .filter(|pin| pin.version.is_none())
        .filter(|pin| by_version.keys().any(|version| !fits(&pin.requirement, version)))
        .map(|pin| format!("{}: {}", pin.file, pin.requirement))
        .collect();
    if !exact_ones_differ && misfits.is_empty() {
        return None;
    }
    let exact = by_version
        .iter()
        .flat_map(|(version, files)| files.iter().map(move |file| format!("{file}: =={version}")));
    Some(
        Finding::warning(NAME, "the project's files name different versions of Alembic")
            .evidence_all(some(exact.chain(misfits).collect(), SHOWN))
            .cause("one was changed without the others; developers then write revisions with different versions")
            .note("set the same version in all of them, or lock anew"),
    )
}

fn ill_installed(facts: &Facts) -> Option<Finding> {
    let misfits: Vec<String> = facts
        .installed
        .iter()
        .flat_map(|(place, version)| facts.pins.iter().map(move |pin| (place, version, pin)))
        .filter(|(_, version, pin)| !fits(&pin.requirement, version))
        .map(|(place, version, pin)| format!("{version} in {place}, but {} asks for {}", pin.file, pin.requirement))
        .collect();
    (!misfits.is_empty()).then(|| {
        Finding::warning(NAME, "the installed Alembic is not the one that the project asks for")
            .evidence_all(some(misfits, SHOWN))
            .cause("the virtual environment was not brought up to date; what this machine generates may not run on others")
            .note("install the project's requirements again (pip, poetry, uv)")
    })
}

/// What older releases that the files allow do not understand.
fn too_new_for_others(facts: &Facts) -> Option<Finding> {
    let versions = facts.pins.iter().filter_map(|pin| Some((pin.version.as_ref()?, pin.file.as_str())));
    let oldest = versions.chain(facts.installed.iter().map(|(place, version)| (version, place.as_str()))).min()?;
    let mut newer: Vec<&Feature> = facts.features.iter().filter(|feature| feature.since > *oldest.0).collect();
    newer.sort_by(|one, other| other.since.cmp(&one.since));
    if newer.is_empty() {
        return None;
    }
    let lines = newer
        .iter()
        .map(|feature| format!("{} in {} needs Alembic {}", feature.what, feature.file, feature.since));
    Some(
        Finding::warning(NAME, format!("the project uses what Alembic {} does not know", oldest.0))
            .evidence(format!("Alembic {}: {}", oldest.0, oldest.1))
            .evidence_all(some(lines.collect(), SHOWN))
            .cause("files were written with a newer Alembic than the one that is asked for; Limbeck runs them, that Alembic would ignore it or fail")
            .note(format!("ask for alembic>={} everywhere", newer[0].since)),
    )
}

fn unknown_to_us(facts: &Facts) -> Option<Finding> {
    let known = PythonVersion::parse(KNOWN)?;
    let all = facts.pins.iter().filter_map(|pin| Some((pin.version.as_ref()?, pin.file.as_str())));
    let newest = all.chain(facts.installed.iter().map(|(place, version)| (version, place.as_str()))).max()?;
    // A patch release of the same line brings nothing new.
    if *newest.0 <= known || fits(&format!("=={KNOWN}.*"), newest.0) {
        return None;
    }
    Some(
        Finding::warning(NAME, format!("Alembic {} is newer than what this Limbeck knows", newest.0))
            .evidence(format!("Alembic {}: {}", newest.0, newest.1))
            .cause(format!("Limbeck is measured against Alembic {KNOWN}; what came later may be unknown to it"))
            .note("use a newer Limbeck; scripts that need more than it knows stop before anything runs"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{alembic_features, alembic_pins};

    fn version(text: &str) -> PythonVersion {
        PythonVersion::parse(text).expect("a version")
    }

    fn pins(files: &[(&str, &str)]) -> Vec<Pin> {
        files.iter().flat_map(|(name, text)| alembic_pins::read(name, name, text)).collect()
    }

    fn titles(facts: &Facts) -> Vec<String> {
        look(facts).findings().iter().map(|found| found.title.clone()).collect()
    }

    #[test]
    fn agreeing_files_are_fine() {
        let facts = Facts {
            pins: pins(&[
                ("requirements.txt", "alembic>=1.13,<2"),
                ("uv.lock", "[[package]]\nname='alembic'\nversion='1.20.1'"),
            ]),
            installed: vec![(".venv".into(), version("1.20.1"))],
            features: alembic_features::of_ini("alembic.ini", "path_separator = os"),
        };
        assert_eq!(
            look(&facts),
            Answer::Fine("==1.20.1 (uv.lock, 1.20.1 in .venv); Limbeck runs what Alembic up to 1.20 does".into())
        );
        assert!(matches!(look(&Facts::default()), Answer::Fine(_)));
    }

    #[test]
    fn each_mismatch_is_told() {
        let facts = Facts {
            pins: pins(&[("requirements.txt", "alembic==1.13.1"), ("requirements-dev.txt", "alembic==1.20.1")]),
            installed: vec![(".venv".into(), version("1.12.0"))],
            features: alembic_features::of_ini("alembic.ini", "path_separator = os"),
        };
        assert_eq!(
            titles(&facts),
            [
                "the project's files name different versions of Alembic",
                "the installed Alembic is not the one that the project asks for",
                "the project uses what Alembic 1.12.0 does not know",
            ]
        );
        let newer = Facts {
            pins: pins(&[("requirements.txt", "alembic==1.21.0")]),
            ..Facts::default()
        };
        assert_eq!(titles(&newer), ["Alembic 1.21.0 is newer than what this Limbeck knows"]);
    }
}
