//! Pages of every table that is read, and what belongs to them in others.

use super::{
    Adapted,
    change::{self, Beside},
    comments_and_approvals, is_forbidden,
    table::{self, Ask, Rec, Rows, all_of, stamp},
};
use crate::{
    model::{Fault, Id, Instant, Line, Record, Service},
    source::system::{Page, Refusal, Setup},
};

impl Adapted {
    pub(super) async fn rows(
        &self,
        table: &str,
        query: String,
        fields: &str,
        key: &str,
        page: Option<&str>,
    ) -> Result<(Rows, Option<String>), Refusal> {
        let ask = Ask { table, query, fields, limit: self.page_size, offset: 0 };
        self.tables.page(ask, key, page).await
    }

    pub(super) async fn changes(
        &mut self,
        since: Option<Instant>,
        page: Option<&str>,
    ) -> Result<Page, Refusal> {
        if page.is_none() {
            self.check_select().await?;
            if since.is_none() {
                self.numbers.clear();
            }
        }
        let moved = since.map(|since| format!("sys_updated_on>={}", stamp(since))).unwrap_or_default();
        let query = all_of(&[self.setup.select.as_deref().unwrap_or_default(), &moved]);
        let fields = change::fields(&self.setup);
        let (rows, next) = self.rows("change_request", query, &fields, "number", page).await?;
        let mut answer = Page { next, total: rows.total, ..Page::default() };
        let beside = self.beside(&rows.rows, &mut answer.faults).await?;
        for rec in &rows.rows {
            let change = change::change(&self.setup, rec, &beside);
            if change.is_ok() {
                self.numbers.insert(rec.sys_id().to_owned(), rec.value("number").to_owned());
            }
            let moved = change.as_ref().ok().and_then(|change| change.updated_at);
            answer.take(&self.setup, change.map(Record::from), moved);
        }
        Ok(answer)
    }

    /// ServiceNow drops what it does not understand of a query and answers with everything.
    async fn check_select(&self) -> Result<(), Refusal> {
        let Some(select) = &self.setup.select else { return Ok(()) };
        let names: Vec<&str> = select.split('^').map(field_of).filter(|name| !name.is_empty()).collect();
        let fields = format!("sys_id,{}", names.join(","));
        let ask = Ask { table: "change_request", query: String::new(), fields: &fields, limit: 1, offset: 0 };
        let rows = self.tables.ask(&ask, &self.setup.login).await?.rows;
        let Some(rec) = rows.first() else { return Ok(()) };
        match names.iter().find(|name| !rec.has(name)) {
            Some(name) => Err(Refusal::Said(format!(
                "select names {name}, which change_request does not have (or this account may not see); ServiceNow would ignore it and answer with everything"
            ))),
            None => Ok(()),
        }
    }

    /// What other tables say about a page of changes.
    pub(super) async fn beside(&mut self, rows: &[Rec], faults: &mut Vec<Fault>) -> Result<Beside, Refusal> {
        let ids: Vec<&str> = rows.iter().map(Rec::sys_id).collect();
        let mut beside = Beside::default();
        if self.on("affected") {
            for rec in self.side("task_ci", "task", &ids, "sys_id,task,ci_item", faults).await? {
                if let Some(service) = Setup::line(rec.label("ci_item")) {
                    beside.services.entry(rec.value("task").to_owned()).or_default().push(service);
                }
            }
        }
        if self.on("releases") {
            let fields = "sys_id,task,release,release.number";
            for rec in self.side("rm_m2m_release_task", "task", &ids, fields, faults).await? {
                let number = rec.value("release.number").to_owned();
                beside.releases.insert(rec.value("task").to_owned(), number);
            }
        }
        let disputed: Vec<&str> =
            rows.iter().filter(|rec| rec.value("conflict_status") == "Conflict").map(Rec::sys_id).collect();
        let fields = "sys_id,change,type,conflicting_change";
        for rec in self.side("conflict", "change", &disputed, fields, faults).await? {
            let line = format!("{} {}", rec.label("type"), rec.label("conflicting_change"));
            beside.conflicts.entry(rec.value("change").to_owned()).or_default().push(line);
        }
        Ok(beside)
    }

    /// Rows of a table that an instance need not have, and an account need not see.
    pub(super) async fn side(
        &mut self,
        table: &'static str,
        key: &str,
        ids: &[&str],
        fields: &str,
        faults: &mut Vec<Fault>,
    ) -> Result<Vec<Rec>, Refusal> {
        if ids.is_empty() || self.absent.contains(&table) {
            return Ok(Vec::new());
        }
        match self.tables.of(table, key, ids, fields).await {
            Err(refusal) => self.lacks(table, refusal, faults).map(|()| Vec::new()),
            other => other,
        }
    }

    /// Notes that a table is not there, or not for this account, which is said once; any other refusal is one.
    pub(super) fn lacks(
        &mut self,
        table: &'static str,
        refusal: Refusal,
        faults: &mut Vec<Fault>,
    ) -> Result<(), Refusal> {
        if !table::is_absent(&refusal) && !is_forbidden(&refusal) {
            return Err(refusal);
        }
        self.absent.push(table);
        if is_forbidden(&refusal) {
            let text = format!("{refusal}: what {table} says is missing; let the account read it");
            faults.push(self.setup.fault(None, table, text));
        }
        Ok(())
    }

    /// The numbers of these changes, those of them that are selected.
    async fn know(&mut self, ids: &[&str]) -> Result<(), Refusal> {
        let mut new: Vec<&str> = ids.iter().filter(|id| !self.numbers.contains_key(**id)).copied().collect();
        new.sort_unstable();
        new.dedup();
        for ids in new.chunks(table::IDS) {
            let among = format!("sys_idIN{}", ids.join(","));
            let query = all_of(&[self.setup.select.as_deref().unwrap_or_default(), &among]);
            let fields = "sys_id,number";
            let ask = Ask { table: "change_request", query, fields, limit: table::IDS, offset: 0 };
            for rec in self.tables.ask(&ask, &self.setup.login).await?.rows {
                self.numbers.insert(rec.sys_id().to_owned(), rec.value("number").to_owned());
            }
        }
        Ok(())
    }

    fn item_of(&self, sys_id: &str) -> Option<Id> {
        self.setup.record_id(self.numbers.get(sys_id)?).ok()
    }

    pub(super) async fn approvals(
        &mut self,
        since: Option<Instant>,
        page: Option<&str>,
    ) -> Result<Page, Refusal> {
        let moved = since.map(|since| format!("sys_updated_on>={}", stamp(since))).unwrap_or_default();
        let query = all_of(&["source_table=change_request", &moved]);
        let (rows, next) = self
            .rows("sysapproval_approver", query, comments_and_approvals::APPROVAL_FIELDS, "state", page)
            .await?;
        let items: Vec<&str> = rows.rows.iter().map(|row| row.value("sysapproval")).collect();
        self.know(&items).await?;
        let known = |row: &Rec| {
            Some(comments_and_approvals::approval(&self.setup, &self.item_of(row.value("sysapproval"))?, row))
        };
        Ok(Page { rows: rows.rows.iter().filter_map(known).collect(), next, ..Page::default() })
    }

    pub(super) async fn comments(
        &mut self,
        since: Option<Instant>,
        page: Option<&str>,
    ) -> Result<Page, Refusal> {
        let moved = since.map_or_else(
            || format!("sys_created_on>=javascript:gs.daysAgoStart({})", self.journal_days),
            |since| format!("sys_created_on>={}", stamp(since)),
        );
        let query = all_of(&["name=change_request", "elementINcomments,work_notes", &moved]);
        let (rows, next) = self
            .rows("sys_journal_field", query, comments_and_approvals::JOURNAL_FIELDS, "value", page)
            .await?;
        let items: Vec<&str> = rows.rows.iter().map(|row| row.value("element_id")).collect();
        self.know(&items).await?;
        let known = |row: &Rec| {
            comments_and_approvals::comment(&self.setup, &self.item_of(row.value("element_id"))?, row)
        };
        Ok(Page { rows: rows.rows.iter().filter_map(known).collect(), next, ..Page::default() })
    }

    pub(super) async fn releases(&self, since: Option<Instant>, page: Option<&str>) -> Result<Page, Refusal> {
        let moved = since.map(|since| format!("sys_updated_on>={}", stamp(since))).unwrap_or_default();
        let (rows, next) = self.rows("rm_release", moved, change::RELEASE_FIELDS, "number", page).await?;
        let mut answer = Page { next, total: rows.total, ..Page::default() };
        for rec in &rows.rows {
            let release = change::release(&self.setup, rec);
            let moved = release.as_ref().ok().and_then(|release| release.updated_at);
            answer.take(&self.setup, release.map(|release| Record::Release(Box::new(release))), moved);
        }
        Ok(answer)
    }

    /// Relations page by page; the services come with the last one, when each has all it depends on.
    pub(super) async fn services(
        &mut self,
        since: Option<Instant>,
        page: Option<&str>,
    ) -> Result<Page, Refusal> {
        if since.is_some() {
            // Relations are read with every sweep.
            return Ok(Page::default());
        }
        if page.is_none() {
            self.edges = None;
        }
        // Another process began this: what it read is not known here.
        let page = page.filter(|_| self.edges.is_some());
        let query = self.relations.clone();
        let (rows, next) = self.rows("cmdb_rel_ci", query, "sys_id,parent,child", "parent", page).await?;
        let edges = self.edges.get_or_insert_default();
        for (parent, child) in rows.rows.iter().filter_map(comments_and_approvals::relation) {
            edges.entry(child.clone()).or_default();
            edges.entry(parent).or_default().push(child);
        }
        let mut answer = Page { next, ..Page::default() };
        if answer.next.is_none() {
            for (name, depends_on) in self.edges.take().unwrap_or_default() {
                let id = self.setup.record_id(&name);
                let service = id.map(|id| Record::Service(Box::new(service(id, name, depends_on))));
                answer.take(&self.setup, service, None);
            }
        }
        Ok(answer)
    }
}

fn service(id: Id, name: Line, depends_on: Vec<Line>) -> Service {
    Service { id, name, class: None, tier: None, depends_on, aliases: Vec::new(), extra: Default::default() }
}

/// The field that a clause of an encoded query begins with.
#[must_use]
pub fn field_of(clause: &str) -> &str {
    let clause = clause.trim();
    let clause = clause.strip_prefix("OR").filter(|rest| !rest.starts_with("DER")).unwrap_or(clause);
    if clause.starts_with("ORDERBY") || clause.starts_with("GROUPBY") || clause == "EQ" {
        return "";
    }
    let end =
        clause.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.')));
    &clause[..end.unwrap_or(clause.len())]
}
