//! Every file of the data folder: loaded whole, or left alone for a reason
//! that `docs/sources.md` gives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use peelian_archive::{Layout, Shape, sources};

use crate::support::{Place, shared};

fn docs() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sources.md");
    std::fs::read_to_string(path).unwrap()
}

/// The rows of the table under a heading, without its head.
fn table<'a>(docs: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let section = docs.split(&format!("## {heading}\n")).nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|l| l.starts_with("| ")).skip(2);
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

fn files(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.insert(path.display().to_string());
        }
    }
}

#[test]
fn every_file_of_the_data_folder_is_loaded_whole_or_left_alone_for_a_reason() {
    let Some(folder) = shared("README.md").and_then(|f| Some(f.parent()?.to_path_buf())) else {
        return;
    };
    // The monthly files of data.police.uk are read one and all in real_files.rs.
    let monthly = ["street", "outcomes", "stop-and-search", "earlier-release"];
    let monthly = monthly.map(|kind| folder.join("police-uk").join(kind));
    let mut all = BTreeSet::new();
    files(&folder, &mut all);
    all.retain(|file| !monthly.iter().any(|m| Path::new(file).starts_with(m)));
    let place = Place::new();
    let report = place.ingest(&all.iter().map(PathBuf::from).collect::<Vec<_>>());

    // A file that is named and is not ours is refused.
    let docs = docs();
    let listed: BTreeSet<String> = table(&docs, "Files left alone")
        .into_iter()
        .map(|row| format!("{}/{}", folder.display(), row[0].trim_matches('`')))
        .collect();
    let refused: BTreeSet<String> = report.refused.into_iter().map(|n| n.file).collect();
    assert_eq!(refused, listed, "the table of files left alone");

    let manifest = place.manifest();
    for release in &manifest.releases {
        all.remove(&release.file);
        assert!(release.read, "{}", release.file);
        let rows = release.kept + release.quarantined_rows();
        assert_eq!(rows, release.rows, "{}", release.file);
        assert_eq!(release.quarantined_rows(), 0, "{}", release.file);
    }
    assert_eq!(all, listed, "files that are neither loaded nor left alone");

    let mut kept: BTreeMap<&str, u64> = BTreeMap::new();
    for whole in &manifest.wholes {
        *kept.entry(whole.source.as_str()).or_default() += whole.rows_kept;
    }
    for (source, rows) in [
        ("ons-lsoa-2021-boundaries", 1_111),
        ("ons-lsoa-2011-boundaries-by-district", 1_077),
        ("ons-lsoa-2011-boundaries", 34_753),
        ("ons-district-2013-boundaries", 348),
        ("english-deprivation-2019", 32_844),
        ("welsh-deprivation", 1_909),
        ("ons-census-2011", 34_753),
        ("home-office-recorded-crime-quarterly", 23_068),
        ("home-office-recorded-crime-rolling-year", 46_469),
    ] {
        assert_eq!(kept.get(source), Some(&rows), "{source}");
    }
}

#[test]
fn the_page_of_sources_says_what_the_source_files_say() {
    let docs = docs();
    let rows = table(&docs, "Official sources");
    let official: Vec<_> = sources()
        .unwrap()
        .iter()
        .filter(|s| s.shape != Shape::Extract)
        .collect();
    let ids: Vec<&str> = rows.iter().map(|r| r[0].trim_matches('`')).collect();
    assert_eq!(
        ids,
        official.iter().map(|s| s.id.as_str()).collect::<Vec<_>>()
    );
    let mut left_out = Vec::new();
    for (source, row) in official.iter().zip(&rows) {
        let layout = match source.layout {
            Some(Layout::RealFile) => "a real file",
            Some(Layout::PublishersDocumentation) => "the publisher's documentation",
            Some(Layout::SeenInCode) => "public programs",
            None => panic!("{} does not say where its layout is known from", source.id),
        };
        let published = format!("{}; {}", source.publisher, source.licence);
        let table = format!("`{}`", source.table);
        assert_eq!(
            row[1..],
            [&source.title, &published, &table, layout],
            "{}",
            source.id
        );
        for fault in &source.faults {
            assert!(
                docs.contains(&format!("- {fault}\n")),
                "{}: {fault}",
                source.id
            );
        }
        let id = format!("`{}`", source.id);
        left_out.extend(
            source
                .sheets_left_out()
                .map(|(t, r)| [id.clone(), t.to_owned(), r.to_owned()]),
        );
    }
    assert_eq!(table(&docs, "Sheets that are not read"), left_out);
}
