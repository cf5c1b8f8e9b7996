//! The contents of attached files: uploads in the making, what sort of file a content is, where contents are kept, the virus scan.
//!
//! Never here: tickets, persons, permissions. Names are carried in and handed back, never logged.

#[cfg(feature = "s3")]
mod bucket;
mod contents;
mod kind;
mod scan;
mod uploads;

use std::path::Path;

#[cfg(feature = "s3")]
pub use bucket::Bucket;
pub use contents::{Contents, Reading};
pub use kind::{ALLOWED, Kind, WrongKind, accept, extension_allowed, kind_of, sort_of, tidy_name};
pub use scan::{Scanner, Verdict};
pub use uploads::{Declared, Goal, Upload, UploadError, Uploads};

/// Where files are, and who looks at them.
#[derive(Debug)]
pub struct Files {
    pub uploads: Uploads,
    pub contents: Contents,
    /// Nobody looks at them where none is set.
    pub scanner: Option<Scanner>,
}

impl Files {
    /// Files in a folder: contents by their key, uploads in the making in `incoming`.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn in_folder(folder: &Path, scanner: Option<Scanner>) -> std::io::Result<Files> {
        Files::with(folder, Contents::Local(folder.to_owned()), scanner)
    }

    /// Contents somewhere else; uploads in the making are in the folder all the same.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn with(folder: &Path, contents: Contents, scanner: Option<Scanner>) -> std::io::Result<Files> {
        Ok(Files { uploads: Uploads::open(&folder.join("incoming"))?, contents, scanner })
    }
}

/// Makes a folder that only its owner can read: what is in it may be personal.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}
