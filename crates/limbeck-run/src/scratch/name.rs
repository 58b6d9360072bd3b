//! Names of scratch databases and folders: whose they are, and whether their maker still lives.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

/// What every name begins with.
pub(super) const PREFIX: &str = "limbeck_scratch_";
/// After this time what nobody is connected to is taken for left over, whoever made it.
const OLD: Duration = Duration::from_secs(15 * 60);

/// Who made something, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Maker {
    host: String,
    pid: u32,
    seconds: u64,
}

/// A new name of this process.
pub(super) fn new() -> String {
    let mut random = RandomState::new().build_hasher();
    random.write_u32(std::process::id());
    format!("{PREFIX}{}_{}_{:x}_{:08x}", this_host(), std::process::id(), now(), random.finish() as u32)
}

/// Reads a name; nothing if it is not one of ours.
pub(super) fn maker(name: &str) -> Option<Maker> {
    let mut parts = name.strip_prefix(PREFIX)?.split('_');
    let maker = Maker {
        host: parts.next()?.to_owned(),
        pid: parts.next()?.parse().ok()?,
        seconds: u64::from_str_radix(parts.next()?, 16).ok()?,
    };
    parts.next()?;
    parts.next().is_none().then_some(maker)
}

impl Maker {
    /// Whether the process that made it is gone, as far as this machine can tell.
    pub(super) fn is_gone(&self) -> bool {
        self.host == this_host() && self.pid != std::process::id() && !lives(self.pid)
    }

    /// Whether it was made so long ago that without a connection it must be left over.
    pub(super) fn is_old(&self) -> bool {
        now().saturating_sub(self.seconds) > OLD.as_secs()
    }
}

/// Whether a process does something still. One that is dead but not yet buried by its parent does not.
fn lives(pid: u32) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    match std::fs::read_to_string(process.join("stat")) {
        // The state stands behind the name, which is in parentheses and may hold any character.
        Ok(stat) => !stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with(['Z', 'X'])),
        // Without /proc nothing can be told.
        Err(_) => process.exists() || !Path::new("/proc/self").exists(),
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// This machine, short: containers share names, so its boot counts too.
fn this_host() -> String {
    let mut hash = Sha256::new();
    for file in ["/proc/sys/kernel/hostname", "/proc/sys/kernel/random/boot_id"] {
        hash.update(std::fs::read(file).unwrap_or_default());
    }
    // Processes of another container have numbers of their own.
    hash.update(std::fs::read_link("/proc/self/ns/pid").unwrap_or_default().as_os_str().as_encoded_bytes());
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_maker() {
        let name = new();
        assert!(name.len() <= 63, "{name}");
        let maker = maker(&name).unwrap();
        assert_eq!(maker.pid, std::process::id());
        assert!(!maker.is_gone() && !maker.is_old());
    }

    #[test]
    fn a_dead_maker_is_gone_and_others_are_left_alone() {
        let dead = maker(&format!("{PREFIX}{}_{}_0_ab", this_host(), 4_000_000)).unwrap();
        assert!(dead.is_gone() && dead.is_old());
        assert!(!maker(&format!("{PREFIX}elsewhere_1_0_ab")).unwrap().is_gone());
        assert_eq!(maker("limbeck_scratch_mine"), None);
        assert_eq!(maker("shop"), None);
    }
}
