//! Which components of a source count for this team.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

/// Globs over component paths (`Group/Name`). `*` also crosses `/`; case does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    only: Option<GlobSet>,
    ignore: Option<GlobSet>,
}

impl Filter {
    /// Compiles the patterns of `components` (none: all count) and of `ignore`.
    ///
    /// # Errors
    /// The first pattern that is no glob, with what is wrong in it.
    pub fn new<S: AsRef<str>>(only: &[S], ignore: &[S]) -> Result<Self, String> {
        Ok(Self { only: set(only)?, ignore: set(ignore)? })
    }

    /// True where the component of this path counts.
    pub fn counts(&self, path: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.is_match(path))
            && !self.ignore.as_ref().is_some_and(|ignore| ignore.is_match(path))
    }

    /// True where only named components count, so that what names none of them is not for this team.
    pub fn is_narrow(&self) -> bool {
        self.only.is_some()
    }

    /// True where any pattern is set.
    pub fn is_set(&self) -> bool {
        self.only.is_some() || self.ignore.is_some()
    }
}

/// True where the glob `pattern` matches `text`, by the rules of [`Filter`]. What is no glob matches nothing.
pub fn matches(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?', '[', ']', '{', '}', '\\']) {
        return pattern.to_lowercase() == text.to_lowercase();
    }
    glob(pattern).is_ok_and(|glob| glob.compile_matcher().is_match(text))
}

fn set<S: AsRef<str>>(patterns: &[S]) -> Result<Option<GlobSet>, String> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(glob(pattern.as_ref())?);
    }
    builder.build().map(Some).map_err(|error| error.to_string())
}

fn glob(pattern: &str) -> Result<Glob, String> {
    GlobBuilder::new(pattern)
        .case_insensitive(true)
        .literal_separator(false)
        .build()
        .map_err(|error| format!("`{pattern}` is no pattern: {}", error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_matched_by_globs() {
        let filter = Filter::new(&["Workers", "CDN/Cache", "Europe/*"], &["*Frankfurt*"]).unwrap();
        for (path, counts) in [
            ("Workers", true),
            ("workers", true),
            ("CDN/Cache", true),
            ("CDN/Other", false),
            ("Europe/London, UK", true),
            ("Europe/Frankfurt, DE", false),
            ("Workers KV", false),
        ] {
            assert_eq!(filter.counts(path), counts, "{path}");
        }
        assert!(Filter::default().counts("anything"));
        assert!(Filter::new(&["["], &[]).unwrap_err().contains("`[`"));
    }

    #[test]
    fn one_text_is_matched_by_the_same_globs() {
        for (pattern, text, fits) in [
            ("GitHub", "github", true),
            ("git*", "github", true),
            ("github/*", "github/Europe/API", true),
            ("git", "github", false),
            ("[", "[", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
