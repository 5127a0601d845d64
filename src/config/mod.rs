//! `sources.yaml`, compiled once into typed values, all mistakes reported together.

mod added;
mod bots;
mod compile;
mod fields;
mod hook;
mod ids;
pub mod insert;
mod notify;
mod publish;
mod secret;
mod service;
mod sign_on;
mod source;
mod suggest;
mod target;
mod tree;
pub mod watch;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

use crate::channels::Plan;
use crate::formats::{Adapter, Format};
use crate::inbound::Gate;
use crate::model::outlet::Outlet;
use crate::model::signon::SignOn;
use crate::model::source::{PageSettings, Service, Source};

/// The whole configuration, checked.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// How the page presents itself.
    pub page: Arc<PageSettings>,
    /// How people are let in.
    pub sign_on: Arc<SignOn>,
    /// How reading is done.
    pub poll: PollSettings,
    /// In the order of the file.
    pub sources: Vec<Arc<SourceConfig>>,
    /// In the order of the file.
    pub services: Vec<Arc<Service>>,
    /// In the order of the file.
    pub hooks: Vec<Arc<Gate>>,
    /// Who is told.
    pub notify: Arc<Plan>,
    /// To which places the page goes as files.
    pub publish: Arc<Vec<Arc<Outlet>>>,
}

/// How reading is done, for all sources.
#[derive(Debug, Clone)]
pub struct PollSettings {
    /// Time between readings while all is calm.
    pub interval: Duration,
    /// An address or URL in the User-Agent, under which vendors reach the operator.
    pub contact: Option<String>,
    /// The proxy through which to go out; its password is in it.
    pub proxy: Option<SecretString>,
    /// Networks that may be contacted although they are not public.
    pub allow_networks: Vec<IpNet>,
}

impl Default for PollSettings {
    fn default() -> Self {
        Self { interval: crate::limits::INTERVAL, contact: None, proxy: None, allow_networks: Vec::new() }
    }
}

/// One source, with all that it takes to read it.
#[derive(Clone)]
pub struct SourceConfig {
    /// What the rest of the program needs to know.
    pub source: Arc<Source>,
    /// The address to read, secrets included.
    pub address: Url,
    /// How to read it; `None`: to be detected.
    pub reader: Option<Reader>,
    /// Digest of the format's options; empty where there are none.
    pub options: String,
    /// Sent with every request to the address's own origin; values are secret.
    pub headers: Vec<(String, SecretString)>,
    /// May be on a network that is not public.
    pub allow_private: bool,
    /// PEM of a private certificate authority that is trusted as well.
    pub ca: Option<Vec<u8>>,
    /// The secret with which the vendor may say that something changed; `None`: it may not.
    pub hook: Option<SecretString>,
    /// Digest of everything above that decides what a reading says: a change makes validators void.
    pub fingerprint: String,
}

impl fmt::Debug for SourceConfig {
    /// Without the address, which may hold a password.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SourceConfig")
            .field("source", &self.source)
            .field("format", &self.reader.as_ref().map(|reader| reader.format.name))
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

/// A format with its options compiled.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The format.
    pub format: &'static Format,
    /// Compiled.
    pub adapter: Arc<dyn Adapter>,
}

/// One mistake in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// From 1; 0 where the whole file is meant.
    pub line: u64,
    /// From 1; 0 where the whole line is meant.
    pub column: u64,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:", self.file.display())?;
        for place in [self.line, self.column].into_iter().take_while(|place| *place > 0) {
            write!(out, "{place}:")?;
        }
        write!(out, " {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(out, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Reads the environment, or stands in for it in tests.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Compiles a configuration. `file` is for messages and for what is relative to it.
///
/// # Errors
/// All mistakes, in the order of the file.
pub fn parse(text: &str, file: &Path, environment: Environment<'_>) -> Result<Config, Vec<Problem>> {
    parse_with(text, file, environment, crate::formats::REGISTRY)
}

/// The same with other formats than the built-in ones.
///
/// # Errors
/// All mistakes, in the order of the file.
pub fn parse_with(
    text: &str,
    file: &Path,
    environment: Environment<'_>,
    registry: &'static [Format],
) -> Result<Config, Vec<Problem>> {
    compile::compile(text, file, environment, registry)
}
