//! The processes that serve one board: each says of itself, now and then, who it is and what its settings are.

use super::{
    Postgres, Tried,
    link::{Link, get},
};
use crate::store::{Replica, Result};

const ANNOUNCE: &str = "tell the other replicas of this one";
const HEAR: &str = "ask which replicas there are";
/// Seconds after which one that was not heard of again is gone.
const GONE: i32 = 90;

impl Postgres {
    /// Says what this process is, and hears of the others.
    pub(in crate::store) fn announce(&self, me: &Replica) -> Result<Vec<Replica>> {
        self.may_write(ANNOUNCE)?;
        self.run(ANNOUNCE, |link| {
            link.execute(
                "INSERT INTO replica (id, name, sources, reads, seen) VALUES ($1, $2, $3, $4, clock_timestamp())
                 ON CONFLICT (id) DO UPDATE
                 SET name = excluded.name, sources = excluded.sources, reads = excluded.reads, seen = excluded.seen",
                &[&self.lease.me, &me.name, &me.sources, &i32::try_from(me.reads).unwrap_or(i32::MAX)],
            )?;
            link.execute("DELETE FROM replica WHERE seen < clock_timestamp() - interval '1 day'", &[])?;
            self.others(link)
        })
    }

    /// Hears of the processes that serve the board, without being one.
    pub(in crate::store) fn replicas(&self) -> Result<Vec<Replica>> {
        self.run(HEAR, |link| self.others(link))
    }

    fn others(&self, link: &Link) -> Tried<Vec<Replica>> {
        let others = link.query(
            "SELECT name, sources, reads FROM replica
             WHERE id <> $1 AND seen > clock_timestamp() - make_interval(secs => $2::int) ORDER BY name",
            &[&self.lease.me, &GONE],
        )?;
        let read = |reads: i32| u32::try_from(reads).unwrap_or(0);
        let one = |row| Ok(Replica { name: get(row, 0)?, sources: get(row, 1)?, reads: read(get(row, 2)?) });
        others.iter().map(one).collect()
    }

    /// Takes the word of this process back: it serves the board no more.
    pub(in crate::store) fn renounce(&self) -> Result<()> {
        self.run(ANNOUNCE, |link| {
            link.execute("DELETE FROM replica WHERE id = $1", &[&self.lease.me]).map(drop)
        })
    }
}
