//! Services: which names are one service, and what depends on what.
//!
//! Ids and aliases of a service record join; a display name joins where nobody else claims it. Edges along
//! `depends_on` are sorted by name, so that a shortest path is the same one however the records arrived.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::Arc,
};

use foldhash::HashMap;

use super::names::{NONE, Names, fold};
use crate::model::{Id, Line, Service};

/// The service graph: classes of names, and edges between them.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Folded name to the class it belongs to; names beyond the end stand for themselves.
    class: Vec<u32>,
    records: HashMap<u32, Vec<Arc<Service>>>,
    /// The folded id of the first record of a class. Which of several joined names numbers it is chance.
    labels: HashMap<u32, String>,
    down: HashMap<u32, Vec<Edge>>,
    up: HashMap<u32, Vec<u32>>,
}

/// One dependency, with the words in which it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edge {
    to: u32,
    written: Line,
}

/// A service reached along `depends_on`, with the hops and the service before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The service, by its number in the facts.
    pub service: u32,
    /// How many edges of `depends_on` away, from 1.
    pub hops: u8,
    before: u32,
}

impl Graph {
    /// The graph of these records.
    #[must_use]
    pub fn build(records: &BTreeMap<Id, Arc<Service>>, names: &mut Names) -> Self {
        let mut union = Union::default();
        let mut claimed = HashSet::new();
        for record in records.values() {
            let own = names.name(record.id.as_str());
            claimed.insert(own);
            for alias in &record.aliases {
                let alias = names.name(alias);
                claimed.insert(alias);
                union.join(own, alias);
            }
        }
        let mut shown: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for record in records.values().filter(|record| !record.name.is_empty()) {
            let own = names.name(record.id.as_str());
            let own = union.root(own);
            let owners = shown.entry(names.name(&record.name)).or_default();
            if !owners.contains(&own) {
                owners.push(own);
            }
        }
        for (name, owners) in shown {
            if let ([owner], false) = (owners.as_slice(), claimed.contains(&name)) {
                union.join(*owner, name);
            }
        }
        let mut graph = Self::default();
        for record in records.values() {
            let own = union.root(names.name(record.id.as_str()));
            graph.records.entry(own).or_default().push(record.clone());
            graph.labels.entry(own).or_insert_with(|| fold(record.id.as_str()));
            for dependency in &record.depends_on {
                let to = union.root(names.name(dependency));
                graph.edge(own, to, dependency);
            }
        }
        graph.class = (0..super::names::number(names.len())).map(|name| union.root(name)).collect();
        let (labels, names) = (&graph.labels, &*names);
        let text = |class: u32| labels.get(&class).map_or_else(|| names.text(class), String::as_str);
        for edges in graph.down.values_mut() {
            edges.sort_by(|a, b| text(a.to).cmp(text(b.to)).then_with(|| a.written.cmp(&b.written)));
            edges.dedup_by_key(|edge| edge.to);
        }
        for sources in graph.up.values_mut() {
            sources.sort_by(|a, b| text(*a).cmp(text(*b)));
            sources.dedup();
        }
        graph
    }

    fn edge(&mut self, from: u32, to: u32, written: &Line) {
        self.down.entry(from).or_default().push(Edge { to, written: written.clone() });
        self.up.entry(to).or_default().push(from);
    }

    /// What a service is sorted by.
    #[must_use]
    pub fn text<'a>(&'a self, class: u32, names: &'a Names) -> &'a str {
        self.labels.get(&class).map_or_else(|| names.text(class), String::as_str)
    }

    /// The service a folded name belongs to.
    #[must_use]
    pub fn class_of(&self, name: u32) -> u32 {
        self.class.get(name as usize).copied().unwrap_or(name)
    }

    /// The records of a service, the smallest id first; several where aliases join records of several systems.
    #[must_use]
    pub fn records(&self, service: u32) -> &[Arc<Service>] {
        self.records.get(&service).map_or(&[], Vec::as_slice)
    }

    /// Whether any service needs another; without, nothing reaches further than itself.
    #[must_use]
    pub fn has_edges(&self) -> bool {
        !self.down.is_empty()
    }

    /// What a service depends on in 1 to `depth` hops, nearest first.
    #[must_use]
    pub fn below(&self, service: u32, depth: u8) -> Vec<Reached> {
        self.reach(service, depth, |graph, at, visit| {
            for edge in graph.down.get(&at).into_iter().flatten() {
                visit(edge.to);
            }
        })
    }

    /// What depends on a service in 1 to `depth` hops, nearest first.
    #[must_use]
    pub fn above(&self, service: u32, depth: u8) -> Vec<Reached> {
        self.reach(service, depth, |graph, at, visit| {
            for from in graph.up.get(&at).into_iter().flatten() {
                visit(*from);
            }
        })
    }

    fn reach(&self, from: u32, depth: u8, next: impl Fn(&Self, u32, &mut dyn FnMut(u32))) -> Vec<Reached> {
        let mut found: Vec<Reached> = Vec::new();
        let mut seen = HashSet::from([from]);
        let mut queue = VecDeque::from([(from, 0_u8)]);
        while let Some((at, hops)) = queue.pop_front() {
            if hops >= depth {
                continue;
            }
            next(self, at, &mut |to| {
                if seen.insert(to) {
                    found.push(Reached { service: to, hops: hops + 1, before: at });
                    queue.push_back((to, hops + 1));
                }
            });
        }
        found
    }

    /// A shortest path along `depends_on` from one service down to another, both ends included; empty when there is none.
    #[must_use]
    pub fn path(&self, from: u32, to: u32, depth: u8) -> Vec<u32> {
        let found = self.below(from, depth);
        let mut path = Vec::new();
        let mut at = to;
        while let Some(step) = found.iter().find(|step| step.service == at) {
            path.push(at);
            at = step.before;
        }
        if path.is_empty() {
            return path;
        }
        path.push(from);
        path.reverse();
        path
    }

    /// How the dependency of one service on another was written.
    #[must_use]
    pub fn written(&self, from: u32, to: u32) -> Option<Line> {
        self.down.get(&from)?.iter().find(|edge| edge.to == to).map(|edge| edge.written.clone())
    }

    /// Every cycle of dependencies once, as its members in name order.
    #[must_use]
    pub fn cycles(&self, names: &Names) -> Vec<Vec<u32>> {
        let mut nodes: Vec<u32> = self.down.keys().copied().collect();
        nodes.sort_by(|a, b| self.text(*a, names).cmp(self.text(*b, names)));
        let mut cycles =
            cycles(&nodes, |node| self.down.get(&node).into_iter().flatten().map(|edge| edge.to).collect());
        for cycle in &mut cycles {
            cycle.sort_by(|a, b| self.text(*a, names).cmp(self.text(*b, names)));
        }
        cycles.sort_by(|a, b| {
            a.first().map(|x| self.text(*x, names)).cmp(&b.first().map(|x| self.text(*x, names)))
        });
        cycles
    }

    /// Whether services are printed the same.
    #[must_use]
    pub fn same_records(&self, other: &Self) -> bool {
        let first = |graph: &Self| -> BTreeMap<u32, Id> {
            let records = graph.records.iter();
            records.filter_map(|(class, records)| Some((*class, records.first()?.id.clone()))).collect()
        };
        first(self) == first(other)
    }

    /// Whether the same names are joined and the same edges drawn.
    #[must_use]
    pub fn same_shape(&self, other: &Self) -> bool {
        let names = self.class.len().max(other.class.len());
        self.down == other.down
            && (0..super::names::number(names)).all(|name| self.class_of(name) == other.class_of(name))
    }
}

/// The strongly connected sets of more than one node (or of one that points at itself), by Tarjan without recursion.
pub fn cycles<T: Copy + Eq + std::hash::Hash>(nodes: &[T], next: impl Fn(T) -> Vec<T>) -> Vec<Vec<T>> {
    let mut search =
        Search { index: HashMap::default(), low: HashMap::default(), stack: Vec::new(), on: HashSet::new() };
    let mut found = Vec::new();
    for &root in nodes {
        if search.index.contains_key(&root) {
            continue;
        }
        let mut work = vec![(search.enter(root), next(root), 0_usize)];
        while let Some((node, edges, at)) = work.last_mut() {
            let node = *node;
            if let Some(&to) = edges.get(*at) {
                *at += 1;
                if !search.index.contains_key(&to) {
                    let entered = search.enter(to);
                    work.push((entered, next(to), 0));
                } else if search.on.contains(&to) {
                    search.lower(node, search.index.get(&to).copied().unwrap_or(0));
                }
                continue;
            }
            let selfish = edges.contains(&node);
            work.pop();
            if let Some((parent, _, _)) = work.last() {
                search.lower(*parent, search.low.get(&node).copied().unwrap_or(0));
            }
            let members = search.leave(node);
            if members.len() > 1 || (selfish && members.len() == 1) {
                found.push(members);
            }
        }
    }
    found
}

struct Search<T> {
    index: HashMap<T, usize>,
    low: HashMap<T, usize>,
    stack: Vec<T>,
    on: HashSet<T>,
}

impl<T: Copy + Eq + std::hash::Hash> Search<T> {
    fn enter(&mut self, node: T) -> T {
        let at = self.index.len();
        self.index.insert(node, at);
        self.low.insert(node, at);
        self.stack.push(node);
        self.on.insert(node);
        node
    }

    fn lower(&mut self, node: T, to: usize) {
        let low = self.low.entry(node).or_insert(to);
        *low = (*low).min(to);
    }

    /// The members of the set whose root is `node`; empty when it is no root.
    fn leave(&mut self, node: T) -> Vec<T> {
        let mut members = Vec::new();
        if self.low.get(&node) == self.index.get(&node) {
            while let Some(top) = self.stack.pop() {
                self.on.remove(&top);
                members.push(top);
                if top == node {
                    break;
                }
            }
        }
        members
    }
}

/// Disjoint sets of names; the smallest number is the root.
#[derive(Default)]
struct Union(HashMap<u32, u32>);

impl Union {
    fn root(&self, mut at: u32) -> u32 {
        while let Some(&up) = self.0.get(&at) {
            at = up;
        }
        at
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b && a != NONE && b != NONE {
            self.0.insert(a.max(b), a.min(b));
        }
    }
}
