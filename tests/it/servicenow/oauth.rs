//! OAuth with ServiceNow: tokens that end, tokens that are taken back, and secrets that nobody sees.

use super::*;

/// With `auth = "oauth"`: the login of the source and one's own.
fn settings(world: &Snow, login: Login, me: Option<Login>) -> Setup {
    let mut setup = Setup { login, me, ..world.setup() };
    setup.options.insert("auth".into(), "oauth".into());
    setup.options.insert("client_id".into(), "c-1".into());
    setup
}

fn grants(world: &Snow) -> Vec<String> {
    world.state()["oauth_credential"].iter().map(|row| row["grant"].0.clone()).collect()
}

#[test]
fn a_token_is_granted_for_what_the_secret_is_and_serves_a_whole_round() {
    for (grant, login) in [
        ("password", password("quorate", "cs-1 pw-q")),
        ("refresh_token", bearer("cs-1 again-quorate")),
        ("client_credentials", bearer("cs-1")),
    ] {
        let world = Snow::start();
        let reader = Reader::round(settings(&world, login, None), SourceKind::Servicenow);
        assert_eq!(reader.natives(), world.changes(), "{grant}");
        assert_eq!(grants(&world), [grant]);
        for asked in world.fake().seen() {
            assert!(
                asked.query.iter().all(|(_, value)| !value.contains("cs-1") && !value.contains("token-"))
            );
        }
    }
}

#[test]
fn a_token_is_renewed_before_its_end() {
    let world = Snow::start();
    let setup = settings(&world, bearer("cs-1"), None);
    world.state().get_mut("oauth_entity").unwrap()[0]
        .insert("access_token_lifespan".into(), ("30".into(), String::new()));
    let mut reader = Reader::new(setup, SourceKind::Servicenow);
    reader.read().unwrap();
    let asked = world.fake().seen().iter().filter(|asked| asked.path != "/oauth_token.do").count();
    assert_eq!(grants(&world).len(), asked, "each would have ended within the minute");
    let seen = world.fake().seen();
    let refused = seen.iter().filter(|asked| asked.header("authorization") == Some("Bearer token-1")).count();
    assert_eq!(refused, 1, "an old one is not sent again");
}

#[test]
fn a_token_that_was_taken_back_is_asked_for_anew_once_also_for_a_vote() {
    let world = Snow::start();
    let mine = password("m.ortiz", "cs-1 pw-m");
    let mut reader = Reader::new(settings(&world, bearer("cs-1"), Some(mine)), SourceKind::Servicenow);
    reader.read().unwrap();
    world.state().get_mut("oauth_credential").unwrap().clear();
    reader.read().unwrap();
    assert_eq!(grants(&world).len(), 1);
    let write = reader.vote(&world, "CHG0001", true, "fine by me");
    // The token that writes is refused when it comes to that, though it was good a moment ago.
    let denied = failure(401, "User is not authenticated", "");
    world.fake().fault(|asked| asked.method == "PATCH", Fault::Instead(denied.clone()));
    let pushed = reader.push(&write);
    assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
    assert_eq!(world.answer("CHG0001"), Some(ApprovalAnswer::Approved));
    // A second refusal is believed.
    for _ in 0..2 {
        world.fake().fault(Snow::page, Fault::Instead(denied.clone()));
    }
    let before = grants(&world).len();
    let error = reader.read().unwrap_err();
    assert!(error.message.contains("credential"), "{error}");
    assert_eq!(grants(&world).len(), before + 1, "once, not for ever");
    world.fake().no_more_faults();
    reader.read().unwrap();
}

#[test]
fn secrets_are_never_said() {
    for (row, login, want) in [
        ("another client secret", bearer("wrong"), "credential"),
        ("another password", password("quorate", "cs-1 wrong"), "credential"),
        ("another refresh token", bearer("cs-1 wrong"), "credential"),
        ("half of it", password("quorate", "wrong"), "not whole"),
    ] {
        let world = Snow::start();
        let error = Reader::new(settings(&world, login, None), SourceKind::Servicenow)
            .read()
            .unwrap_err()
            .to_string();
        assert!(error.contains(want), "{row}: {error}");
        for secret in ["wrong", "cs-1", "pw-q", "token-"] {
            assert!(!error.contains(secret), "{row}: {error}");
        }
    }
    let world = Snow::start();
    let mut setup = settings(&world, bearer("cs-1"), None);
    setup.options.remove("client_id");
    let error = quorate::source::system::build(SourceKind::Servicenow, setup).err().unwrap().to_string();
    assert!(error.contains("client_id") && !error.contains("cs-1"), "{error}");
}

/// An instance that replaces refresh tokens, and settings that keep them in a folder.
fn rotating(folder: &std::path::Path, secret: &str) -> (Snow, Setup) {
    let world = Snow::start();
    let mut state = world.state();
    state.get_mut("oauth_entity").unwrap()[0].insert("rotate".into(), Default::default());
    drop(state);
    let mut setup = settings(&world, bearer(secret), None);
    setup.http.kept = Some(folder.join("tokens"));
    (world, setup)
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let all = std::fs::read_dir(folder.join("tokens")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = all.filter(|path| path.extension().is_none()).collect();
    found.sort();
    found
}

/// What was sent as refresh tokens, in order.
fn refreshed(world: &Snow) -> Vec<String> {
    let asked = world.fake().seen().into_iter().filter(|asked| asked.path == "/oauth_token.do");
    let token = |asked: Asked| asked.form().into_iter().find(|(name, _)| name == "refresh_token").unwrap().1;
    asked.map(token).collect()
}

#[test]
fn a_refresh_token_that_is_replaced_is_kept_over_restarts() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let (world, setup) = rotating(dir.path(), "cs-1 again-quorate");
    let mut reader = Reader::round(setup.clone(), SourceKind::Servicenow);
    // Taken back before its end: the newest refresh token serves, in this program too.
    world.state().get_mut("oauth_credential").unwrap().clear();
    reader.read().unwrap();
    let next = Reader::round(setup.clone(), SourceKind::Servicenow);
    assert_eq!(next.natives(), world.changes());
    assert_eq!(refreshed(&world), ["again-quorate", "again-quorate-1", "again-quorate-2"]);
    let [file] = &files(dir.path())[..] else { panic!("one file") };
    assert_eq!(std::fs::read_to_string(file).unwrap(), "again-quorate-3");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(file.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("snow-") && !name.contains("again") && !name.contains("cs-1"), "{name}");
    // Two programs at once take turns; each finds what the other got.
    let mut other = Reader::new(setup, SourceKind::Servicenow);
    other.read().unwrap();
    world.state().get_mut("oauth_credential").unwrap().clear();
    reader.read().unwrap();
    other.read().unwrap();
}

#[test]
fn a_new_secret_in_the_settings_begins_anew_and_one_taken_back_is_said_without_it() {
    let dir = tempfile::tempdir().unwrap();
    let (world, setup) = rotating(dir.path(), "cs-1 again-quorate");
    Reader::round(setup.clone(), SourceKind::Servicenow);
    // Somebody made a new one there by hand; the one that was kept is good no more.
    let made = row(json!({ "login": "quorate", "token": "again-by-hand" }));
    world.state().get_mut("oauth_refresh").unwrap().push(made);
    let error = Reader::new(setup.clone(), SourceKind::Servicenow).read().unwrap_err().to_string();
    assert!(error.contains("credential") && !error.contains("again") && !error.contains("cs-1"), "{error}");
    let anew = Setup { login: bearer("cs-1 again-by-hand"), ..setup };
    Reader::round(anew, SourceKind::Servicenow);
    assert_eq!(refreshed(&world).last().map(String::as_str), Some("again-by-hand"));
    assert_eq!(files(dir.path()).len(), 2, "each secret of the settings has its own");
}

#[test]
fn without_a_folder_and_without_replacement_nothing_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (world, mut setup) = rotating(dir.path(), "cs-1 again-quorate");
    setup.http.kept = None;
    let mut reader = Reader::round(setup, SourceKind::Servicenow);
    world.state().get_mut("oauth_credential").unwrap().clear();
    reader.read().unwrap();
    assert_eq!(refreshed(&world), ["again-quorate", "again-quorate-1"], "this program goes on with it");
    assert!(!dir.path().join("tokens").exists());
    let world = Snow::start();
    let mut setup = settings(&world, bearer("cs-1 again-quorate"), None);
    setup.http.kept = Some(dir.path().join("tokens"));
    Reader::round(setup, SourceKind::Servicenow);
    assert_eq!(files(dir.path()), Vec::<std::path::PathBuf>::new(), "the same one is not written down");
}
