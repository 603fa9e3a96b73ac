//! Canonical JSON (RFC 8785) for what the log holds: keys sorted, no spaces, whole numbers below 2^53, no fractions.

use serde::Serialize;
use serde_json::{Map, Number, Value};

/// Why a value has no canonical form here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    #[error("{0} is no whole number below 2^53; write it as a text")]
    Number(String),
    #[error("it cannot be written as JSON: {0}")]
    Json(String),
}

const LIMIT: u64 = 1 << 53;

/// The canonical bytes of a value.
///
/// # Errors
/// When it holds a fraction or a number of 2^53 and more.
pub fn canonical(value: &impl Serialize) -> Result<Vec<u8>, NotCanonical> {
    let value = serde_json::to_value(value).map_err(|e| NotCanonical::Json(e.to_string()))?;
    let mut out = Vec::with_capacity(512);
    write(&value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(true) => out.extend(b"true"),
        Value::Bool(false) => out.extend(b"false"),
        Value::Number(number) => out.extend(whole(number)?.bytes()),
        Value::String(text) => write_text(text, out)?,
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(map) => write_map(map, out)?,
    }
    Ok(())
}

fn write_map(map: &Map<String, Value>, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    let mut keys: Vec<(&String, &Value)> = map.iter().collect();
    // RFC 8785 sorts by UTF-16 code units; for ASCII keys that is their bytes.
    keys.sort_unstable_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push(b'{');
    for (at, (key, value)) in keys.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_text(key, out)?;
        out.push(b':');
        write(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// `serde_json` escapes exactly what RFC 8785 escapes, in the same way.
fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    serde_json::to_writer(out, text).map_err(|e| NotCanonical::Json(e.to_string()))
}

fn whole(number: &Number) -> Result<String, NotCanonical> {
    let fits = number
        .as_u64()
        .map_or_else(|| number.as_i64().is_some_and(|n| n.unsigned_abs() < LIMIT), |n| n < LIMIT);
    if fits { Ok(number.to_string()) } else { Err(NotCanonical::Number(number.to_string())) }
}

/// Whether these bytes are what [`canonical`] writes: no spaces, keys sorted and once, numbers and escapes in their one
/// form. Reads them once and keeps nothing but the keys in whose objects it is.
#[must_use]
pub fn is_canonical(bytes: &[u8]) -> bool {
    let mut at = Scan { bytes, at: 0 };
    at.value(0).is_some() && at.at == bytes.len()
}

/// Deeper than any event: what nests more is not ours.
const DEEPEST: usize = 64;

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.bytes.get(self.at..)?.starts_with(word).then(|| self.at += word.len())
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek().filter(|_| depth < DEEPEST)? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => self.text().map(drop),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    fn list(&mut self, depth: usize) -> Option<()> {
        self.eat(b'[')?;
        if self.eat(b']').is_some() {
            return Some(());
        }
        loop {
            self.value(depth + 1)?;
            if self.eat(b',').is_none() {
                return self.eat(b']');
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.eat(b'{')?;
        if self.eat(b'}').is_some() {
            return Some(());
        }
        let mut before: Option<&[u8]> = None;
        loop {
            let key = self.text()?;
            // The keys of the log are ASCII: their bytes sort as RFC 8785 asks. Others are compared as it says.
            if before.is_some_and(|before| !precedes(before, key)) {
                return None;
            }
            before = Some(key);
            self.eat(b':')?;
            self.value(depth + 1)?;
            if self.eat(b',').is_none() {
                return self.eat(b'}');
            }
        }
    }

    /// A text as `serde_json` writes it: what may stand as it is does, the rest has its short escape or `\u00xx`.
    fn text(&mut self) -> Option<&'a [u8]> {
        self.eat(b'"')?;
        let from = self.at;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => {
                    self.at += 1;
                    match self.peek()? {
                        b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
                        b'u' => self.control()?,
                        _ => return None,
                    }
                }
                0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
        let text = self.bytes.get(from..self.at)?;
        self.at += 1;
        std::str::from_utf8(text).ok().map(|_| text)
    }

    /// `u00xx` in lower case, of a control character that has no short escape.
    fn control(&mut self) -> Option<()> {
        let digits = self.bytes.get(self.at..self.at + 5)?;
        let code = std::str::from_utf8(digits.strip_prefix(b"u")?).ok()?;
        let number = u8::try_from(u16::from_str_radix(code, 16).ok()?).ok()?;
        let plain = code.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let short = matches!(number, 8 | 9 | 10 | 12 | 13);
        (plain && number < 0x20 && !short).then(|| self.at += 5)
    }

    fn number(&mut self) -> Option<()> {
        let from = self.at;
        let negative = self.eat(b'-').is_some();
        let digits = self.bytes.get(self.at..)?.iter().take_while(|b| b.is_ascii_digit()).count();
        self.at += digits;
        let text = std::str::from_utf8(self.bytes.get(from..self.at)?).ok()?;
        let number: i64 = text.parse().ok()?;
        let fits = number.unsigned_abs() < LIMIT && !(negative && number == 0);
        (fits && number.to_string() == text).then_some(())
    }
}

/// Whether a key stands before another, both as they are written.
fn precedes(a: &[u8], b: &[u8]) -> bool {
    if a.is_ascii() && b.is_ascii() && !a.contains(&b'\\') && !b.contains(&b'\\') {
        return a < b;
    }
    let read = |key: &[u8]| -> Option<Vec<u16>> {
        let quoted = [b"\"", key, b"\""].concat();
        let text: String = serde_json::from_slice(&quoted).ok()?;
        Some(text.encode_utf16().collect())
    };
    matches!((read(a), read(b)), (Some(a), Some(b)) if a < b)
}
