//! Content lines of RFC 5545 §3.1: unfolded by octets, split into name, parameters and value, nested into components.
//!
//! Nothing here fails: what cannot be read is a problem with its line, and the rest goes on.

/// One content line. Names are upper case; the value is raw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Property {
    /// The line of the file it starts on, from 1.
    pub line: usize,
    pub name: String,
    params: Vec<(String, String)>,
    pub value: String,
}

/// BEGIN to END.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    pub line: usize,
    pub name: String,
    pub properties: Vec<Property>,
    pub children: Vec<Component>,
    /// What could not be read in it: line and message.
    pub problems: Vec<(usize, String)>,
}

impl Property {
    /// The value of a parameter; of several, as written.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value as TEXT (§3.3.11), its escapes undone.
    #[must_use]
    pub fn text(&self) -> String {
        unescape(&self.value)
    }

    /// The values of a comma-separated list of TEXT.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let mut items = vec![String::new()];
        let mut chars = self.value.chars();
        while let Some(c) = chars.next() {
            match (c, items.last_mut()) {
                (',', _) => items.push(String::new()),
                ('\\', Some(item)) => {
                    item.push(c);
                    item.extend(chars.next());
                }
                (_, Some(item)) => item.push(c),
                (_, None) => {}
            }
        }
        items.iter().map(|item| unescape(item).trim().to_owned()).filter(|item| !item.is_empty()).collect()
    }
}

impl Component {
    /// The first property of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// Every property of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Property> {
        self.properties.iter().filter(move |property| property.name == name)
    }

    /// The first property of a name as one trimmed text; empty counts as absent.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|property| property.text().trim().to_owned()).filter(|text| !text.is_empty())
    }
}

fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, false) => out.push(c),
            (_, true) => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
        }
    }
    out
}

/// Reads a stream into its outermost components.
#[must_use]
pub fn parse(bytes: &[u8]) -> Component {
    let mut root = Component::default();
    let mut open: Vec<Component> = Vec::new();
    for (line, text) in unfold(bytes) {
        let Some(property) = property(line, &text) else {
            let problem = (line, "this line has no name and value; write NAME:VALUE".to_owned());
            open.last_mut().unwrap_or(&mut root).problems.push(problem);
            continue;
        };
        match property.name.as_str() {
            "BEGIN" => {
                let name = property.value.trim().to_ascii_uppercase();
                if let Some(inner) = unclosed(&open, &name) {
                    close(&mut open, &mut root, inner, Some(line));
                }
                open.push(Component { line, name, ..Component::default() });
            }
            "END" => {
                let name = property.value.trim().to_ascii_uppercase();
                let depth = open.iter().rev().position(|component| component.name == name);
                match depth {
                    Some(depth) => {
                        close(&mut open, &mut root, depth, Some(line));
                        close(&mut open, &mut root, 1, None);
                    }
                    None => {
                        root.problems.push((line, format!("END:{name} without its BEGIN; it is passed over")))
                    }
                }
            }
            _ => open.last_mut().unwrap_or(&mut root).properties.push(property),
        }
    }
    let left = open.len();
    close(&mut open, &mut root, left, Some(0));
    root
}

/// How many open components have to end before one can begin: neither a calendar nor an event begins within an event.
fn unclosed(open: &[Component], name: &str) -> Option<usize> {
    let is_entry = |name: &str| matches!(name, "VEVENT" | "VTODO" | "VJOURNAL" | "VFREEBUSY" | "VTIMEZONE");
    let at = open.iter().position(|component| is_entry(&component.name))?;
    (is_entry(name) || name == "VCALENDAR").then_some(open.len() - at)
}

/// Closes the innermost `count` components; `missing` = their END did not come before that line (0: the end of the file).
fn close(open: &mut Vec<Component>, root: &mut Component, count: usize, missing: Option<usize>) {
    for _ in 0..count {
        let Some(mut component) = open.pop() else { return };
        if missing.is_some() {
            let problem = format!("END:{} is missing; it is read as far as it goes", component.name);
            component.problems.push((component.line, problem));
        }
        open.last_mut().unwrap_or(root).children.push(component);
    }
}

/// Joins folded lines as octets, because a fold may split a character (§3.1); gives each with its line number.
fn unfold(bytes: &[u8]) -> Vec<(usize, String)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines: Vec<(usize, Vec<u8>)> = Vec::new();
    for (index, raw) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        match (raw.first(), lines.last_mut()) {
            (None, _) => {}
            (Some(b' ' | b'\t'), Some((_, line))) => line.extend_from_slice(&raw[1..]),
            (Some(_), _) => lines.push((index + 1, raw.to_vec())),
        }
    }
    lines
        .into_iter()
        .map(|(number, line)| (number, String::from_utf8_lossy(&line).into_owned()))
        .filter(|(_, line)| !line.trim().is_empty())
        .collect()
}

/// `NAME;PARAM=value,"quoted;value":VALUE`.
fn property(line: usize, text: &str) -> Option<Property> {
    let end = text.find([';', ':'])?;
    let name = text[..end].trim().to_ascii_uppercase();
    // Apple and others put a group before the name.
    let name = name.rsplit('.').next().unwrap_or_default().to_owned();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return None;
    }
    let mut params = Vec::new();
    let mut rest = &text[end..];
    while let Some(after) = rest.strip_prefix(';') {
        let end = unquoted_end(after)?;
        let (param, value) = after[..end].split_once('=').unwrap_or((&after[..end], ""));
        params.push((param.trim().to_ascii_uppercase(), decode_param(value)));
        rest = &after[end..];
    }
    let value = rest.strip_prefix(':')?.to_owned();
    Some(Property { line, name, params, value })
}

/// Where a parameter ends: at the first `;` or `:` outside quotes.
fn unquoted_end(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (!quoted && (c == ';' || c == ':')).then_some(at)
    })
}

/// Drops the quotes and undoes RFC 6868.
fn decode_param(value: &str) -> String {
    let value = value.replace('"', "");
    if !value.contains('^') {
        return value;
    }
    value.replace("^^", "\u{0}").replace("^n", "\n").replace("^'", "\"").replace('\u{0}', "^")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_unfolded_by_octets() {
        let text = b"\xef\xbb\xbfBEGIN:VEVENT\r\nSUMMARY:Gr\xc3\r\n \xb6\xc3\x9fer\r\n\r\nDESCRIPTION:a\n\tb\nEND:VEVENT\r\n";
        let root = parse(text);
        let event = &root.children[0];
        assert_eq!(event.text("SUMMARY").unwrap(), "Größer");
        assert_eq!(event.text("DESCRIPTION").unwrap(), "ab");
        assert_eq!(event.get("DESCRIPTION").unwrap().line, 5);
        assert!(root.problems.is_empty() && event.problems.is_empty());
    }

    #[test]
    fn parameters_and_escapes() {
        let read = |text: &str| property(1, text).unwrap();
        let start = read("dtstart;VALUE=DATE-TIME;tzid=\"(UTC+01:00) Madrid; Paris\":20260306T230000");
        assert_eq!(start.param("TZID"), Some("(UTC+01:00) Madrid; Paris"));
        assert_eq!(start.value, "20260306T230000");
        assert_eq!(read("X;P=a^nb^^c^'d:v").param("P"), Some("a\nb^c\"d"));
        assert_eq!(read("SUMMARY:a\\, b\\; c\\\\n\\nd: e").text(), "a, b; c\\n\nd: e");
        assert_eq!(read("CATEGORIES:FREEZE, svc:a\\,b,,").texts(), ["FREEZE", "svc:a,b"]);
        assert_eq!(read("item1.URL:https://x").name, "URL");
        for bad in ["no colon", ":value", "NAME;P=\"open:value", "BAD NAME:x"] {
            assert_eq!(property(1, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_missing_end_hides_nothing() {
        let root = parse(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nBEGIN:VALARM\nTRIGGER:x\nBEGIN:VEVENT\nUID:b\njunk\nEND:VEVENT\nEND:VTODO\nBEGIN:VEVENT\nUID:c\n");
        let events: Vec<_> = root.children[0].children.iter().collect();
        let uids: Vec<_> = events.iter().map(|event| event.text("UID").unwrap()).collect();
        assert_eq!(uids, ["a", "b", "c"]);
        assert!(
            events[0]
                .problems
                .iter()
                .any(|(line, text)| *line == 2 && text.contains("END:VEVENT is missing"))
        );
        assert_eq!(events[1].problems[0].0, 8);
        assert!(root.problems[0].1.starts_with("END:VTODO without"));
    }
}
