//! The workbook of a dispatch catalogue: it is read, or every fault is told; and what is read can be written as a version.

use jiesu_domain::{Catalogue, catalogue::Head};
use jiesu_server::{
    catalogue::{Against, read, save, workbook},
    law::Law,
};

use crate::{
    damage::{Dice, in_chinese},
    harness::PLACE,
    workbook::{damaged, quiet},
};

#[test]
fn damaged_catalogues() {
    let (mut dice, mut run) = Dice::from_env();
    quiet();
    let law = Law::load(None).unwrap();
    let units = law.units(PLACE);
    let whole = workbook(law.catalogue(PLACE).unwrap(), units).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut read_anyway, mut refused) = (0u64, 0u64);
    while run.goes_on() {
        let file = folder.path().join("目录.xlsx");
        std::fs::write(&file, damaged(&mut dice, &whole)).unwrap();
        match read(&file, head(), &Against { units, book: law.versions(PLACE).last() }) {
            Ok(catalogue) => {
                read_anyway += 1;
                can_be_saved(&catalogue);
            }
            Err(wrong) => {
                refused += 1;
                assert!(!wrong.is_empty());
                wrong.iter().for_each(|w| assert!(in_chinese(w), "not Chinese: {w}"));
            }
        }
    }
    println!("{refused} refused, {read_anyway} read and saved");
    assert!(refused > 5 && read_anyway > 0, "too small or too great: {refused} refused, {read_anyway} read");
}

fn head() -> Head {
    Head { rulebook: PLACE.into(), version: 9, in_force: jiff::civil::date(2027, 1, 1), default: false, note: None }
}

/// It comes back from its file as it was: `save` looks.
fn can_be_saved(catalogue: &Catalogue) {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), catalogue, "试写").unwrap();
}
