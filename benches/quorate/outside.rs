//! What the program costs from outside: the built binary, run as a person or a pipeline runs it.
//!
//! `cargo bench --bench quorate -- outside` makes boards of 10,000 and 100,000 activities in a temporary directory and prints
//! a table: time, CPU and peak memory of an import and of single verbs, the first frame in a terminal of its own, and what
//! the terminal UI then holds by itself; sizes of the program and of what lies beside a board. Beside each stands what it
//! is held against. CPU is what can be compared where others use the machine.

use std::{
    fmt::Write as _,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use quorate::{
    hub::Clock,
    model::time::{DAY, HOUR, MINUTE},
};

use super::Dice;

/// The program, built as the bench is.
const PROGRAM: &str = env!("CARGO_BIN_EXE_quorate");

/// The end of a synchronized update: a whole frame stands.
const FRAME: &[u8] = b"\x1b[?2026l";

/// How long anything may take before the table says that it did not come.
const PATIENCE: Duration = Duration::from_secs(120);

/// A home in which nothing else lies.
struct Home(tempfile::TempDir);

impl Home {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn environment(&self) -> [(&'static str, PathBuf); 5] {
        let here = |name: &str| self.path(name);
        [
            ("HOME", here("home")),
            ("XDG_DATA_HOME", here("data")),
            ("XDG_CONFIG_HOME", here("config")),
            ("XDG_STATE_HOME", here("state")),
            ("XDG_CACHE_HOME", here("cache")),
        ]
    }
}

/// A board file of so many activities around now, of which sixty changes wait for a decision.
fn board_file(activities: u64) -> String {
    let mut dice = Dice(7);
    let now = Clock::System.now();
    let services = (activities / 7).max(50);
    let mut text = String::from(r#"{"version":1,"services":["#);
    for n in 0..services {
        let comma = if n == 0 { "" } else { "," };
        let on = dice.below(services);
        write!(text, r#"{comma}{{"id":"svc-{n}","name":"svc-{n}","class":"web","depends_on":["svc-{on}"]}}"#)
            .unwrap();
    }
    text.push_str(r#"],"people":[{"id":"chair","name":"Chair","admin":true}"#);
    (0..60).for_each(|n| write!(text, r#",{{"id":"p{n}","name":"Person {n}"}}"#).unwrap());
    text.push_str(r#"],"boards":[{"id":"cab","seats":[{"person":"chair","role":"chair"}"#);
    (0..6).for_each(|n| write!(text, r#",{{"person":"p{n}","role":"voting"}}"#).unwrap());
    text.push_str(r#"]}],"changes":["#);
    let plan = "Drain, load, check, undrain. ".repeat(8);
    for n in 0..activities {
        let open = n < 60;
        let start = match open {
            true => now.plus(30 * HOUR + dice.secs(200) * HOUR),
            false => now.plus(-180 * DAY + dice.secs(4 * 24 * 360) * 15 * MINUTE),
        };
        let end = start.plus((1 + dice.secs(4)) * HOUR);
        let (state, actual) = match (open, end < now) {
            (true, _) => ("authorize", String::new()),
            (false, true) => ("closed", format!(r#","actual_start":"{start}","actual_end":"{end}""#)),
            (false, false) => ("scheduled", String::new()),
        };
        let comma = if n == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"id":"CHG{n:07}","title":"Change number {n}","kind":"normal","state":"{state}","risk":"low","owner":"p{}","requester":"p{}","group":"net","services":["svc-{}"],"environment":"production","planned_start":"{start}","planned_end":"{end}"{actual},"implementation_plan":"{plan}","test_plan":"{plan}","rollback_plan":"{plan}","rollback_minutes":30,"description":"{plan}{plan}"}}"#,
            10 + dice.below(50),
            10 + dice.below(50),
            dice.below(services),
        )
        .unwrap();
    }
    text.push_str(r#"],"windows":["#);
    for n in 0..200 {
        let comma = if n == 0 { "" } else { "," };
        let day = 1 + n % 7;
        write!(text, r#"{comma}{{"id":"mw-{n}","kind":"maintenance","name":"window {n}","scope":{{"services":["svc-{n}"]}},"start":"2026-01-0{day}T22:00","end":"2026-01-0{}T02:00","zone":"Europe/Madrid","rrule":"FREQ=WEEKLY"}}"#, day + 1).unwrap();
    }
    text.push_str("]}");
    text
}

/// A number of kB in a file that the kernel keeps about a process.
fn of_process(pid: u32, file: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// Milliseconds of CPU of all threads of a process, in steps of ten.
fn cpu_of(pid: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = text.rsplit_once(") ")?.1.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) * 10.0)
}

/// What a run cost, as far as a look a millisecond sees it.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    ms: f64,
    cpu_ms: f64,
    /// At the peak.
    mb: f64,
}

impl Cost {
    /// The middle of each.
    fn middle(all: &[Self]) -> Self {
        let of = |one: fn(&Self) -> f64| middle(all.iter().map(one).collect());
        Self { ms: of(|cost| cost.ms), cpu_ms: of(|cost| cost.cpu_ms), mb: of(|cost| cost.mb) }
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0} ms, CPU {:.0} ms, {:.0} MB", self.ms, self.cpu_ms, self.mb)
    }
}

/// Runs it to its end, which must not be one of wrong usage.
fn run(home: &Home, board: &Path, arguments: &[&str]) -> Cost {
    let mut command = Command::new(PROGRAM);
    command.envs(home.environment()).arg("--db").arg(board).args(arguments);
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (mut peak, mut cpu_ms) = (0, 0.0);
    let ended = loop {
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        peak = of_process(child.id(), "status", "VmHWM").unwrap_or(0).max(peak);
        cpu_ms = cpu_of(child.id()).unwrap_or(0.0).max(cpu_ms);
        thread::sleep(Duration::from_millis(1));
    };
    // A gate may be shut; what was not understood measures nothing.
    assert!(matches!(ended.code(), Some(0 | 1 | 3)), "{arguments:?}: {ended}");
    Cost { ms: begun.elapsed().as_secs_f64() * 1e3, cpu_ms, mb: peak as f64 / 1024.0 }
}

/// Milliseconds until the first whole frame at 120×36, and MB of its own once the program is silent for two seconds.
fn frame(home: &Home, board: &Path) -> Option<(f64, f64)> {
    let size = PtySize { rows: 36, cols: 120, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    home.environment().into_iter().for_each(|(name, value)| command.env(name, value));
    command.env("TERM", "xterm-256color");
    // Else it begins in a home that is not there.
    command.cwd(home.0.path());
    command.arg("--db");
    command.arg(board);
    let (tell, told) = mpsc::channel();
    let mut reader = pair.master.try_clone_reader().unwrap();
    let begun = Instant::now();
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    thread::spawn(move || {
        let mut bytes = [0; 65_536];
        while let Ok(read) = reader.read(&mut bytes) {
            if read == 0 || tell.send((Instant::now(), bytes[..read].to_vec())).is_err() {
                return;
            }
        }
    });
    let (mut seen, mut first) = (Vec::new(), None);
    while first.is_none() {
        let (at, bytes) = told.recv_timeout(PATIENCE).ok()?;
        seen.extend(bytes);
        first = seen.windows(FRAME.len()).any(|end| end == FRAME).then(|| at - begun);
    }
    while told.recv_timeout(Duration::from_secs(2)).is_ok() {}
    let own = child.process_id().and_then(|pid| of_process(pid, "status", "RssAnon")).unwrap_or(0);
    let _ = child.kill();
    let _ = child.wait();
    Some((first?.as_secs_f64() * 1e3, own as f64 / 1024.0))
}

/// The middle of some measurements.
fn middle(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

fn row(what: &str, ours: &str, to_reach: &str, beside: &str) {
    println!("{what:<30} {ours:>32}   {to_reach:<26} {beside}");
}

/// The size of a file in kB; of one that is not there, that.
fn size(path: &Path) -> String {
    std::fs::metadata(path).map_or("is not there".to_owned(), |file| format!("{} kB", file.len() / 1000))
}

/// Measures and prints the table.
pub fn table() {
    row("from outside", "measured", "to reach", "held against");
    row("the program", &size(Path::new(PROGRAM)), "22,000 kB", "was 40,100 kB");
    for (activities, time, memory, private) in [(10_000, 100, 30, 12), (100_000, 900, 60, 80)] {
        let home = Home(tempfile::tempdir().unwrap());
        let (file, board) = (home.path("board.json"), home.path("board.db"));
        std::fs::write(&file, board_file(activities)).unwrap();
        let import = run(&home, &board, &["import", file.to_str().unwrap()]);
        let goal = if activities == 100_000 { "2,500 ms, 250 MB" } else { "" };
        row(&format!("import of {activities}"), &import.to_string(), goal, "100,000 was 3,800 ms, 666 MB");
        let cold = frame(&home, &board);
        let verbs: [(&str, &[&str]); 5] = [
            ("pending", &["pending"]),
            ("gate", &["gate", "CHG0000003"]),
            ("tally", &["tally", "CHG0000003"]),
            ("show", &["show", "CHG0000003"]),
            ("vote", &["--as", "p1", "vote", "CHG0000003", "approve"]),
        ];
        for (name, arguments) in verbs {
            let many: Vec<Cost> = (0..5).map(|_| run(&home, &board, arguments)).collect();
            row(
                &format!("{name} on {activities}"),
                &Cost::middle(&many).to_string(),
                &format!("{time} ms; derived: {memory} MB"),
                "was 190 / 2,300 ms, 55 / 347 MB",
            );
        }
        let shown = |found: Option<(f64, f64)>| {
            found.map_or("did not come".to_owned(), |(ms, mb)| format!("{ms:.0} ms, {mb:.0} MB own"))
        };
        row(&format!("first start on {activities}"), &shown(cold), "as with a cache", "was 203 / 2,147 ms");
        let warm: Vec<(f64, f64)> = (0..5).filter_map(|_| frame(&home, &board)).collect();
        let (times, own): (Vec<f64>, Vec<f64>) = warm.into_iter().unzip();
        let warm = (!times.is_empty()).then(|| (middle(times), middle(own)));
        let goal = format!("20 ms, {private} MB");
        row(&format!("first frame on {activities}"), &shown(warm), &goal, "gitui 13 to 20 ms, 16 MB");
        let opening = size(&home.path("board.db.opening"));
        row(&format!("opening beside {activities}"), &opening, "500 kB", "was 228 and 1,460 kB");
    }
}
