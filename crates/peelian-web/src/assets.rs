//! The style sheet, the typeface and our marks, each under a name that holds
//! the hash of its bytes, so that it may be kept for ever.

use std::collections::HashMap;
use std::sync::LazyLock;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Dist;

/// A file that pages refer to.
pub(crate) struct Asset {
    pub(crate) bytes: Vec<u8>,
    pub(crate) media_type: &'static str,
}

struct Assets {
    files: HashMap<String, Asset>,
    style: String,
    favicon: String,
    glyph: String,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::read);

/// The file of a hashed name: `site-1b2c….css`.
pub(crate) fn asset(name: &str) -> Option<&'static Asset> {
    ASSETS.files.get(name)
}

/// The address of the style sheet.
pub(crate) fn style() -> &'static str {
    &ASSETS.style
}

/// The address of the small mark.
pub(crate) fn favicon() -> &'static str {
    &ASSETS.favicon
}

/// The glyph of the wordmark, to stand in the page.
pub(crate) fn glyph() -> &'static str {
    &ASSETS.glyph
}

impl Assets {
    fn read() -> Self {
        let mut assets = Self {
            files: HashMap::new(),
            style: String::new(),
            favicon: String::new(),
            glyph: text("glyph.svg"),
        };
        let mut css = text("site.css");
        for name in Dist::iter().filter(|n| n.ends_with(".woff2")) {
            if let Some(file) = Dist::get(&name) {
                let hashed = assets.add(&name, file.data.into_owned(), "font/woff2");
                css = css.replace(&*name, hashed.rsplit('/').next().unwrap_or_default());
            }
        }
        css.push_str(peelian_chart::CSS);
        assets.style = assets.add("site.css", css.into_bytes(), "text/css; charset=utf-8");
        assets.favicon = assets.add(
            "favicon.svg",
            text("favicon.svg").into_bytes(),
            "image/svg+xml",
        );
        assets
    }

    /// Keeps a file under a hashed name and returns its address.
    fn add(&mut self, name: &str, bytes: Vec<u8>, media_type: &'static str) -> String {
        let hash = hash(&bytes);
        let hashed = match name.rsplit_once('.') {
            Some((stem, extension)) => format!("{stem}-{hash}.{extension}"),
            None => format!("{name}-{hash}"),
        };
        let address = format!("/assets/{hashed}");
        self.files.insert(hashed, Asset { bytes, media_type });
        address
    }
}

fn text(name: &str) -> String {
    Dist::get(name).map_or_else(String::new, |file| {
        String::from_utf8_lossy(&file.data).into_owned()
    })
}

/// The first twelve hexadecimal digits of the SHA-256 of some bytes.
pub(crate) fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let first = digest
        .iter()
        .take(6)
        .fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    format!("{first:012x}")
}
