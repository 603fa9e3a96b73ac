//! Incidents of GLPI: tickets of that type, where the settings ask for them.

use super::*;

type Ticket = (Value, BTreeMap<&'static str, Vec<Value>>);

fn ticket(id: u64, more: Value) -> Ticket {
    let ago = 86_400 - i64::try_from(id).unwrap();
    let mut row = json!({ "id": id, "name": format!("Broken {id}"), "type": 1, "status": 2, "priority": 4, "is_deleted": 0,
        "date": "2026-03-05 03:30:00", "solvedate": null, "closedate": null, "date_mod": local(now() - ago) });
    overwrite(&mut row, more);
    let items = vec![json!({ "id": 1, "itemtype": "Computer", "items_id": 4 })];
    (row, BTreeMap::from([("Item_Ticket", items)]))
}

fn world<const V: u8>() -> Glpi<V> {
    let over = json!({ "status": 6, "solvedate": "2026-03-05 07:00:00", "closedate": "2026-03-09 05:30:00" });
    Glpi::<V>::having(|state| {
        let name = state.named("R&D <down>");
        let mut caused = ticket(1, json!({ "priority": 6, "name": name }));
        caused.1.insert("Change_Ticket", vec![json!({ "id": 3, "changes_id": 13, "tickets_id": 1 })]);
        state.tickets = vec![
            caused,
            ticket(2, over.clone()),
            // A request is no incident, whatever a server makes of the question.
            ticket(3, json!({ "type": 2 })),
            ticket(4, json!({ "status": 12, "priority": 0 })),
            ticket(5, json!({ "solvedate": "2026-03-05 07:00:00" })),
            ticket(6, json!({ "status": 6, "closedate": "2026-03-09 05:30:00", "priority": 1 })),
            ticket(7, json!({ "date_mod": local(now() - 400 * 86_400), "status": 6 })),
        ];
    })
}

fn setup<const V: u8>(world: &Glpi<V>, more: &[(&str, &str)]) -> Setup {
    let mut setup = world.setup();
    let options = [("incidents", "yes"), ("page_size", "2")].iter().chain(more);
    setup.options.extend(options.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    setup
}

fn read_with_items<const V: u8>() {
    let world = world::<V>();
    let mut reader = world.read(setup(&world, &[]));
    let (from, on) = ("2026-03-04T22:00:00Z..", "on [\"R&D <web> 02\"]");
    let want = [
        format!("glpi:ticket-1 open (Processing (assigned)) critical {from} by glpi:13 mended  {on}"),
        format!("glpi:ticket-2 closed (Closed) high {from}2026-03-05T01:30:00Z by  mended  {on}"),
        format!("glpi:ticket-4 unknown (12) unknown {from} by  mended  {on}"),
        format!("glpi:ticket-5 open (Processing (assigned)) high {from} by  mended  {on}"),
        format!("glpi:ticket-6 closed (Closed) low {from}2026-03-09T00:00:00Z by  mended  {on}"),
    ];
    assert_eq!(reader.incidents(), want, "one that nobody touched for a year is of no use any more");
    assert_eq!(reader.incident("ticket-1").title.as_str(), "R&D <down>");
    assert_eq!(reader.natives(), world.changes(), "changes are read beside them");
    let touched = local(now());
    overwrite(
        &mut world.state().tickets[4].0,
        json!({ "status": 5, "solvedate": "2026-03-06 05:30:00", "date_mod": touched }),
    );
    world.fake().forget();
    reader.read().unwrap();
    assert!(
        reader.incidents()[3]
            .starts_with("glpi:ticket-5 restored (Solved) high 2026-03-04T22:00:00Z..2026-03-06T00:00:00Z")
    );
    assert_eq!(reader.warnings, Vec::<String>::new());
    let under = |path: &str| world.fake().seen().iter().filter(|asked| asked.path.ends_with(path)).count();
    assert_eq!(
        (under("/Ticket/5/Item_Ticket"), under("/Ticket/1/Item_Ticket")),
        (1, 0),
        "what did not move is not read anew"
    );
}

#[test]
fn incidents_are_read_with_their_items_and_the_changes_they_are_linked_to() {
    read_with_items::<10>();
    read_with_items::<11>();
}

/// A ticket that is deleted while pages are read takes no other with it.
#[test]
fn a_deletion_between_two_pages_passes_over_nothing() {
    let world = Glpi::<10>::having(|state| state.tickets = (1..=9).map(|id| ticket(id, json!({}))).collect());
    let shared = world.shared();
    let second = std::sync::atomic::AtomicUsize::new(0);
    // Before the second page of tickets, one of the first is deleted.
    world.fake().fault(
        move |asked| {
            let pages = asked
                .path
                .ends_with("/Ticket")
                .then(|| second.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            if pages == Some(1) {
                shared.lock().unwrap().tickets.retain(|(row, _)| row["id"] != 9 && row["id"] != 8);
            }
            pages == Some(1)
        },
        Fault::Slow(std::time::Duration::ZERO),
    );
    let mut reader = Reader::new(setup(&world, &[]), SourceKind::Glpi);
    reader.read().unwrap();
    let of_it = reader.of_kind(RecordKind::Incident);
    let told: BTreeSet<String> = of_it.iter().map(|record| record.id().to_string()).collect();
    assert!((1..=7).all(|id| told.contains(&format!("glpi:ticket-{id}"))), "{told:?}");
}

#[test]
fn what_a_linked_change_is_to_an_incident_the_settings_say() {
    let world = world::<10>();
    for (option, want) in
        [("fixed_by", "by  mended glpi:13"), ("no", "by  mended  on"), ("caused_by", "by glpi:13 mended")]
    {
        let reader = world.read(setup(&world, &[("incident_changes", option)]));
        assert!(reader.incidents()[0].contains(want), "{option}: {:?}", reader.incidents());
    }
    let mut setup = setup(&world, &[]);
    setup.words.incident_state.insert("12".into(), "cancelled".into());
    setup.words.severity.insert("Major".into(), "high".into());
    let told = world.read(setup).incidents();
    assert!(told[2].starts_with("glpi:ticket-4 cancelled (12)") && told[0].contains(") high"), "{told:#?}");
}

/// What the account may not read is missing, and that is said with what is missing by it.
#[test]
fn what_may_not_be_read_of_tickets_is_said() {
    let world = world::<10>();
    world.state().hidden = BTreeSet::from(["Item_Ticket", "Change_Ticket"]);
    let reader = world.read(setup(&world, &[]));
    assert!(reader.incidents()[0].contains("by  mended  on []"));
    let said = |words: &str| reader.warnings.iter().any(|warning| warning.contains(words));
    assert!(
        said("may not read items of tickets (Item_Ticket): services are missing"),
        "{:?}",
        reader.warnings
    );
    assert!(
        said("may not read changes of tickets (Change_Ticket): which change caused"),
        "{:?}",
        reader.warnings
    );
    world.state().hidden = BTreeSet::from(["Ticket"]);
    let error = Reader::new(setup(&world, &[]), SourceKind::Glpi).read().unwrap_err().to_string();
    assert!(error.contains("403") || error.contains("permission"), "{error}");
    assert!(world.read(world.setup()).incidents().is_empty(), "who asks for none is asked nothing");
}
