//! Where files go: a folder of this machine, or an object store.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, Certificate, ClientOptions, ObjectStore, ObjectStoreExt as _, PutOptions, RetryConfig,
};

use super::folder::Folder;
use crate::limits;
use crate::model::outlet::{Bucket, BucketKind, Place};

/// Something could not be put, got or removed.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The folder.
    #[error("{}: {error}", .path.display())]
    Folder {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The object store.
    #[error(transparent)]
    Store(#[from] object_store::Error),
    /// What is read back is larger than anything of ours.
    #[error("the list of what was published is larger than {} bytes", limits::PUBLISH_MANIFEST)]
    TooLarge,
}

/// What is told with a file to places that can tell it on.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
    /// `Content-Type`.
    pub kind: &'static str,
    /// `Cache-Control`.
    pub caching: &'a str,
}

/// A place that keeps files, opened.
#[derive(Debug)]
pub enum Target {
    /// A folder.
    Folder(Folder),
    /// A bucket, and what stands before every name.
    Bucket(Arc<dyn ObjectStore>, String),
}

impl Target {
    /// Opens a place. Nothing is asked of it yet.
    ///
    /// # Errors
    /// Where what is configured cannot be used at all.
    pub fn open(place: &Place) -> Result<Self, TargetError> {
        match place {
            Place::Folder(path) => Ok(Self::Folder(Folder::new(path.clone()))),
            Place::Bucket(bucket) => Ok(Self::Bucket(store(bucket)?, bucket.prefix.clone())),
        }
    }

    /// Files of a folder are written one after the other; a store takes some at a time.
    pub fn at_once(&self) -> usize {
        match self {
            Self::Folder(_) => 1,
            Self::Bucket(..) => limits::PUBLISH_AT_ONCE,
        }
    }

    /// Puts a file in place, whole or not at all.
    ///
    /// # Errors
    /// Where the place does not take it.
    pub async fn put(&self, path: &str, bytes: Bytes, heading: Heading<'_>) -> Result<(), TargetError> {
        match self {
            Self::Folder(folder) => folder.put(path, bytes).await,
            Self::Bucket(store, prefix) => {
                let attributes = Attributes::from_iter([
                    (Attribute::ContentType, heading.kind.to_owned()),
                    (Attribute::CacheControl, heading.caching.to_owned()),
                ]);
                let options = PutOptions { attributes, ..PutOptions::default() };
                store.put_opts(&key(prefix, path), bytes.into(), options).await?;
                Ok(())
            }
        }
    }

    /// A small file; `None`: there is none.
    ///
    /// # Errors
    /// Where the place does not say, or the file is larger than anything of ours.
    pub async fn get(&self, path: &str) -> Result<Option<Vec<u8>>, TargetError> {
        match self {
            Self::Folder(folder) => folder.get(path).await,
            Self::Bucket(store, prefix) => {
                let answer = match store.get(&key(prefix, path)).await {
                    Ok(answer) => answer,
                    Err(object_store::Error::NotFound { .. }) => return Ok(None),
                    Err(error) => return Err(error.into()),
                };
                let mut all = Vec::new();
                let mut parts = answer.into_stream();
                while let Some(part) = parts.try_next().await? {
                    all.extend_from_slice(&part);
                    if all.len() as u64 > limits::PUBLISH_MANIFEST {
                        return Err(TargetError::TooLarge);
                    }
                }
                Ok(Some(all))
            }
        }
    }

    /// Removes a file. One that is not there is as good as removed.
    ///
    /// # Errors
    /// Where the place refuses.
    pub async fn remove(&self, path: &str) -> Result<(), TargetError> {
        match self {
            Self::Folder(folder) => folder.remove(path).await,
            Self::Bucket(store, prefix) => match store.delete(&key(prefix, path)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(error.into()),
            },
        }
    }
}

fn key(prefix: &str, path: &str) -> Path {
    if prefix.is_empty() { Path::from(path) } else { Path::from(format!("{prefix}/{path}")) }
}

fn store(bucket: &Bucket) -> Result<Arc<dyn ObjectStore>, TargetError> {
    let key = bucket.key.as_ref().map(|key| key.reveal().to_owned());
    Ok(match bucket.kind {
        BucketKind::S3 => Arc::new(s3(bucket, key)?),
        BucketKind::Google => {
            let builder = match key {
                Some(key) => GoogleCloudStorageBuilder::new().with_service_account_key(key),
                None => GoogleCloudStorageBuilder::from_env(),
            };
            let builder = builder.with_bucket_name(&bucket.name).with_client_options(client(bucket)?);
            let builder = match &bucket.endpoint {
                Some(endpoint) => builder.with_base_url(endpoint),
                None => builder,
            };
            Arc::new(builder.with_retry(retry()).build()?)
        }
        BucketKind::Azure => {
            let mut builder = match key {
                Some(key) => MicrosoftAzureBuilder::new().with_access_key(key),
                None => MicrosoftAzureBuilder::from_env(),
            };
            if let Some(account) = &bucket.key_id {
                builder = builder.with_account(account);
            }
            if let Some(endpoint) = &bucket.endpoint {
                builder = builder.with_endpoint(endpoint.clone());
            }
            let builder = builder.with_container_name(&bucket.name).with_client_options(client(bucket)?);
            Arc::new(builder.with_allow_http(is_plain_http(bucket)).with_retry(retry()).build()?)
        }
    })
}

fn s3(bucket: &Bucket, key: Option<String>) -> Result<object_store::aws::AmazonS3, TargetError> {
    let mut builder = match (&bucket.key_id, key) {
        (Some(id), Some(key)) => AmazonS3Builder::new().with_access_key_id(id).with_secret_access_key(key),
        _ => AmazonS3Builder::from_env(),
    };
    if let Some(token) = &bucket.token {
        builder = builder.with_token(token.reveal());
    }
    if let Some(region) = &bucket.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &bucket.endpoint {
        builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
    }
    let builder = builder.with_bucket_name(&bucket.name).with_client_options(client(bucket)?);
    // Not everything that speaks S3 removes many files by one request.
    let builder = builder.with_disable_bulk_delete(true);
    // Last, since it would be set back by the options of the client.
    Ok(builder.with_allow_http(is_plain_http(bucket)).with_retry(retry()).build()?)
}

fn is_plain_http(bucket: &Bucket) -> bool {
    bucket.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"))
}

fn client(bucket: &Bucket) -> Result<ClientOptions, TargetError> {
    let mut options = ClientOptions::new()
        .with_timeout(limits::PUBLISH_REQUEST)
        .with_connect_timeout(limits::CONNECT)
        .with_allow_http(is_plain_http(bucket));
    for certificate in bucket.ca.as_deref().map(Certificate::from_pem_bundle).transpose()?.into_iter().flatten() {
        options = options.with_root_certificate(certificate);
    }
    Ok(options)
}

/// A round that failed is tried again as a whole, and says so: a request alone is not tried for long.
fn retry() -> RetryConfig {
    RetryConfig { max_retries: 2, retry_timeout: limits::PUBLISH_REQUEST, ..RetryConfig::default() }
}
