//! Lanes: activities in view grouped by what one wants to see, ranked once and kept while one looks.

use std::{cmp::Reverse, collections::HashSet};

use foldhash::HashMap;

use super::{
    index::Index,
    item::{Item, Mark},
};
use crate::model::{Line, Window};

/// What lanes are made of; `x` goes through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Grouping {
    #[default]
    Class,
    Service,
    Environment,
    Owner,
    Group,
    Release,
    Source,
    None,
}

impl Grouping {
    const ALL: [Self; 8] = [
        Self::Class,
        Self::Service,
        Self::Environment,
        Self::Owner,
        Self::Group,
        Self::Release,
        Self::Source,
        Self::None,
    ];

    /// What the settings ask for.
    #[must_use]
    pub const fn of_settings(lanes: crate::config::Lane) -> Self {
        use crate::config::Lane;
        match lanes {
            Lane::Class => Self::Class,
            Lane::Service => Self::Service,
            Lane::Environment => Self::Environment,
            Lane::Owner => Self::Owner,
            Lane::Group => Self::Group,
            Lane::Release => Self::Release,
            Lane::Source => Self::Source,
            Lane::None => Self::None,
        }
    }

    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|grouping| *grouping == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Service => "service",
            Self::Environment => "environment",
            Self::Owner => "owner",
            Self::Group => "group",
            Self::Release => "release",
            Self::Source => "source",
            Self::None => "none",
        }
    }

    /// The lane of what has no such thing.
    const fn without(self) -> &'static str {
        match self {
            Self::Class => "no class",
            Self::Service => "no service",
            Self::Environment => "no environment",
            Self::Owner => "no owner",
            Self::Group => "no group",
            Self::Release => "no release",
            Self::Source => "no source",
            Self::None => "all",
        }
    }

    /// The lanes an activity belongs to; never empty.
    fn lanes_of(self, item: &Item, index: &Index) -> Vec<Line> {
        let row = &item.row;
        let one = |line: Option<&Line>| {
            line.filter(|line| !line.is_empty()).cloned().unwrap_or_else(|| Line::new(self.without()))
        };
        match self {
            Self::Class => {
                let mut lanes: Vec<Line> = Vec::new();
                for service in row.service_ids.iter() {
                    if let Some(class) = index.class(service.as_str())
                        && !lanes.contains(class)
                    {
                        lanes.push(class.clone());
                    }
                }
                if lanes.is_empty() {
                    lanes.push(one(row.class.as_ref()));
                }
                lanes
            }
            Self::Service => services_of(item, None, index),
            Self::Environment => vec![one(row.environment.as_ref())],
            Self::Owner => vec![one(row.owner.as_ref())],
            Self::Group => vec![one(row.group.as_ref())],
            Self::Release => {
                let release = row.release.as_ref().map(|id| Line::new(id.as_str()));
                vec![one(release.as_ref())]
            }
            Self::Source => vec![Line::new(row.source.as_str())],
            Self::None => vec![Line::new(self.without())],
        }
    }

    /// Whether a window's scope covers a lane of this grouping. Where lanes are people, releases or sources, only a window
    /// for everything does.
    #[must_use]
    pub fn covered(self, lane: &Lane, window: &Window, index: &Index) -> bool {
        let scope = &window.scope;
        let same = |names: &[Line], name: &str| {
            names.is_empty() || names.iter().any(|known| known.as_str().eq_ignore_ascii_case(name))
        };
        let name = lane.name.as_str();
        if lane.depth > 0 {
            return same(&scope.services, name);
        }
        match self {
            Self::Class => {
                let class =
                    |service: &Line| index.class(service.as_str()).is_some_and(|class| *class == lane.name);
                scope.services.is_empty() || scope.services.iter().any(class)
            }
            Self::Service => same(&scope.services, name),
            Self::Environment => same(&scope.environments, name),
            Self::Group => same(&scope.groups, name),
            Self::Owner | Self::Release | Self::Source | Self::None => {
                scope.services.is_empty() && scope.environments.is_empty() && scope.groups.is_empty()
            }
        }
    }

    /// Whether a lane can be opened into its services.
    #[must_use]
    pub const fn opens(self) -> bool {
        !matches!(self, Self::Service)
    }
}

/// The services of an activity, those of one class only where it is given.
fn services_of(item: &Item, class: Option<&Line>, index: &Index) -> Vec<Line> {
    let mut lanes: Vec<Line> = Vec::new();
    for service in item.row.service_ids.iter() {
        let right = class.is_none_or(|class| index.class(service.as_str()) == Some(class));
        let name = Line::new(service.as_str());
        if right && !lanes.contains(&name) {
            lanes.push(name);
        }
    }
    if lanes.is_empty() {
        lanes.push(Line::new(Grouping::Service.without()));
    }
    lanes
}

/// One lane with what is in it, as indices into the items in view.
#[derive(Debug, Clone, Default)]
pub struct Lane {
    pub name: Line,
    /// Drawn in full here.
    pub own: Vec<usize>,
    /// Drawn in full in a lane that ranks higher.
    pub shared: Vec<usize>,
    /// 1 for a service of an opened lane.
    pub depth: u8,
    /// Opened: its items are in the lanes below it.
    pub open: bool,
}

impl Lane {
    /// Holds something that must not be lost in a count.
    #[must_use]
    pub fn matters(&self, items: &[Item]) -> bool {
        self.own.iter().any(|item| items[*item].matters())
    }
}

/// What the ranks of lanes were taken for, and the ranks.
#[derive(Debug, Default)]
pub struct Ranks {
    order: HashMap<Line, usize>,
    /// Lanes that come first, by name, as the settings say.
    pub pinned: Vec<Line>,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    known: Reverse<Option<Reverse<usize>>>,
    first: Reverse<bool>,
    /// The place among the pinned ones.
    pinned: Reverse<Option<Reverse<usize>>>,
    blocks: Reverse<u32>,
    open: Reverse<u32>,
    all: Reverse<u32>,
    name: Line,
}

impl Ranks {
    /// Forgets the ranks: the period, zoom, filter or grouping changed.
    pub fn forget(&mut self) {
        self.order.clear();
    }

    /// The lanes of what is in view, ranked; lanes seen before keep their places, new ones follow.
    pub fn lanes(
        &mut self,
        items: &[Item],
        grouping: Grouping,
        opened: &HashSet<Line>,
        index: &Index,
    ) -> Vec<Lane> {
        let members: Vec<Vec<Line>> = items.iter().map(|item| grouping.lanes_of(item, index)).collect();
        let lanes = self.collect(items, &members, "");
        let mut flat = Vec::with_capacity(lanes.len());
        for mut lane in lanes {
            if !grouping.opens() || !opened.contains(&lane.name) {
                flat.push(lane);
                continue;
            }
            let class = (grouping == Grouping::Class).then(|| lane.name.clone());
            let inside: Vec<usize> = lane.own.iter().chain(&lane.shared).copied().collect();
            let picked: Vec<Item> = inside.iter().map(|item| items[*item].clone()).collect();
            let members: Vec<Vec<Line>> =
                picked.iter().map(|item| services_of(item, class.as_ref(), index)).collect();
            let prefix = format!("{}\n", lane.name);
            let mut below = self.collect(&picked, &members, &prefix);
            for service in &mut below {
                service.depth = 1;
                // What is drawn in full in another lane stays a shadow in all services of this one.
                let (own, away): (Vec<usize>, Vec<usize>) =
                    service.own.iter().map(|at| inside[*at]).partition(|item| lane.own.contains(item));
                service.shared = service.shared.iter().map(|at| inside[*at]).chain(away).collect();
                service.own = own;
            }
            lane.open = true;
            flat.push(lane);
            flat.append(&mut below);
        }
        flat
    }

    fn collect(&mut self, items: &[Item], members: &[Vec<Line>], prefix: &str) -> Vec<Lane> {
        let mut numbers: HashMap<&str, usize> = HashMap::default();
        let mut ranks: Vec<(&Line, Rank)> = Vec::new();
        let mut lanes_of: Vec<usize> = Vec::with_capacity(items.len());
        for (item, names) in items.iter().zip(members) {
            for name in names {
                let number = *numbers.entry(name.as_str()).or_insert_with(|| {
                    ranks.push((name, Rank::default()));
                    ranks.len() - 1
                });
                lanes_of.push(number);
                let rank = &mut ranks[number].1;
                rank.first.0 |= item.order == 0;
                rank.blocks.0 += u32::from(item.is_block());
                rank.open.0 += u32::from(item.mark == Mark::Open);
                rank.all.0 += 1;
            }
        }
        let key = |name: &Line| {
            if prefix.is_empty() { name.clone() } else { Line::new(&format!("{prefix}{name}")) }
        };
        let mut sorted: Vec<(Rank, &Line, usize)> = ranks
            .into_iter()
            .zip(0..)
            .map(|((name, rank), number)| {
                let known = self.order.get(&key(name)).copied();
                let pin = |pinned: &Line| pinned.to_lowercase() == name.to_lowercase();
                let pinned = self.pinned.iter().position(pin).filter(|_| prefix.is_empty());
                let (known, pinned) = (Reverse(known.map(Reverse)), Reverse(pinned.map(Reverse)));
                (Rank { known, pinned, name: name.clone(), ..rank }, name, number)
            })
            .collect();
        sorted.sort();
        let mut place = vec![0; sorted.len()];
        for (at, (.., number)) in sorted.iter().enumerate() {
            place[*number] = at;
        }
        let mut lanes: Vec<Lane> =
            sorted.iter().map(|(_, name, _)| Lane { name: (*name).clone(), ..Lane::default() }).collect();
        let mut numbers = lanes_of.as_slice();
        for (item, names) in members.iter().enumerate() {
            let (own, rest) = numbers.split_at(names.len());
            numbers = rest;
            let Some(best) = own.iter().map(|number| place[*number]).min() else { continue };
            for at in own.iter().map(|number| place[*number]) {
                if at == best {
                    lanes[at].own.push(item);
                } else {
                    lanes[at].shared.push(item);
                }
            }
        }
        for lane in &lanes {
            let next = self.order.len();
            self.order.entry(key(&lane.name)).or_insert(next);
        }
        lanes
    }
}

/// What a lane asks for when rows are shared out.
#[derive(Debug, Clone, Copy)]
pub struct Want {
    /// Holds something that must not be lost in a count.
    pub matters: bool,
    /// Rows that would place everything, or the most a lane may have.
    pub rows: usize,
    /// Items to place.
    pub items: usize,
}

/// Shares out `height` rows: lanes in their order; those that matter take what they need, every other takes one row, and
/// spare rows go one by one to the lane with most unplaced items. Lanes that get none are the last row, left free for
/// them.
#[must_use]
pub fn share(wants: &[Want], height: usize) -> Vec<usize> {
    let mut rows = vec![0; wants.len()];
    let fits = wants.len() <= height;
    let mut left = if fits { height } else { height.saturating_sub(1) };
    for row in rows.iter_mut().take(left) {
        *row = 1;
    }
    left -= left.min(wants.len());
    if left == 0 && !fits {
        left = matter_first(wants, &mut rows);
    }
    for (want, row) in wants.iter().zip(rows.iter_mut()).filter(|(want, row)| want.matters && **row > 0) {
        let more = want.rows.saturating_sub(*row).min(left);
        *row += more;
        left -= more;
    }
    while left > 0 {
        let unplaced = |at: &usize| wants[*at].items.saturating_sub(rows[*at]);
        let open = (0..wants.len()).filter(|at| rows[*at] > 0 && rows[*at] < wants[*at].rows);
        let Some(at) = open.max_by_key(|at| (unplaced(at), Reverse(*at))) else { break };
        rows[at] += 1;
        left -= 1;
    }
    rows
}

/// Where not all lanes have a row anyway, those that matter take theirs from the lanes at the end; gives the rows freed.
fn matter_first(wants: &[Want], rows: &mut [usize]) -> usize {
    let missing: usize = wants
        .iter()
        .zip(rows.iter())
        .filter(|(want, row)| want.matters && **row > 0)
        .map(|(w, r)| w.rows - r.min(&w.rows))
        .sum();
    let mut freed = 0;
    for at in (0..rows.len()).rev() {
        if freed >= missing {
            break;
        }
        if rows[at] > 0 && !wants[at].matters {
            freed += rows[at];
            rows[at] = 0;
        }
    }
    freed
}
