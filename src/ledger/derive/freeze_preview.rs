//! What a freeze of the chair would do, before it takes hold: the same rule C3, over the board with the freeze on it.

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::{
    model::{
        Id, Instant, Line, Record, RecordKind, RuleId, Scope, Severity, SourceId, Stored, Wall, Window,
        WindowKind, Word,
    },
    rules::{
        conflict::{self, View},
        facts::{ActivityRef, Facts},
    },
};

/// What a freeze would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FreezePreview {
    pub from: Instant,
    pub until: Instant,
    /// What may not start, by start.
    pub stops: Vec<Frozen>,
    /// What is under way: it is finished, or turned back.
    pub runs: Vec<Frozen>,
    /// What the freeze exempts by its kind.
    pub exempt: Vec<Frozen>,
    /// What depends on something frozen: a warning.
    pub reached: Vec<Frozen>,
    /// What could not be checked, in words.
    pub unchecked: Vec<String>,
}

/// One change or phase that a freeze would hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Frozen {
    pub id: Id,
    pub title: Line,
    pub source: SourceId,
    /// When it is to begin; none where nobody said.
    pub start: Option<Instant>,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    /// Of what runs: when it is projected to end, and the last moment to turn back.
    pub projected_end: Option<Instant>,
    /// The last moment to turn back before its limit, of what runs, as it then stands: the freeze is a limit that has
    /// begun, so that going on asks for a recorded *go on*; turning back itself is never frozen. None is *cannot tell*.
    pub turn_back_by: Option<Instant>,
    /// Minutes that turning back now takes, of what runs; none is *cannot tell*, never zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_minutes: Option<u32>,
    /// The clash that stands then, in one sentence.
    pub reason: String,
    /// Whether its source is told to put it on hold, and to let it go when the freeze is over.
    #[serde(default)]
    pub told: bool,
}

/// The window of a freeze of the chair.
///
/// # Errors
/// When its id cannot be written.
pub fn window(
    scope: &Scope,
    allow: &[Line],
    (from, until): (Instant, Instant),
    name: &str,
) -> Result<Window, crate::model::IdError> {
    let id = Id::new(&format!("freeze-{}", from.to_utc().format("%Y%m%dT%H%M%S")))?;
    Ok(Window {
        id,
        kind: Word::known(WindowKind::Freeze),
        name: Line::new(name),
        scope: scope.clone(),
        start: Wall::Utc(from),
        end: Wall::Utc(until),
        zone: None,
        rrule: None,
        not_understood: None,
        exdates: Vec::new(),
        rdates: Vec::new(),
        hard: true,
        allow: allow.to_vec(),
        extra_seat: None,
        extra: Default::default(),
    })
}

impl Ledger {
    /// What a freeze from now on would do; `None` where its window cannot be written.
    #[must_use]
    pub fn freeze_preview(
        &self,
        scope: &Scope,
        allow: &[Line],
        until: Instant,
        now: Instant,
    ) -> Option<FreezePreview> {
        let window = window(scope, allow, (now, until), "a freeze on trial").ok()?;
        let id = window.id.clone();
        let mut facts = self.facts.clone();
        let stored = Stored { source: SourceId::board(), record: Record::Window(Box::new(window)) };
        facts.apply(vec![stored], Vec::new());
        Some(self.hit_by(&facts, &id, (now, until)))
    }

    /// What a freeze that is on the board stops: what may not start, by start.
    #[must_use]
    pub fn stopped_by(&self, window: &Id, now: Instant) -> Vec<Frozen> {
        self.hit_by(&self.facts, window, (now, now)).stops
    }

    /// What a window of these facts hits as a freeze.
    fn hit_by(&self, facts: &Facts, id: &Id, (now, until): (Instant, Instant)) -> FreezePreview {
        let decisions = self.decisions();
        let view = View::new(facts, now, &decisions);
        let mut preview = FreezePreview {
            from: now,
            until,
            stops: Vec::new(),
            runs: Vec::new(),
            exempt: Vec::new(),
            reached: Vec::new(),
            unchecked: Vec::new(),
        };
        let rows = conflict::detect(facts, now, &decisions);
        for row in rows.iter().filter(|row| row.key.rule == RuleId::C3 && row.key.names(id)) {
            let Some(activity) = row.key.other_side(id) else { continue };
            let Some(number) = facts.number(activity) else { continue };
            let Some(at) = view.at(number) else { continue };
            let frozen = frozen(&view, at, row.reason());
            let (start, end) = at.row.actual();
            let list = match row.severity {
                Severity::Info => &mut preview.exempt,
                Severity::Warn => &mut preview.reached,
                Severity::Block | Severity::Unknown if start.is_some() && end.is_none() => &mut preview.runs,
                Severity::Block | Severity::Unknown => &mut preview.stops,
            };
            list.push(frozen);
        }
        for list in [&mut preview.stops, &mut preview.runs, &mut preview.exempt, &mut preview.reached] {
            list.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
        }
        let unchecked = conflict::unchecked(facts, now, &decisions);
        // What proposes a template of standard changes is never carried out.
        let freezes =
            unchecked.iter().filter(|row| row.rule == RuleId::C3 && self.proposal(&row.activity).is_none());
        preview.unchecked =
            freezes.map(|row| format!("{}: {} is missing", row.activity, row.missing)).collect();
        preview
    }
}

fn frozen(view: &View<'_>, at: ActivityRef<'_>, reason: String) -> Frozen {
    let (row, facts) = (at.row, view.facts);
    let (started, ended) = row.actual();
    let running = started.is_some() && ended.is_none();
    let progress = running.then(|| conflict::progress_of(view, at));
    let (title, source) = match (row.change(), row.phase()) {
        (Some(change), _) => (change.title.clone(), facts.source_of(RecordKind::Change, &change.id)),
        (None, phase) => {
            let release = facts.phase(&row.id).map(|(release, _)| &release.id);
            let source = release.and_then(|release| facts.source_of(RecordKind::Release, release));
            (phase.map(|phase| phase.name.clone()).unwrap_or_default(), source)
        }
    };
    let span = row.when(view.now).span();
    Frozen {
        id: row.id.clone(),
        title,
        source: source.cloned().unwrap_or_else(SourceId::board),
        start: row.when(view.now).start(),
        end: span.map(crate::model::Span::end),
        projected_end: progress.as_ref().and_then(|progress| progress.projected_end),
        undo_minutes: progress.as_ref().and_then(|progress| progress.undo_minutes),
        turn_back_by: progress.and_then(|progress| progress.turn_back_by),
        reason,
        told: false,
    }
}
