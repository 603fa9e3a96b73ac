//! What the fakes of GitHub and GitLab have in common: deployments of one project that wait for people, and who they are.

use crate::world::*;

/// The one project, by its path.
pub const PROJECT: &str = "acme/pay";

/// What somebody answered.
#[derive(Clone)]
pub struct Given {
    pub user: String,
    pub answer: String,
    pub comment: String,
}

/// What both know of a deployment, and what only the one does.
#[derive(Clone)]
pub struct Deployment<Own> {
    pub id: u64,
    pub tag: String,
    pub environment: &'static str,
    /// Who may answer it.
    pub team: &'static str,
    pub created: i64,
    pub updated: i64,
    pub given: Vec<Given>,
    pub own: Own,
}

/// All of them, and the last number that was given to anything.
pub struct Deployments<Own> {
    pub all: Vec<Deployment<Own>>,
    next: u64,
}

/// A user by their token: their name, and the team they are in.
pub type User = (&'static str, &'static str);

/// What deploys, and lets people hold it.
pub trait Forge: Default + Send + 'static {
    type Own: Clone;
    const KIND: SourceKind;
    /// What every token begins with.
    const TOKENS: &'static str;
    /// Rows on a page where nobody says how many.
    const PAGE: usize;

    fn deployments(&mut self) -> &mut Deployments<Self::Own>;
    /// What only this one knows of a deployment that waits, and of one that is over.
    fn waiting() -> Self::Own;
    fn over() -> Self::Own;
    fn decide(one: &mut Deployment<Self::Own>, user: &str, answer: &str, comment: &str);
    fn reply(&mut self, asked: &Asked, user: Option<User>) -> Reply;
    /// A page of a list: its rows, the number of the next one, and how many rows there are in all.
    fn page(rows: &[&Value], next: Option<usize>, total: usize) -> Reply;
    /// What people said where the deployment of that number is talked about.
    fn said(&self, number: u64) -> Vec<String>;
    fn say(&mut self, number: u64, user: &str, text: &str);
}

impl<Own> Default for Deployments<Own> {
    fn default() -> Self {
        Self { all: Vec::new(), next: 500 }
    }
}

impl<Own> Deployments<Own> {
    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub fn find(&mut self, id: &str) -> Option<&mut Deployment<Own>> {
        self.all.iter_mut().find(|one| one.id.to_string() == id)
    }

    /// Those that are asked for by their environment, the last that moved at the end.
    pub fn of_environment(&self, asked: &Asked) -> Vec<&Deployment<Own>> {
        let wanted = asked.param("environment");
        let mut found: Vec<_> =
            self.all.iter().filter(|one| wanted.is_none_or(|name| name == one.environment)).collect();
        found.sort_by_key(|one| (one.updated, one.id));
        found
    }
}

/// One to production, of yesterday.
pub fn deployment<Own>(id: u64, own: Own) -> Deployment<Own> {
    let created = now() - 86_400 + i64::try_from(id).unwrap() / 4;
    Deployment {
        id,
        tag: format!("v26.{id}.0"),
        environment: "production",
        team: "cab",
        created,
        updated: created + 600,
        given: Vec::new(),
        own,
    }
}

/// The page that is asked for.
pub fn paged<F: Forge>(asked: &Asked, rows: &[Value]) -> Reply {
    let number = |name: &str, stock: usize| asked.param(name).map_or(stock, |text| text.parse().unwrap());
    let (size, page) = (number("per_page", F::PAGE).min(100), number("page", 1));
    let shown: Vec<&Value> = rows.iter().skip((page - 1) * size).take(size).collect();
    F::page(&shown, (page * size < rows.len()).then_some(page + 1), rows.len())
}

/// A parameter that is not among these.
pub fn odd<'a>(asked: &'a Asked, known: &[&str]) -> Option<&'a str> {
    asked.query.iter().map(|(name, _)| name.as_str()).find(|name| !known.contains(name))
}

fn number(native: &str) -> u64 {
    native.rsplit(':').next().unwrap().parse().unwrap()
}

fn user<F: Forge>(asked: &Asked) -> Option<User> {
    let token = asked.header("authorization")?.strip_prefix("Bearer ")?.strip_prefix(F::TOKENS)?;
    [("board", "cab-bot", "none"), ("chair", "c.hair", "cab"), ("lee", "lee", "cab")]
        .into_iter()
        .find_map(|(secret, name, team)| (secret == token).then_some((name, team)))
}

impl<F: Forge> Served<F> {
    /// A deployment by its native id.
    pub fn with<T>(&self, native: &str, act: impl FnOnce(&mut Deployment<F::Own>) -> T) -> T {
        act(self.state().deployments().find(native.rsplit(':').next().unwrap()).unwrap())
    }
}

impl<F: Forge> World for Served<F> {
    const KIND: SourceKind = F::KIND;

    fn start() -> Self {
        let mut forge = F::default();
        let all = &mut forge.deployments().all;
        all.extend((101..123).map(|id| deployment(id, F::waiting())));
        all.push(Deployment { team: "security", ..deployment(123, F::waiting()) });
        all.push(deployment(124, F::over()));
        all.push(Deployment { environment: "review/x", ..deployment(125, F::over()) });
        Self::new(forge, |forge, asked| forge.reply(asked, user::<F>(asked)))
    }

    fn setup(&self) -> Setup {
        let login = bearer(&format!("{}board", F::TOKENS));
        Setup { select: Some(PROJECT.into()), ..self.paged(F::KIND.word(), login, 6) }
    }

    fn chair(&self) -> Person {
        Person { login: bearer(&format!("{}chair", F::TOKENS)), names: &["c.hair"] }
    }

    fn changes(&self) -> BTreeSet<String> {
        let mut state = self.state();
        let shown = state.deployments().all.iter().filter(|one| one.environment == "production");
        shown.map(|one| format!("{PROJECT}:{}", one.id)).collect()
    }

    fn create(&self) -> String {
        let mut state = self.state();
        let deployments = state.deployments();
        let id = deployments.number();
        let made = Deployment { created: now(), updated: now(), ..deployment(id, F::waiting()) };
        deployments.all.push(made);
        format!("{PROJECT}:{id}")
    }

    fn edit(&self, native: &str, title: &str) {
        self.with(native, |one| (one.tag, one.updated) = (title.to_owned(), now()));
    }

    fn titled(title: &str) -> String {
        format!("pay: {title} to production")
    }

    fn delete(&self, native: &str) -> bool {
        self.state().deployments().all.retain(|one| one.id != number(native));
        true
    }

    fn votable(&self) -> Option<String> {
        Some(format!("{PROJECT}:101"))
    }

    fn not_mine(&self) -> Option<String> {
        Some(format!("{PROJECT}:123"))
    }

    fn decided_elsewhere(&self, native: &str) {
        self.with(native, |one| F::decide(one, "c.hair", "rejected", "no"));
    }

    fn answer(&self, native: &str) -> Option<ApprovalAnswer> {
        self.with(native, |one| {
            let mine = one.given.iter().find(|given| given.user == "c.hair")?;
            Some(if mine.answer == "approved" { ApprovalAnswer::Approved } else { ApprovalAnswer::Rejected })
        })
    }

    fn notes(&self, native: &str) -> Vec<String> {
        self.state().said(number(native)).iter().map(|text| rendered(text)).collect()
    }

    fn say(&self, native: &str, text: &str) -> Option<()> {
        self.state().say(number(native), "lee", text);
        Some(())
    }

    fn page(asked: &Asked) -> bool {
        asked.path.ends_with("/deployments")
    }

    fn nothing(&self) -> Reply {
        F::page(&[], None, 0)
    }
}
