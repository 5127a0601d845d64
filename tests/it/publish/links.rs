//! What the pages of a site refer to.

use std::collections::BTreeMap;

/// Every relative reference of a page, as the path of a file from the root of the site.
pub fn references(file: &str, html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in ["href=\"", "src=\""] {
        for part in html.split(word).skip(1) {
            let link = part.split('"').next().unwrap().replace("&#x2f;", "/");
            let link = link.split('#').next().unwrap();
            if !link.is_empty() && !link.contains("://") {
                found.push(joined(file, link));
            }
        }
    }
    found
}

fn joined(file: &str, link: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{file}: {link} leads out of the site"),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// What pages of `files` refer to that is not there.
pub fn dangling(files: &BTreeMap<String, String>) -> Vec<String> {
    let pages = files.iter().filter(|(path, _)| path.ends_with(".html"));
    let all = pages.flat_map(|(path, html)| references(path, html).into_iter().map(move |to| (path, to)));
    all.filter(|(_, to)| !files.contains_key(to)).map(|(path, to)| format!("{path} → {to}")).collect()
}
