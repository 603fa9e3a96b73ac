//! Messages written to disk: texts behind each other in a file, and a calendar file for each item and audience.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use futures::future::LocalBoxFuture;

use super::{Channel, Content, Delivered, Parcel};
use crate::{
    model::{Audience, Line, Person},
    report::ics,
};

/// A file that texts are written behind each other in.
pub struct File(pub PathBuf);

/// A directory of calendar files, for whoever shows them.
pub struct Calendar(pub PathBuf);

fn place(path: &Path) -> Vec<Line> {
    vec![Line::new(&path.display().to_string())]
}

/// What became of writing.
fn written(done: io::Result<()>, path: &Path) -> Delivered {
    match done {
        Ok(()) => Delivered::Accepted(Line::new("written")),
        Err(error) => {
            let words = Line::new(&format!("{} cannot be written: {error}", path.display()));
            Delivered::Refused { words, for_good: false }
        }
    }
}

impl Channel for File {
    fn to(&self, _: &Audience) -> Result<Vec<Line>, Line> {
        Ok(place(&self.0))
    }

    fn to_person(&self, _: &Person) -> Result<Vec<Line>, Line> {
        Ok(place(&self.0))
    }

    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Delivered> {
        let path = self.0.clone();
        Box::pin(async move {
            let text = format!("{}\n\n-- {} {}\n\n", parcel.text.as_str(), parcel.now, parcel.thread);
            let append =
                || OpenOptions::new().create(true).append(true).open(&path)?.write_all(text.as_bytes());
            written(append(), &path)
        })
    }
}

impl Channel for Calendar {
    fn to(&self, _: &Audience) -> Result<Vec<Line>, Line> {
        Ok(place(&self.0))
    }

    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Delivered> {
        let directory = self.0.clone();
        Box::pin(async move {
            let Some(text) = parcel.calendar() else {
                return Delivered::Accepted(Line::new("not written: it has no planned times"));
            };
            let plain = |c: char| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' };
            let name: String = parcel.thread.chars().map(plain).collect();
            let path = directory.join(format!("{name}.ics"));
            // Whoever reads it meanwhile sees the one before, whole.
            let aside = directory.join(format!(".{name}.new"));
            let write = || fs::write(&aside, text).and_then(|()| fs::rename(&aside, &path));
            written(write(), &path)
        })
    }
}

impl Parcel {
    /// The item as an entry of a calendar; `None` where it has no planned times, or it is about several.
    #[must_use]
    pub fn calendar(&self) -> Option<String> {
        let Content::Item { message, .. } = &self.content else { return None };
        let (subject, text) = self.parts();
        ics::told(&ics::Told {
            unique: &self.thread,
            sequence: self.before,
            outlook: &message.outlook,
            subject,
            text,
            now: self.now,
        })
    }
}
