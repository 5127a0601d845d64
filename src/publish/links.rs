//! Links of a page as the server gives it out, made to fit a file of the site: relative, and none that leads nowhere.

/// What a link of the live page leads to in the site.
pub(super) type Known<'a> = &'a dyn Fn(&str) -> Option<String>;

/// One tag of a document.
struct Tag<'a> {
    name: &'a str,
    /// With its angle brackets.
    whole: &'a str,
}

/// Makes every link of a page relative to the file `from`. `known` says which file of the site stands for a path.
///
/// A link that has no such file becomes plain text, and what cannot work in a file is left out: scripts and styles that are
/// not there, and forms that are sent to a server. It reads the templates of this program, which are well formed; words
/// from outside are escaped in them.
pub(super) fn relative(html: &str, from: &str, known: Known<'_>) -> String {
    let up = "../".repeat(from.matches('/').count());
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    let mut unlinked = false;
    while let Some((before, tag, after)) = next(rest) {
        out.push_str(before);
        rest = after;
        let target = attribute(tag.whole, "href").or_else(|| attribute(tag.whole, "src"));
        let ours = target.filter(|(value, _)| is_ours(value));
        match (tag.name, ours) {
            ("form", _) if is_sent(tag.whole) => rest = skip(after, "form"),
            ("/a", _) if std::mem::take(&mut unlinked) => out.push_str("</span>"),
            (_, None) => out.push_str(tag.whole),
            (name, Some((value, raw))) => match (resolved(&value, known), name) {
                (Some(file), _) => out.push_str(&tag.whole.replacen(raw, &format!("\"{up}{file}\""), 1)),
                (None, "a") => {
                    unlinked = true;
                    out.push_str("<span>");
                }
                (None, "script") => rest = skip(after, "script"),
                (None, _) => {}
            },
        }
    }
    out.push_str(rest);
    out
}

/// What stands before the next tag, the tag, and what follows.
fn next(html: &str) -> Option<(&str, Tag<'_>, &str)> {
    let start = html.find('<')?;
    let (before, tail) = html.split_at(start);
    let mut quoted = false;
    let end = tail.find(|c| {
        quoted ^= c == '"';
        c == '>' && !quoted
    })?;
    let (whole, after) = tail.split_at(end + 1);
    let name = whole.trim_start_matches('<').split(|c: char| c.is_whitespace() || c == '>').next()?;
    Some((before, Tag { name, whole }, after))
}

/// The value of an attribute, and as it is written, with its quotes.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<(String, &'a str)> {
    // With its quote: what stands in another value has its quotes escaped.
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 2;
    let quoted = tag.get(start..)?;
    let inner = quoted.get(1..)?.split('"').next()?;
    let raw = quoted.get(..inner.len() + 2)?;
    let plain = [("&#x2f;", "/"), ("&#x27;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    Some((plain.iter().fold(inner.to_owned(), |text, (from, to)| text.replace(from, to)), raw))
}

/// True for a path of this server: neither an address elsewhere nor a place on the same page.
fn is_ours(link: &str) -> bool {
    link.starts_with('/') && !link.starts_with("//")
}

/// True for a form that a server has to answer.
fn is_sent(tag: &str) -> bool {
    [" action=", " method="].iter().any(|word| tag.contains(word))
}

fn resolved(link: &str, known: Known<'_>) -> Option<String> {
    let (path, place) = link.split_once('#').map_or((link, None), |(path, place)| (path, Some(place)));
    let file = known(path)?;
    // What `known` gives holds nothing that an attribute cannot; a place on the page is kept only where it is as plain.
    let plain = |place: &&str| place.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    Some(place.filter(plain).map_or(file.clone(), |place| format!("{file}#{place}")))
}

/// What follows the end of an element that is left out.
fn skip<'a>(html: &'a str, name: &str) -> &'a str {
    let end = format!("</{name}>");
    html.find(&end).and_then(|at| html.get(at + end.len()..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(path: &str) -> Option<String> {
        match path {
            "/" => Some("index.html".to_owned()),
            "/sources/a" => Some("sources/a/index.html".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn links_are_relative_to_the_file_that_they_stand_in() {
        for (from, html, wanted) in [
            (
                "index.html",
                r#"<a class="x" href="/sources/a">A</a>"#,
                r#"<a class="x" href="sources/a/index.html">A</a>"#,
            ),
            (
                "sources/b/index.html",
                r#"<a href="&#x2f;sources&#x2f;a">A</a>"#,
                r#"<a href="../../sources/a/index.html">A</a>"#,
            ),
            ("sources/b/index.html", r#"<a href="/">A</a>"#, r#"<a href="../../index.html">A</a>"#),
            ("index.html", r#"<a href="/sources/a#log">A</a>"#, r#"<a href="sources/a/index.html#log">A</a>"#),
            (
                "index.html",
                r#"<a data-find="x href=y" href="/">A</a>"#,
                r#"<a data-find="x href=y" href="index.html">A</a>"#,
            ),
            ("index.html", r##"<a href="#main">A</a>"##, r##"<a href="#main">A</a>"##),
            ("index.html", r#"<a href="https://a.example/?x=>">A</a>"#, r#"<a href="https://a.example/?x=>">A</a>"#),
        ] {
            assert_eq!(relative(html, from, &known), wanted);
        }
    }

    #[test]
    fn what_leads_nowhere_is_plain_text_and_what_needs_a_server_is_left_out() {
        for (html, wanted) in [
            (
                r#"x <a rel="me" href="/docs">A <b>b</b></a> y <a href="/">B</a>"#,
                r#"x <span>A <b>b</b></span> y <a href="index.html">B</a>"#,
            ),
            (r#"<a href="/sources/a?x=1">A</a>"#, "<span>A</span>"),
            (r#"<link rel="stylesheet" href="/assets/x.css">x"#, "x"),
            (r#"<script src="/x.js" defer></script>x"#, "x"),
            (r#"<form method="post" action="/subscribe"><button>Go</button></form>x"#, "x"),
            (r#"<form id="filter"><input></form>x"#, r#"<form id="filter"><input></form>x"#),
            ("no end <a href=", "no end <a href="),
        ] {
            assert_eq!(relative(html, "index.html", &known), wanted);
        }
    }
}
