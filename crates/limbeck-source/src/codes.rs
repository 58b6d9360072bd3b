//! Every code that Limbeck reports, with its one-line meaning. A code is never reused for something else.
//!
//! One range per area: E00 usage and internal, E01 project and configuration, E02 revision graph, E03 scripts (parse,
//! Python), E04 running migrations, E05 operations and dialects, E06 connections and servers, E07 schema and
//! comparison, E08 generating files, E09 records and what is around migrations. Add a line here, and `explain/CODE.md`, when a crate gains a code; tests
//! look for forgotten ones.

/// A code and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// `E` and four digits.
    pub code: &'static str,
    /// One line, in lower case.
    pub meaning: &'static str,
    /// What it means, an example, and what to do: the text of `explain/CODE.md`.
    pub page: &'static str,
}

/// A code's page is the file of its name; without one it does not compile.
macro_rules! codes {
    ($(code($code:literal, $meaning:literal)),* $(,)?) => {
        &[$(Code { code: $code, meaning: $meaning, page: include_str!(concat!("../explain/", $code, ".md")) }),*]
    };
}

/// The registry, in order of code.
pub const CODES: &[Code] = codes![
    // E00: usage and internal.
    code("E0001", "an invariant of Limbeck itself did not hold"),
    code("E0002", "options that do not go together"),
    // E01: project and configuration.
    code("E0101", "there is no project here"),
    code("E0102", "the configuration does not say where the scripts are"),
    code("E0103", "the script folder is missing"),
    code("E0104", "a configuration file cannot be parsed"),
    code("E0105", "a configuration key has a value that means nothing"),
    code("E0106", "a configuration file or section is missing"),
    code("E0107", "a configuration file was given twice"),
    code("E0108", "a file cannot be read"),
    code("E0109", "the package that holds the scripts cannot be found"),
    // E02: revision graph.
    code("E0201", "a revision id or target could not be found"),
    code("E0202", "a partial revision id matches several revisions"),
    code("E0203", "several heads, where one was asked for"),
    code("E0204", "the two ends of a range are not on one line of history"),
    code("E0205", "the revisions form a cycle"),
    code("E0206", "a revision names a parent that is not there"),
    code("E0207", "two files hold the same revision id"),
    code("E0208", "two revisions claim the same branch label"),
    code("E0209", "a revision id holds a character that targets use"),
    code("E0210", "a relative target leads past the end of history"),
    code("E0211", "a relative target could mean several revisions"),
    code("E0212", "requested revisions overlap"),
    code("E0213", "a revision depends on one that is not there"),
    code("E0215", "a range is not written as this command needs it"),
    code("E0216", "the rows of the version table do not fit a step"),
    // E03: scripts.
    code("E0301", "a script declares no revision id"),
    code("E0302", "a script declares no down_revision"),
    code("E0303", "a script is not valid Python"),
    code("E0304", "a script's encoding is not understood"),
    code("E0305", "a revision identifier is computed"),
    code("E0306", "a revision identifier has a value that means nothing"),
    code("E0307", "compiled scripts without source are not supported"),
    code("E0310", "a script could not be read"),
    code("E0311", "Python found a syntax error in a script"),
    code("E0312", "a script raised an exception"),
    code("E0313", "a script needs a package that is not there"),
    code("E0314", "a script lacks the function that was asked for"),
    code("E0315", "a script ran longer than it may"),
    code("E0316", "a script was stopped by the user"),
    code("E0317", "a script uses something that is not supported yet"),
    code("E0330", "a part of the models could not be loaded"),
    code("E0331", "the project's own Python could not be asked"),
    code("E0332", "functions of env.py cannot be asked in the project's own Python"),
    code("E0333", "a Python that can read no models"),
    code("E0340", "a SQL revision cannot be read"),
    // E04: running migrations.
    code("E0401", "the database refused a statement outside of a migration"),
    code("E0402", "the database is at a revision whose script is not in the project"),
    code("E0403", "options or targets of a command do not go together"),
    code("E0404", "the database is not on all head revisions"),
    code("E0405", "env.py gives no models to compare with"),
    code("E0412", "a migration failed"),
    code("E0420", "an applied script was edited"),
    code("E0421", "a script is neither in the project nor remembered by the database"),
    code("E0422", "a remembered script is not the one it should be"),
    code("E0430", "a revision is half done in the other direction"),
    code("E0431", "a pooler in between makes the migration lock worthless"),
    code("E0432", "the migration lock was lost"),
    // E06: connections and servers.
    code("E0601", "a database URL cannot be understood"),
    code("E0602", "a database URL names a dialect or driver that is not supported"),
    code("E0603", "a connection setting has a value that means nothing"),
    code("E0604", "no server could be reached"),
    code("E0605", "the server did not accept the user's password"),
    code("E0606", "the database does not exist on the server"),
    code("E0607", "the role does not exist on the server"),
    code("E0608", "an encrypted connection could not be made"),
    code("E0609", "the server refused the connection"),
    code("E0610", "a SQLite file cannot be opened"),
    code("E0611", "a file is not a SQLite database"),
    code("E0612", "the database does not take writes"),
    code("E0613", "the database is locked"),
    code("E0614", "a statement failed"),
    code("E0615", "the connection to the server was lost"),
    code("E0616", "a statement was cancelled"),
    code("E0617", "a question about the schema cannot be answered"),
    code("E0620", "another run held the migration lock all the time"),
    code("E0621", "the wait for the migration lock was stopped"),
    code("E0622", "the lock file beside a SQLite database cannot be used"),
    code("E0623", "a transaction pooler stands between Limbeck and the server"),
    // E07: schema and comparison.
    code("E0701", "a difference cannot be shown as SQL"),
    code("E0702", "models and database differ"),
    code("E0703", "a difference cannot be written as a revision"),
    code("E0730", "the server lets us make no scratch database"),
    code("E0731", "a scratch database cannot be made ready"),
    code("E0732", "the history cannot be replayed on a scratch database"),
    code("E0733", "the database has not the schema of its revision"),
    code("E0734", "no revision has the schema of the database"),
    code("E0736", "a baseline does not reproduce the schema"),
    code("E0737", "a baseline does not fit what is there"),
    code("E0738", "a change cannot be written as statements"),
    code("E0739", "generated statements do not give the schema they should"),
    code("E0740", "a baseline leaves something out"),
    code("E0741", "an adopted change has no way back"),
    code("E0746", "a role is not on the server of the scratch database"),
    code("E0760", "one wanted schema for several databases"),
    // E08: generating files.
    code("E0801", "there is no such time zone"),
    code("E0802", "a template cannot be rendered"),
    code("E0803", "a file to be written is already there"),
    code("E0804", "the version folder for a new file is not known"),
    code("E0805", "a post-write hook cannot be run"),
    code("E0806", "a directory to be filled is not empty"),
    code("E0807", "there is no such project template"),
    code("E0808", "a file cannot be written"),
    code("E0809", "file_template cannot be filled in"),
    code("E0810", "a new file lost its branch labels"),
    code("E0811", "the editor could not be run"),
    // E09: after and around migrations: the health log, backups (E0900-E0939), gate and health (E0940-E0969), doctor (E0970-E0989).
    code("E0901", "the health log cannot be opened"),
    code("E0902", "the health log cannot be written"),
    code("E0903", "the health log cannot be read"),
    code("E0904", "the chain of the health log is broken"),
    code("E0905", "a moment or a span of time is not understood"),
    code("E0906", "a setting of the health log has a value that means nothing"),
    code("E0910", "there is no program of PostgreSQL's that fits the server"),
    code("E0911", "a program of PostgreSQL's failed"),
    code("E0912", "a backup's file cannot be read or written"),
    code("E0913", "there is a backup of this name"),
    code("E0914", "there is no room for a backup"),
    code("E0915", "another process writes the same backup"),
    code("E0916", "a backup's manifest cannot be understood"),
    code("E0917", "a backup is damaged"),
    code("E0918", "a backup is of another kind of database"),
    code("E0919", "a dump leads out of the database it is restored into"),
    code("E0920", "the role may not put a new database in the old one's place"),
    code("E0921", "others are connected to the database to be replaced"),
    code("E0922", "the database to be restored into is not empty"),
    code("E0923", "a backup could not be restored"),
    code("E0924", "what was restored is not what was backed up"),
    code("E0925", "a restored database could not take the old one's name"),
    code("E0926", "a database has no file that could be backed up"),
    code("E0927", "a backup or restore was interrupted"),
    code("E0928", "another process uses the SQLite file to be restored"),
    code("E0929", "something in the database cannot be removed inside a transaction"),
    code("E0930", "SQLite refused a step of a backup or restore"),
    code("E0940", "the gate is shut: revisions are pending"),
    code("E0941", "the gate is shut: the database is newer than this code"),
    code("E0942", "the gate is shut: the database does not fit this code's history"),
    code("E0943", "the gate is shut: the database has no version table"),
    code("E0944", "the gate is shut: a revision is half done"),
    code("E0945", "the program behind the gate cannot be started"),
    code("E0946", "the health server cannot listen"),
    code("E0956", "nothing reads a key of the configuration"),
    code("E0970", "the project asks for another version of Limbeck"),
    code("E0971", "`required_version` means nothing"),
    code("E0972", "there is no check of that name"),
    code("E0973", "a database that was to be mended is not there any more"),
    code("E0974", "a finding could not be mended"),
    code("E0990", "there is no page of that name"),
    code("E0996", "the report cannot be written"),
];

/// Returns the code of that name.
pub fn find(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|known| known.code == code)
}

/// Returns the meaning of a code, if there is such a code.
pub fn meaning(code: &str) -> Option<&'static str> {
    find(code).map(|known| known.meaning)
}

/// Returns the long text of a code, if there is such a code.
pub fn explain(code: &str) -> Option<&'static str> {
    find(code).map(|known| known.page)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn codes_are_well_formed_sorted_and_unique() {
        for known in CODES {
            let digits = known.code.strip_prefix('E').expect("a code starts with E");
            assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", known.code);
            assert!(!known.meaning.is_empty());
        }
        for pair in CODES.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} is out of order or doubled", pair[1].code);
        }
    }

    #[test]
    fn pages_say_what_it_means_with_an_example_and_what_to_do() {
        for known in CODES {
            let at = |word: &str| {
                known
                    .page
                    .find(word)
                    .unwrap_or_else(|| panic!("the page of {} has no `{}`", known.code, word.trim()))
            };
            let (example, next) = (at("\n\nExample:\n\n    "), at("\n\nWhat to do: "));
            assert!(20 < example && example < next, "{}", known.code);
            for line in known.page.lines() {
                assert!(line.chars().count() <= 110, "{}: too long for a terminal: {line}", known.code);
            }
        }
    }

    #[test]
    fn no_page_is_without_a_code() {
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("explain");
        for entry in fs::read_dir(pages).expect("the pages").flatten() {
            let name = entry.file_name().into_string().expect("a name of a code");
            assert!(name.strip_suffix(".md").is_some_and(|code| find(code).is_some()), "{name} belongs to no code");
        }
    }

    #[test]
    fn every_code_in_the_workspace_is_registered() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crates folder");
        let mut unknown = BTreeSet::new();
        for path in rust_files(crates) {
            let text = fs::read_to_string(&path).expect("source files are UTF-8");
            for (at, _) in text.match_indices("\"E") {
                let literal = text[at + 1..].split('"').next().unwrap_or_default();
                let is_code = literal.len() == 5 && literal[1..].bytes().all(|b| b.is_ascii_digit());
                if is_code && meaning(literal).is_none() {
                    unknown.insert(format!("{literal} in {}", path.display()));
                }
            }
        }
        assert!(unknown.is_empty(), "add to codes.rs: {unknown:?}");
    }

    fn rust_files(folder: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).expect("a readable folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                files.extend(rust_files(&path));
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                files.push(path);
            }
        }
        files
    }
}
