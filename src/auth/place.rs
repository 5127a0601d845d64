//! Where somebody may be led after signing in: a path of this site and nothing else.

/// The path, where it is one of this site; `None` for anything that a browser could read as another place.
pub fn local(address: &str) -> Option<&str> {
    let good = |c: char| c.is_ascii_graphic() && c != '\\';
    let mut chars = address.chars();
    let rooted = chars.next() == Some('/') && !matches!(chars.next(), Some('/' | '\\'));
    if !rooted || !address.chars().all(good) || address.len() > LONGEST {
        return None;
    }
    // A browser takes out dots before it asks: `/.//host` would then be another host's address to some programs.
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let lower = path.to_ascii_lowercase();
    let hidden = ["%2f", "%5c", "%00", "%09", "%0a", "%0d", "%2e"].iter().any(|code| lower.contains(code));
    let dots = path.split('/').any(|part| matches!(part, "." | ".."));
    (!path.contains("//") && !hidden && !dots).then_some(address)
}

const LONGEST: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s25_only_local_paths_are_places_to_return_to() {
        for good in
            ["/", "/admin", "/incidents/github.k3lw9x", "/admin/audit?action=sign_in&page=2", "/a#b", "/a?b=//c"]
        {
            assert_eq!(local(good), Some(good));
        }
        for bad in [
            "",
            "a",
            "admin",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "\\/evil.example",
            "/\tevil.example",
            "/\t/evil.example",
            "\t//evil.example",
            "/\n/evil.example",
            "/\r\nLocation: x",
            " /",
            "/ /x",
            "http://evil.example",
            "https:evil.example",
            "HTTPS://evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "//user@evil.example",
            "https://us@evil.example",
            "/%2fevil.example",
            "/%2Fevil.example",
            "/%5cevil.example",
            "/%09/evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/a/../..//evil",
            "/%2e%2e//evil",
            "/a//b",
            "/ü",
            "/\u{2028}",
            "?x",
            "#x",
            ".",
            "@evil.example",
            ":80/",
            "/%00",
        ] {
            assert_eq!(local(bad), None, "{bad:?}");
        }
        assert_eq!(local(&format!("/{}", "a".repeat(2_000))), None);
    }
}
