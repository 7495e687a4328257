//! Some forces' files out of an archive that stays on the server: its
//! directory is read there, and only their members are fetched, as they are
//! packed. The small archive has the name of the great one, so that its files
//! have the same as-at and the same identity.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use peelian_model::{ForceId, Month};
use sha2::{Digest, Sha256};
use zip::{ZipArchive, ZipWriter};

use crate::download::{hex, record};
use crate::range::Remote;
use crate::{Client, Event, FetchError, Fetched, Step};

impl Client<'_> {
    /// Fetches these forces' members of the months of a step. None where the
    /// server does not give parts of files: then the whole archive is to be
    /// fetched.
    pub fn fetch_members(
        &self,
        step: &Step,
        forces: &[ForceId],
        out: &Path,
    ) -> Result<Option<Fetched>, FetchError> {
        let place = out.join(step.file());
        let damaged = |reason: String| FetchError::Damaged {
            file: step.file(),
            reason,
        };
        let Some(remote) = Remote::open(self, &step.url)? else {
            return Ok(None);
        };
        let mut archive = ZipArchive::new(remote).map_err(|e| damaged(e.to_string()))?;
        fs::create_dir_all(out).map_err(FetchError::io(out))?;
        let part = place.with_extension("zip.part");
        let file = File::create(&part).map_err(FetchError::io(&part))?;
        let mut small = ZipWriter::new(BufWriter::new(file));
        let mut members = 0;
        for index in 0..archive.len() {
            let entry = archive
                .by_index_raw(index)
                .map_err(|e| damaged(e.to_string()))?;
            let wanted = entry
                .name()
                .is_ok_and(|name| is_of(&name, forces, step.months));
            if !wanted {
                continue;
            }
            let bytes = entry.compressed_size();
            small
                .raw_copy_file(entry)
                .map_err(|e| damaged(e.to_string()))?;
            members += 1;
            (self.progress)(Event::Came(bytes));
        }
        if members == 0 {
            let _ = fs::remove_file(&part);
            return Err(FetchError::Months(format!(
                "{} holds no file of these forces and months: they supplied none, or the id is not \
                 the publisher's",
                step.file()
            )));
        }
        let written = small.finish().map_err(|e| damaged(e.to_string()))?;
        let file = written
            .into_inner()
            .map_err(|e| FetchError::io(&part)(e.into_error()))?;
        file.sync_all().map_err(FetchError::io(&part))?;
        let bytes = fs::read(&part).map_err(FetchError::io(&part))?;
        let fetched = Fetched {
            file: step.file(),
            url: step.url.clone(),
            bytes: bytes.len() as u64,
            sha256: hex(&Sha256::digest(&bytes)),
            md5_agreed: false,
        };
        record(out, &fetched)?;
        fs::rename(&part, &place).map_err(FetchError::io(&place))?;
        (self.progress)(Event::Done(fetched.clone()));
        Ok(Some(fetched))
    }
}

/// Whether a member, by its name, is a month of one of these forces. Nothing
/// else of a name is ever used.
fn is_of(name: &str, forces: &[ForceId], months: (Month, Month)) -> bool {
    let Some((folder, file)) = name.split_once('/') else {
        return false;
    };
    let Ok(month) = folder.parse::<Month>() else {
        return false;
    };
    let Some(rest) = file.strip_prefix(folder).and_then(|f| f.strip_prefix('-')) else {
        return false;
    };
    let kinds = ["-street.csv", "-outcomes.csv", "-stop-and-search.csv"];
    let force = kinds.iter().find_map(|kind| rest.strip_suffix(kind));
    (months.0..=months.1).contains(&month)
        && force.is_some_and(|force| forces.iter().any(|f| f.as_str() == force))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_official_names_of_the_forces_and_months_are_taken() {
        let forces = ["essex".parse().unwrap()];
        let months = ("2021-03".parse().unwrap(), "2021-04".parse().unwrap());
        for (name, taken) in [
            ("2021-03/2021-03-essex-street.csv", true),
            ("2021-04/2021-04-essex-stop-and-search.csv", true),
            ("2021-05/2021-05-essex-street.csv", false),
            ("2021-03/2021-04-essex-street.csv", false),
            ("2021-03/2021-03-kent-street.csv", false),
            ("../2021-03/2021-03-essex-street.csv", false),
            ("2021-03/2021-03-essex-street.csv/..", false),
            ("2021-03/2021-03-essex-street.exe", false),
        ] {
            assert_eq!(is_of(name, &forces, months), taken, "{name}");
        }
    }
}
