//! A channel of a few lines, for messages to audiences and to people.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use futures::future::LocalBoxFuture;

use crate::{
    channel::{Channel, Delivered, Parcel, Post},
    model::{Audience, Line, Person},
};

/// A channel that answers as it was told, and notes what it was given; with nothing to answer it never does.
#[derive(Clone, Default)]
pub struct Answering {
    answers: Arc<Mutex<VecDeque<Delivered>>>,
    given: Arc<Mutex<Vec<Parcel>>>,
}

impl Answering {
    pub fn with(answers: impl IntoIterator<Item = Delivered>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Self::default() }
    }

    pub fn given(&self) -> Vec<Parcel> {
        self.given.lock().unwrap().clone()
    }

    /// As the channel `mail`, open to people too, and as `shops`.
    pub fn post(&self) -> Post {
        let mut post = Post::default();
        post.add("mail", Arc::new(self.clone()));
        post.open_to_people("mail");
        post.add("shops", Arc::new(self.clone()));
        post
    }
}

impl Channel for Answering {
    fn to(&self, audience: &Audience) -> Result<Vec<Line>, Line> {
        Ok(audience.to.clone())
    }

    fn to_person(&self, person: &Person) -> Result<Vec<Line>, Line> {
        person.email.clone().map(|email| vec![email]).ok_or_else(|| Line::new("no mail address"))
    }

    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Delivered> {
        self.given.lock().unwrap().push(parcel);
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move {
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        })
    }
}

pub fn accepted() -> Delivered {
    Delivered::Accepted(Line::new("250 ok"))
}
