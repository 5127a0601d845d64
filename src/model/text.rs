//! Text from outside, made safe once at the boundary.

/// Words of a vendor or an operator, in the two forms that outputs need.
///
/// Both forms are cut to size, in Unicode NFC, without control characters and without characters
/// that change the direction of what follows. `html` holds nothing but the tags of the allow-list.
/// Only the room `text` makes one from outside text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// Sanitised HTML: `p br ul ol li strong em code pre a[href]`.
    pub html: String,
    /// The same without markup; paragraphs are parted by a line break.
    pub plain: String,
}

impl Text {
    /// True where there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }
}
