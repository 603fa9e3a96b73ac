//! How long an adapter is: a whole one, of a made-up desk, with reads, comments and notes, over which the suite of all
//! adapters runs. A test holds it below the number of lines that the page on sources tells.

use quorate::{
    model::{Fault, Id, Impact, Instant, Kind, Line, RecordKind, Risk, State, Stored},
    source::{
        Capabilities, Source,
        http::{Answer, Call, Http},
        system::{
            Adapter, AnyComments, AnyWriter, Comments, Listing, Page, Refusal, SetupError, Wanted, Writer,
            comments_and_approvals::Note,
            crawl,
            fields::{self, Row, Stock, Table},
        },
    },
};

use crate::world::*;

// The adapter begins here.

const CHANGES: Listing = Listing { name: "changes", kinds: &[RecordKind::Change], incremental: true };
const STOCK: Stock = Stock {
    names: &[
        ("title", &["title"]),
        ("description", &["text"]),
        ("state", &["state"]),
        ("kind", &["type"]),
        ("risk", &["risk"]),
        ("impact", &["impact"]),
        ("requester", &["asked_by"]),
        ("owner", &["done_by"]),
        ("planned_start", &["from"]),
        ("planned_end", &["to"]),
        ("implementation_plan", &["plan"]),
        ("rollback_plan", &["way_back"]),
        ("test_plan", &["tests"]),
        ("updated_at", &["moved"]),
    ],
    states: Table::Words(&[
        ("waiting", State::Authorize),
        ("agreed", State::Scheduled),
        ("done", State::Closed),
    ]),
    kinds: Table::Words(&[("routine", Kind::Standard)]),
    risks: Table::Words(&[("medium", Risk::Moderate)]),
    impacts: Table::Words(&[("medium", Impact::Moderate)]),
};

/// The source of a desk.
///
/// # Errors
/// What is wrong with its settings.
fn source(setup: Setup) -> Result<Box<dyn Source>, SetupError> {
    setup.only(&["page_size"])?;
    let http = Http::new(setup.http.clone()).map_err(|error| error.to_string())?;
    let page = setup.number("page_size", 100, 1..=100)?;
    Ok(crawl::source(setup.clone(), Desk { setup, http, page }))
}

struct Desk {
    setup: Setup,
    http: Http,
    page: usize,
}

impl Desk {
    async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, Refusal> {
        let call = Call::get(format!("{}/{path}", self.setup.address));
        let call = query.iter().fold(call, |call, (name, value)| call.query(name, value.clone()));
        Ok(self.http.read(call, &self.setup.login).await?.read()?)
    }

    fn change(&self, value: &Value) -> Result<Record, Fault> {
        let id = self.setup.record_id(&value["id"].to_string())?;
        let mut change = fields::change(id, &Row { setup: &self.setup, stock: &STOCK, value });
        change.url = Some(Line::new(&format!("{}/#{}", self.setup.address, value["id"])));
        Ok(Record::from(change))
    }

    async fn notes(&self, item: &Id) -> Result<Vec<Value>, Refusal> {
        let found = self.get(&format!("changes/{}/notes", self.setup.native(item)), &[]).await?;
        Ok(found["notes"].as_array().cloned().unwrap_or_default())
    }
}

fn moved(value: &Value) -> Option<Instant> {
    value["moved"].as_str()?.parse().ok()
}

impl Adapter for Desk {
    fn capabilities(&self) -> Capabilities {
        let votes = Err("the desk asks nobody for approval: the vote is kept in the board's own record");
        let reads = &[RecordKind::Change, RecordKind::Comment];
        Capabilities::notes(reads, votes)
    }

    fn listings(&self) -> Vec<Listing> {
        vec![CHANGES]
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        let after = wanted.page.and_then(|page| page.parse().ok()).unwrap_or(0_u64);
        let mut query = vec![("after", after.to_string()), ("limit", self.page.to_string())];
        query.extend(wanted.since.map(|since| ("moved_since", since.to_string())));
        let found = self.get("changes", &query).await?;
        let rows =
            found["changes"].as_array().ok_or_else(|| Refusal::Said("no list of changes came".into()))?;
        let number = |row: &Value| row["id"].as_u64().unwrap_or(0);
        if rows.iter().any(|row| number(row) <= after) {
            return Err(Refusal::OddPage(format!("changes after {after} were asked for, and others came")));
        }
        let mut page =
            Page { total: found["total"].as_u64().and_then(|n| usize::try_from(n).ok()), ..Page::default() };
        rows.iter().for_each(|row| page.take(&self.setup, self.change(row), moved(row)));
        page.next = rows.last().filter(|_| rows.len() >= self.page).map(|row| number(row).to_string());
        Ok(page)
    }

    fn per_item(&mut self) -> Option<&mut dyn AnyComments> {
        Some(self)
    }

    fn writer(&mut self) -> Option<&mut dyn AnyWriter> {
        Some(self)
    }

    async fn item(&mut self, item: &Id) -> Result<Vec<Stored>, Refusal> {
        let found = self.get(&format!("changes/{}", self.setup.native(item)), &[]).await?;
        Ok(vec![self.setup.stored(self.change(&found)?)])
    }

    fn http(&self) -> Option<&Http> {
        Some(&self.http)
    }
}

impl Comments for Desk {
    async fn comments_and_approvals(&mut self, item: &Id) -> Result<Page, Refusal> {
        let mut page = Page::default();
        for note in self.notes(item).await? {
            let (native, text) =
                (note["id"].to_string(), markup::html(note["text"].as_str().unwrap_or_default()));
            let (author, at) = (note["by"].as_str().unwrap_or_default(), note["at"].as_str());
            let Some(at) = at.and_then(|at| at.parse().ok()) else { continue };
            let note = Note { native: &native, author, at, text: &text, internal: true };
            page.extend(&self.setup, note.comment(item));
        }
        Ok(page)
    }
}

impl Writer for Desk {
    async fn find(&mut self, write: &Write) -> Result<Option<String>, Refusal> {
        let notes = self.notes(&write.item).await?;
        let ours =
            notes.iter().find(|note| write.is_in(&markup::html(note["text"].as_str().unwrap_or_default())));
        Ok(ours.map(|note| format!("note {}", note["id"])))
    }

    async fn send(&mut self, write: &Write, login: &Login, as_themselves: bool) -> Result<(), Refusal> {
        let path = format!("{}/changes/{}/notes", self.setup.address, self.setup.native(&write.item));
        let text = markup::to_html(&write.text(as_themselves));
        let answer: Answer = self.http.send(Call::post(path).json(json!({ "text": text })), login).await?;
        Ok(answer.verdict()?)
    }
}

// The adapter ends here.

/// The desk itself: changes by their numbers, notes in HTML.
#[derive(Default)]
struct Office {
    changes: BTreeMap<u64, Value>,
    notes: BTreeMap<u64, Vec<Value>>,
}

type Small = Served<Office>;

fn made(id: u64) -> Value {
    json!({ "id": id, "title": format!("Change {id}"), "state": "waiting", "type": "routine", "risk": "medium",
        "asked_by": "ana", "from": "2026-12-02T16:30:00Z", "to": "2026-12-02T18:00:00Z", "moved": ago(86_400) })
}

fn answer(office: &mut Office, asked: &Asked) -> Reply {
    let by = match asked.header("authorization") {
        Some("Bearer source-key") => "board",
        Some("Bearer chair-key") => "chair",
        _ => return Reply::json(401, &json!({ "error": "who are you?" })),
    };
    let path: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    let id = path.get(1).and_then(|id| id.parse::<u64>().ok());
    match (asked.method.as_str(), path.as_slice()) {
        ("GET", ["changes"]) => {
            let number = |name: &str| asked.param(name).map(|text| text.parse::<u64>().unwrap()).unwrap();
            let since = asked.param("moved_since").unwrap_or_default();
            let found = office.changes.range(number("after") + 1..).map(|(_, change)| change);
            let moved = found.filter(|change| change["moved"].as_str().unwrap() >= since);
            let rows: Vec<&Value> = moved.take(usize::try_from(number("limit")).unwrap()).collect();
            Reply::json(200, &json!({ "changes": rows, "total": office.changes.len() }))
        }
        (_, ["changes", ..]) if id.is_none_or(|id| !office.changes.contains_key(&id)) => Reply::empty(404),
        ("GET", ["changes", _]) => Reply::json(200, &office.changes[&id.unwrap()]),
        ("GET", ["changes", _, "notes"]) => {
            Reply::json(200, &json!({ "notes": office.notes.get(&id.unwrap()).cloned().unwrap_or_default() }))
        }
        ("POST", ["changes", _, "notes"]) => {
            let notes = office.notes.entry(id.unwrap()).or_default();
            notes
                .push(json!({ "id": notes.len() + 1, "by": by, "at": ago(0), "text": asked.json()["text"] }));
            Reply::json(201, &json!({}))
        }
        _ => Reply::empty(404),
    }
}

impl World for Small {
    const KIND: SourceKind = SourceKind::BoardFile;

    fn source(setup: Setup) -> Box<dyn Source> {
        source(setup).unwrap()
    }

    fn start() -> Self {
        let changes = (1..=7).map(|id| (id, made(id))).collect();
        Self::new(Office { changes, ..Office::default() }, answer)
    }

    fn setup(&self) -> Setup {
        self.paged("desk", bearer("source-key"), 2)
    }

    fn chair(&self) -> Person {
        Person { login: bearer("chair-key"), names: &["chair"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        self.state().changes.keys().map(ToString::to_string).collect()
    }

    fn create(&self) -> String {
        let mut change = made(8);
        change["moved"] = json!(ago(0));
        self.state().changes.insert(8, change);
        "8".to_owned()
    }

    fn edit(&self, native: &str, title: &str) {
        let fields = json!({ "title": title, "moved": ago(0) });
        overwrite(self.state().changes.get_mut(&native.parse().unwrap()).unwrap(), fields);
    }

    fn delete(&self, native: &str) -> bool {
        self.state().changes.remove(&native.parse().unwrap()).is_some()
    }

    fn notes(&self, native: &str) -> Vec<String> {
        let office = self.state();
        let notes = office.notes.get(&native.parse().unwrap()).into_iter().flatten();
        notes.map(|note| markup::html(note["text"].as_str().unwrap())).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        let note = json!({ "id": 99, "by": "ana", "at": ago(0), "text": markup::to_html(text) });
        self.state().notes.entry(native.parse().unwrap()).or_default().push(note);
        Some(())
    }

    fn page(asked: &Asked) -> bool {
        asked.path == "/changes"
    }

    fn nothing(&self) -> Reply {
        Reply::json(200, &json!({ "changes": [], "total": 0 }))
    }
}

conforms!(Small, Reply::json(201, &json!({})));

#[test]
fn an_adapter_is_as_short_as_the_page_on_sources_says() {
    let text = include_str!("small.rs");
    let whole = text
        .split("// The adapter begins here.")
        .nth(1)
        .and_then(|rest| rest.split("// The adapter ends").next());
    let lines = whole.unwrap().lines().count();
    let page = include_str!("../../src/source/README.md");
    let told =
        page.split("comments that is at most ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(lines <= told.parse::<usize>().unwrap(), "{lines} lines, and {told} are told");
}
