//! Routing (rules § Routing): who decides an item, and at which risk it is treated.
//!
//! Policies are tried in order. The treated risk is the declared one raised by the board's floors, and says why.

pub use super::subject::{Clashes, Item, Subject};
use super::{
    auto,
    reason::{FloorFact, NotAutomatic, RoutedBy},
};
use crate::{
    model::{
        Board, Condition, Floor, Id, Instant, ItemKind, Kind, Line, Person, Policy, ReleaseType, Risk, Role,
        RuleBook, Seat,
    },
    rules::facts::same_name,
};

/// The id of the policy that holds where no other matches.
pub const DEFAULT: &str = "default";
/// The id of the board of everybody known, which there is while the rules name none.
pub const EVERYONE: &str = "everyone";

/// Where an item goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Approved by a template, without a round.
    Auto { policy: Id, template: Id },
    /// A board votes by this policy.
    Board { policy: Box<Policy>, board: Id },
}

/// Where an item goes, at which risk, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routing {
    pub route: Route,
    pub treated_risk: Risk,
    /// What raised the risk, and why `auto` did not hold.
    pub why: Vec<RoutedBy>,
}

/// The treated risk, and why it is not the declared one.
#[must_use]
pub fn treated(subject: &Subject<'_>, floors: &[Floor]) -> (Risk, Option<RoutedBy>) {
    let declared = subject.declared();
    let mut risk = declared.treated();
    let mut why = None;
    for floor in floors {
        let raised = floor.risk.treated();
        if raised > risk
            && let Some(reason) = holds(subject, floor)
        {
            risk = raised;
            why = Some(reason);
        }
    }
    let why = match (declared, why, subject.what) {
        (_, Some(holds), _) => Some(RoutedBy::Floor { declared, treated: risk, holds }),
        (Risk::Unknown, None, Item::Change(_)) => Some(RoutedBy::RiskUnknown { treated: risk }),
        (Risk::Unknown, None, Item::Release(_)) => Some(RoutedBy::NoRiskDeclared { treated: risk }),
        (Risk::Low | Risk::Moderate | Risk::High | Risk::VeryHigh, None, _) => None,
    };
    (risk, why)
}

/// Whether a floor holds, and what for. One that says nothing never holds.
fn holds(subject: &Subject<'_>, floor: &Floor) -> Option<Vec<FloorFact>> {
    let when = &floor.when;
    let mut reasons = Vec::new();
    let mut all = true;
    let mut say = |asked: bool, holds: bool, reason: &dyn Fn() -> FloorFact| {
        if asked {
            all &= holds;
            reasons.push(reason());
        }
    };
    let tier = subject.tier();
    let meets = |asked: Option<u8>| asked.zip(tier).is_some_and(|(asked, own)| own <= asked);
    say(when.tier.is_some(), meets(when.tier), &|| FloorFact::Tier(tier.unwrap_or_default()));
    say(when.open_block.is_some(), when.open_block == Some(subject.clashes.open_block), &|| {
        FloorFact::OpenBlock(when.open_block == Some(true))
    });
    say(when.no_rollback_plan.is_some(), when.no_rollback_plan == Some(subject.no_rollback_plan()), &|| {
        FloorFact::NoRollbackPlan(when.no_rollback_plan == Some(true))
    });
    say(!when.services.is_empty(), subject.has_service(&when.services), &|| {
        FloorFact::Services(when.services.clone())
    });
    say(!when.environments.is_empty(), subject.has_environment(&when.environments), &|| {
        FloorFact::Environments(when.environments.clone())
    });
    say(!when.kinds.is_empty(), subject.has_kind(&when.kinds), &|| FloorFact::Kinds(when.kinds.clone()));
    (all && !reasons.is_empty()).then_some(reasons)
}

/// Whether the condition of a policy holds, at this treated risk.
#[must_use]
pub fn matches(subject: &Subject<'_>, when: &Condition, risk: Risk) -> bool {
    let (kind, group, template, release, release_type) = match subject.what {
        Item::Change(c) => {
            (ItemKind::Change, c.group.as_ref(), c.template.as_ref(), Some(c.release.is_some()), None)
        }
        Item::Release(r) => (ItemKind::Release, None, None, None, Some(r.kind.value)),
    };
    let in_list = |list: &[Line], own: Option<&Line>| {
        own.is_some_and(|own| list.iter().any(|name| same_name(name, own)))
    };
    let said = [
        (!when.items.is_empty(), when.items.contains(&kind)),
        (!when.kinds.is_empty(), subject.has_kind(&when.kinds)),
        (when.risk_at_least.is_some(), when.risk_at_least.is_some_and(|least| risk >= least.treated())),
        (when.risk_at_most.is_some(), when.risk_at_most.is_some_and(|most| risk <= most.treated())),
        (!when.services.is_empty(), subject.has_service(&when.services)),
        (!when.environments.is_empty(), subject.has_environment(&when.environments)),
        (!when.groups.is_empty(), in_list(&when.groups, group)),
        (!when.templates.is_empty(), template.is_some_and(|own| when.templates.contains(own))),
        (when.in_release.is_some(), when.in_release == release),
        (!when.release_types.is_empty(), release_type.is_some_and(|own| when.release_types.contains(&own))),
        (
            !when.conflict_rules.is_empty(),
            when.conflict_rules.iter().any(|rule| subject.clashes.open.contains(rule)),
        ),
        (when.soft_freeze.is_some(), when.soft_freeze == Some(subject.soft_freezes().next().is_some())),
    ];
    said.into_iter().all(|(asked, holds)| !asked || holds)
}

/// Where the item goes. `boards` are those of [`boards`].
#[must_use]
pub fn route(subject: &Subject<'_>, rules: &RuleBook, boards: &[Board], now: Instant) -> Routing {
    let (risk, raised) = treated(subject, &rules.settings.risk_floors);
    let mut why: Vec<RoutedBy> = raised.into_iter().collect();
    let listed = rules.policies.iter().filter(|policy| policy.id != DEFAULT);
    for policy in listed.filter(|policy| matches(subject, &policy.when, risk)) {
        if !policy.auto {
            let route = to_board(subject, policy, boards, &mut why);
            return Routing { route, treated_risk: risk, why };
        }
        match auto::holds(subject, &rules.templates, risk, now) {
            Ok(template) if !goes_to_emergency(subject, boards) => {
                let route = Route::Auto { policy: policy.id.clone(), template };
                return Routing { route, treated_risk: risk, why };
            }
            Ok(_) => why.push(not_automatic(policy, NotAutomatic::Emergency)),
            Err(reason) => why.push(not_automatic(policy, reason)),
        }
    }
    let route = to_board(subject, &default_policy(rules), boards, &mut why);
    Routing { route, treated_risk: risk, why }
}

/// Where the item goes when a board has to vote: automatic policies are passed over.
#[must_use]
pub fn route_to_board(subject: &Subject<'_>, rules: &RuleBook, boards: &[Board], now: Instant) -> Routing {
    let routing = route(subject, rules, boards, now);
    if matches!(routing.route, Route::Board { .. }) {
        return routing;
    }
    let voted = RuleBook {
        policies: rules.policies.iter().filter(|policy| !policy.auto).cloned().collect(),
        boards: rules.boards.clone(),
        templates: Vec::new(),
        settings: rules.settings.clone(),
    };
    route(subject, &voted, boards, now)
}

fn not_automatic(policy: &Policy, why: NotAutomatic) -> RoutedBy {
    RoutedBy::NotAutomatic { policy: policy.id.clone(), why }
}

fn goes_to_emergency(subject: &Subject<'_>, boards: &[Board]) -> bool {
    subject.is_emergency() && boards.iter().any(|board| board.emergency)
}

/// The board of a policy, with the extra seats of soft freezes made mandatory.
fn to_board(subject: &Subject<'_>, policy: &Policy, boards: &[Board], why: &mut Vec<RoutedBy>) -> Route {
    let mut policy = policy.clone();
    policy.auto = false;
    for freeze in subject.soft_freezes() {
        if let Some(seat) = freeze.extra_seat.as_ref().filter(|seat| !policy.mandatory.contains(seat)) {
            why.push(RoutedBy::SoftFreeze { freeze: freeze.id.clone(), seat: seat.clone() });
            policy.mandatory.push(seat.clone());
        }
    }
    let emergency = boards.iter().find(|board| board.emergency).filter(|_| subject.is_emergency());
    let own = policy.board.clone().filter(|own| boards.iter().any(|board| board.id == *own));
    let board = match emergency {
        Some(board) if own.as_ref() != Some(&board.id) && !names_emergency(&policy.when) => {
            why.push(RoutedBy::EmergencyBoard { board: board.id.clone() });
            Some(board.id.clone())
        }
        Some(_) | None => own.or_else(|| boards.first().map(|board| board.id.clone())),
    };
    Route::Board { policy: Box::new(policy), board: board.unwrap_or_else(|| Id::constant(EVERYONE)) }
}

/// Whether a policy was written for emergencies: then its own board is meant.
fn names_emergency(when: &Condition) -> bool {
    when.kinds.contains(&Kind::Emergency) || when.release_types.contains(&ReleaseType::Emergency)
}

/// The policy where no other matches. On a board without any rules one person and one yes are enough.
#[must_use]
pub fn default_policy(rules: &RuleBook) -> Policy {
    if let Some(policy) = rules.policies.iter().find(|policy| policy.id == DEFAULT) {
        return policy.clone();
    }
    let mut policy = Policy::fallback(Id::constant(DEFAULT));
    if rules.policies.is_empty() && rules.boards.iter().all(|board| board.id == EVERYONE) {
        policy.min_people = Some(1);
        policy.min_yes = Some(1);
    }
    policy
}

/// The boards in force. Where the rules name none there is one of everybody known, its first person in the chair.
#[must_use]
pub fn boards<'p>(rules: &RuleBook, people: impl Iterator<Item = &'p Person>) -> Vec<Board> {
    let named: Vec<Board> = rules.boards.iter().filter(|board| board.id != EVERYONE).cloned().collect();
    if !named.is_empty() {
        return named;
    }
    let mut board = rules.boards.first().cloned().unwrap_or_else(|| Board {
        id: Id::constant(EVERYONE),
        name: Line::new("Everyone"),
        emergency: false,
        seats: Vec::new(),
        delegations: Vec::new(),
        extra: Default::default(),
    });
    for person in people {
        if board.seats.iter().all(|seat| seat.person != person.id) {
            let role = if board.seats.is_empty() { Role::Chair } else { Role::Voting };
            board.seats.push(Seat { person: person.id.clone(), role, seat: None });
        }
    }
    vec![board]
}

/// The one board the rules name; none where there are several, or none.
#[must_use]
pub fn only(rules: &RuleBook) -> Option<&Id> {
    let mut named = rules.boards.iter().filter(|board| board.id != EVERYONE).map(|board| &board.id);
    named.next().filter(|_| named.next().is_none())
}

#[cfg(test)]
mod tests;
