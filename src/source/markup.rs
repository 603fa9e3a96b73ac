//! HTML, entity-encoded HTML, Atlassian's document format, wiki markup and Textile as plain text.
//!
//! The result still passes through `model::text`, which cleans what could hurt a terminal.

mod links; // addresses of links as text

use std::fmt::Write as _;

use serde_json::Value;

/// Columns at which HTML is laid out; wide, so that the screen breaks the lines and not this.
const COLUMNS: usize = 10_000;

/// HTML as text; text without a tag or an entity stays as it is. What was encoded as a whole is decoded once first.
#[must_use]
pub fn html(text: &str) -> String {
    // First, so that a sequence goes whole: what reads HTML drops its first character alone.
    let text = &*crate::model::text::clean_prose(text);
    if !text.contains(['<', '&']) {
        return text.trim().to_owned();
    }
    // Numbers instead of names: how GLPI stores what was HTML. `&lt;` is a less-than that somebody wrote.
    let encoded = text.contains("&#60;");
    let is_tagged = text.contains('<') && text.contains('>');
    if encoded && !is_tagged {
        let decoded = lay_out(text);
        return if looks_tagged(&decoded) { lay_out(&decoded) } else { decoded };
    }
    lay_out(text)
}

/// A name whose reserved characters were written as entities, once, and nothing else: `R&#38;D &#60;web&#62;` is `R&D <web>`,
/// and `List<T>` stays what it is.
#[must_use]
pub fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let entity = from.get(1..).and_then(|name| name.split_once(';')).map(|(name, _)| name);
        match entity.and_then(|name| Some((name, character(name)?))) {
            Some((name, c)) => {
                out.push(c);
                rest = &from[name.len() + 2..];
            }
            None => {
                out.push('&');
                rest = &from[1..];
            }
        }
    }
    out + rest
}

/// The character of an entity's name, of those that names are written with.
fn character(name: &str) -> Option<char> {
    let number = name.strip_prefix('#');
    let hex = number.and_then(|text| text.strip_prefix(['x', 'X']));
    match (name, number, hex) {
        ("amp", ..) => Some('&'),
        ("lt", ..) => Some('<'),
        ("gt", ..) => Some('>'),
        ("quot", ..) => Some('"'),
        ("apos", ..) => Some('\''),
        ("nbsp", ..) => Some(' '),
        (_, _, Some(hex)) => char::from_u32(u32::from_str_radix(hex, 16).ok()?),
        (_, Some(number), None) => char::from_u32(number.parse().ok()?),
        (_, None, None) => None,
    }
}

fn looks_tagged(text: &str) -> bool {
    text.split('<').skip(1).any(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!') && rest.contains('>')
    })
}

fn lay_out(text: &str) -> String {
    // Bare line ends of a text that is no document would be lost.
    let breaks = !looks_tagged(text);
    let source =
        if breaks { text.replace("\r\n", "\n").replace('\n', "<br>") } else { links::with_addresses(text) };
    let plain = html2text::config::plain_no_decorate().string_from_read(source.as_bytes(), COLUMNS);
    let plain = plain.unwrap_or_else(|_| text.to_owned());
    let lines: Vec<&str> = plain.lines().map(str::trim_end).collect();
    squeeze(&lines.join("\n"))
}

/// At most one empty line in a row, none at the ends.
fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.trim().lines() {
        if line.trim().is_empty() {
            if !empty {
                out.push('\n');
            }
            empty = true;
        } else {
            out.push_str(line);
            out.push('\n');
            empty = false;
        }
    }
    out.trim_end().to_owned()
}

/// Atlassian's document format (ADF) as text; a plain string is taken as it is.
#[must_use]
pub fn adf(value: &Value) -> String {
    let mut out = String::new();
    adf_node(value, "", &mut out);
    squeeze(&out)
}

fn adf_node(node: &Value, indent: &str, out: &mut String) {
    if let Value::String(text) = node {
        out.push_str(text);
        return;
    }
    let kind = node.get("type").and_then(Value::as_str).unwrap_or_default();
    let attr =
        |name: &str| node.pointer(&format!("/attrs/{name}")).and_then(Value::as_str).unwrap_or_default();
    let inner = node.get("content").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    match kind {
        "text" => {
            let text = node.get("text").and_then(Value::as_str).unwrap_or_default();
            out.push_str(text);
            // What a link is about may be said by its address alone.
            if let Some(href) = adf_link(node).filter(|href| *href != text) {
                let _infallible = write!(out, " ({href})");
            }
        }
        "hardBreak" => out.push('\n'),
        "mention" | "status" => out.push_str(attr("text")),
        "emoji" if attr("text").is_empty() => out.push_str(attr("shortName")),
        "emoji" => out.push_str(attr("text")),
        "inlineCard" | "blockCard" | "embedCard" => out.push_str(attr("url")),
        "date" => out.push_str(&adf_date(node)),
        "rule" => out.push_str("\n---\n"),
        "listItem" | "taskItem" => {
            let _infallible = write!(out, "{indent}- ");
            let deeper = format!("{indent}  ");
            inner.iter().for_each(|child| adf_node(child, &deeper, out));
            end_line(out);
        }
        "tableCell" | "tableHeader" => {
            inner.iter().for_each(|child| adf_node(child, indent, out));
            while out.ends_with('\n') {
                out.pop();
            }
            out.push('\t');
        }
        _ => {
            inner.iter().for_each(|child| adf_node(child, indent, out));
            if matches!(kind, "paragraph" | "heading" | "codeBlock" | "tableRow" | "blockquote" | "panel") {
                end_line(out);
            }
            if matches!(kind, "paragraph" | "heading" | "codeBlock") && indent.is_empty() {
                out.push('\n');
            }
        }
    }
}

fn adf_link(node: &Value) -> Option<&str> {
    let marks = node.get("marks")?.as_array()?;
    marks.iter().find(|mark| mark["type"] == "link")?.pointer("/attrs/href")?.as_str()
}

/// A day: midnight in UTC in milliseconds, as a text or a number. What is neither stays as it is.
fn adf_date(node: &Value) -> String {
    let stamp = node.pointer("/attrs/timestamp").unwrap_or(&Value::Null);
    let text = stamp.as_str().map_or_else(|| stamp.to_string(), str::to_owned);
    let day = text.trim().parse().ok().and_then(chrono::DateTime::from_timestamp_millis);
    day.map_or(text, |day| day.format("%Y-%m-%d").to_string())
}

fn end_line(out: &mut String) {
    if !out.ends_with('\n') {
        out.push('\n');
    }
}

/// Text as Atlassian's document format: a paragraph per empty line, a break per line.
#[must_use]
pub fn to_adf(text: &str) -> Value {
    let paragraphs: Vec<Value> = text
        .split("\n\n")
        .map(|paragraph| {
            let mut content = Vec::new();
            for (at, line) in paragraph.lines().enumerate() {
                if at > 0 {
                    content.push(serde_json::json!({ "type": "hardBreak" }));
                }
                if !line.is_empty() {
                    content.push(serde_json::json!({ "type": "text", "text": line }));
                }
            }
            serde_json::json!({ "type": "paragraph", "content": content })
        })
        .collect();
    serde_json::json!({ "type": "doc", "version": 1, "content": paragraphs })
}

/// Text as HTML: nothing in it is markup.
#[must_use]
pub fn to_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("<br>\n"),
            c => out.push(c),
        }
    }
    out
}

/// Jira's wiki markup or Textile as text: the marks that only decorate go, lists and links stay readable.
#[must_use]
pub fn wiki(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // `lines` ends them at CR LF as well as at LF.
    for line in text.lines() {
        out.push_str(&wiki_line(line));
        out.push('\n');
    }
    squeeze(&out)
}

fn wiki_line(line: &str) -> String {
    let start = line.trim_start();
    if let Some(rest) = heading(start) {
        return inline(rest);
    }
    if let Some(rest) = start.strip_prefix("bq. ").or_else(|| start.strip_prefix("p. ")) {
        return inline(rest);
    }
    if matches!(start.trim_end(), "{code}" | "{noformat}" | "{quote}" | "<pre>" | "</pre>")
        || start.starts_with("{code:")
    {
        return String::new();
    }
    let marks = start.chars().take_while(|c| matches!(c, '*' | '#' | '-')).count();
    let (list, rest) = start.split_at(marks);
    if marks > 0 && marks < 6 && rest.starts_with(' ') {
        let bullet = if list.ends_with('#') { "1." } else { "-" };
        return format!("{}{bullet} {}", "  ".repeat(marks - 1), inline(rest.trim_start()));
    }
    inline(line)
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('h')?;
    let digit = rest.chars().next().filter(char::is_ascii_digit)?;
    rest[digit.len_utf8()..].strip_prefix(". ")
}

/// What begins something other than plain text inside a line.
const MARKS: [char; 8] = ['*', '_', '+', '@', '{', '}', '[', '"'];

/// `*bold*`, `_slanted_`, `+added+`, `@code@`, `{{code}}` and links `[words|url]`, `"words":url` inside a line.
fn inline(line: &str) -> String {
    if !line.contains(MARKS) {
        return line.to_owned();
    }
    let mut text = line.replace("{{", "").replace("}}", "");
    while let Some(start) = text.find('[') {
        let Some(length) = text[start..].find(']') else { break };
        let inner = text[start + 1..start + length].to_owned();
        let Some((words, url)) = inner.split_once('|') else {
            // Not a link: shown as it is, and passed over.
            let rest = inline(&text[start + length + 1..]);
            return format!("{}[{inner}]{rest}", strip_marks(&text[..start]));
        };
        text.replace_range(start..=start + length, &format!("{words} ({url})"));
    }
    strip_marks(&textile_links(&text))
}

fn textile_links(text: &str) -> String {
    let Some(at) = text.find("\":http") else { return text.to_owned() };
    let Some(open) = text[..at].rfind('"') else { return text.to_owned() };
    let rest = &text[at + 2..];
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    format!("{}{} ({}){}", &text[..open], &text[open + 1..at], &rest[..end], textile_links(&rest[end..]))
}

/// Takes away pairs of `*`, `_`, `+` and `@` that stand at the edges of words.
fn strip_marks(text: &str) -> String {
    let marks = ['*', '_', '+', '@'];
    if !text.contains(marks) {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut drop = vec![false; chars.len()];
    for mark in marks.into_iter().filter(|mark| text.contains(*mark)) {
        let mut open = None;
        for at in 0..chars.len() {
            if chars[at] != mark {
                continue;
            }
            let before = at.checked_sub(1).map(|at| chars[at]);
            let after = chars.get(at + 1).copied();
            let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != mark);
            let inside = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && c != mark);
            match open {
                None if edge(before) && inside(after) => open = Some(at),
                Some(start) if inside(before) && edge(after) => {
                    drop[start] = true;
                    drop[at] = true;
                    open = None;
                }
                _ => {}
            }
        }
    }
    chars.iter().zip(&drop).filter(|(_, drop)| !**drop).map(|(c, _)| *c).collect()
}

/// Text as Markdown (GitHub, GitLab): nothing in it is markup, mentions anybody, or is carried out as a quick action.
#[must_use]
pub fn to_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let mut fresh = true;
        for c in line.trim_start().chars() {
            let digits_before = || !fresh && line.trim_start().starts_with(|c: char| c.is_ascii_digit());
            let special = match c {
                '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '@' | '&'
                | '$' | '!' | '^' | ':' => true,
                '/' | '+' | '-' | '=' | '%' => fresh,
                '.' | ')' => digits_before(),
                _ => false,
            };
            if special {
                out.push('\\');
            }
            out.push(c);
            fresh = false;
        }
        match lines.get(at + 1) {
            // A line end alone is a blank to Markdown.
            Some(next) if !line.trim().is_empty() && !next.trim().is_empty() => out.push_str("\\\n"),
            Some(_) => out.push('\n'),
            None => {}
        }
    }
    out
}

/// As [`to_markdown`], for GitHub, which looks for names and numbers in what comes out: a backslash keeps nobody from being
/// mentioned, something unseen between the sign and the name does.
#[must_use]
pub fn to_github(text: &str) -> String {
    to_markdown(text).replace("\\@", "@<!-- -->").replace("\\#", "\\#<!-- -->")
}

/// Markdown as text: HTML goes, escapes are resolved, the marks stay as people type them.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek().copied()) {
            ('\\', Some(next)) if next.is_ascii_punctuation() => {
                out.push(next);
                chars.next();
            }
            ('\\', Some('\n')) => {}
            ('<', Some('!')) => skip_comment(&mut chars, &mut out),
            ('\r', _) => {}
            (c, _) => out.push(c),
        }
    }
    out.trim().to_owned()
}

/// `<!-- … -->`, which nobody sees.
fn skip_comment(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let rest: String = chars.clone().collect();
    match rest.strip_prefix("!--").and_then(|inner| inner.find("-->")) {
        Some(length) => {
            let gone = rest[..3 + length + 3].chars().count();
            chars.by_ref().take(gone).for_each(drop);
        }
        None => out.push('<'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_of_adf_that_are_no_text_say_what_they_show() {
        let date = |stamp: Value| serde_json::json!({ "type": "date", "attrs": { "timestamp": stamp } });
        let link = |text: &str| {
            serde_json::json!({ "type": "text", "text": text,
                "marks": [{ "type": "strong" }, { "type": "link", "attrs": { "href": "https://x.example/p" } }] })
        };
        for (row, node, want) in [
            ("a day", date("1796083200000".into()), "2026-12-01"),
            ("a day as a number", date(1_796_083_200_000_i64.into()), "2026-12-01"),
            ("no day", date("soon".into()), "soon"),
            (
                "a status",
                serde_json::json!({ "type": "status", "attrs": { "text": "BLOCKED", "color": "red" } }),
                "BLOCKED",
            ),
            ("an emoji", serde_json::json!({ "type": "emoji", "attrs": { "shortName": ":ok:" } }), ":ok:"),
            ("a link", link("the plan"), "the plan (https://x.example/p)"),
            ("a link that is its own address", link("https://x.example/p"), "https://x.example/p"),
        ] {
            let doc =
                serde_json::json!({ "type": "doc", "content": [{ "type": "paragraph", "content": [node] }] });
            assert_eq!(adf(&doc), want, "{row}");
        }
    }

    #[test]
    fn what_goes_out_as_markdown_comes_back_as_it_was_and_does_nothing_there() {
        for text in [
            "/close\n/approve now",
            "@all see #12, !3 and &4 at 12:30 :+1:",
            "<b>not bold</b> *nor* _this_ `code` [x](y) ~~z~~ \\ ${x} {{y}}",
            "1. one\n2) two\n- three\n+ four\n# five\n\n> six\n---\n===",
            "[quorate 3f9c0a1b2c3d4e5f]",
        ] {
            let written = to_markdown(text);
            assert_eq!(markdown(&written), text, "{written}");
            for line in written.lines() {
                assert!(!line.starts_with(['/', '-', '+', '#', '>', '=']), "{written}");
            }
            assert!(!written.contains("@all") || written.contains("\\@all"), "{written}");
            let written = to_github(text);
            assert_eq!(markdown(&written), text, "{written}");
            assert!(!written.contains("@all") && !written.contains("#12"), "{written}");
        }
        assert_eq!(markdown("a <!-- hidden --> b <!-- open"), "a  b <!-- open");
        assert_eq!(markdown("one\r\ntwo"), "one\ntwo");
    }

    #[test]
    fn html_becomes_the_text_a_person_sees() {
        for (row, html_text, want) in [
            ("plain", "no tags, 3 > 2? a\nb", "no tags, 3 > 2? a\nb"),
            ("entities alone", "R&amp;D\nnext", "R&D\nnext"),
            ("paragraphs", "<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
            ("scripts vanish", "<p>ok</p><script>alert(1)</script><style>p{}</style>", "ok"),
            ("encoded as a whole", "&#60;p&#62;Upgrade &#38;amp; test&#60;/p&#62;", "Upgrade & test"),
            ("encoded less-than is text", "a &lt; b", "a < b"),
            ("escape sequences", "<p>red\u{1b}[31m</p>", "red"),
            ("lists", "<ul><li>a</li><li>b</li></ul>", "* a\n* b"),
        ] {
            assert_eq!(html(html_text), want, "{row}");
        }
    }

    #[test]
    fn a_document_of_atlassian_becomes_text_and_text_a_document() {
        let document = serde_json::json!({"type":"doc","version":1,"content":[
            {"type":"heading","content":[{"type":"text","text":"Plan"}]},
            {"type":"paragraph","content":[{"type":"text","text":"Move "},{"type":"mention","attrs":{"text":"@ana"}},
                {"type":"hardBreak"},{"type":"text","text":"then check"}]},
            {"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"one"}]}]},
                {"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"two"}]}]}]}]});
        assert_eq!(adf(&document), "Plan\n\nMove @ana\nthen check\n\n- one\n- two");
        assert_eq!(adf(&serde_json::json!("just text")), "just text");
        for text in ["one\ntwo\n\nthree", "x"] {
            assert_eq!(adf(&to_adf(text)), text);
        }
    }

    #[test]
    fn what_goes_out_as_html_comes_back_as_it_was() {
        for text in ["<script>x</script> & \"y\"", "a\nb\n\nc < d"] {
            assert_eq!(html(&to_html(text)), text);
        }
    }

    #[test]
    fn wiki_marks_go_and_words_stay() {
        for (row, text, want) in [
            ("heading", "h2. Steps", "Steps"),
            (
                "bold and slanted",
                "*now* and _then_, a*b, snake_case_name",
                "now and then, a*b, snake_case_name",
            ),
            ("list", "* one\n** two\n# three", "- one\n  - two\n1. three"),
            ("link", "see [the plan|https://x.example/p] now", "see the plan (https://x.example/p) now"),
            ("no link", "array[0] stays [sic]", "array[0] stays [sic]"),
            ("textile link", "see \"plan\":https://x.example now", "see plan (https://x.example) now"),
            ("code", "run {{ls}} and @pwd@", "run ls and pwd"),
            ("windows lines", "a\r\nb", "a\nb"),
        ] {
            assert_eq!(wiki(text), want, "{row}");
        }
    }

    #[test]
    fn entities_of_a_name_are_read_once_and_nothing_of_it_is_a_tag() {
        for (text, want) in [
            ("R&#38;D &#60;web&#62; 02", "R&D <web> 02"),
            ("R&amp;D &lt;web&gt; 02", "R&D <web> 02"),
            ("List<T>", "List<T>"),
            ("List&#60;T&#62;", "List<T>"),
            ("<b>not bold</b>", "<b>not bold</b>"),
            ("AT&T; R&D", "AT&T; R&D"),
            ("once: &#38;lt;", "once: &lt;"),
            ("&#x26; &#xZZ; &#1114112; &", "& &#xZZ; &#1114112; &"),
            ("é&#38;ü", "é&ü"),
            ("", ""),
        ] {
            assert_eq!(decoded(text), want, "{text}");
        }
    }
}
