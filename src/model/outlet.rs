//! Where the page is published besides: a folder or an object store, as configured.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::people::Hidden;

/// A place to which the page is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlet {
    /// Where.
    pub place: Place,
    /// A change is published no sooner than this after the one before.
    pub every: Duration,
    /// How long others may keep a file before they ask again.
    pub cache: Duration,
    /// A private page may be published here: whoever reads this place may read the page.
    pub private: bool,
}

/// What keeps the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket of an object store.
    Bucket(Bucket),
}

/// A bucket of an object store, and what lets us in. What is not given comes from the machine: its environment or role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// What it speaks.
    pub kind: BucketKind,
    /// The bucket's name; with Azure, the container's.
    pub name: String,
    /// What stands before every file's name, without slashes around it; empty for none.
    pub prefix: String,
    /// Another server than the provider's own.
    pub endpoint: Option<String>,
    /// The region; only S3 has one.
    pub region: Option<String>,
    /// The name of the key; with Azure, the account's.
    pub key_id: Option<String>,
    /// The key: S3's secret one, Google's service account as JSON, Azure's access key.
    pub key: Option<Hidden>,
    /// Goes with a key of S3 that is only lent.
    pub token: Option<Hidden>,
    /// PEM of a certificate authority that is trusted as well.
    pub ca: Option<Vec<u8>>,
}

/// What an object store speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketKind {
    /// Amazon S3, and the many others that speak it.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

impl BucketKind {
    /// What stands before `://`.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Google => "gs",
            Self::Azure => "az",
        }
    }
}

impl fmt::Display for Place {
    /// As in the configuration. Holds no secret.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(out, "{}", path.display()),
            Self::Bucket(Bucket { kind, name, prefix, .. }) if prefix.is_empty() => {
                write!(out, "{}://{name}", kind.scheme())
            }
            Self::Bucket(Bucket { kind, name, prefix, .. }) => write!(out, "{}://{name}/{prefix}", kind.scheme()),
        }
    }
}
