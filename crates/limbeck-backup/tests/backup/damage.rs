//! Truncations and flipped bytes: none of them changes the database. A sample of each kind; LIMBECK_BACKUP_DAMAGE says how many in all (200 for a release).

use crate::support::{everything, inside, server, swap, take};
use crate::{sqlite, support};
use limbeck_backup::{BackupError, Format, manifest_path};
use limbeck_test::{Sqlite, sqlite_fingerprint};
use std::fs;
use std::path::{Path, PathBuf};

/// A small generator of random numbers with a fixed seed (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % limit as u64).expect("a small number")
    }
}

fn how_many() -> usize {
    std::env::var("LIMBECK_BACKUP_DAMAGE").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// Damages a copy of bytes; says how.
fn damage(whole: &[u8], random: &mut Random) -> (Vec<u8>, String) {
    let at = random.below(whole.len());
    if random.below(2) == 0 {
        return (whole[..at].to_vec(), format!("cut at {at}"));
    }
    let mut bytes = whole.to_vec();
    bytes[at] ^= 1 << random.below(8);
    (bytes, format!("a bit of byte {at}"))
}

/// The file that is damaged: of a folder one of its files.
fn victim(backup: &Path, random: &mut Random) -> PathBuf {
    if !backup.is_dir() {
        return backup.to_owned();
    }
    let mut files: Vec<PathBuf> = fs::read_dir(backup).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.swap_remove(random.below(files.len()))
}

#[test]
fn a_damaged_backup_of_postgresql_changes_nothing() {
    let Some(server) = server() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let database = support::rich(server);
    let kinds = [
        ("b.sql", Format::Plain),
        ("b.sql.gz", Format::Plain),
        ("b.sql.zst", Format::Plain),
        ("b.dump", Format::Custom),
        ("b.dir", Format::Directory),
    ];
    for (name, format) in kinds {
        take(&database.url(), &place.path().join(name), format).expect(name);
    }
    database.psql("INSERT INTO lines VALUES ('new')").expect("a row");
    let before = everything(server, database.name());
    let mut random = Random(20_261_123);
    for turn in 0..how_many() {
        let (name, _) = kinds[turn % kinds.len()];
        let backup = place.path().join(name);
        let file = victim(&backup, &mut random);
        let whole = fs::read(&file).expect("the backup");
        let (bytes, how) = damage(&whole, &mut random);
        fs::write(&file, bytes).expect("the damage");
        for result in [inside(&database.url(), &backup, true).map(drop), swap(&database.url(), &backup, true).map(drop)] {
            assert!(matches!(result, Err(BackupError::Damaged { .. })), "{name}, {how}: {result:?}");
        }
        fs::write(&file, whole).expect("the backup again");
    }
    assert!(before == everything(server, database.name()), "a damaged backup changed the database");
    // Undamaged, each of them is restored.
    for (name, _) in kinds {
        inside(&database.url(), &place.path().join(name), true).expect(name);
    }
}

/// Without a manifest nothing tells a flipped bit in a row; but a cut is found, and what stops half-way is undone.
#[test]
fn a_cut_dump_without_a_manifest_changes_nothing() {
    let Some(server) = server() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let database = support::rich(server);
    let kinds = [
        ("b.sql", Format::Plain),
        ("b.sql.gz", Format::Plain),
        ("b.sql.zst", Format::Plain),
        ("b.dump", Format::Custom),
    ];
    for (name, format) in kinds {
        let file = place.path().join(name);
        take(&database.url(), &file, format).expect(name);
        fs::remove_file(manifest_path(&file)).expect("the manifest");
    }
    database.psql("INSERT INTO lines VALUES ('new')").expect("a row");
    let before = everything(server, database.name());
    let mut random = Random(7);
    for turn in 0..how_many() {
        let (name, _) = kinds[turn % kinds.len()];
        let file = place.path().join(name);
        let whole = fs::read(&file).expect("the backup");
        // The last lines of a plain dump are comments: a cut there takes nothing away.
        let at = random.below(whole.len() - if name == "b.sql" { 200 } else { 1 });
        fs::write(&file, &whole[..at]).expect("the cut");
        for result in [inside(&database.url(), &file, true).map(drop), swap(&database.url(), &file, true).map(drop)] {
            assert!(result.is_err(), "{name}, cut at {at} of {}", whole.len());
        }
        fs::write(&file, whole).expect("the backup again");
    }
    assert!(before == everything(server, database.name()), "a cut backup changed the database");
}

#[test]
fn a_damaged_backup_of_sqlite_changes_nothing() {
    let database = sqlite::filled();
    let names = ["b.db", "b.db.zst", "b.db.gz"];
    for name in names {
        sqlite::take(&database.path(), &database.directory().join(name), false).expect(name);
    }
    database.execute("DELETE FROM w").expect("a change");
    let before = sqlite_fingerprint(&database).expect("content");
    let mut random = Random(3);
    for turn in 0..how_many() {
        let file = database.directory().join(names[turn % names.len()]);
        let whole = fs::read(&file).expect("the backup");
        let (bytes, how) = damage(&whole, &mut random);
        fs::write(&file, &bytes).expect("the damage");
        let result = sqlite::restore(&file, &database.path());
        assert!(matches!(result, Err(BackupError::Damaged { .. })), "{}, {how}: {result:?}", file.display());
        // Cut off it is found without a manifest too.
        if bytes.len() < whole.len() {
            let alone = Sqlite::new();
            let copy = alone.directory().join("alone");
            fs::write(&copy, &bytes).expect("a file");
            assert!(
                sqlite::restore(&copy, &database.path()).is_err(),
                "{}, {how}, without a manifest",
                file.display()
            );
        }
        fs::write(&file, whole).expect("the backup again");
    }
    assert_eq!(sqlite_fingerprint(&database).expect("content"), before);
    sqlite::restore(&database.directory().join("b.db"), &database.path()).expect("undamaged it is restored");
}
