//! The status of a change that follows its run and a freeze there: a note first, then the status, each at most once.
//!
//! A status is never moved back, and what a freeze of ours did not hold is not let go by its end. Where the system does not
//! take the status, the note stands and the refusal says what it allows.

use super::{
    super::{
        Refusal, Setup, Standing,
        any::{AnyAdapter, AnyStatuses},
        status::same,
    },
    find, later, told,
};
use crate::{
    model::{Line, Prose, State, text::clean_line},
    source::{Point, Pushed, What, Write, http::Login},
};

/// What is to be done about a status.
enum Step {
    /// Nothing, and the words say why that is right.
    Stands(String),
    Move,
}

/// What a point asks of a change that stands there. The error says why it is not done.
fn step(point: &Point, at: &Standing, wanted: &str) -> Result<Step, String> {
    // Only what stands where a freeze of ours put it comes so far: what that status means is known by that.
    let ours = matches!(point, Point::Thawed { .. });
    if at.is(wanted) {
        return Ok(Step::Stands(format!("status {wanted}")));
    }
    let name = at.name();
    let stands = || Ok(Step::Stands(format!("it is {name} there already")));
    match (at.state, point) {
        (State::Unknown, _) if !ours => {
            return Err(format!("what its status {name:?} means is not known; name it in map.state"));
        }
        (State::Cancelled | State::Rejected, _) => return Err(format!("it is {name} there")),
        (State::Implement, Point::Started)
        | (State::Review | State::Closed, Point::Started | Point::TurnedBack | Point::Ended) => {
            return stands();
        }
        (State::Review | State::Closed, Point::Held { .. } | Point::Thawed { .. }) => return stands(),
        (
            State::Draft
            | State::Assess
            | State::Authorize
            | State::Scheduled
            | State::Implement
            | State::Unknown,
            _,
        ) => {}
    }
    match &at.next {
        Some(next) if !next.iter().any(|one| same(one, wanted)) => {
            let allowed = match next.is_empty() {
                true => "allows nothing to this account".to_owned(),
                false => format!("allows only {}", clean_line(&next.join(", "))),
            };
            Err(format!("from {name:?} it {allowed}"))
        }
        Some(_) | None => Ok(Step::Move),
    }
}

/// Tells a point of a run: its note, then the status `wanted`.
pub async fn push<A: AnyAdapter + ?Sized>(
    setup: &Setup,
    adapter: &mut A,
    write: &Write,
    (point, wanted): (&Point, &str),
    (login, as_themselves): (&Login, bool),
) -> Pushed {
    if let Err(pushed) = is_ours_to_say(setup, adapter, write, (point, wanted), login).await {
        return pushed;
    }
    let note = match told(setup, adapter, write, login, as_themselves).await {
        Pushed::Accepted(place) => place,
        other => return other,
    };
    let at = match standing(adapter, write, login).await {
        Ok(at) => at,
        Err(refusal) => return later(setup, write, &refusal),
    };
    let accepted = |words: &str| Pushed::Accepted(Line::new(&format!("{note}, {words}")));
    let no = |why: &str| {
        let why = clean_line(why);
        Pushed::Refused(Line::new(&format!("the note is there, the status {wanted:?} is not: {why}")))
    };
    match step(point, &at, wanted) {
        Ok(Step::Stands(words)) => return accepted(&words),
        Ok(Step::Move) => {}
        Err(why) => return no(&why),
    }
    let answer = match statuses(adapter) {
        Ok(statuses) => statuses.set_status(write, wanted, login).await,
        Err(refusal) => Err(refusal),
    };
    let (said, heard_nothing) = match answer {
        Ok(said) => (said, None),
        Err(Refusal::Http(error)) if error.may_have_arrived() => (None, Some(error.to_string())),
        Err(Refusal::Said(words)) => return no(&words),
        Err(refusal) => return later(setup, write, &refusal),
    };
    match (standing(adapter, write, login).await, heard_nothing) {
        (Ok(after), _) if after.is(wanted) => accepted(&format!("status {wanted}")),
        (Ok(_), Some(words)) => Pushed::Unknown(Line::new(&words)),
        (Ok(after), None) => {
            let left = format!("it answered that all is well and left it {:?}", after.name());
            no(&said.filter(|said| !said.is_empty()).unwrap_or(left))
        }
        (Err(refusal), _) => Pushed::Unknown(Line::new(&format!("sent, and not yet read again: {refusal}"))),
    }
}

/// What moves statuses there; a system whose settings name one has it.
fn statuses<A: AnyAdapter + ?Sized>(adapter: &mut A) -> Result<&mut dyn AnyStatuses, Refusal> {
    adapter.statuses().ok_or_else(|| Refusal::Said("no status of a change is written there".to_owned()))
}

async fn standing<A: AnyAdapter + ?Sized>(
    adapter: &mut A,
    write: &Write,
    login: &Login,
) -> Result<Standing, Refusal> {
    statuses(adapter)?.standing(write, login).await
}

/// Whether a hold or its end is told at all: what somebody else holds is neither held again nor let go.
async fn is_ours_to_say<A: AnyAdapter + ?Sized>(
    setup: &Setup,
    adapter: &mut A,
    write: &Write,
    (point, wanted): (&Point, &str),
    login: &Login,
) -> Result<(), Pushed> {
    let refused = |words: String| Err(Pushed::Refused(Line::new(&words)));
    let failed = |refusal: Refusal| later(setup, write, &refusal);
    match point {
        Point::Started | Point::TurnedBack | Point::Ended => Ok(()),
        Point::Held { until } if *until <= setup.now() => {
            refused("the freeze is over: nothing was put on hold".to_owned())
        }
        Point::Held { .. } => {
            let at = standing(adapter, write, login).await.map_err(failed)?;
            if !at.is(wanted) || find(adapter, write).await.map_err(failed)?.is_some() {
                return Ok(());
            }
            refused(format!("it is {:?} there already, and not by quorate: nothing was written", at.name()))
        }
        Point::Thawed { hold } => {
            let what = What::Comment { text: Prose::default() };
            let held = Write { id: hold.clone(), what, ..write.clone() };
            // Nothing to let go is no failure.
            let left =
                |words: &str| Err(Pushed::Accepted(Line::new(&format!("{words}, so it is left as it is"))));
            if find(adapter, &held).await.map_err(failed)?.is_none() {
                return left("quorate did not hold it there");
            }
            let at = standing(adapter, write, login).await.map_err(failed)?;
            let status = statuses(adapter).map_err(failed)?.brings(&Point::Held { until: setup.now() });
            if at.is(wanted) || status.is_some_and(|status| at.is(&status)) {
                return Ok(());
            }
            left(&format!("it is {:?} there and held no more", at.name()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_moved_forward_alone_and_only_where_the_system_lets_it_go() {
        let at = |name: &str, state, next: Option<&[&str]>| Standing {
            next: next.map(|all| all.iter().map(|one| (*one).to_owned()).collect()),
            ..Standing::called(name, state)
        };
        let held = Point::Held { until: crate::model::Instant::MAX };
        let thawed = Point::Thawed { hold: String::new() };
        for (row, point, at, want) in [
            ("waits", Point::Started, at("Scheduled", State::Scheduled, None), Ok(None)),
            ("there", Point::Started, at("IMPLEMENT", State::Implement, None), Ok(Some("status Implement"))),
            (
                "further",
                Point::Started,
                at("Review", State::Review, None),
                Ok(Some("is Review there already")),
            ),
            ("other word for it", Point::Started, at("Test", State::Implement, None), Ok(Some("is Test"))),
            ("ends from work", Point::Ended, at("Test", State::Implement, None), Ok(None)),
            ("ends after its end", Point::Ended, at("Closed", State::Closed, None), Ok(Some("is Closed"))),
            ("cancelled", Point::Started, at("Void", State::Cancelled, None), Err("it is Void there")),
            ("unknown", held.clone(), at("Parked", State::Unknown, None), Err("map.state")),
            ("allowed", Point::Started, at("New", State::Draft, Some(&["implement"])), Ok(None)),
            ("not", Point::Started, at("New", State::Draft, Some(&["Assess"])), Err("allows only Assess")),
            ("nothing", held.clone(), at("New", State::Draft, Some(&[])), Err("allows nothing")),
            ("no hold of what is over", held, at("Closed", State::Closed, None), Ok(Some("is Closed"))),
            ("let go", thawed.clone(), at("On hold", State::Assess, None), Ok(None)),
            ("let go whatever it is called", thawed, at("Parked", State::Unknown, None), Ok(None)),
        ] {
            let got = step(&point, &at, "Implement");
            match (&got, want) {
                (Ok(Step::Move), Ok(None)) => {}
                (Ok(Step::Stands(words)), Ok(Some(part))) => assert!(words.contains(part), "{row}: {words}"),
                (Err(words), Err(part)) => assert!(words.contains(part), "{row}: {words}"),
                (got, want) => {
                    panic!("{row}: {want:?}, {}", got.as_ref().map_or_else(Clone::clone, |_| "other".into()))
                }
            }
        }
    }
}
