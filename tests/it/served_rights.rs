//! Who may do what on a served board: every cell of the table of rights, by real users of this machine over the socket, and by
//! tokens over the network.

use serde_json::{Value, json};

use crate::{
    network,
    program::Ran,
    served::{Service, can_be_others},
};

/// Each relation to an item: its name in the table, the user, and the person that this login is.
const ROLES: [(&str, &str, &str); 7] = [
    ("observer", "games", "obs"),
    ("seat", "bin", "bob"),
    ("delegate", "man", "dee"),
    ("chair", "daemon", "ann"),
    ("tied", "sys", "cat"),
    ("admin", "mail", "adm"),
    ("owner", "lp", "own"),
];

/// The table: what is done (`%` is an item of this cell's own), and for each relation `yes`, or why not.
const SEAT: &str = "no seat on the board of this item";
const TIED: &str = "tied to the item as requester, owner or release manager";
const CHAIR: &str = "only the acting chair may do this";
const DEPUTY: &str = "tied to the item: the deputy chair acts";
const CALL: &str = "only the acting chair records another person's vote";
const EDIT: &str = "only the chair, the people of the record or an admin may edit it";
const REVIEW: &str = "a review is written by somebody with a seat who is not tied to the change";
const REVIEWED: &str = "tied to the change: somebody else reviews it";
const OTHERS: &str = "only the chair or an admin delegates somebody else's seat";
const ADMIN: &str = "only an admin may do this";
const REPORT: &str = "only the chair, the people of the record, an admin or a pipeline reports what happened";
const RECUSED: &str = "tied to the item, and so already recused";
const WARN: &str = "only the owner of a side or the chair may acknowledge a clash";
const TIED_WARN: &str = "of those only the owner acknowledges a clash";
const BLOCK: &str = "only a chair may acknowledge a blocking clash";
const TIED_BLOCK: &str = "a blocking one is acknowledged by a chair who is not";

const COPY: &str = "only an admin may have the board copied";
const RESTORE: &str = "a served board is restored where it is kept";
/// What a token is not for.
const SCOPE: &str = "is for see, report, and this needs act";

type Row = (&'static str, &'static str, [&'static str; 7]);

const TABLE: [Row; 30] = [
    ("see", "show %", ["yes"; 7]),
    ("comment", "comment % -m hm", ["yes"; 7]),
    ("explain", "explain %", ["yes"; 7]),
    ("what-if", "whatif % --start 2031-03-03T21:00:00Z", ["yes"; 7]),
    ("slots", "slots %", ["yes"; 7]),
    ("export", "export", ["yes"; 7]),
    ("vote", "vote % yes", [SEAT, "yes", "yes", "yes", TIED, SEAT, TIED]),
    ("withdraw", "vote % withdraw", [SEAT, "yes", "yes", "yes", TIED, SEAT, TIED]),
    ("re-affirm", "vote % reaffirm", [SEAT, "yes", "yes", "yes", TIED, SEAT, TIED]),
    ("roll call", "vote % yes --for bob", [CALL, CALL, CALL, "yes", TIED, CALL, TIED]),
    ("recuse", "recuse %", [SEAT, "yes", "yes", "yes", RECUSED, SEAT, RECUSED]),
    ("open", "open % --again", [CHAIR, CHAIR, CHAIR, "yes", DEPUTY, CHAIR, DEPUTY]),
    ("close", "close %", [CHAIR, CHAIR, CHAIR, "yes", DEPUTY, CHAIR, DEPUTY]),
    ("defer", "defer % -m later", [CHAIR, CHAIR, CHAIR, "yes", DEPUTY, CHAIR, DEPUTY]),
    ("ask", "ask % -m why", [CHAIR, CHAIR, CHAIR, "yes", DEPUTY, CHAIR, DEPUTY]),
    ("condition", "condition % --owner zoe -m first", [CHAIR, CHAIR, CHAIR, "yes", DEPUTY, CHAIR, DEPUTY]),
    ("acknowledge a warning", "ack C16 % -m fine", [WARN, WARN, WARN, "yes", TIED_WARN, WARN, "yes"]),
    (
        "acknowledge a block",
        "ack C3 % fz -m fine",
        [BLOCK, BLOCK, BLOCK, "yes", TIED_BLOCK, BLOCK, TIED_BLOCK],
    ),
    ("move", "move % --start 2031-12-01T21:00:00Z", [EDIT, EDIT, EDIT, "yes", "yes", "yes", "yes"]),
    ("review", "review % --failed -m broke", [REVIEW, "yes", "yes", "yes", REVIEWED, REVIEW, REVIEWED]),
    (
        "delegate",
        "delegate --board cab --from bob --to zoe --start 2038-01-01 --end 2038-01-02",
        [OTHERS, "yes", OTHERS, "yes", OTHERS, "yes", OTHERS],
    ),
    ("report", "report % --start", [REPORT, REPORT, REPORT, "yes", "yes", "yes", "yes"]),
    ("seats", "seats add zed --board other", [ADMIN, ADMIN, ADMIN, ADMIN, ADMIN, "yes", ADMIN]),
    ("import", "import more.json", [ADMIN, ADMIN, ADMIN, ADMIN, ADMIN, "yes", ADMIN]),
    ("policies", "import policies.json", [ADMIN, ADMIN, ADMIN, ADMIN, ADMIN, "yes", ADMIN]),
    ("settings", "import settings.json", [ADMIN, ADMIN, ADMIN, ADMIN, ADMIN, "yes", ADMIN]),
    ("templates", "import templates.json", [ADMIN, ADMIN, ADMIN, ADMIN, ADMIN, "yes", ADMIN]),
    ("tokens", "token new --person zoe", [ADMIN, ADMIN, ADMIN, ADMIN, ADMIN, "yes", ADMIN]),
    ("backup", "backup copy-%.db", [COPY, COPY, COPY, COPY, COPY, "yes", COPY]),
    // Whoever restores a board is its service's user on its machine, and nobody over the wire.
    ("restore", "import --with-log more.json", [RESTORE; 7]),
];

/// Files that the verbs of the table name.
const FILES: [(&str, &str); 4] = [
    ("more.json", r#"{"version": 1, "services": [{"id": "one-more"}]}"#),
    (
        "policies.json",
        r#"{"version": 1, "policies": [{"id": "default", "board": "cab", "rule": "majority", "early_close": "off", "quorum": 1}]}"#,
    ),
    ("settings.json", r#"{"version": 1, "settings": {"long_hours": 9}}"#),
    ("templates.json", r#"{"version": 1, "templates": [{"id": "cert"}]}"#),
];

/// What a pipeline is answered, by its token.
fn pipeline(what: &str) -> &'static str {
    match what {
        "see" | "explain" | "what-if" | "slots" | "export" | "report" => "yes",
        "restore" => RESTORE,
        _ => SCOPE,
    }
}

fn item(row: usize, role: usize) -> String {
    format!("I{row}-{role}")
}

/// A board with an item for each cell.
fn board() -> Value {
    let mut changes = Vec::new();
    for (row, (what, ..)) in TABLE.iter().enumerate() {
        let relations = ROLES.iter().map(|(relation, ..)| *relation).chain(["pipeline"]);
        for (role, relation) in relations.enumerate() {
            let day = row * (ROLES.len() + 1) + role;
            let at = |hour: usize| format!("2031-{:02}-{:02}T{hour}:00:00Z", 1 + day / 28, 1 + day % 28);
            let mut change = json!({
                "id": item(row, role), "title": what, "state": "authorize", "risk": "moderate",
                "services": [format!("svc-{row}-{role}")], "test_plan": "tried",
                "requester": if relation == "tied" { "cat" } else { "zoe" },
                "owner": if relation == "owner" { "own" } else { "zoe" },
                "planned_start": at(21), "planned_end": at(22),
            });
            if *what != "acknowledge a warning" {
                change["rollback_plan"] = json!("the old one");
            }
            if *what == "review" {
                for (field, value) in [
                    ("state", "closed"),
                    ("outcome", "failed"),
                    ("actual_start", "2026-01-01T00:00:00Z"),
                    ("actual_end", "2026-01-01T01:00:00Z"),
                    ("planned_start", "2026-01-01T00:00:00Z"),
                    ("planned_end", "2026-01-01T01:00:00Z"),
                ] {
                    change[field] = json!(value);
                }
            }
            changes.push(change);
        }
    }
    let mut people: Vec<Value> =
        ROLES.iter().map(|(_, login, id)| json!({"id": id, "login": login, "admin": *id == "adm"})).collect();
    people.extend(["eve", "zoe", "robot"].map(|id| json!({"id": id})));
    json!({
        "version": 1, "people": people,
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}, {"person": "cat"},
            {"person": "eve"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "majority", "early_close": "off"}],
        "windows": [{"id": "fz", "kind": "freeze", "hard": true, "name": "Year end",
            "start": "2030-12-31T00:00:00Z", "end": "2032-01-01T00:00:00Z"}],
        "changes": changes,
    })
}

/// Runs a verb as a person of the board.
type Wire<'a> = &'a dyn Fn(&str, &str) -> Ran;

/// What has to be there before a cell is tried.
fn prepare(by: Wire<'_>, what: &str, item: &str, person: &str, may: bool) {
    let first = match what {
        "withdraw" if may => vec![(person, format!("vote {item} yes"))],
        "re-affirm" if may => {
            vec![(person, format!("vote {item} yes")), ("ann", format!("open {item} --again"))]
        }
        "condition" => {
            let vote = |person| (person, format!("vote {item} yes"));
            vec![vote("ann"), vote("bob"), vote("dee"), ("ann", format!("close {item}"))]
        }
        _ => Vec::new(),
    };
    for (person, verb) in first {
        let ran = by(person, &verb);
        // The chair of a tied item is the deputy, and where nobody may nothing is to be prepared.
        assert!(ran.code == 0 || !may, "{what} {item}: {verb}: {ran:?}");
    }
}

/// Tries every cell for these relations; `file` is where a file of the table lies.
fn every_cell(by: Wire<'_>, file: &dyn Fn(&str) -> String, roles: &[(&str, &str)]) {
    by("adm", "delegate --board cab --from eve --to dee --start 2026-01-01 --end 2040-01-01").ok();
    let mut wrong = Vec::new();
    for (row, (what, verb, cells)) in TABLE.iter().enumerate() {
        for (role, (relation, person)) in roles.iter().enumerate() {
            let cell = cells.get(role).copied().unwrap_or_else(|| pipeline(what));
            let item = item(row, role);
            let may = cell == "yes";
            prepare(by, what, &item, person, may);
            let verb = verb.replace('%', &item);
            let verb = FILES.iter().fold(verb, |verb, (name, _)| verb.replace(name, &file(name)));
            let ran = by(person, &verb);
            let holds = if may { ran.code == 0 } else { ran.code == 4 && ran.err.contains(cell) };
            if !holds {
                wrong.push(format!("{what} by {relation} ({person}): wanted {cell:?}, got {ran:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is on the record was done by whom the kernel or a token says, but for what the owner of the file did before.
fn nobody_claimed(log: &Value) {
    let claimed = log.as_array().unwrap().iter().filter(|entry| entry["by"]["known"] == "claimed");
    let others: Vec<&Value> = claimed.filter(|entry| entry["by"]["login"] != "root").collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn every_cell_of_the_table_of_rights_holds_over_the_socket() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(&board().to_string(), "");
    for (name, text) in FILES {
        service.open_file(name, text);
    }
    let login = |person: &str| ROLES.iter().find(|(.., id)| *id == person).unwrap().1;
    let by = |person: &str, verb: &str| service.by(login(person), verb);
    every_cell(&by, &|name| service.file(name), &ROLES.map(|(relation, _, person)| (relation, person)));
    nobody_claimed(&service.run("audit log --limit 2000 --json").json());
}

#[test]
fn every_cell_of_the_table_of_rights_holds_by_token() {
    let service = network::Service::of(&board().to_string(), "");
    for (name, text) in FILES {
        service.home.file(name, text);
    }
    let mut roles: Vec<(&str, &str)> =
        ROLES.iter().map(|(relation, _, person)| (*relation, *person)).collect();
    roles.push(("pipeline", "robot"));
    let tokens: Vec<(&str, String)> = roles
        .iter()
        .map(|(relation, person)| {
            let machine = if *relation == "pipeline" { " --role pipeline --scope see,report" } else { "" };
            (*person, service.token(&format!("--person {person}{machine}")))
        })
        .collect();
    let token = |person: &str| &tokens.iter().find(|(known, _)| *known == person).unwrap().1;
    let by = |person: &str, verb: &str| service.by(token(person), verb);
    every_cell(&by, &|name| service.home.path().join(name).display().to_string(), &roles);
    nobody_claimed(&by("adm", "audit log --limit 2000 --json").json());
}
