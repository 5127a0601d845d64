//! Forms of several parts, as far as senders of alerts use them: text in fields, no files.

use crate::{limits, text};

/// Reads the fields of a form. The error says what was found instead.
pub(super) fn read(content_type: &str, body: &[u8]) -> Result<Vec<(String, String)>, String> {
    let boundary = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty());
    let boundary = boundary.ok_or("a form in parts with no boundary")?;
    // Bytes that are no text have no place in a field; the boundary is ASCII, and stays what it is.
    let form = format!("\r\n{}", text::decode(body, None));
    let mut fields = Vec::new();
    let border = format!("\r\n--{boundary}");
    let mut parts = form.split(border.as_str()).skip(1);
    loop {
        let part = parts.next().ok_or("a form in parts that is cut off")?;
        if part.starts_with("--") {
            return Ok(fields);
        }
        if fields.len() == limits::HOOK_FIELDS {
            return Err(format!("more than {} fields", limits::HOOK_FIELDS));
        }
        let (head, value) = part.split_once("\r\n\r\n").ok_or("a form with a part that has no content")?;
        let name = head.lines().find_map(name).ok_or("a form with a part that has no name")?;
        fields.push((name, value.to_owned()));
    }
}

/// The field's name in a line of a part's head.
fn name(line: &str) -> Option<String> {
    let (header, value) = line.split_once(':')?;
    header.trim().eq_ignore_ascii_case("content-disposition").then(|| parameter(value, "name")).flatten()
}

/// A parameter of a header: `form-data; name="data"`.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=\"--9\"";

    #[test]
    fn fields_keep_their_text_and_what_is_cut_is_refused() {
        let body = "preamble\r\n----9\r\nContent-Disposition: form-data; name=\"data\"\r\nContent-Type: text/plain\r\n\r\n\
                    {\"a\":\r\n\r\n 1}\r\n----9\r\ncontent-disposition: form-data; name=b\r\n\r\n\r\n----9--\r\n";
        let wanted = vec![("data".to_owned(), "{\"a\":\r\n\r\n 1}".to_owned()), ("b".to_owned(), String::new())];
        assert_eq!(read(KIND, body.as_bytes()), Ok(wanted));
        let end = body.rfind("--\r\n").unwrap();
        for cut in 0..end {
            assert!(read(KIND, &body.as_bytes()[..cut]).is_err(), "{cut}");
        }
        let nameless = "----9\r\nx: y\r\n\r\nz\r\n----9--";
        assert!(read(KIND, nameless.as_bytes()).unwrap_err().contains("no name"));
        let many =
            "----9\r\ncontent-disposition: a; name=a\r\n\r\n".repeat(70).replace("\r\n\r\n----9", "\r\n\r\n\r\n----9");
        assert!(read(KIND, many.as_bytes()).unwrap_err().contains("more than"));
    }
}
