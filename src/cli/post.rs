//! From the settings of channels to the ways out a hub hands messages over by.

use std::{fs, io::ErrorKind, sync::Arc};

use crate::{
    channel::{
        Channel, Post, Secret,
        file::{Calendar, File},
        mail::Mailer,
        webhook::{Shape, Webhook},
    },
    config::{self, ChannelKind, ChannelSettings, Paths, Settings},
    errors::Stop,
    model::Line,
    words::telling::{SHIPPED, Templates},
};

/// The channels of the settings, with the templates of this user.
///
/// # Errors
/// When a template of the user's own cannot be read or used.
pub fn configured(settings: &Settings, paths: Option<&Paths>) -> Result<Post, Stop> {
    let mut post = Post::new(templates(paths)?);
    for (name, settings) in &settings.channels {
        post.add(name, channel(name, settings));
        if settings.people {
            post.open_to_people(name);
        }
    }
    Ok(post)
}

/// The templates that ship, and in their place those of the user: a file of the same name.
fn templates(paths: Option<&Paths>) -> Result<Templates, Stop> {
    let mut templates = Templates::default();
    let Some(directory) = paths.map(|paths| &paths.messages) else { return Ok(templates) };
    for (name, _) in SHIPPED {
        let file = directory.join(format!("{name}.txt"));
        let failed = |why: String| {
            Stop::invalid(
                format!("{}: {why}", file.display()),
                "mend the template, or remove it to use the one that ships",
            )
        };
        match fs::read_to_string(&file) {
            Ok(text) => templates.replace(name, &text).map_err(failed)?,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error.to_string())),
        }
    }
    Ok(templates)
}

fn channel(name: &str, settings: &ChannelSettings) -> Arc<dyn Channel + Send + Sync> {
    let timeout = settings.timeout.duration();
    let own = settings.clone();
    let secret = Secret(Arc::new(move || match own.secret(config::system) {
        Ok(Some(secret)) => Ok(secret),
        Ok(None) => Err("it has no secret".to_owned()),
        Err(error) => Err(error.to_string()),
    }));
    let has_secret =
        settings.secret_command.is_some() || settings.secret_file.is_some() || settings.secret_env.is_some();
    let webhook = |shape, url: Option<String>| -> Arc<dyn Channel + Send + Sync> {
        Arc::new(Webhook {
            shape,
            url,
            secret: has_secret.then(|| secret.clone()),
            ca: settings.ca.clone(),
            timeout,
            name: name.to_owned(),
        })
    };
    match settings.kind {
        ChannelKind::Mail => Arc::new(Mailer {
            host: settings.host.clone().unwrap_or_default(),
            port: settings.mail_port(),
            tls: settings.tls,
            from: settings.from.clone().unwrap_or_default(),
            to: settings.to.iter().map(|to| Line::new(to)).collect(),
            calendar: settings.calendar,
            ca: settings.ca.clone(),
            timeout,
            login: settings.user.clone().map(|user| (user, secret.clone())),
        }),
        ChannelKind::Slack => webhook(Shape::Slack, None),
        ChannelKind::Teams => webhook(Shape::Teams, None),
        ChannelKind::Webhook => webhook(Shape::Plain, settings.url.clone()),
        ChannelKind::Calendar => Arc::new(Calendar(settings.path.clone().unwrap_or_default())),
        ChannelKind::File => Arc::new(File(settings.path.clone().unwrap_or_default())),
    }
}
