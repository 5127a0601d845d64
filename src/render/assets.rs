//! Files that pages refer to, served from the binary.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// A file that pages refer to.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// For `Content-Type`.
    pub content_type: &'static str,
    /// The file.
    pub bytes: &'static [u8],
}

const STYLE: Asset = Asset { content_type: "text/css; charset=utf-8", bytes: include_bytes!("../../assets/style.css") };
const SCRIPT: Asset =
    Asset { content_type: "text/javascript; charset=utf-8", bytes: include_bytes!("../../assets/page.js") };
const ICON: Asset = Asset { content_type: "image/svg+xml", bytes: include_bytes!("../../assets/icon.svg") };

const ADMIN: Asset = Asset { content_type: "text/css; charset=utf-8", bytes: include_bytes!("../../assets/admin.css") };

const CONSOLE: Asset =
    Asset { content_type: "text/javascript; charset=utf-8", bytes: include_bytes!("../../assets/console.js") };

const EMBED: Asset = Asset { content_type: "text/css; charset=utf-8", bytes: include_bytes!("../../assets/embed.css") };

const WALL: Asset = Asset { content_type: "text/css; charset=utf-8", bytes: include_bytes!("../../assets/wall.css") };

const SCREEN: Asset =
    Asset { content_type: "text/javascript; charset=utf-8", bytes: include_bytes!("../../assets/wall.js") };

static NAMED: LazyLock<[(String, Asset); 8]> = LazyLock::new(|| {
    [
        (named("style", "css", &STYLE), STYLE),
        (named("page", "js", &SCRIPT), SCRIPT),
        ("icon.svg".to_owned(), ICON),
        (named("admin", "css", &ADMIN), ADMIN),
        (named("console", "js", &CONSOLE), CONSOLE),
        (named("embed", "css", &EMBED), EMBED),
        (named("wall", "css", &WALL), WALL),
        (named("wall", "js", &SCREEN), SCREEN),
    ]
});

/// A file by its name in `/assets/`, which holds a digest of its content so that it can be cached for ever.
pub fn asset(name: &str) -> Option<Asset> {
    NAMED.iter().find(|(known, _)| known == name).map(|(_, asset)| *asset)
}

/// The files that pages for everybody refer to, by their names in `/assets/`.
pub fn public() -> impl Iterator<Item = (&'static str, Asset)> {
    NAMED.iter().take(2).map(|(name, asset)| (name.as_str(), *asset))
}

/// The address of the stylesheet.
pub fn style() -> String {
    format!("/assets/{}", NAMED[0].0)
}

/// The address of the script.
pub fn script() -> String {
    format!("/assets/{}", NAMED[1].0)
}

/// The address of the console's stylesheet.
pub fn admin_style() -> String {
    format!("/assets/{}", NAMED[3].0)
}

/// The address of the console's script.
pub fn console_script() -> String {
    format!("/assets/{}", NAMED[4].0)
}

/// The address of the stylesheet of the strip that others frame.
pub fn embed_style() -> String {
    format!("/assets/{}", NAMED[5].0)
}

/// The address of the wall's stylesheet.
pub fn wall_style() -> String {
    format!("/assets/{}", NAMED[6].0)
}

/// The address of the wall's script.
pub fn wall_script() -> String {
    format!("/assets/{}", NAMED[7].0)
}

fn named(stem: &str, ending: &str, asset: &Asset) -> String {
    let digest: String = Sha256::digest(asset.bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{stem}-{digest}.{ending}")
}
