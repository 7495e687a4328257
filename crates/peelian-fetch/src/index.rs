//! The publisher's list of archives.

use std::collections::BTreeMap;

use peelian_model::Month;

/// Longest page taken.
pub(crate) const MAX_PAGE: u64 = 4 << 20;

/// The archives that a page names, each with the MD5 that stands behind it,
/// where one does. Some are the tags of uploads in parts, which end in a hyphen
/// and a number and are no MD5 of the file.
pub(crate) fn archives(page: &str) -> BTreeMap<Month, Option<String>> {
    let mut found: BTreeMap<Month, Option<String>> = BTreeMap::new();
    let names: Vec<usize> = page.match_indices(".zip").map(|(at, _)| at).collect();
    for (i, end) in names.iter().enumerate() {
        let name = end.checked_sub(7).and_then(|start| page.get(start..*end));
        let Some(month) = name.and_then(|n| n.parse::<Month>().ok()) else {
            continue;
        };
        let next = names.get(i + 1).copied().unwrap_or(page.len());
        let md5 = page.get(*end..next).and_then(md5);
        let known = found.entry(month).or_default();
        *known = known.take().or(md5);
    }
    found
}

/// 32 hexadecimal digits that stand alone.
fn md5(text: &str) -> Option<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text.split(|c| !word(c))
        .find(|w| w.len() == 32 && w.bytes().all(|b| b.is_ascii_hexdigit()))
        .map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_found_with_their_md5_and_tags_of_parts_are_none() {
        let page = "<a href='/data/archive/2026-08.zip'>August</a> 1.7 GB <code>0123456789abcdef0123456789ABCDEF</code>\
            <a href='/data/archive/2026-07.zip'>July</a> <code>0123456789abcdef0123456789abcdef-206</code>\
            <a href='latest.zip'>latest</a>";
        let found = archives(page);
        let of = |m: &str| found[&m.parse().unwrap()].clone();
        assert_eq!(found.len(), 2);
        assert_eq!(
            of("2026-08").as_deref(),
            Some("0123456789abcdef0123456789abcdef")
        );
        assert_eq!(of("2026-07"), None);
    }
}
