//! PostgreSQL's lock modes: which stand in each other's way.

/// From weak to strong, each with the bits of those it conflicts with (manual, table 13.2).
const MODES: [(&str, u8); 8] = [
    ("AccessShareLock", 0b1000_0000),
    ("RowShareLock", 0b1100_0000),
    ("RowExclusiveLock", 0b1111_0000),
    ("ShareUpdateExclusiveLock", 0b1111_1000),
    ("ShareLock", 0b1110_1100),
    ("ShareRowExclusiveLock", 0b1111_1100),
    ("ExclusiveLock", 0b1111_1110),
    ("AccessExclusiveLock", 0b1111_1111),
];

fn position(mode: &str) -> Option<usize> {
    MODES.iter().position(|(name, _)| *name == mode)
}

/// How much a mode keeps out, from 1; 0 for what is no mode of a table lock.
pub(super) fn strength(mode: &str) -> usize {
    position(mode).map_or(0, |at| at + 1)
}

/// Whether two sessions cannot have both on one thing; true when that is not known.
pub(super) fn conflict(one: &str, other: &str) -> bool {
    match (position(one), position(other)) {
        (Some(one), Some(other)) => MODES[one].1 & (1 << other) != 0,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflicts_are_mutual_and_the_manuals() {
        for (one, _) in MODES {
            for (other, _) in MODES {
                assert_eq!(conflict(one, other), conflict(other, one), "{one} {other}");
            }
            assert!(conflict(one, "AccessExclusiveLock"));
            assert_eq!(conflict(one, "AccessShareLock"), one == "AccessExclusiveLock");
        }
        assert!(!conflict("RowExclusiveLock", "RowExclusiveLock") && !conflict("ShareLock", "ShareLock"));
        assert!(conflict("ShareUpdateExclusiveLock", "ShareUpdateExclusiveLock") && conflict("ShareLock", "RowExclusiveLock"));
        assert!(!conflict("RowShareLock", "ShareRowExclusiveLock") && conflict("RowShareLock", "ExclusiveLock"));
        assert!(strength("AccessExclusiveLock") > strength("ShareLock"));
    }
}
