//! What can be typed: the options of every verb, and the verbs.

use std::path::PathBuf;

use clap::{Parser, Subcommand, builder::StyledStr};

use super::{context::Context, verb};
use crate::errors::Stop;

/// One calendar of changes and releases, the clashes between them, and a board that votes.
///
/// Without a verb the board opens in the terminal. Every verb prints plain text, or with --json a documented schema
/// (`quorate schema api`); errors go to standard error.
#[derive(Debug, Parser)]
#[command(
    name = "quorate",
    version,
    help_template = grouped(),
    max_term_width = 100,
    after_help = "Exit codes: 0 fine; 1 the answer is no; 2 usage or configuration; 3 a source or the hub could not be \
                  reached; 4 not allowed; 5 the record changed.\n\
                  Times: RFC 3339, or local as in '2026-11-25 22:00' in the configured zone.\n\
                  Ids: any unique tail will do."
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// Options of every verb.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Use this embedded board, a file or postgres://USER@HOST/DATABASE [env: QUORATE_DB]
    #[arg(long, global = true, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    pub db: Option<PathBuf>,
    /// Say who is acting; recorded as not verified [env: QUORATE_PERSON]
    #[arg(long = "as", global = true, value_name = "PERSON")]
    pub person: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Set now for a question, never for a write
    #[arg(long, global = true, value_name = "TIME")]
    pub at: Option<String>,
    /// Write nothing
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Believe nothing of the environment, and of the settings looks and keys alone: for ForceCommand of an sshd
    #[arg(long, global = true)]
    pub restricted: bool,
    /// Use this settings file [env: QUORATE_CONFIG]
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub config: Option<PathBuf>,
}

/// The verbs by what one comes for; every verb stands in one group.
const GROUPS: [(&str, &[&str]); 5] = [
    (
        "Look",
        &[
            "changes",
            "releases",
            "scope",
            "plan",
            "windows",
            "pending",
            "conflicts",
            "calendar",
            "show",
            "explain",
            "rules",
            "tally",
            "seats",
            "delegations",
            "audience",
            "notify",
            "slots",
            "whatif",
            "resolve",
            "gate",
            "audit",
            "report",
            "kpi",
            "changed",
            "hook",
            "templates",
        ],
    ),
    (
        "Decide",
        &[
            "vote",
            "own-votes",
            "comment",
            "recuse",
            "clear",
            "open",
            "close",
            "defer",
            "ask",
            "condition",
            "override",
            "ack",
            "delegate",
            "change",
            "standard",
            "template",
            "move",
            "release",
            "question",
            "answer",
            "review",
            "incident",
        ],
    ),
    ("Meet", &["meeting", "wall", "minutes", "action", "away", "room"]),
    (
        "Run",
        &[
            "run",
            "night",
            "rollback",
            "comms",
            "runsheet",
            "schedule",
            "break-glass",
            "freeze",
            "thaw",
            "sync",
        ],
    ),
    (
        "Set up",
        &[
            "demo",
            "import",
            "window",
            "service",
            "person",
            "export",
            "backup",
            "serve",
            "migrate",
            "whoami",
            "token",
            "feed",
            "login",
            "logout",
            "source",
            "doctor",
            "config",
            "themes",
            "keys",
            "completions",
            "man",
            "schema",
            "help",
        ],
    ),
];

/// The help of the program, with its verbs in groups.
fn grouped() -> StyledStr {
    use std::fmt::Write as _;
    let verbs = Verb::augment_subcommands(clap::Command::new("quorate"));
    let mut text = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    for (title, names) in GROUPS {
        // Writing to a string does not fail.
        let _ = write!(text, "\n{title}:\n");
        for name in names {
            let about = verbs.find_subcommand(name).and_then(clap::Command::get_about);
            let about = about.map_or_else(|| "Say more about a verb".to_owned(), ToString::to_string);
            let _ = writeln!(text, "  {name:<12} {about}");
        }
    }
    text.push_str("\nOptions:\n{options}{after-help}");
    text.into()
}

macro_rules! verbs {
    ($($name:ident = $args:path),+ $(,)?) => {
        /// The verbs, in the order of help.
        #[derive(Debug, Subcommand)]
        pub enum Verb { $($name($args)),+ }

        impl Verb {
            /// Whether it reaches for files, programs or other boards, which a restricted run does not.
            pub(super) fn reaches_out(&self) -> bool {
                matches!(
                    self,
                    Self::Import(_)
                        | Self::Source(_)
                        | Self::Serve(_)
                        | Self::Migrate(_)
                        | Self::Audit(_)
                        | Self::Config(_)
                        | Self::Login(_)
                        | Self::Logout(_)
                )
            }

            pub(super) fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
                match self { $(Self::$name(args) => args.run(context)),+ }
            }
        }
    };
}

verbs! {
    Demo = verb::demo::Args,
    Import = verb::import::Args,
    Export = verb::export::Args,
    Backup = verb::backup::Args,
    Changes = verb::changes::Args,
    Releases = verb::releases::Args,
    Release = verb::release::Args,
    Scope = verb::scope::Args,
    Plan = verb::plan::Args,
    Windows = verb::windows::Args,
    Pending = verb::pending::Args,
    OwnVotes = verb::own_votes::Args,
    Conflicts = verb::conflicts::Args,
    Calendar = verb::calendar::Args,
    Show = verb::show::Args,
    Explain = verb::explain::Args,
    Rules = verb::rules::Args,
    Vote = verb::vote::Args,
    Comment = verb::comment::Args,
    Recuse = verb::recuse::Args,
    Clear = verb::clear::Args,
    Open = verb::chair::Open,
    Close = verb::chair::Close,
    Defer = verb::chair::Defer,
    Ask = verb::chair::Ask,
    Condition = verb::chair::Condition,
    Ack = verb::ack::Args,
    Delegate = verb::delegate::Args,
    Delegations = verb::delegations::Args,
    Seats = verb::seats::Args,
    Change = verb::own::Change,
    Standard = verb::standard::Args,
    Templates = verb::template::Templates,
    Template = verb::template::Args,
    Window = verb::own::Window,
    Service = verb::own::Service,
    Person = verb::own::Person,
    Move = verb::moving::Args,
    Report = verb::report::Args,
    Hook = verb::hook::Args,
    Review = verb::review::Args,
    Incident = verb::incident::Args,
    Kpi = verb::kpi::Args,
    Changed = verb::changed::Args,
    Tally = verb::tally::Args,
    Slots = verb::slots::Args,
    Whatif = verb::whatif::Args,
    Resolve = verb::resolve::Args,
    Gate = verb::gate::Args,
    Meeting = verb::meeting::Args,
    Wall = verb::wall::Args,
    Minutes = verb::minutes::Args,
    Run = verb::run::Args,
    Night = verb::night::Night,
    Rollback = verb::night::Rollback,
    Comms = verb::comms::Args,
    Audience = verb::comms::Audiences,
    Notify = verb::notices::Args,
    Runsheet = verb::schedules::RunSheet,
    Schedule = verb::schedules::Schedule,
    Question = verb::questions::Question,
    Answer = verb::questions::Reply,
    Action = verb::questions::Action,
    Away = verb::questions::Away,
    Room = verb::questions::Room,
    BreakGlass = verb::urgent::BreakGlass,
    Freeze = verb::urgent::Freeze,
    Thaw = verb::urgent::Thaw,
    Override = verb::urgent::Override,
    Audit = verb::audit::Args,
    Sync = verb::sync::Args,
    Serve = verb::serve::Args,
    Migrate = verb::migrate::Args,
    Whoami = verb::whoami::Args,
    Token = verb::token::Args,
    Feed = verb::feed::Args,
    Login = verb::login::Login,
    Logout = verb::login::Logout,
    Source = verb::source::Args,
    Doctor = verb::doctor::Args,
    Config = verb::config::Args,
    Themes = verb::themes::Args,
    Keys = verb::keys::Args,
    Completions = verb::completions::Args,
    Man = verb::man::Args,
    Schema = verb::schema::Args,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_stands_in_one_group_of_the_help() {
        let mut grouped: Vec<&str> =
            super::GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        grouped.retain(|name| *name != "help");
        let command = Cli::command();
        let mut verbs: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        grouped.sort_unstable();
        verbs.sort_unstable();
        assert_eq!(grouped, verbs);
        let help = Cli::command().render_help().to_string();
        assert!(help.contains("\nDecide:\n  vote ") && help.contains("--read-only"), "{help}");
    }

    #[test]
    fn no_verb_hides_an_option_of_every_verb() {
        fn ids(command: &clap::Command) -> Vec<String> {
            let inner = command.get_subcommands().flat_map(ids);
            command.get_arguments().map(|arg| arg.get_id().to_string()).chain(inner).collect()
        }
        let command = Cli::command();
        let everywhere: Vec<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
        let verbs: Vec<String> = command.get_subcommands().flat_map(ids).collect();
        let hidden: Vec<&String> = everywhere.iter().filter(|id| verbs.contains(id)).collect();
        assert!(hidden.is_empty(), "{hidden:?}");
    }
}
