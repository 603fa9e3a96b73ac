//! Rounds over a system that is a list: what is not believed, and when it is after all.

use std::collections::BTreeMap;

use super::*;
use crate::{
    model::{ApprovalAnswer, ApprovalRequest, Change, Comment, RecordKind, Release, SourceId, Word},
    source::{
        http::{Http, Login},
        system::{AnyComments, Comments},
    },
};

const CHANGES: Listing = Listing { name: "changes", kinds: &[RecordKind::Change], incremental: true };
const RELEASES: Listing = Listing { name: "releases", kinds: &[RecordKind::Release], incremental: false };

/// So many changes and releases, all open.
#[derive(Default)]
struct Counts {
    changes: usize,
    releases: usize,
    /// The same page whatever page is asked for, and always a next one.
    endless: bool,
    pages: usize,
    /// None where its listings bring what people said.
    said: Option<Said>,
}

/// What is asked for item by item, and about which items it was asked.
#[derive(Default)]
struct Said {
    all_open: bool,
    marks: Option<BTreeMap<Id, String>>,
    asked: Vec<Id>,
}

impl Comments for Said {
    async fn comments_and_approvals(&mut self, item: &Id) -> Result<Page, Refusal> {
        self.asked.push(item.clone());
        Ok(Page::default())
    }

    fn asks_all_open(&self) -> bool {
        self.all_open
    }

    async fn marks(&mut self, _: &BTreeSet<Id>) -> Result<Option<BTreeMap<Id, String>>, Refusal> {
        Ok(self.marks.clone())
    }
}

impl Adapter for Counts {
    fn capabilities(&self) -> Capabilities {
        Capabilities::read_only(&[RecordKind::Change, RecordKind::Release], "it is a list")
    }

    fn listings(&self) -> Vec<Listing> {
        vec![CHANGES, RELEASES]
    }

    async fn page(&mut self, wanted: Wanted<'_>) -> Result<Page, Refusal> {
        let listing = wanted.listing;
        let changes = *listing == CHANGES;
        let count = if changes { self.changes } else { self.releases };
        let row = |number: usize| {
            let id = Id::new(&format!("few:{}{number}", listing.name)).unwrap();
            let mut change = Change::new(id.clone());
            change.state = State::Authorize.into();
            let record = match changes {
                true => Record::from(change),
                false => Record::Release(Box::new(Release::new(id))),
            };
            Row { stored: Stored { source: SourceId::new("few"), record }, updated: None }
        };
        self.pages += 1;
        let next = self.endless.then(|| self.pages.to_string());
        Ok(Page { rows: (0..count).map(row).collect(), next, ..Page::default() })
    }

    fn per_item(&mut self) -> Option<&mut dyn AnyComments> {
        self.said.as_mut().map(|said| said as &mut dyn AnyComments)
    }

    async fn item(&mut self, _: &Id) -> Result<Vec<Stored>, Refusal> {
        Ok(Vec::new())
    }

    fn http(&self) -> Option<&Http> {
        None
    }
}

fn crawler(changes: usize, releases: usize) -> Crawler<Counts> {
    let setup = Setup { sweep: 0, ..Setup::of_test("few") };
    Crawler::new(setup, Box::new(Counts { changes, releases, ..Counts::default() }))
}

/// Full rounds one after the other; how many records each calls there still, and none where it is in doubt.
fn rounds(counts: &[(usize, usize)]) -> Vec<Option<usize>> {
    let mut crawler = crawler(0, 0);
    let mut cursor: Option<Vec<u8>> = None;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut round = |(at, (changes, releases)): (usize, &(usize, usize))| {
        *crawler.adapter = Counts { changes: *changes, releases: *releases, ..Counts::default() };
        let now = Instant::from_secs(1_795_000_000 + i64::try_from(at).unwrap());
        let pull = runtime.block_on(crawler.next_pull(cursor.as_deref(), now)).unwrap();
        cursor = Some(pull.cursor);
        let still = match pull.what {
            Pulled::Part { gone: Gone::AllBut(_, still), .. } => Some(still.len()),
            Pulled::Part { .. } | Pulled::Unchanged | Pulled::Whole { .. } => None,
        };
        assert_eq!(still.is_none(), !pull.warnings.is_empty(), "what is not believed is reported");
        still
    };
    counts.iter().enumerate().map(&mut round).collect()
}

#[test]
fn what_is_suddenly_gone_is_reported_and_not_believed() {
    for (row, counts, want) in [
        ("nothing yet", &[(0, 0), (0, 0)][..], &[Some(0), Some(0)][..]),
        ("a few are deleted", &[(5, 2), (4, 2), (3, 1)], &[Some(7), Some(6), Some(4)]),
        ("a small source is empty", &[(3, 0), (0, 0), (0, 0), (0, 0)], &[Some(3), None, None, None]),
        ("and it comes back", &[(3, 0), (0, 0), (3, 0)], &[Some(3), None, Some(3)]),
        ("a small listing is empty for a moment", &[(3, 4), (0, 4), (3, 4)], &[Some(7), None, Some(7)]),
        (
            "believed in the second round",
            &[(3, 4), (0, 4), (0, 4), (0, 4)],
            &[Some(7), None, Some(4), Some(4)],
        ),
        ("the other listing is empty", &[(3, 1), (3, 0)], &[Some(4), None]),
        ("nearly nothing of a few", &[(20, 0), (4, 0), (4, 0)], &[Some(20), None, Some(4)]),
        ("one of fifty-three", &[(53, 0), (1, 0), (1, 0)], &[Some(53), None, Some(1)]),
        ("half of a few", &[(20, 0), (10, 0)], &[Some(20), Some(10)]),
        ("less than a half of a few", &[(20, 0), (9, 0), (9, 0)], &[Some(20), None, Some(9)]),
        ("less than a half of many", &[(30, 0), (14, 0)], &[Some(30), None]),
    ] {
        assert_eq!(rounds(counts), want, "{row}");
    }
}

#[test]
fn what_is_gone_is_believed_at_once_where_a_person_says_so() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (row, before, after, want) in [
        ("as many", (5, 2), (5, 2), &[][..]),
        ("one of many", (53, 0), (1, 0), &[("records", 53, 1)][..]),
        ("none at all", (53, 0), (0, 0), &[("records", 53, 0)]),
        ("a listing", (30, 10), (30, 0), &[("releases", 10, 0)]),
        ("two listings, not the whole", (30, 31), (14, 31), &[("changes", 30, 14)]),
    ] {
        let mut crawler = crawler(before.0, before.1);
        let at = |secs: i64| Instant::from_secs(1_795_000_000 + secs);
        let first = runtime.block_on(crawler.next_pull(None, at(0))).unwrap();
        *crawler.adapter = Counts { changes: after.0, releases: after.1, ..Counts::default() };
        // Even where only what moved would be asked for now, in a round that began before.
        crawler.setup.sweep = 86_400;
        let mut cursor = Cursor::read(Some(&first.cursor));
        // It was in doubt before, as when a person comes to say so.
        cursor.doubts = u8::from(!want.is_empty());
        cursor.round = Some(Round { full: false, listing: 9, ..crawler.begin(&cursor, at(1)) });
        crawler.agree(Terms { fewer: true, ..Terms::default() });
        let pull = runtime.block_on(crawler.next_pull(Some(&cursor.bytes()), at(2))).unwrap();
        let told: Vec<_> = pull.fewer.iter().map(|lost| (lost.what, lost.before, lost.after)).collect();
        assert_eq!((told.as_slice(), pull.warnings.len()), (want, 0), "{row}");
        let Pulled::Part { gone: Gone::AllBut(_, there), .. } = pull.what else {
            panic!("{row}: {:?}", pull.what)
        };
        assert_eq!(there.len(), after.0 + after.1, "{row}");
        crawler.agree(Terms::default());
        let next = runtime.block_on(crawler.next_pull(Some(&pull.cursor), at(3))).unwrap();
        assert_eq!((next.fewer.len(), next.warnings.len()), (0, 0), "{row}");
    }
}

#[test]
fn a_credential_is_told_from_others_by_a_mark_that_does_not_tell_it() {
    let basic = |user: &str, password: &str| Login::Basic { user: user.into(), password: password.into() };
    let setup = |login, me| Setup { login, me, ..crawler(0, 0).setup };
    let first = setup(basic("ana", "secret"), None);
    assert_eq!(first.credential(false), setup(basic("ana", "secret"), None).credential(false), "the same");
    let others = [
        ("another password", setup(basic("ana", "Secret"), None).credential(false)),
        ("another user", setup(basic("an", "asecret"), None).credential(false)),
        ("a token", setup(Login::Bearer("secret".into()), None).credential(false)),
        ("none", setup(Login::Nobody, None).credential(false)),
        ("one's own", setup(basic("ana", "secret"), Some(basic("bo", "x"))).credential(true)),
        ("another source", Setup { id: SourceId::new("other"), ..first.clone() }.credential(false)),
    ];
    for (row, mark) in others {
        assert_ne!(mark, first.credential(false), "{row}");
    }
    let own = setup(basic("ana", "secret"), Some(basic("bo", "x")));
    assert_eq!(own.credential(false), first.credential(false), "a note of the board goes with the account");
}

#[test]
fn what_came_between_two_full_rounds_is_known_too() {
    let cursor = |open: &[&'static str]| {
        let open = open.iter().map(|id| Id::constant(id)).collect();
        Cursor {
            swept: Some(Instant::from_secs(0)),
            since: Some(Instant::from_secs(0)),
            open,
            ..Cursor::default()
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (row, open, believed) in [("nothing", &[][..], true), ("one that is open", &["few:1"], false)] {
        let mut crawler = crawler(0, 0);
        let bytes = cursor(open).bytes();
        let pull = crawler.next_pull(Some(&bytes), Instant::from_secs(1_795_000_000));
        let pull = runtime.block_on(pull).unwrap();
        let all_but = matches!(pull.what, Pulled::Part { gone: Gone::AllBut(..), .. });
        assert_eq!(all_but, believed, "{row}: {:?}", pull.warnings);
    }
}

/// One change moved, another is open and quiet, and what a round has still to ask is kept with it.
#[test]
fn only_what_may_have_stirred_is_asked_about_and_nothing_where_there_is_nobody_to_ask() {
    let [moved, quiet] = ["few:changes0", "few:quiet"].map(Id::constant);
    let mark = |mark: &str| Some(BTreeMap::from([(quiet.clone(), mark.to_owned())]));
    let said = |all_open, marks| Some(Said { all_open, marks, asked: Vec::new() });
    let all = [moved.clone(), quiet.clone()];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (row, said, asking, want) in [
        ("listings bring it", None, None, &all[..0]),
        ("listings bring it now", None, Some(vec![quiet.clone()]), &all[..0]),
        ("every open item", said(true, None), None, &all[..]),
        ("what moved", said(false, None), None, &all[..1]),
        ("as it was", said(true, mark("7")), None, &all[..1]),
        ("its mark moved", said(true, mark("8")), None, &all[..]),
        ("what was left to ask", said(true, None), Some(vec![quiet.clone()]), &all[1..]),
    ] {
        let mut crawler = crawler(1, 0);
        crawler.setup.sweep = 86_400;
        crawler.adapter.said = said;
        let now = Instant::from_secs(1_795_000_000);
        let mut cursor = Cursor {
            swept: Some(now),
            since: Some(now),
            open: all.iter().cloned().collect(),
            marks: mark("7").unwrap(),
            ..Cursor::default()
        };
        if asking.is_some() {
            cursor.round = Some(Round { listing: 2, asking, ..crawler.begin(&cursor, now) });
        }
        let pull = runtime.block_on(crawler.next_pull(Some(&cursor.bytes()), now)).unwrap();
        let mut asked = crawler.adapter.said.take().unwrap_or_default().asked;
        asked.sort();
        assert_eq!((asked.as_slice(), pull.more.is_none()), (want, true), "{row}");
    }
}

#[test]
fn what_is_said_without_an_id_is_a_fault_and_hides_nothing_else() {
    let item = Id::constant("few:changes0");
    let stored = |record| Stored { source: SourceId::new("few"), record };
    let comment = |native| {
        let said = Comment::new(&item, native, "ana", Instant::from_secs(0), "as planned");
        stored(Record::Comment(Box::new(said)))
    };
    let asked = |native| {
        let answer = Word::known(ApprovalAnswer::Requested);
        stored(Record::Approval(Box::new(ApprovalRequest::new(&item, native, "ana", answer))))
    };
    let mut batch = Batch::default();
    batch.add([comment("1"), comment(" "), asked(""), asked("7")].into_iter(), Vec::new());
    let kept: Vec<&str> = batch.records.iter().map(|stored| stored.record.id().as_str()).collect();
    assert_eq!(kept, ["few:changes0#1", "few:changes0#7"]);
    let told: Vec<_> = batch.faults.iter().map(|fault| (&*fault.place, fault.record.as_ref())).collect();
    assert_eq!(told, [("comment", Some(&item)), ("approval", Some(&item))]);
}

#[test]
fn a_listing_without_an_end_is_given_up() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut crawler = crawler(5, 0);
    crawler.adapter.endless = true;
    let (mut cursor, mut pulls) = (None::<Vec<u8>>, 0);
    let error = loop {
        pulls += 1;
        assert!(pulls < 100, "it goes on for ever");
        match runtime.block_on(crawler.next_pull(cursor.as_deref(), Instant::from_secs(1_795_000_000))) {
            Ok(pull) => cursor = Some(pull.cursor),
            Err(error) => break error,
        }
    };
    assert!(error.message.contains("does not heed which page"), "{error}");
    assert_eq!(crawler.adapter.pages, STALE + 1);
}
