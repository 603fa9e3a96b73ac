//! What a served board costs: many connected people, votes, and what the service holds for them.
//!
//! `cargo bench --bench quorate -- served` starts a service of a board in a temporary directory, connects people over loopback by
//! tokens, and prints a table: how long until everybody has seen a vote, what many votes at once cost and how many commits they
//! are, memory and CPU of the service, a verb from outside, and how a member fares while WAITING (10,000) connections of strangers
//! are there that say nothing. CLIENTS says how many are connected (500), BOARD how many changes there are (1,000), and PROGRAM
//! which build is measured. Both this and the service need as many files as that: the limit is raised as far as it may be.
//!
//! With QUORATE_TEST_POSTGRES (`.ci/postgres prepare` says an address, PGPASSWORD goes with it) the same is measured of two replicas
//! on that database, between which the people are shared out, and besides: until a commit of one is seen at the other, and until
//! everybody is back when one is killed. `.ci/postgres load` does both, one after the other.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::mpsc,
};

/// People who vote; each has many connections.
const PEOPLE: usize = 40;
/// Votes that are measured one by one.
const ALONE: usize = 40;
/// Votes at once.
const AT_ONCE: usize = 200;
/// The first change that is voted on by one after the other; those before are voted on at once.
const APART: usize = 10;
/// Where the balancer of the strangers that only wait connects from.
const BALANCER: [u8; 4] = [127, 0, 0, 2];

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn program() -> PathBuf {
    std::env::var_os("PROGRAM").map_or_else(|| env!("CARGO_BIN_EXE_quorate").into(), PathBuf::from)
}

fn board(changes: usize) -> String {
    let mut text = String::from(r#"{"version":1,"people":[{"id":"chair"}"#);
    (0..PEOPLE).for_each(|n| write!(text, r#",{{"id":"p{n}"}}"#).unwrap());
    text.push_str(r#"],"boards":[{"id":"cab","seats":[{"person":"chair","role":"chair"}"#);
    (0..PEOPLE).for_each(|n| write!(text, r#",{{"person":"p{n}"}}"#).unwrap());
    text.push_str(
        r#"]}],"policies":[{"id":"default","board":"cab","rule":"majority","early_close":"off"}],"changes":["#,
    );
    for n in 0..changes {
        let comma = if n == 0 { "" } else { "," };
        let (day, hour) = (1 + n % 28, n / 28 % 24);
        let state = if n < 60 { "authorize" } else { "scheduled" };
        write!(
            text,
            r#"{comma}{{"id":"CHG{n:06}","title":"Change {n}","state":"{state}","risk":"low","services":["svc-{}"],"rollback_plan":"back",
            "planned_start":"2031-01-{day:02}T{hour:02}:00:00Z","planned_end":"2031-01-{day:02}T{hour:02}:50:00Z"}}"#,
            n / 3
        )
        .unwrap();
    }
    text + "]}"
}

/// A database of the tests, and a schema of its own in it.
fn database() -> Option<String> {
    let address = std::env::var("QUORATE_TEST_POSTGRES").ok().filter(|address| !address.is_empty())?;
    Some(format!("{address}?schema=load{}", std::process::id()))
}

/// The services of one board, gone with it.
struct Service {
    home: tempfile::TempDir,
    children: Vec<std::sync::Mutex<Child>>,
    ports: Vec<u16>,
    tokens: Vec<String>,
}

impl Service {
    fn start(changes: usize, database: Option<String>) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("board.json"), board(changes)).unwrap();
        let settings = format!("[serve]\nbalancers = [\"{}\"]\n", std::net::Ipv4Addr::from(BALANCER));
        std::fs::write(home.path().join("serve.toml"), settings).unwrap();
        let db = database.unwrap_or_else(|| "board.db".to_owned());
        let verb = |arguments: &str| {
            let mut command = Self::verb(&home);
            command.args(["--db", &db]).args(arguments.split(' '));
            let ran = command.output().unwrap();
            assert!(ran.status.success(), "{arguments}: {}", String::from_utf8_lossy(&ran.stderr));
            String::from_utf8(ran.stdout).unwrap()
        };
        verb("import board.json");
        let tokens = (0..PEOPLE).map(|n| {
            let made: serde_json::Value =
                serde_json::from_str(&verb(&format!("token new --person p{n} --json"))).unwrap();
            made["token"].as_str().unwrap().to_owned()
        });
        let tokens = tokens.collect();
        let (mut children, mut ports) = (Vec::new(), Vec::new());
        for n in 0..if db == "board.db" { 1 } else { 2 } {
            let mut command = Self::verb(&home);
            command.args(["--db", &db, "--config", "serve.toml", "serve"]);
            command.args(["--socket", &format!("{n}.sock"), "--listen", "127.0.0.1:0"]);
            let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
            let (mut said, mut words) = (String::new(), BufReader::new(child.stderr.take().unwrap()));
            while !said.contains("serving") {
                assert_ne!(words.read_line(&mut said).unwrap(), 0, "the service ended: {said}");
            }
            // What it says later must not stop it.
            std::thread::spawn(move || std::io::copy(&mut words, &mut std::io::sink()));
            ports.push(said.trim().rsplit(':').next().unwrap().parse().unwrap());
            children.push(std::sync::Mutex::new(child));
        }
        Self { home, children, ports, tokens }
    }

    fn pid(&self) -> u32 {
        self.children[0].lock().unwrap().id()
    }

    fn verb(home: &tempfile::TempDir) -> Command {
        let mut command = Command::new(program());
        command.env_clear().env("HOME", home.path()).current_dir(home.path()).stdin(Stdio::null());
        if let Some(password) = std::env::var_os("PGPASSWORD") {
            command.env("PGPASSWORD", password);
        }
        command
    }

    fn status(&self, key: &str) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Ticks of CPU, and how often all threads slept of themselves.
    fn work(&self) -> (u64, u64) {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        let mut waits = 0;
        for task in std::fs::read_dir(format!("/proc/{}/task", self.pid())).unwrap().flatten() {
            let status = std::fs::read_to_string(task.path().join("status")).unwrap_or_default();
            let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches"));
            waits += line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0);
        }
        (ticks, waits)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        for child in &mut self.children {
            let child = child.get_mut().unwrap();
            let _ended = (child.kill(), child.wait());
        }
    }
}

async fn connected(port: u16, token: &str, request: &str) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let version = env!("CARGO_PKG_VERSION");
    let head =
        format!("{request}Host: b\r\nAuthorization: Bearer {token}\r\nQuorate-Version: {version}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    Ok(stream)
}

/// What a follower was told: who, of which commit, when, and on how manieth connection.
type Told = (usize, u64, Instant, usize);

/// Somebody who follows the board, at the next service where theirs is gone, and says of each commit that they are told when that was.
async fn follow(me: usize, service: Arc<Service>, tell: mpsc::UnboundedSender<Told>) {
    let token = &service.tokens[me % PEOPLE];
    for (again, port) in service.ports.iter().cycle().skip(me % service.ports.len()).enumerate() {
        if let Ok(mut stream) = connected(*port, token, "GET /v1/stream HTTP/1.1\r\n").await {
            told(me, again, &mut stream, &tell).await;
        }
        if tell.is_closed() {
            return;
        }
        // As a client does that was cut off; nobody comes at the same moment as all others.
        tokio::time::sleep(Duration::from_millis(10 + (me as u64 * 7) % 50)).await;
    }
}

async fn told(me: usize, again: usize, stream: &mut TcpStream, tell: &mpsc::UnboundedSender<Told>) {
    let (mut piece, mut kept, mut last) = (vec![0; 16 << 10], Vec::new(), 0);
    loop {
        let Ok(read @ 1..) = stream.read(&mut piece).await else { return };
        let at = Instant::now();
        kept.extend_from_slice(&piece[..read]);
        // The newest commit that is named in what came; a number that is cut off is whole with the next piece.
        let named = kept.windows(6).rposition(|six| six == b"\"seq\":");
        let digits = |from: usize| -> Option<u64> {
            let end = kept[from..].iter().position(|byte| !byte.is_ascii_digit())?;
            std::str::from_utf8(&kept[from..from + end]).ok()?.parse().ok()
        };
        if let Some(seq) = named.and_then(|named| digits(named + 6))
            && seq > last
        {
            last = seq;
            let _ = tell.send((me, seq, at, again));
        }
        if kept.len() > 64 {
            kept.drain(..kept.len() - 64);
        }
    }
}

/// When each of so many has been told of a commit; those who are not within ten seconds are left out.
async fn sightings(
    told: &mut mpsc::UnboundedReceiver<Told>,
    clients: usize,
    seq: u64,
) -> BTreeMap<usize, Instant> {
    let mut seen = BTreeMap::new();
    while seen.len() < clients {
        match tokio::time::timeout(Duration::from_secs(10), told.recv()).await {
            Ok(Some((who, at_seq, at, _))) if at_seq >= seq => _ = seen.entry(who).or_insert(at),
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => break,
        }
    }
    seen
}

/// The connection of a client beside its stream: kept open, known after its first request.
struct Line {
    stream: TcpStream,
    token: String,
}

impl Line {
    async fn to(port: u16, token: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, token: token.to_owned() }
    }

    /// One request, and its answer with how long it took.
    async fn ask(&mut self, request: &str, body: &str) -> (Duration, serde_json::Value) {
        let began = Instant::now();
        let (token, version, length) = (&self.token, env!("CARGO_PKG_VERSION"), body.len());
        let text = format!(
            "{request}Host: b\r\nAuthorization: Bearer {token}\r\nQuorate-Version: {version}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        self.stream.write_all(text.as_bytes()).await.unwrap();
        let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
        loop {
            let read = self.stream.read(&mut piece).await.unwrap();
            assert_ne!(read, 0, "{}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&piece[..read]);
            let text = String::from_utf8_lossy(&answer);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() >= length.parse().unwrap() {
                let took = began.elapsed();
                assert!(head.starts_with("HTTP/1.1 200"), "{text}");
                return (took, serde_json::from_str(body).unwrap());
            }
        }
    }

    /// Sends one command and waits for its answer.
    async fn send(&mut self, key: usize, body: &str) -> (Duration, u64) {
        let request = format!("POST /v1/commands HTTP/1.1\r\nIdempotency-Key: {key:032x}\r\n");
        let (took, receipt) = self.ask(&request, body).await;
        (took, receipt["seq"].as_u64().unwrap())
    }
}

async fn get(port: u16, token: &str, path: &str) -> serde_json::Value {
    Line::to(port, token).await.ask(&format!("GET {path} HTTP/1.1\r\n"), "").await.1
}

/// The body of a vote.
async fn vote(service: &Service, item: usize) -> String {
    let item = format!("CHG{item:06}");
    let tally = get(service.ports[0], &service.tokens[0], &format!("/v1/tally/{item}")).await;
    format!(
        r#"{{"do":"vote","item":"{item}","revision":{},"vote":"approve","comment":null,"on_behalf":null}}"#,
        tally["revision"]
    )
}

fn percentile(mut all: Vec<Duration>, of: usize) -> f64 {
    all.sort_unstable();
    all.get((all.len() * of / 100).min(all.len().saturating_sub(1))).map_or(0.0, |d| d.as_secs_f64() * 1e3)
}

fn row(what: &str, measured: &str, wanted: &str) {
    println!("{what:<56} {measured:>22}   {wanted}");
}

/// Prints the table.
pub fn table() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let (clients, changes) = (number("CLIENTS", 500), number("BOARD", 1_000));
    more_files();
    let database = database();
    let on = if database.is_some() { "two replicas on PostgreSQL" } else { "one service on SQLite" };
    let service = Arc::new(Service::start(changes, database));
    println!("\n{clients} people connected to a board of {changes} changes, {on}, {}", program().display());
    let before = service.status("VmRSS");
    let (tell, mut told) = mpsc::unbounded_channel();
    let began = Instant::now();
    // A service lets so many in of one address who have not said yet who they are.
    let mut here = BTreeMap::new();
    for group in (0..clients).collect::<Vec<_>>().chunks(32) {
        for n in group {
            tokio::spawn(follow(*n, Arc::clone(&service), tell.clone()));
        }
        let so_far = here.len() + group.len();
        while here.len() < so_far {
            let (who, _, at, _) = told.recv().await.unwrap();
            here.entry(who).or_insert(at);
        }
    }
    row("all have the board", &format!("{:.0} ms", began.elapsed().as_secs_f64() * 1e3), "");
    let held = service.status("VmRSS").saturating_sub(before);
    let here = (clients / service.ports.len()).max(1) as u64;
    row("memory of a service for a client", &format!("{} kB", held / here), "≤ 40 kB");
    acts(&service, clients, &mut told).await;
    at_once(&service).await;
    idle(&service, here as usize).await;
    let mut took = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        let mut command = Service::verb(&service.home);
        let hub = format!("unix:{}", service.home.path().join("0.sock").display());
        let ran = command.env("QUORATE_HUB", hub).args(["tally", "CHG000001"]).output().unwrap();
        assert!(ran.status.success());
        took.push(began.elapsed());
    }
    let (half, most) = (percentile(took.clone(), 50), percentile(took, 99));
    row("a verb over the socket", &format!("p50 {half:.1} most {most:.1} ms"), "≤ 10 ms");
    only_waiting(&service).await;
    failover(&service, clients, &mut told).await;
}

/// One act after the other, until everybody has seen it.
async fn acts(service: &Arc<Service>, clients: usize, told: &mut mpsc::UnboundedReceiver<Told>) {
    let port = service.ports[0];
    let (mut seen, mut elsewhere) = (Vec::new(), Vec::new());
    for n in 0..ALONE {
        let body = vote(service, APART + n).await;
        let mut line = Line::to(port, &service.tokens[n % PEOPLE]).await;
        let began = Instant::now();
        let (took, seq) = line.send(n, &body).await;
        let answered = began + took;
        for (who, at) in sightings(told, clients, seq).await {
            seen.push(at.saturating_duration_since(began));
            if who % service.ports.len() == 1 {
                elsewhere.push(at.saturating_duration_since(answered));
            }
        }
    }
    let (half, most) = (percentile(seen.clone(), 50), percentile(seen.clone(), 99));
    row(
        &format!("a vote seen by all ({} of {} sightings)", seen.len(), ALONE * clients),
        &format!("p50 {half:.1} p99 {most:.1} ms"),
        "p50 ≤ 40 ms, p99 ≤ 200 ms",
    );
    if service.ports.len() > 1 {
        let (half, most) = (percentile(elsewhere.clone(), 50), percentile(elsewhere, 99));
        row(
            "a commit on one replica seen by all on the other",
            &format!("p50 {half:.1} p99 {most:.1} ms"),
            "p99 ≤ 50 ms",
        );
    }
}

/// One of two replicas is killed: until everybody follows the board again, and somebody acts.
async fn failover(service: &Arc<Service>, clients: usize, told: &mut mpsc::UnboundedReceiver<Told>) {
    let [_, other] = service.ports[..] else { return };
    while told.try_recv().is_ok() {}
    let began = Instant::now();
    service.children[0].lock().unwrap().kill().unwrap();
    let mut line = Line::to(other, &service.tokens[0]).await;
    let (_, seq) = line.send(90_000, r#"{"do":"comment","item":"CHG000001","text":"after"}"#).await;
    row(
        "one replica killed: an act at the other",
        &format!("{:.0} ms", began.elapsed().as_secs_f64() * 1e3),
        "",
    );
    let back = sightings(told, clients, seq).await;
    let last = back.values().map(|at| at.saturating_duration_since(began)).max().unwrap_or_default();
    row(
        &format!("  until all are back ({} of {clients})", back.len()),
        &format!("{:.0} ms", last.as_secs_f64() * 1e3),
        "≤ 2 s",
    );
}

/// Votes of many people that come at the same moment, over connections that are there already; from both replicas where there are
/// two.
async fn at_once(service: &Arc<Service>) {
    let port = service.ports[0];
    let (mut ready, mut bodies) = (Vec::new(), Vec::new());
    for item in 0..AT_ONCE.div_ceil(PEOPLE) {
        bodies.push(vote(service, item).await);
    }
    for n in 0..AT_ONCE {
        let body = bodies[n / PEOPLE].clone();
        let mut line = Line::to(service.ports[n % service.ports.len()], &service.tokens[n % PEOPLE]).await;
        line.ask("GET /v1/me HTTP/1.1\r\n", "").await;
        ready.push((line, body));
    }
    let seq = async || get(port, &service.tokens[0], "/v1/board").await["seq"].as_u64().unwrap();
    let commits = seq().await;
    let votes = ready
        .into_iter()
        .enumerate()
        .map(|(n, (mut line, body))| tokio::spawn(async move { line.send(10_000 + n, &body).await }));
    let votes: Vec<_> = votes.collect();
    let mut took = Vec::new();
    for vote in votes {
        took.push(vote.await.unwrap().0);
    }
    let commits = seq().await - commits;
    let wanted = if service.ports.len() > 1 { "p99 ≤ 100 ms" } else { "p99 ≤ 50 ms" };
    row(
        &format!("{AT_ONCE} votes at once, until each is answered"),
        &format!("p50 {:.1} p99 {:.1} ms", percentile(took.clone(), 50), percentile(took, 99)),
        wanted,
    );
    row("  commits they are, one fsync each", &commits.to_string(), "≤ 10");
}

/// What the service does while nobody does anything.
async fn idle(service: &Service, clients: usize) {
    let (ticks, waits) = service.work();
    let span = Duration::from_secs(20);
    tokio::time::sleep(span).await;
    let (after, waited) = service.work();
    let cpu = (after - ticks) as f64 * 10.0 / span.as_secs_f64();
    row("CPU of the idle service", &format!("{cpu:.1} ms/s"), "heartbeats only");
    let wakes = (waited - waits) as f64 / span.as_secs_f64();
    let wanted = format!("≤ {:.0}", clients as f64 / 100.0);
    row("its wake-ups a second", &format!("{wakes:.1}"), &wanted);
}

/// Lets this process and those it starts open as many files as they may.
fn more_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let _as_it_was = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// Strangers of many addresses, behind a balancer, who connect and say nothing; and how a member fares beside them.
async fn only_waiting(service: &Service) {
    let (port, before) = (service.ports[0], service.status("VmRSS"));
    let mut waiting = Vec::new();
    let began = Instant::now();
    for n in 0..u32::try_from(number("WAITING", 10_000)).unwrap() {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((BALANCER, 0).into()).unwrap();
        let Ok(mut stream) = socket.connect(([127, 0, 0, 1], port).into()).await else { break };
        let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
        header.extend((0x0a00_0000 | n).to_be_bytes());
        header.extend([127, 0, 0, 1, 0, 1, 0, 2]);
        let _refused = stream.write_all(&header).await;
        waiting.push(stream);
    }
    let here = began.elapsed();
    let mut took = Vec::new();
    for n in 0..50 {
        let mut line = Line::to(port, &service.tokens[n % PEOPLE]).await;
        took.push(line.ask("GET /v1/me HTTP/1.1\r\n", "").await.0);
    }
    let held = service.status("VmRSS").saturating_sub(before);
    row(
        &format!("{} connections that only wait, made in {:.1} s", waiting.len(), here.as_secs_f64()),
        &format!("{} MB more", held / 1024),
        "a bound on what is held",
    );
    let (half, most) = (percentile(took.clone(), 50), percentile(took, 99));
    row("  a member who comes beside them", &format!("p50 {half:.1} p99 {most:.1} ms"), "let in");
}
