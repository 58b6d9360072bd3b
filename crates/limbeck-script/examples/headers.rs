//! Prints the headers of the scripts named on the command line as JSON lines, for comparison with another reader.

use std::path::Path;

use limbeck_script::header::{Outcome, read};
use limbeck_script::read_source;

fn main() {
    for path in std::env::args().skip(1) {
        let outcome = read_source(Path::new(&path)).and_then(|text| read(Path::new(&path), &text));
        let line = match outcome {
            Ok(Outcome::Static(header)) => serde_json::json!({
                "path": path,
                "revision": header.revision,
                "down_revision": header.down_revisions,
                "depends_on": header.depends_on,
                "branch_labels": header.branch_labels,
                "doc": header.doc,
                "upgrade": header.has_upgrade,
                "downgrade": header.has_downgrade,
            }),
            Ok(Outcome::Computed(computed)) => serde_json::json!({
                "path": path,
                "computed": computed.names().map(|(name, _)| name).collect::<Vec<_>>(),
            }),
            Err(error) => serde_json::json!({ "path": path, "error": error.to_string() }),
        };
        println!("{line}");
    }
}
