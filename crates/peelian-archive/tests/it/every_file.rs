//! Every file of the data folder: loaded whole, or left alone for a reason.

use crate::support::{Place, shared};

#[test]
fn every_file_of_the_data_folder_is_loaded_whole_or_left_alone_for_a_reason() {
    let Some(folder) = shared("") else { return };
    let place = Place::new();
    let report = place.ingest(&[
        folder.join("ons"),
        folder.join("home-office"),
        folder.join("hmicfrs"),
        folder.join("mhclg"),
        folder.join("reported-figures"),
    ]);
    for n in &report.refused {
        eprintln!("refused {n}");
    }
    for n in &report.foreign {
        eprintln!("foreign {n}");
    }
    for r in &place.manifest().releases {
        eprintln!("{} {} {} {:?}", r.file, r.source, r.kept, r.quarantined);
    }
    for r in &place.manifest().releases {
        if let Some(q) = r.quarantine_file() {
            let t = std::fs::read_to_string(place.home.path().join(q)).unwrap();
            eprintln!("{}", t.lines().take(6).collect::<Vec<_>>().join("\n"));
        }
    }
}
