//! Frames of the whole screen: the first one, and a key in a long queue, at 160×45.

use std::sync::Arc;

use quorate::{
    calendar::Zone,
    config::CalendarSettings,
    model::time::DAY,
    tui::{
        app::{At, Message, Options, State, Zones},
        glyph::UNICODE,
        input::Keymap,
        theme::{Look, Styles},
    },
    wire::Snapshot,
};
use ratatui::{
    Terminal,
    backend::TestBackend,
    crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers},
    layout::Size,
};

use super::{Dice, START, row};

fn snapshot(n: u64) -> Arc<Snapshot> {
    let mut dice = Dice(7);
    let mut snapshot = Snapshot::empty(START.plus(180 * DAY));
    snapshot.activities =
        (0..n).map(|at| row(at, &mut dice)).map(|row| (row.id.clone(), Arc::new(row))).collect();
    Arc::new(snapshot)
}

fn state(snapshot: &Arc<Snapshot>) -> (State, At) {
    let zone = Zone::named("Europe/Madrid").unwrap();
    let options = Options {
        look: Look { styles: Styles::plain(), glyphs: &UNICODE },
        theme: None,
        asked_background: false,
        keymap: Keymap::default(),
        zones: Zones::new(zone, None, Zone::UTC),
        read_only: None,
        size: Size::new(160, 45),
        wall: None,
        session: [7; 16],
        calendar: CalendarSettings::default(),
    };
    let at = At { now: snapshot.now, moment: tokio::time::Instant::now() };
    (State::new(options, Arc::clone(snapshot), at), at)
}

/// From a snapshot to a whole first frame.
#[divan::bench(args = [10_000, 100_000], sample_count = 20, sample_size = 1)]
fn first_frame(bencher: divan::Bencher<'_, '_>, n: u64) {
    let snapshot = snapshot(n);
    bencher.bench_local(|| {
        let mut terminal = Terminal::new(TestBackend::new(160, 45)).unwrap();
        let (mut state, _) = state(&snapshot);
        terminal.draw(|frame| state.draw(frame)).unwrap();
    });
}

fn keys(bencher: divan::Bencher<'_, '_>, n: u64, screen: char, keys: [char; 2]) {
    let snapshot = snapshot(n);
    let mut terminal = Terminal::new(TestBackend::new(160, 45)).unwrap();
    let (mut state, at) = state(&snapshot);
    let mut press = |key: char| {
        let key = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
        drop(state.update(Message::Input(Event::Key(key)), at));
        terminal.draw(|frame| state.draw(frame)).unwrap();
    };
    press(screen);
    let mut at = 0;
    bencher.bench_local(|| {
        press(keys[at % 2]);
        at += 1;
    });
}

/// `j` and `k` in the queue: key to frame.
#[divan::bench(args = [10_000, 100_000], sample_count = 200, sample_size = 1)]
fn key_in_the_queue(bencher: divan::Bencher<'_, '_>, n: u64) {
    keys(bencher, n, '3', ['j', 'k']);
}

/// From one screen to another and back.
#[divan::bench(args = [10_000, 100_000], sample_count = 100, sample_size = 1)]
fn screen_switch(bencher: divan::Bencher<'_, '_>, n: u64) {
    keys(bencher, n, '1', ['2', '1']);
}
