//! The processes that serve one board: each says of itself, now and then, who it is and what its settings are.

use super::{Postgres, link::get};
use crate::store::{Replica, Result};

const ANNOUNCE: &str = "tell the other replicas of this one";
/// Seconds after which one that was not heard of again is gone.
const GONE: i32 = 90;

impl Postgres {
    /// Says what this process is, and hears of the others.
    pub(in crate::store) fn announce(&self, me: &Replica) -> Result<Vec<Replica>> {
        self.may_write(ANNOUNCE)?;
        self.run(ANNOUNCE, |link| {
            link.execute(
                "INSERT INTO replica (id, name, sources, seen) VALUES ($1, $2, $3, clock_timestamp())
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, sources = excluded.sources, seen = excluded.seen",
                &[&self.lease.me, &me.name, &me.sources],
            )?;
            link.execute("DELETE FROM replica WHERE seen < clock_timestamp() - interval '1 day'", &[])?;
            let others = link.query(
                "SELECT name, sources FROM replica
                 WHERE id <> $1 AND seen > clock_timestamp() - make_interval(secs => $2::int) ORDER BY name",
                &[&self.lease.me, &GONE],
            )?;
            others.iter().map(|row| Ok(Replica { name: get(row, 0)?, sources: get(row, 1)? })).collect()
        })
    }

    /// Takes the word of this process back: it serves the board no more.
    pub(in crate::store) fn renounce(&self) -> Result<()> {
        self.run(ANNOUNCE, |link| {
            link.execute("DELETE FROM replica WHERE id = $1", &[&self.lease.me]).map(drop)
        })
    }
}
