//! `i`: a file is read, what it would change is said, and `y` imports it. CSV and workbooks go by a column map, or by the
//! one their header proposes; then the zone of their times is asked for.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use ratatui::{buffer::Buffer, layout::Rect};

use crate::hub::{DateOrder, EITHER_ORDER, Format, Told};
use crate::tui::{
    app::{Effect, Errand, Files, Reply, Shared, Ticket},
    input::{Action, Key, Place},
    theme::Role,
    view::{
        Popup, refusal,
        widget::{LineInput, Pen, centred, dialog_box, wrap},
    },
};

/// How far it has come.
#[derive(Debug, Default)]
enum Stage {
    #[default]
    Path,
    /// The column map of a CSV file; blank = by its header.
    Map,
    /// The zone of times that name none, where there is no map.
    Zone,
    /// Whether dates begin with the day or the month, where the file does not tell.
    Order,
    /// The file is being read.
    Reading(Ticket),
    /// What it would change.
    Ready(String),
    Sending(Ticket),
}

/// The dialog.
#[derive(Debug, Default)]
pub struct Import {
    path: LineInput,
    map: LineInput,
    zone: LineInput,
    order: LineInput,
    stage: Stage,
    fault: Option<String>,
    /// The file as it was read for what is shown.
    read: Arc<OnceLock<Files>>,
}

impl Import {
    fn is_csv(&self) -> bool {
        Format::of(self.path.as_str().trim()) == Format::Csv
    }

    fn send(&self, shared: &mut Shared, dry_run: bool) -> Ticket {
        let ticket = shared.ticket(if dry_run { Errand::Asking } else { Errand::Sending });
        let map = (self.is_csv() && named(&self.map)).then(|| file(&self.map));
        let said = (self.is_csv() && named(&self.zone)).then(|| self.zone.as_str().trim().to_owned());
        let told = Told { zone: said, order: self.said_order() };
        let zone = shared.zones.mine;
        shared.effect(Effect::Import {
            ticket,
            path: file(&self.path),
            map,
            told,
            zone,
            dry_run,
            read: Arc::clone(&self.read),
        });
        ticket
    }

    /// The order of day and month that was typed.
    fn said_order(&self) -> Option<DateOrder> {
        let word = self.order.as_str().trim().to_lowercase();
        match word.as_str() {
            "" => None,
            word if "day-first".starts_with(word) => Some(DateOrder::DayFirst),
            word if "month-first".starts_with(word) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    /// Asks for what is missing, then reads the file without writing anything.
    fn go_on(&mut self, shared: &mut Shared) {
        self.fault = None;
        self.stage = match self.stage {
            Stage::Path if !named(&self.path) => Stage::Path,
            Stage::Path if self.is_csv() => {
                if !named(&self.map) {
                    // A map beside its file is the likely one.
                    let path = self.path.as_str().trim();
                    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
                    let beside = LineInput::new(&format!("{stem}.map.toml"));
                    if file(&beside).is_file() {
                        self.map = beside;
                    }
                }
                Stage::Map
            }
            Stage::Map if !named(&self.map) => {
                if !named(&self.zone) {
                    self.zone = LineInput::new(shared.zones.mine.name());
                }
                Stage::Zone
            }
            Stage::Order if self.said_order().is_none() => {
                self.fault = Some("write day or month".to_owned());
                Stage::Order
            }
            _ => {
                self.read = Arc::default();
                Stage::Reading(self.send(shared, true))
            }
        };
    }

    fn line(&mut self) -> Option<&mut LineInput> {
        match self.stage {
            Stage::Path => Some(&mut self.path),
            Stage::Map => Some(&mut self.map),
            Stage::Zone => Some(&mut self.zone),
            Stage::Order => Some(&mut self.order),
            Stage::Reading(_) | Stage::Ready(_) | Stage::Sending(_) => None,
        }
    }
}

fn named(line: &LineInput) -> bool {
    !line.as_str().trim().is_empty()
}

/// A path as typed; `~/` is the home directory.
fn file(line: &LineInput) -> PathBuf {
    let text = line.as_str().trim();
    match (text.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(text),
    }
}

impl Popup for Import {
    fn places(&self) -> &'static [Place] {
        match self.stage {
            Stage::Path | Stage::Map | Stage::Zone | Stage::Order => &[Place::Form],
            Stage::Reading(_) | Stage::Ready(_) | Stage::Sending(_) => &[Place::Sending],
        }
    }

    fn takes_text(&self) -> bool {
        matches!(self.stage, Stage::Path | Stage::Map | Stage::Zone | Stage::Order)
    }

    fn guarded(&self) -> bool {
        !self.takes_text()
    }

    fn disabled(&self, _shared: &Shared, action: Action) -> Option<String> {
        match action {
            Action::Send if !matches!(self.stage, Stage::Ready(_)) => {
                Some("the file is still being read".to_owned())
            }
            _ => None,
        }
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (action, &self.stage) {
            (Action::Enter, Stage::Path | Stage::Map | Stage::Zone | Stage::Order) => self.go_on(shared),
            (Action::Send, Stage::Ready(_)) => self.stage = Stage::Sending(self.send(shared, false)),
            (Action::Back, Stage::Ready(_) | Stage::Map | Stage::Zone | Stage::Order) => {
                self.stage = Stage::Path;
            }
            (Action::Back, Stage::Reading(ticket)) => {
                shared.give_up(*ticket);
                self.stage = Stage::Path;
            }
            (Action::Complete | Action::Enter, _) => {}
            _ => return false,
        }
        true
    }

    fn key(&mut self, _shared: &mut Shared, key: Key) {
        if let Some(line) = self.line() {
            line.key(key);
        }
    }

    fn paste(&mut self, _shared: &mut Shared, text: &str) {
        if let Some(line) = self.line() {
            line.paste(text.trim());
        }
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        let mine = matches!(self.stage, Stage::Reading(at) | Stage::Sending(at) if at == ticket);
        if !mine {
            return false;
        }
        match (reply, &self.stage) {
            (Reply::Done(receipt), Stage::Reading(_)) => self.stage = Stage::Ready(receipt.said.clone()),
            (Reply::Done(_), _) => shared.close(),
            (Reply::Refused(problem), _) if problem.title.contains(EITHER_ORDER) => {
                let cell = problem.title.split(EITHER_ORDER).next().unwrap_or_default();
                self.fault = Some(format!("{cell}{EITHER_ORDER}: write day or month."));
                self.stage = Stage::Order;
            }
            (Reply::Refused(problem), _) => {
                self.fault = Some(refusal(problem));
                self.stage = Stage::Path;
            }
            (Reply::Answer(_), _) => {}
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let inner = dialog_box(buf, look, centred(area, 76, 20), "Import a file");
        Pen::new(buf, look, inner, 0)
            .put("A board file (.json), a table (.csv, .xlsx), iCalendar (.ics):", look.muted());
        let line = Rect { x: inner.x + 6, width: inner.width.saturating_sub(6), ..inner };
        Pen::new(buf, look, inner, 1).put("file  ", look.muted());
        self.path.draw(buf, look, line, 1, matches!(self.stage, Stage::Path));
        if self.is_csv() && !matches!(self.stage, Stage::Path) {
            Pen::new(buf, look, inner, 2).put("map   ", look.muted());
            self.map.draw(buf, look, line, 2, matches!(self.stage, Stage::Map));
            if !named(&self.map) && !matches!(self.stage, Stage::Map) {
                Pen::new(buf, look, inner, 3).put("zone  ", look.muted());
                self.zone.draw(buf, look, line, 3, matches!(self.stage, Stage::Zone));
            }
            if named(&self.order) || matches!(self.stage, Stage::Order) {
                Pen::new(buf, look, inner, 4).put("dates ", look.muted());
                self.order.draw(buf, look, line, 4, matches!(self.stage, Stage::Order));
            }
        }
        let (send, back) = (shared.keymap.shown(Action::Send), shared.keymap.shown(Action::Back));
        let last = inner.height.saturating_sub(1);
        let (words, style) = match (&self.stage, &self.fault) {
            (Stage::Path | Stage::Map | Stage::Zone | Stage::Order, Some(fault)) => {
                (fault.clone(), look.word(Role::Bad))
            }
            (Stage::Path, None) => {
                ("Records are added and changed by their ids; nothing is deleted.".to_owned(), look.muted())
            }
            (Stage::Map, None) => (
                "The column map says which column is what (TOML). Blank: it is read off the table's header."
                    .to_owned(),
                look.muted(),
            ),
            (Stage::Zone, None) => {
                ("The zone that times without an offset are written in.".to_owned(), look.muted())
            }
            (Stage::Order, None) => (
                "Whether its dates begin with the day or with the month: day or month.".to_owned(),
                look.muted(),
            ),
            (Stage::Reading(_), _) => ("reading it; nothing is written yet".to_owned(), look.muted()),
            (Stage::Ready(said), _) => (said.clone(), look.text()),
            (Stage::Sending(_), _) => ("importing".to_owned(), look.muted()),
        };
        let lines = words.lines().flat_map(|line| wrap(line, usize::from(inner.width)));
        for (row, line) in (6..last).zip(lines) {
            Pen::new(buf, look, inner, row).put(&line, style);
        }
        let mut pen = Pen::new(buf, look, inner, last);
        match self.stage {
            Stage::Path | Stage::Map | Stage::Zone | Stage::Order => {
                pen.put(&shared.keymap.shown(Action::Enter), look.key())
                    .text(" says what it would change    ");
            }
            Stage::Ready(_) => {
                pen.put(&send, look.key()).text(" imports it    ");
            }
            Stage::Reading(_) | Stage::Sending(_) => {}
        }
        pen.put(&back, look.key()).text(" back");
    }
}
