//! How a service is given its board and its settings, and what of these it takes again while it runs.

use std::path::{Path, PathBuf};

use crate::{
    cli::{
        Context,
        board::{login, options, place},
        post, say,
        sources::{self, Pull},
    },
    config::{self, Strangers, Su},
    errors::Stop,
    hub::local,
    serve,
    store::Mode,
    wire::{Problem, ProblemKind},
};

/// Serves the embedded board at a socket until the process is told to end.
pub(super) fn served(
    context: &mut Context<'_>,
    socket: PathBuf,
    listen: Option<serve::Listen>,
) -> Result<(), Stop> {
    if context.at.is_some() || context.global.read_only || context.global.person.is_some() {
        return Err(Stop::invalid(
            "a board is served as it is, to whom the kernel says",
            "leave --at, --read-only and --as out",
        ));
    }
    let settings = context.settings()?.serve.clone();
    let identity = local::Identity { login: login(), ..local::Identity::default() };
    let options = local::Options {
        identity,
        admins: settings.admins,
        shared: true,
        ..options(context, Mode::Make, Pull::Background)?
    };
    let options = local::Options { backups: settings.backups.clone(), ..options };
    let strangers = settings.strangers == Strangers::Observe;
    let place = place(&options.location);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::new(ProblemKind::Unreachable, format!("cannot start: {error}")))?;
    let (issuers, hooks, before) = (settings.issuers, settings.hooks, context.settings()?.clone());
    let su = settings.su == Su::Record;
    let (gone_after, sign_heads) = (u64::from(settings.gone_after.0), u64::from(settings.sign_heads.0));
    let sign_key = settings.sign_key;
    let feeds = serve::Feeds { on: settings.feeds.0, url: settings.url };
    let served = serve::Served {
        options,
        socket,
        listen,
        issuers,
        hooks,
        strangers,
        su,
        gone_after,
        feeds,
        sign_key,
        sign_heads,
    };
    let ready = |at: &Path, url: Option<&str>| match url {
        Some(url) => say::note(&format!("serving {place} at {} and {url}", at.display())),
        None => say::note(&format!("serving {place} at {}", at.display())),
    };
    let mut reread = || reread(context, &before);
    runtime.block_on(serve::serve(served, &mut reread, ready)).map_err(Stop::from)
}

/// Reads the settings of a service again, and says what of them needs a new start.
fn reread(context: &mut Context<'_>, before: &config::Settings) -> Option<serve::Settings> {
    context.load();
    let read = context.settings().cloned();
    let read = read.and_then(|now| {
        let post = post::configured(&now, context.paths.as_ref())?;
        Ok((now, sources::configured(context, Pull::Background)?, post))
    });
    let (now, sources, post) = match read {
        Ok(read) => read,
        Err(stop) => {
            say::note(&format!("the settings stay as they were: {}", stop.sentence()));
            return None;
        }
    };
    let waits: Vec<&str> = [
        ("board", now.board != before.board),
        ("logging", now.logging != before.logging),
        ("serve.socket", now.serve.socket != before.serve.socket),
        ("serve.listen", now.serve.listen != before.serve.listen),
        ("serve.cert", now.serve.cert != before.serve.cert),
        ("serve.key", now.serve.key != before.serve.key),
        ("serve.backups", now.serve.backups != before.serve.backups),
        ("serve.hooks", now.serve.hooks != before.serve.hooks),
        ("serve.sign_key", now.serve.sign_key != before.serve.sign_key),
        ("serve.sign_heads", now.serve.sign_heads != before.serve.sign_heads),
        ("serve.balancers", now.serve.balancers != before.serve.balancers),
    ]
    .into_iter()
    .filter_map(|(key, differs)| differs.then_some(key))
    .collect();
    if waits.is_empty() {
        say::note("the settings were read again");
    } else {
        say::note(&format!("the settings were read again; {} come with a new start", waits.join(", ")));
    }
    let config::ServeSettings { admins, strangers, issuers, su, gone_after, feeds, url, .. } = now.serve;
    let feeds = serve::Feeds { on: feeds.0, url };
    let gone_after = u64::from(gone_after.0);
    let (strangers, su) = (strangers == Strangers::Observe, su == Su::Record);
    Some(serve::Settings { admins, strangers, su, gone_after, feeds, issuers, sources, post })
}
