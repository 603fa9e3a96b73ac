//! Signed votes (ledger § Signed votes): the statement that a vote comes to, and a vote by what its author signed.

use serde::{Deserialize, Serialize};

use super::{Ask, Signing, Step, invalid};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        derive::Ledger,
        event::{Signed, Vote},
        fold::Round,
        signed::{Statement, comment_hash, keys},
        who::Who,
    },
    model::{Id, Instant, Line, Prose},
    rules::approval::acted_for,
};

/// What somebody has to sign for a vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToSign {
    pub statement: Statement,
    /// The policy counts signed votes only.
    pub required: bool,
    /// Public keys of who votes, as OpenSSH writes them.
    pub keys: Vec<Line>,
    /// The comment that is said with it, where the vote is one of an earlier round given again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Prose>,
}

impl Ledger {
    /// What somebody has to sign to vote on an item as it stands, or to take their vote back.
    ///
    /// # Errors
    /// When no round is open on it, or who asks is nobody here.
    pub fn to_sign(
        &self,
        item: &Id,
        vote: Option<Vote>,
        comment: Option<&Prose>,
        who: &Who,
        now: Instant,
    ) -> Result<ToSign, Problem> {
        let ask = Ask { ledger: self, who, now, signing: Signing::Rehearsed };
        let round = ask.running(item)?;
        let statement = ask.statement(item, &round, vote, comment)?;
        let keys = self.facts().person_record(&statement.person).map(|p| p.keys.clone()).unwrap_or_default();
        Ok(ToSign { statement, required: round.policy.require_signed, keys, comment: comment.cloned() })
    }

    /// What somebody has to sign to give their vote of an earlier round again, on the item as it is now.
    ///
    /// # Errors
    /// When they have none, no round is open, or who asks is nobody here.
    pub fn to_sign_again(&self, item: &Id, who: &Who, now: Instant) -> Result<ToSign, Problem> {
        let ask = Ask { ledger: self, who, now, signing: Signing::Rehearsed };
        let (vote, comment) = ask.earlier(item)?;
        self.to_sign(item, Some(vote), comment.as_ref(), who, now)
    }
}

impl Ask<'_> {
    /// What a vote of who asks says, on the board as it stands.
    fn statement(
        &self,
        item: &Id,
        round: &Round,
        vote: Option<Vote>,
        comment: Option<&Prose>,
    ) -> Result<Statement, Problem> {
        let person = self.me()?.clone();
        let ground = self.who.ground.clone().ok_or_else(|| invalid("this board signs nothing"))?;
        let delegations = self.ledger.fold().delegations(&round.board);
        let comment = comment.filter(|text| !text.trim().is_empty());
        Ok(Statement {
            board: ground.lineage,
            item: item.clone(),
            revision: round.revision,
            round: round.number,
            opened: ground.opened,
            seats: acted_for(&person, &round.seats, &delegations, self.now),
            person,
            vote,
            comment: comment.map(comment_hash),
        })
    }

    /// A vote, or one taken back, by what its author signed. It must say what their vote would say now.
    pub(super) fn signed(&self, signed: &Signed, comment: Option<&Prose>) -> Result<Step, Problem> {
        let said = signed.statement().ok_or_else(|| invalid("what was signed is no statement of a vote"))?;
        let me = self.me()?;
        if said.person != *me {
            let title = format!("it is signed as {}, and you are {me}", said.person);
            return Err(Problem::new(ProblemKind::NotAllowed, title).hint("sign and vote as yourself"));
        }
        let round = self.running(&said.item)?;
        self.same_revision(&said.item, &round, said.revision)?;
        let now = self.statement(&said.item, &round, said.vote, comment)?;
        if now.text() != signed.text {
            let title = format!(
                "what was signed for {} is not what this vote would say now: {}",
                said.item,
                differs(&said, &now)
            );
            return Err(Problem::new(ProblemKind::Changed, title).hint("look at it, then vote again"));
        }
        let person = self.ledger.facts().person_record(me);
        signed.check(person.into_iter().flat_map(keys)).map_err(|why| {
            Problem::new(ProblemKind::NotAllowed, format!("the signature of {me} does not hold: {why}")).hint(
                "an admin says which keys are yours: quorate export, `keys` of a person, quorate import",
            )
        })?;
        let by = Ask { ledger: self.ledger, who: self.who, now: self.now, signing: Signing::By(signed) };
        match said.vote {
            Some(vote) => by.vote(&said.item, said.revision, vote, comment, None),
            None => by.withdraw(&said.item),
        }
    }

    /// What goes into the record beside the vote.
    pub(super) fn signature(&self) -> Option<Box<Signed>> {
        match self.signing {
            Signing::By(signed) => Some(Box::new(signed.clone())),
            Signing::Unsigned | Signing::Rehearsed => None,
        }
    }

    /// Under a policy that counts signed votes only, nobody votes without a signature, and nobody for somebody else.
    pub(super) fn refuse_unsigned(
        &self,
        item: &Id,
        round: &Round,
        on_behalf: Option<&Id>,
    ) -> Result<(), Problem> {
        if !round.policy.require_signed {
            return Ok(());
        }
        let refused =
            |title: String, hint: &str| Err(Problem::new(ProblemKind::NotAllowed, title).hint(hint));
        let policy = &round.policy.id;
        match (self.signing, on_behalf) {
            (_, Some(person)) => refused(
                format!(
                    "{item} is voted on by {policy}, which counts signed votes only: nobody votes for {person}"
                ),
                "they sign it themselves: quorate vote ID approve --sign",
            ),
            (Signing::Unsigned, None) => refused(
                format!("{item} is voted on by {policy}, which counts signed votes only"),
                "sign it with a key of your SSH agent: quorate vote ID approve --sign",
            ),
            (Signing::Rehearsed | Signing::By(_), None) => Ok(()),
        }
    }
}

/// In what two statements of one vote differ, in a word.
fn differs(said: &Statement, now: &Statement) -> &'static str {
    match () {
        () if said.board != now.board => "it is of another board",
        () if said.round != now.round || said.opened != now.opened => "another round is open",
        () if said.seats != now.seats => "the seats you act in are others",
        () if said.comment != now.comment => "the comment is another one",
        () => "its text is not in the form that is signed",
    }
}
