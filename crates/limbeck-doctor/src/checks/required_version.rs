//! Whether this Limbeck is of a version that the project asks for: `required_version = ">=0.4"`.

use semver::{Prerelease, Version, VersionReq};

use crate::{Answer, Finding};

const NAME: &str = "required-version";

/// Whether `version` is one that `requirement` allows. A pre-release counts as the release it comes before.
///
/// # Errors
/// The requirement means nothing; the text says why.
pub fn allows(requirement: &str, version: &str) -> Result<bool, String> {
    let wanted = parse(requirement)?;
    let mut version = Version::parse(version).map_err(|error| error.to_string())?;
    version.pre = Prerelease::EMPTY;
    Ok(wanted.matches(&version))
}

/// Commas stand between conditions; spaces do too for who writes `>=1.2 <2`.
fn parse(requirement: &str) -> Result<VersionReq, String> {
    let text = requirement.trim();
    VersionReq::parse(text).or_else(|error| {
        let with_commas = text.split_whitespace().collect::<Vec<_>>().join(", ");
        // `>= 1.2` is one condition, `>=1.2 <2` two.
        VersionReq::parse(&with_commas).map_err(|_| error.to_string())
    })
}

/// Looks at it; `file` is where it is written.
pub fn look(requirement: Option<&str>, file: &str, version: &str) -> Answer {
    let Some(requirement) = requirement else {
        return Answer::Fine(format!("this is {version}; the project asks for none (`required_version` in limbeck.toml)"));
    };
    match allows(requirement, version) {
        Ok(true) => Answer::Fine(format!("this is {version}, the project asks for {requirement}")),
        Ok(false) => Finding::problem(NAME, format!("this is Limbeck {version}, the project asks for {requirement}"))
            .evidence(format!("required_version = \"{requirement}\" in {file}"))
            .cause("the team agreed on versions that all its machines use; every command but `doctor` stops")
            .note(format!(
                "install a Limbeck that is {requirement}, or change `required_version` if the team agrees"
            ))
            .into(),
        Err(why) => Finding::problem(NAME, format!("`required_version = \"{requirement}\"` means nothing: {why}"))
            .evidence(format!("in {file}"))
            .note("write conditions such as `>=0.4` or `>=0.4, <0.6`")
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions() {
        for (requirement, version, expected) in [
            (">=0.4", "0.4.0", true),
            (">=0.4", "0.3.9", false),
            (">= 0.4, <0.6", "0.5.7", true),
            (">=0.4 <0.6", "0.6.0", false),
            ("0.4", "0.4.3", true),
            ("=0.4.1", "0.4.2", false),
            (">=0.4", "0.4.0-rc.1", true),
            ("*", "9.9.9", true),
        ] {
            assert_eq!(allows(requirement, version), Ok(expected), "{requirement} {version}");
        }
        assert!(allows("new", "0.4.0").is_err());
        assert!(allows("", "0.4.0").is_err());
    }

    #[test]
    fn another_version_is_a_problem() {
        assert_eq!(look(Some(">=2"), "limbeck.toml", "1.0.0").findings().len(), 1);
        assert!(matches!(look(Some(">=1"), "limbeck.toml", "1.0.0"), Answer::Fine(_)));
        assert!(matches!(look(None, "", "1.0.0"), Answer::Fine(_)));
    }
}
