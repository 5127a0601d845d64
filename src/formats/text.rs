//! Outside text made safe, once, at the boundary.

use crate::model::text::Text;

/// Makes a title or a name safe: plain text, at most `limit` characters, one line.
pub fn line(_raw: &str, _limit: usize) -> String {
    unimplemented!()
}

/// Makes an HTML or plain body safe: sanitised and cut to `limits::BODY` characters.
pub fn body(_raw: &str) -> Text {
    unimplemented!()
}

/// Lets an address through if it is absolute http or https and not too long.
pub fn link(_raw: &str) -> Option<String> {
    unimplemented!()
}

/// Decodes bytes to text: byte order mark first, then the charset of the content type, then UTF-8.
pub fn decode(_bytes: &[u8], _content_type: Option<&str>) -> String {
    unimplemented!()
}
