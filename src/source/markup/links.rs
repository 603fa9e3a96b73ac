//! Links in HTML: their addresses stay, as text beside their words.

use std::fmt::Write as _;

/// HTML in which every link is followed by its address, where its words are not that address already: as text it would
/// be lost.
pub fn with_addresses(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(Link { before, tag, inner, after }) = next_link(rest) {
        // Without its tags, which would be shown as brackets.
        out.push_str(before);
        // One that is never closed may end with the space before the next.
        let words = inner.trim_end();
        out.push_str(words);
        let address = href(tag).filter(|address| {
            let shown = address.strip_prefix("mailto:").unwrap_or(address);
            !inner.contains(shown)
                && ["https://", "http://", "mailto:"].iter().any(|way| address.starts_with(way))
        });
        if let Some(address) = address {
            // As it stands in its attribute it is safe as text too, but for brackets.
            let _infallible = write!(out, " ({})", address.replace('<', "&lt;").replace('>', "&gt;"));
        }
        out.push_str(&inner[words.len()..]);
        rest = after;
    }
    out + rest
}

/// A link, with what is around it and without its closing tag.
struct Link<'a> {
    before: &'a str,
    /// Its opening tag.
    tag: &'a str,
    inner: &'a str,
    after: &'a str,
}

/// Where a link ends that is never closed.
const ENDS: [&str; 12] =
    ["</p", "</div", "</li", "</td", "</th", "</tr", "</h", "</ul", "</ol", "</body", "<br", "<p"];

/// The first link.
fn next_link(html: &str) -> Option<Link<'_>> {
    // Of the same length, so that places are the same.
    let lower = html.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let start = from + lower.get(from..)?.find("<a")?;
        let open = start + lower.get(start..)?.find('>')? + 1;
        if !opens(&lower[start..]) {
            from = start + 2;
            continue;
        }
        let (close, skipped) = end(lower.get(open..)?);
        return Some(Link {
            before: html.get(..start)?,
            tag: html.get(start..open)?,
            inner: html.get(open..open + close)?,
            after: html.get(open + close + skipped..)?,
        });
    }
}

/// Whether a link begins here; `<abbr` is none.
fn opens(lower: &str) -> bool {
    lower.strip_prefix("<a").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace()))
}

/// Where what is in a link ends, and how long its closing tag is. One that is not closed before the next one begins
/// ends there, or with the block it is in.
fn end(lower: &str) -> (usize, usize) {
    let next = lower.match_indices("<a").map(|(at, _)| at).find(|at| opens(&lower[*at..]));
    let within = &lower[..next.unwrap_or(lower.len())];
    let closes = within.match_indices("</a").map(|(at, _)| at);
    let mut closes = closes.filter(|at| !lower[at + 3..].starts_with(|c: char| c.is_ascii_alphanumeric()));
    match closes.next() {
        Some(at) => (at, lower[at..].find('>').map_or(lower.len() - at, |length| length + 1)),
        None => (ENDS.iter().filter_map(|tag| within.find(tag)).min().unwrap_or(within.len()), 0),
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
            (
                "never closed",
                r#"<p><a href="https://x.example">open</p><p>more</p>"#,
                "open (https://x.example)\n\nmore",
            ),
            ("the end of all", r#"<a href="https://x.example">open"#, "open (https://x.example)"),
            (
                "never closed before the next",
                r#"<p>See <a href="https://a.example">a <a href="https://b.example">b</a> and c</p>"#,
                "See a (https://a.example) b (https://b.example) and c",
            ),
            (
                "never closed, and one in the next block",
                r#"<div><a href="https://a.example">a</div><div><a href="https://b.example">b</a></div>"#,
                "a (https://a.example)\nb (https://b.example)",
            ),
            (
                "a block within",
                r#"<a href="https://a.example"><div>a</div></a> b"#,
                "a\n(https://a.example) b",
            ),
            ("closed by another tag", r#"<a href="https://a.example">a</abbr></a>"#, "a (https://a.example)"),
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
