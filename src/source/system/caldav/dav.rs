//! The multistatus answers of WebDAV (RFC 4918 §13): what is said about each resource, whatever prefixes are used.

use roxmltree::{Document, Node, ParsingOptions};

const DAV: &str = "DAV:";
const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
const SERVER: &str = "http://calendarserver.org/ns/";

/// What is said about one resource; only what was found (200) counts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Resource {
    pub href: String,
    /// Of the resource as a whole, where one is given: 404, 507.
    pub status: Option<u16>,
    /// Whether it is a calendar collection.
    pub calendar: bool,
    /// Moves when anything in the collection does.
    pub ctag: Option<String>,
    /// The same, of RFC 6578.
    pub sync: Option<String>,
    pub etag: Option<String>,
    /// The iCalendar text.
    pub data: Option<String>,
}

/// Reads an answer. A DTD is never read, so nothing expands.
///
/// # Errors
/// What is wrong with it, in words that fit a terminal.
pub fn read(bytes: &[u8]) -> Result<Vec<Resource>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    // Servers pass on what is in an event; one control character would hide the whole calendar.
    let text = text.replace(|c: char| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r'), " ");
    let options = ParsingOptions { nodes_limit: 5_000_000, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text.trim_start_matches('\u{feff}').trim_start(), options)
        .map_err(|error| crate::model::text::clean_line(&error.to_string()).into_owned())?;
    let root = document.root_element();
    if !root.has_tag_name((DAV, "multistatus")) {
        return Err("it is no multistatus".to_owned());
    }
    Ok(root.children().filter(|node| node.has_tag_name((DAV, "response"))).map(resource).collect())
}

fn resource(response: Node<'_, '_>) -> Resource {
    let mut found = Resource {
        href: child(response, DAV, "href").unwrap_or_default(),
        status: child(response, DAV, "status").as_deref().and_then(status),
        ..Resource::default()
    };
    for part in response.children().filter(|node| node.has_tag_name((DAV, "propstat"))) {
        let is_found = child(part, DAV, "status").as_deref().and_then(status).is_none_or(|code| code == 200);
        let Some(prop) = part.children().find(|node| node.has_tag_name((DAV, "prop"))).filter(|_| is_found)
        else {
            continue;
        };
        let kind = prop.children().find(|node| node.has_tag_name((DAV, "resourcetype")));
        found.calendar |=
            kind.is_some_and(|kind| kind.children().any(|node| node.has_tag_name((CALDAV, "calendar"))));
        for (place, space, name) in [
            (&mut found.ctag, SERVER, "getctag"),
            (&mut found.sync, DAV, "sync-token"),
            (&mut found.etag, DAV, "getetag"),
            (&mut found.data, CALDAV, "calendar-data"),
        ] {
            *place = child(prop, space, name).or(place.take());
        }
    }
    found
}

/// The text of a child, whatever pieces it comes in; `None` where it is empty.
fn child(node: Node<'_, '_>, space: &str, name: &str) -> Option<String> {
    let found = node.children().find(|child| child.has_tag_name((space, name)))?;
    let text: String = found.descendants().filter(Node::is_text).filter_map(|piece| piece.text()).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The code of a status line: `HTTP/1.1 200 OK`.
fn status(line: &str) -> Option<u16> {
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whatever_its_prefixes_and_pieces() {
        let text = r#"<?xml version="1.0"?>
<multistatus xmlns="DAV:" xmlns:x="urn:ietf:params:xml:ns:caldav" xmlns:cs="http://calendarserver.org/ns/">
 <response><href>/a/</href><propstat><prop><resourcetype><collection/><x:calendar/></resourcetype>
  <cs:getctag>t1</cs:getctag></prop><status>HTTP/1.1 200 OK</status></propstat>
  <propstat><prop><getetag>no</getetag></prop><status>HTTP/1.1 404 Not Found</status></propstat></response>
 <response><href>/a/1.ics</href><propstat><prop><getetag>"e"</getetag>
  <x:calendar-data>BEGIN:VCALENDAR&#13;
<![CDATA[SUMMARY:5 < 6 & 7]]>
END:VCALENDAR</x:calendar-data></prop><status>HTTP/1.1 200 OK</status></propstat></response>
 <response><href>/a/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>
</multistatus>"#;
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(read.len(), 3);
        assert!(read[0].calendar);
        assert_eq!((read[0].ctag.as_deref(), read[0].etag.as_deref()), (Some("t1"), None), "404 is not said");
        assert_eq!(read[1].etag.as_deref(), Some("\"e\""));
        assert!(read[1].data.as_deref().unwrap().contains("\nSUMMARY:5 < 6 & 7\n"), "{:?}", read[1].data);
        assert_eq!(read[2].status, Some(507));
    }

    #[test]
    fn what_is_no_answer_says_so() {
        for (row, text, want) in [
            ("another document", "<feed/>", "no multistatus"),
            ("another name space", "<multistatus/>", "no multistatus"),
            ("JSON", "{}", "1:1"),
            ("broken off", "<multistatus xmlns=\"DAV:\"><response>", ""),
            ("a bomb", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "DTD"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.contains(want), "{row}: {error}");
        }
        assert!(read(&[0xff, 0xfe]).unwrap_err().contains("UTF-8"));
    }
}
