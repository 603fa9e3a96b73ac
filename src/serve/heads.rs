//! Heads of the record under the key of the service (ledger § Signed heads): after so many events, and with issued minutes.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::keys::Signer;
use crate::{
    hub::{Hub, Reply, Request, Standing},
    ledger::heads::{HEAD, Head, KEY, Successor, text},
    wire::{Event, Problem, ProblemKind},
};

/// Signs heads until the hub ends: every so many events; a key that is another than before is announced first.
pub async fn follow(mut hub: Hub, signer: Arc<Signer>, every: u64) {
    if let Err(problem) = announce(&hub, &signer).await {
        tracing::error!(%problem, "the key of the service is not announced");
        return;
    }
    let mut signed = None;
    let mut meetings = Arc::clone(&hub.snapshot.borrow().meetings);
    loop {
        let (events, shown) = {
            let board = hub.snapshot.borrow_and_update();
            (board.events, Arc::clone(&board.meetings))
        };
        // Of minutes the record knows: it is asked once meetings differ.
        let met = !Arc::ptr_eq(&shown, &meetings);
        meetings = shown;
        if met || signed.is_none_or(|signed| events >= signed + every) {
            match sign(&hub, &signer, every).await {
                Ok(to) => signed = Some(to),
                Err(problem) => tracing::warn!(%problem, "a head is not signed"),
            }
        }
        if hub.snapshot.changed().await.is_err() {
            return;
        }
    }
}

/// Signs the newest head where that is due, and says up to where the record is signed.
async fn sign(hub: &Hub, signer: &Signer, every: u64) -> Result<u64, Problem> {
    let Standing { lineage, events, head, signed } = put(hub, |reply| Request::Standing { reply }).await?;
    if !signed.is_due(events, every) {
        return Ok(signed.n);
    }
    let said = Head { board: lineage, n: events, hash: head };
    let proof = Box::new(signer.prove(HEAD, &text(&said))?);
    let event = Box::new(Event::HeadSigned { n: said.n, hash: said.hash, proof });
    put(hub, |reply| Request::Witness { event, reply }).await?;
    Ok(events)
}

/// Says which key follows the one in use, with that one's word where it is still here.
async fn announce(hub: &Hub, signer: &Signer) -> Result<(), Problem> {
    let Standing { lineage, signed, .. } = put(hub, |reply| Request::Standing { reply }).await?;
    let Some(known) = signed.key.filter(|known| *known != signer.fingerprint()) else { return Ok(()) };
    let said = Successor { board: lineage, key: signer.openssh() };
    let retired = signer.retired().filter(|retired| retired.fingerprint() == known);
    if retired.is_none() {
        tracing::warn!(%known, "the key of heads is another one, and the one before is not there to say so");
    }
    let proof = retired.map(|retired| retired.prove(KEY, &text(&said))).transpose()?.map(Box::new);
    let event = Box::new(Event::ServiceKeyChanged { key: said.key, proof });
    put(hub, |reply| Request::Witness { event, reply }).await
}

async fn put<T>(hub: &Hub, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, Problem> {
    let gone = || Problem::new(ProblemKind::Unreachable, "the service is ending");
    let (reply, answer) = oneshot::channel();
    hub.requests.send(request(reply)).await.map_err(|_| gone())?;
    answer.await.map_err(|_| gone())?
}
