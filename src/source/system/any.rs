//! An adapter whose type is not told, so that rounds and writes are compiled once for all systems.

use std::collections::{BTreeMap, BTreeSet};

use super::{Account, Adapter, Comments, Listing, Page, Refusal, Standing, Statuses, Wanted, WhoAmI, Writer};
use crate::{
    calendar::Zone,
    model::{Id, Stored},
    source::{
        Capabilities, Pending, Point, Write,
        http::{Http, Login},
    },
};

/// What [`Adapter`] asks for, one for one; every adapter is one.
pub trait AnyAdapter: Send {
    fn capabilities(&self) -> Capabilities;
    fn listings(&self) -> Vec<Listing>;
    fn page<'a>(&'a mut self, wanted: Wanted<'a>) -> Pending<'a, Result<Page, Refusal>>;
    fn per_item(&mut self) -> Option<&mut dyn AnyComments>;
    fn writer(&mut self) -> Option<&mut dyn AnyWriter>;
    fn statuses(&mut self) -> Option<&mut dyn AnyStatuses>;
    fn who_am_i(&mut self) -> Option<&mut dyn AnyWhoAmI>;
    fn notes(&self) -> Vec<String>;
    fn holds(&self) -> bool;
    fn close(&mut self) -> Pending<'_, ()>;
    fn item<'a>(&'a mut self, item: &'a Id) -> Pending<'a, Result<Vec<Stored>, Refusal>>;
    fn http(&self) -> Option<&Http>;
    fn unsaid_zone(&self) -> Option<Zone>;
}

/// What [`Comments`] ask for, one for one.
pub trait AnyComments: Send {
    fn comments_and_approvals<'a>(&'a mut self, item: &'a Id) -> Pending<'a, Result<Page, Refusal>>;
    fn asks_all_open(&self) -> bool;
    fn marks<'a>(&'a mut self, open: &'a BTreeSet<Id>) -> Pending<'a, Result<Option<Marks>, Refusal>>;
}

/// What [`Writer`] asks for, one for one.
pub trait AnyWriter: Send {
    fn find<'a>(&'a mut self, write: &'a Write) -> Pending<'a, Result<Option<String>, Refusal>>;
    fn send<'a>(
        &'a mut self,
        write: &'a Write,
        login: &'a Login,
        as_themselves: bool,
    ) -> Pending<'a, Result<(), Refusal>>;
}

/// What [`Statuses`] asks for, one for one.
pub trait AnyStatuses: Send {
    fn brings(&self, point: &Point) -> Option<String>;
    fn standing<'a>(
        &'a mut self,
        write: &'a Write,
        login: &'a Login,
    ) -> Pending<'a, Result<Standing, Refusal>>;
    fn set_status<'a>(
        &'a mut self,
        write: &'a Write,
        wanted: &'a str,
        login: &'a Login,
    ) -> Pending<'a, Result<Option<String>, Refusal>>;
}

/// What [`WhoAmI`] asks for, one for one.
pub trait AnyWhoAmI: Send {
    fn account<'a>(&'a mut self, login: &'a Login, own: bool) -> Pending<'a, Result<Account, Refusal>>;
}

/// A mark per item, see [`Comments::marks`].
pub type Marks = BTreeMap<Id, String>;

impl<A: Adapter> AnyAdapter for A {
    fn capabilities(&self) -> Capabilities {
        Adapter::capabilities(self)
    }

    fn listings(&self) -> Vec<Listing> {
        Adapter::listings(self)
    }

    fn page<'a>(&'a mut self, wanted: Wanted<'a>) -> Pending<'a, Result<Page, Refusal>> {
        Box::pin(Adapter::page(self, wanted))
    }

    fn per_item(&mut self) -> Option<&mut dyn AnyComments> {
        Adapter::per_item(self)
    }

    fn writer(&mut self) -> Option<&mut dyn AnyWriter> {
        Adapter::writer(self)
    }

    fn statuses(&mut self) -> Option<&mut dyn AnyStatuses> {
        Adapter::statuses(self)
    }

    fn who_am_i(&mut self) -> Option<&mut dyn AnyWhoAmI> {
        Adapter::who_am_i(self)
    }

    fn notes(&self) -> Vec<String> {
        Adapter::notes(self)
    }

    fn holds(&self) -> bool {
        Adapter::holds(self)
    }

    fn close(&mut self) -> Pending<'_, ()> {
        Box::pin(Adapter::close(self))
    }

    fn item<'a>(&'a mut self, item: &'a Id) -> Pending<'a, Result<Vec<Stored>, Refusal>> {
        Box::pin(Adapter::item(self, item))
    }

    fn http(&self) -> Option<&Http> {
        Adapter::http(self)
    }

    fn unsaid_zone(&self) -> Option<Zone> {
        Adapter::unsaid_zone(self)
    }
}

impl<C: Comments> AnyComments for C {
    fn comments_and_approvals<'a>(&'a mut self, item: &'a Id) -> Pending<'a, Result<Page, Refusal>> {
        Box::pin(Comments::comments_and_approvals(self, item))
    }

    fn asks_all_open(&self) -> bool {
        Comments::asks_all_open(self)
    }

    fn marks<'a>(&'a mut self, open: &'a BTreeSet<Id>) -> Pending<'a, Result<Option<Marks>, Refusal>> {
        Box::pin(Comments::marks(self, open))
    }
}

impl<W: Writer> AnyWriter for W {
    fn find<'a>(&'a mut self, write: &'a Write) -> Pending<'a, Result<Option<String>, Refusal>> {
        Box::pin(Writer::find(self, write))
    }

    fn send<'a>(
        &'a mut self,
        write: &'a Write,
        login: &'a Login,
        as_themselves: bool,
    ) -> Pending<'a, Result<(), Refusal>> {
        Box::pin(Writer::send(self, write, login, as_themselves))
    }
}

impl<S: Statuses> AnyStatuses for S {
    fn brings(&self, point: &Point) -> Option<String> {
        Statuses::brings(self, point)
    }

    fn standing<'a>(
        &'a mut self,
        write: &'a Write,
        login: &'a Login,
    ) -> Pending<'a, Result<Standing, Refusal>> {
        Box::pin(Statuses::standing(self, write, login))
    }

    fn set_status<'a>(
        &'a mut self,
        write: &'a Write,
        wanted: &'a str,
        login: &'a Login,
    ) -> Pending<'a, Result<Option<String>, Refusal>> {
        Box::pin(Statuses::set_status(self, write, wanted, login))
    }
}

impl<W: WhoAmI> AnyWhoAmI for W {
    fn account<'a>(&'a mut self, login: &'a Login, own: bool) -> Pending<'a, Result<Account, Refusal>> {
        Box::pin(WhoAmI::account(self, login, own))
    }
}
