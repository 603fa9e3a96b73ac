//! What a client has that is told only what changed is what a client has that is told everything.

use super::*;
use crate::hub::protocol::Publication;

/// Everything of a snapshot, comparable.
fn whole(snapshot: &Snapshot) -> serde_json::Value {
    serde_json::to_value(snapshot).unwrap()
}

#[tokio::test]
async fn what_changed_adds_up_to_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    let mut client = Snapshot::empty(noon());
    let mut sizes = Vec::new();
    let mut told = |client: &mut Snapshot, now: &Snapshot| {
        let sent = serde_json::to_vec(&Publication::between(client, now)).unwrap();
        *client = serde_json::from_slice::<Publication>(&sent).unwrap().onto(client);
        assert_eq!(whole(client), whole(now));
        sizes.push(sent.len());
    };
    found(&hub).await;
    told(&mut client, &hub.snapshot.borrow().clone());
    submit(&hub, 1, person("m.ortiz"), vote(&hub, "C1", Vote::Approve)).await.unwrap();
    told(&mut client, &hub.snapshot.borrow().clone());
    let clashing = client.conflicts.iter().count();
    assert!(clashing > 0 && !client.tallies.is_empty());
    // Rows go as they came: another board is told as well as the next moment of this one.
    let empty = Snapshot::empty(noon());
    told(&mut client, &empty);
    assert!(client.conflicts.is_empty() && client.activities.is_empty() && client.tallies.is_empty());
    told(&mut client, &hub.snapshot.borrow().clone());
    assert_eq!(client.conflicts.iter().count(), clashing);
    let &[all, step, ..] = sizes.as_slice() else { unreachable!() };
    assert!(step < all, "one vote is told in fewer bytes than the board: {step} of {all}");
}
