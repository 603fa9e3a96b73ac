//! Links in HTML: their addresses stay, as text beside their words.

use std::fmt::Write as _;

/// HTML in which every link is followed by its address, where its words are not that address already: as text it would
/// be lost.
pub fn with_addresses(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, tag, inner, after)) = next_link(rest) {
        // Without its tags, which would be shown as brackets.
        out.push_str(before);
        out.push_str(inner);
        let address = href(tag).filter(|address| {
            let shown = address.strip_prefix("mailto:").unwrap_or(address);
            !inner.contains(shown)
                && ["https://", "http://", "mailto:"].iter().any(|way| address.starts_with(way))
        });
        if let Some(address) = address {
            // As it stands in its attribute it is safe as text too, but for brackets.
            let _infallible = write!(out, " ({})", address.replace('<', "&lt;").replace('>', "&gt;"));
        }
        rest = after.split_once('>').map_or("", |(_, rest)| rest);
    }
    out + rest
}

/// What is before the first link, its opening tag, what is in it, and the rest from its closing tag on.
fn next_link(html: &str) -> Option<(&str, &str, &str, &str)> {
    // Of the same length, so that places are the same.
    let lower = html.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let start = from + lower.get(from..)?.find("<a")?;
        let open = start + lower.get(start..)?.find('>')? + 1;
        if !lower[start + 2..].starts_with(|c: char| c.is_ascii_whitespace()) {
            from = start + 2;
            continue;
        }
        let close = open + lower.get(open..)?.find("</a")?;
        return Some((
            html.get(..start)?,
            html.get(start..open)?,
            html.get(open..close)?,
            html.get(close..)?,
        ));
    }
}

/// The address of an opening tag, as it is written there.
fn href(tag: &str) -> Option<&str> {
    let at = tag.to_ascii_lowercase().find("href")? + "href".len();
    let value = tag.get(at..)?.trim_start().strip_prefix('=')?.trim_start();
    let quoted = |mark: char| value.strip_prefix(mark).and_then(|value| value.split(mark).next());
    let bare = || value.split(|c: char| c.is_whitespace() || c == '>').next();
    quoted('"').or_else(|| quoted('\'')).or_else(bare).map(str::trim).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::html;

    #[test]
    fn links_keep_their_address() {
        for (row, text, want) in [
            (
                "a link",
                r#"<p>See <a class="x" HREF="https://x.example/p?a=1&amp;b=2">the plan</a>.</p>"#,
                "See the plan (https://x.example/p?a=1&b=2).",
            ),
            ("single quotes", "<a href='https://x.example/p'>it</a>", "it (https://x.example/p)"),
            ("no quotes", "<A href=https://x.example/p>it</A>", "it (https://x.example/p)"),
            (
                "its own address",
                r#"<a href="https://x.example/p">https://x.example/p</a>"#,
                "https://x.example/p",
            ),
            ("mail", r#"<a href="mailto:ana@x.example">Ana</a>"#, "Ana (mailto:ana@x.example)"),
            ("mail as it is", r#"<a href="mailto:ana@x.example">ana@x.example</a>"#, "ana@x.example"),
            (
                "two",
                r#"<a href="https://a.example">a</a> <a href="https://b.example">b</a>"#,
                "a (https://a.example) b (https://b.example)",
            ),
            ("an address that does something", r#"<a href="javascript:alert(1)">x</a>"#, "x"),
            ("within", r##"<a href="#top">top</a>"##, "top"),
            ("no link", "<abbr title='href'>A</abbr>", "A"),
            ("never closed", r#"<p><a href="https://x.example">open</p>"#, "[open]"),
            (
                "wide letters",
                r#"<p>ÄÖÜẞ <a href="https://x.example/ä">ß</a></p>"#,
                "ÄÖÜẞ ß (https://x.example/ä)",
            ),
        ] {
            assert_eq!(html(text), want, "{row}");
        }
    }
}
