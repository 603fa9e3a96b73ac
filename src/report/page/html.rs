//! HTML from names of our own and texts of others: a text cannot leave its element, nor a value its attribute.

use std::fmt::Write as _;

/// A document as it is written.
#[derive(Debug, Default)]
pub struct Html(pub String);

impl Html {
    /// An element with what is in it.
    pub fn tag(&mut self, name: &str, attributes: &[(&str, &str)], inner: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        inner(self);
        let _infallible = write!(self.0, "</{name}>");
    }

    /// An element with a text in it; nothing where there is none.
    pub fn line(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        if !text.is_empty() {
            self.tag(name, attributes, |html| html.text(text));
        }
    }

    /// The begin of an element, and all of one that has no end.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let _infallible = write!(self.0, "<{name}");
        for (name, value) in attributes {
            let _infallible = write!(self.0, " {name}=\"");
            self.text(value);
            self.0.push('"');
        }
        self.0.push('>');
    }

    /// A text of whoever wrote it.
    pub fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c if c.is_control() && c != '\n' => {}
                c => self.0.push(c),
            }
        }
    }
}

/// Percent-encoded for a query, but for letters, digits and what never means anything.
#[must_use]
pub fn query(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _infallible = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_place() {
        let evil = "\"><script>alert('x')</script>&amp;\u{0}\u{7}";
        let mut html = Html::default();
        html.line("p", &[("title", evil)], evil);
        html.line("p", &[], "");
        let safe = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;";
        assert_eq!(html.0, format!("<p title=\"{safe}\">{safe}</p>"));
        assert_eq!(query("REL-4.2/p1 ä#?&"), "REL-4.2%2Fp1%20%C3%A4%23%3F%26");
    }
}
