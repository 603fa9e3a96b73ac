//! Schedules with what they include and exclude: blackout and maintenance schedules, and the one a CI names as its own.
//!
//! A schedule has entries, and other schedules by `cmn_other_schedule`: those it includes are in force as its own
//! entries are, those it excludes are cut out of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Adapted, holes,
    reach::Reach,
    schedule::{self, CLASSES, Of},
    table::{Ask, Rec},
};
use crate::{
    model::{Line, Record, Window, WindowKind},
    source::system::{Page, Refusal, Setup},
};

/// How deep schedules include each other here.
const DEPTH: usize = 4;
/// CIs on a page of those that name a schedule, and the most pages of them.
const ROWS: usize = 1000;

/// Schedules that belong together, by their `sys_id`.
#[derive(Default)]
struct Family {
    schedules: HashMap<String, Rec>,
    spans: HashMap<String, Vec<Rec>>,
    /// What each includes, and (true) excludes.
    others: HashMap<String, Vec<(String, bool)>>,
}

/// A schedule in force: what its windows are, whom they are for, and what tells them from those of others.
struct Force<'a> {
    root: &'a Rec,
    kind: Option<WindowKind>,
    reach: &'a Reach,
    mark: &'a str,
}

impl Adapted {
    pub(super) async fn windows(&mut self, page: Option<&str>) -> Result<Page, Refusal> {
        let classes: Vec<&str> = CLASSES.iter().map(|(class, _)| *class).collect();
        let query = format!("sys_class_nameIN{}", classes.join(","));
        let (rows, next) =
            self.rows("cmn_schedule_condition", query, schedule::FIELDS, "sys_class_name", page).await?;
        let mut answer = Page { next, ..Page::default() };
        let roots: Vec<Rec> =
            rows.rows.into_iter().filter(|row| classes.contains(&row.value("sys_class_name"))).collect();
        let family = self.family(&roots, &mut answer).await?;
        for root in &roots {
            let reach = self.reach(root).await?;
            self.in_force(&family, &Force { root, kind: None, reach: &reach, mark: "" }, &mut answer).await?;
        }
        if answer.next.is_none() {
            self.windows_of_cis(&mut answer).await?;
        }
        Ok(answer)
    }

    /// Schedules that CIs name as their maintenance schedule are in force for those CIs.
    async fn windows_of_cis(&mut self, answer: &mut Page) -> Result<(), Refusal> {
        let mut named: BTreeMap<String, Vec<Line>> = BTreeMap::new();
        for ci in self.cis_with_schedule(answer).await? {
            let own = named.entry(ci.value("maintenance_schedule").to_owned()).or_default();
            own.extend(Setup::line(ci.label("name")));
        }
        let ids: Vec<&str> = named.keys().map(String::as_str).collect();
        let roots = self.side("cmn_schedule", "sys_id", &ids, schedule::FIELDS, &mut answer.faults).await?;
        let family = self.family(&roots, answer).await?;
        for root in &roots {
            let listed = CLASSES.iter().any(|(class, _)| *class == root.value("sys_class_name"));
            if listed && self.reach(root).await?.is_for_all() {
                continue;
            }
            let reach = Reach::of(named.remove(root.sys_id()).unwrap_or_default());
            let kind = Some(WindowKind::Maintenance);
            let mark = if listed { "-ci" } else { "" };
            self.in_force(&family, &Force { root, kind, reach: &reach, mark }, answer).await?;
        }
        Ok(())
    }

    async fn cis_with_schedule(&mut self, answer: &mut Page) -> Result<Vec<Rec>, Refusal> {
        const TABLE: &str = "cmdb_ci";
        let mut found = Vec::new();
        if self.absent.contains(&TABLE) {
            return Ok(found);
        }
        let mut paged = self.tables.session.pages(TABLE);
        for page in 0.. {
            let query = "maintenance_scheduleISNOTEMPTY".to_owned();
            let fields = "sys_id,name,maintenance_schedule";
            let ask = Ask { table: TABLE, query, fields, limit: ROWS, offset: page * ROWS };
            let rows = match self.tables.ask(&ask, &self.setup.login).await {
                Err(refusal) => {
                    self.lacks(TABLE, refusal, &mut answer.faults)?;
                    break;
                }
                Ok(rows) => rows,
            };
            let whole = rows.rows.iter().all(|row| row.has("maintenance_schedule"));
            if rows.more && whole {
                paged.go_on(rows.rows.iter().map(Rec::sys_id))?;
            }
            found.extend(rows.rows.into_iter().filter(|row| !row.value("maintenance_schedule").is_empty()));
            // Without the column the clause is dropped, and every CI comes.
            if !rows.more || !whole {
                break;
            }
        }
        Ok(found)
    }

    /// The entries of schedules, and everything they include and exclude with theirs.
    async fn family(&mut self, roots: &[Rec], answer: &mut Page) -> Result<Family, Refusal> {
        let mut family = Family::default();
        let mut new: Vec<Rec> = roots.to_vec();
        for _ in 0..=DEPTH {
            let ids: Vec<String> = new.iter().map(|rec| rec.sys_id().to_owned()).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            for rec in new.drain(..) {
                family.schedules.insert(rec.sys_id().to_owned(), rec);
            }
            if ids.is_empty() {
                break;
            }
            for span in self.tables.of("cmn_schedule_span", "schedule", &ids, schedule::SPAN_FIELDS).await? {
                family.spans.entry(span.value("schedule").to_owned()).or_default().push(span);
            }
            let fields = "sys_id,schedule,child_schedule,type";
            let mut wanted = BTreeSet::new();
            for rec in self.side("cmn_other_schedule", "schedule", &ids, fields, &mut answer.faults).await? {
                let child = rec.value("child_schedule").to_owned();
                let excluded = schedule::is_hole(&rec);
                if !child.is_empty() && !family.schedules.contains_key(&child) {
                    wanted.insert(child.clone());
                }
                family.others.entry(rec.value("schedule").to_owned()).or_default().push((child, excluded));
            }
            let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
            new = self.side("cmn_schedule", "sys_id", &wanted, schedule::FIELDS, &mut answer.faults).await?;
        }
        Ok(family)
    }

    async fn in_force(
        &mut self,
        family: &Family,
        force: &Force<'_>,
        answer: &mut Page,
    ) -> Result<(), Refusal> {
        let reaches = self.reaches_of_entries(family, force).await?;
        let mut trail = Vec::new();
        let windows = self.entries(family, force, force.root, &reaches, &mut trail, answer);
        answer.extend(&self.setup, windows.into_iter().map(|window| Record::Window(Box::new(window))));
        Ok(())
    }

    /// Whom those entries are for that say so themselves.
    async fn reaches_of_entries(
        &mut self,
        family: &Family,
        force: &Force<'_>,
    ) -> Result<HashMap<String, Reach>, Refusal> {
        let mut reaches = HashMap::new();
        for span in family.spans.get(force.root.sys_id()).into_iter().flatten() {
            let says = !span.value("applies_to").is_empty() || !span.value("condition").is_empty();
            if says && force.kind.is_none() {
                reaches.insert(span.sys_id().to_owned(), self.reach(span).await?);
            }
        }
        Ok(reaches)
    }

    /// The entries of one schedule and of those it includes, with what is excluded cut out of them.
    fn entries(
        &self,
        family: &Family,
        force: &Force<'_>,
        own: &Rec,
        reaches: &HashMap<String, Reach>,
        trail: &mut Vec<String>,
        answer: &mut Page,
    ) -> Vec<Window> {
        let included = own.sys_id() != force.root.sys_id();
        let mark =
            if included { format!("-{}{}", force.root.sys_id(), force.mark) } else { force.mark.to_owned() };
        let kind = if included { Some(self.kind_of(force)) } else { force.kind };
        let (mut windows, mut holes) = (Vec::new(), Vec::new());
        for span in family.spans.get(own.sys_id()).into_iter().flatten() {
            let reach = reaches.get(span.sys_id()).unwrap_or(force.reach);
            let of = Of { root: force.root, own, kind, reach, mark: &mark };
            match schedule::window(&self.setup, of, span) {
                Ok((window, mut faults)) => {
                    let is_hole = schedule::is_hole(span);
                    // What a schedule is for is said of its windows, not of what is cut out of them.
                    faults.retain(|fault| !is_hole || fault.place != "condition");
                    answer.faults.extend(faults);
                    if is_hole { holes.push(window) } else { windows.push(window) }
                }
                Err(fault) => answer.faults.push(fault),
            }
        }
        trail.push(own.sys_id().to_owned());
        for (child, excluded) in family.others.get(own.sys_id()).into_iter().flatten() {
            if trail.contains(child) || trail.len() > DEPTH {
                continue;
            }
            let Some(rec) = family.schedules.get(child) else {
                self.lost(force, child, answer);
                continue;
            };
            let found = self.entries(family, force, rec, reaches, trail, answer);
            if *excluded { holes.extend(found) } else { windows.extend(found) }
        }
        trail.pop();
        windows.into_iter().flat_map(|window| self.cut(window, &holes, own, answer)).collect()
    }

    /// A schedule whose parts cannot be seen says less than it should.
    fn lost(&self, force: &Force<'_>, child: &str, answer: &mut Page) {
        let words = format!(
            "the schedule {} includes or excludes another one ({child}) that cannot be read: what that says is missing",
            force.root.value("name")
        );
        answer.faults.push(self.setup.fault(None, "cmn_other_schedule", words));
    }

    fn cut(&self, window: Window, holes: &[Window], of: &Rec, answer: &mut Page) -> Vec<Window> {
        holes::cut(window.clone(), holes, self.setup.now().to_utc().date_naive()).unwrap_or_else(|why| {
            let words = format!(
                "what {} excludes cannot be cut out of it ({why}): it is shown without holes",
                of.value("name")
            );
            answer.faults.push(self.setup.fault(Some(&window.id), "excluded", words));
            vec![window]
        })
    }

    /// What entries without a word of their own are in this schedule.
    fn kind_of(&self, force: &Force<'_>) -> WindowKind {
        force.kind.unwrap_or_else(|| schedule::kind_of(force.root, &Rec::default()))
    }
}
