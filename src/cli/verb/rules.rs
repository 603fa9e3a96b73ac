//! `quorate rules`: the rules in words.

use crate::{
    cli::Context,
    errors::Stop,
    rules::law::{self, Section},
};

/// List the rules about clashes, or print one of them, or another part of what is computed, in words
///
/// `rules` lists them; `rules C5` prints one, `rules counting` another part. `explain ID` says what they make of one change.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule such as C5 or "window exceeded", or a part such as counting
    #[arg(num_args = 0.., value_name = "RULE")]
    rule: Vec<String>,
}

/// A rule in words, as `--json` prints it.
#[derive(Debug, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rule {
    /// What it is asked for by: `C5`, or a part such as `counting`.
    id: String,
    name: String,
    /// Paragraphs, points and rows of tables, one a line.
    text: String,
}

impl From<Section> for Rule {
    fn from(section: Section) -> Self {
        Self { id: section.id, name: section.name, text: section.text.join("\n") }
    }
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let out = &mut context.out;
        if self.rule.is_empty() {
            if out.json {
                return out.array(law::rules().map(Rule::from));
            }
            for rule in law::rules() {
                out.line(format_args!("{} {}: {}", rule.id, rule.name, rule.first()))?;
            }
            let others: Vec<String> = law::others().map(|section| section.id).collect();
            return out.line(format_args!("Also: {}", others.join(", ")));
        }
        let section = find(&self.rule.join(" "))?;
        if out.json {
            return out.array([Rule::from(section)]);
        }
        if section.id.eq_ignore_ascii_case(&section.name) {
            out.line(&section.name)?;
        } else {
            out.line(format_args!("{} {}", section.id, section.name))?;
        }
        section.text.iter().try_for_each(|line| out.line(line))
    }
}

/// A section by id or name, or by a part of the one name that has it.
fn find(asked: &str) -> Result<Section, Stop> {
    let wanted = asked.trim().to_lowercase();
    let all: Vec<Section> = law::rules().chain(law::others()).collect();
    let names = |section: &&Section| [section.id.to_lowercase(), section.name.to_lowercase()];
    if let Some(found) = all.iter().find(|section| names(section).contains(&wanted)) {
        return Ok(found.clone());
    }
    let mut alike = all.iter().filter(|section| section.name.to_lowercase().contains(&wanted));
    match (alike.next(), alike.next()) {
        (Some(one), None) => Ok(one.clone()),
        (None | Some(_), _) => Err(Stop::invalid(
            format!("{asked:?} is no rule and no part of the rules"),
            "write C1 to C20, or a part; `quorate rules` lists them",
        )),
    }
}
