//! JSON inside web pages: in a `<script>` with an id, in the data of a Next.js page, behind a variable.

use super::json;
use super::json::Value;

/// The JSON inside the `<script>` with this id.
pub fn script(markup: &str, id: &str) -> Option<Value> {
    let (_, rest) =
        [format!("id=\"{id}\""), format!("id='{id}'")].iter().find_map(|at| markup.split_once(at.as_str()))?;
    let (_, inside) = rest.split_once('>')?;
    let (inside, _) = inside.split_once("</script")?;
    json::first(inside)
}

/// The text that a Next.js page streams into itself, all pieces joined.
pub fn flight(markup: &str) -> String {
    let mut whole = String::new();
    for (at, start) in markup.match_indices("self.__next_f.push([1,") {
        let rest = at.checked_add(start.len()).and_then(|at| markup.get(at..)).unwrap_or_default();
        if let Some(Value::String(piece)) = json::first(rest) {
            whole.push_str(&piece);
        }
    }
    whole
}

/// The JSON that follows the first of this text that is followed by any.
pub fn after(text: &str, mark: &str) -> Option<Value> {
    text.match_indices(mark).find_map(|(at, mark)| {
        let rest = text.get(at.checked_add(mark.len())?..)?.trim_start();
        // References between pieces (`"$4:props"`) are no values.
        rest.starts_with(['{', '[']).then(|| json::first(rest)).flatten()
    })
}

/// The JSON object that follows the first of this text that is followed by one.
pub fn object_after(text: &str, mark: &str) -> Option<Value> {
    let at = text.find(&format!("{mark}{{"))?;
    json::first(text.get(at.checked_add(mark.len())?..)?)
}

/// JavaScript with texts in single quotes, `undefined` and `NaN` as JSON.
pub fn double_quoted(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut inside = None;
    let mut letters = script.chars().peekable();
    while let Some(letter) = letters.next() {
        match (inside, letter) {
            (None, '\'' | '"') => {
                inside = Some(letter);
                out.push('"');
            }
            (Some(quote), letter) if letter == quote => {
                inside = None;
                out.push('"');
            }
            (Some('\''), '"') => out.push_str("\\\""),
            (Some(_), '\\') => match letters.next() {
                Some('\'') => out.push('\''),
                Some(next) => out.extend(['\\', next]),
                None => out.push('\\'),
            },
            (None, letter) if letter.is_ascii_alphabetic() => {
                let mut word = String::from(letter);
                word.extend(std::iter::from_fn(|| letters.next_if(char::is_ascii_alphanumeric)));
                out.push_str(if matches!(word.as_str(), "undefined" | "NaN") { "null" } else { &word });
            }
            (_, letter) => out.push(letter),
        }
    }
    out
}

/// What stands between two texts, the first time.
pub fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    text.split_once(from)?.1.split_once(to).map(|(inside, _)| inside)
}
