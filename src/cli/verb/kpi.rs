//! `quorate kpi`: the numbers of a period, with what they are made of.

use crate::{
    cli::{Context, say},
    errors::Stop,
    report::{self, Form, numbers},
    wire::{Answer, By, Insights, InsightsAsked, Kpi, Number, PeriodAsked, Question},
    words::{self, number as said},
};

/// Rows of a number that is asked for by its name, unless more are asked for.
const ROWS: usize = 25;

/// Count what was done and decided: each number with its numerator, denominator and interval
#[derive(Debug, clap::Args)]
pub struct Args {
    /// One number, with its rows; `quorate kpi --explain` names them
    name: Option<String>,
    /// A month, a quarter or a year: 2026-11, 2026-Q3, 2026; else this month and the two before
    #[arg(long, value_name = "PERIOD", conflicts_with_all = ["from", "to"])]
    period: Option<String>,
    /// From this time
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Until this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Break down by kind, risk, service, group, release-type, weekday, conflict, reviewed or board
    #[arg(long, value_parser = by)]
    by: Option<By>,
    /// Say how the numbers are made
    #[arg(long)]
    explain: bool,
    /// At most so many rows behind each number
    #[arg(long, value_name = "COUNT")]
    rows: Option<usize>,
    /// Print comma-separated values
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Print the report of the period, in Markdown
    #[arg(long, conflicts_with_all = ["json", "csv", "name"])]
    report: bool,
}

fn by(text: &str) -> Result<By, String> {
    let plain = text.trim().to_lowercase().replace('_', "-");
    By::ALL.into_iter().find(|by| by.word() == plain).ok_or_else(|| {
        let words: Vec<&str> = By::ALL.iter().map(|by| by.word()).collect();
        format!("write one of {}", words.join(", "))
    })
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let only = self.name.as_deref().map(named).transpose()?;
        if self.explain && only.is_none() {
            return Kpi::ALL.into_iter().try_for_each(|kpi| context.out.line(said::explained(kpi)));
        }
        let period = match (&self.period, self.from.is_some() || self.to.is_some()) {
            (Some(text), _) => PeriodAsked::Named(text.clone()),
            (None, true) => {
                let (from, to) = context.span(self.from.as_deref(), self.to.as_deref())?;
                PeriodAsked::Span { from, to }
            }
            (None, false) => PeriodAsked::Months { count: 3, shift: 0 },
        };
        let rows = self.rows.unwrap_or(if only.is_some() { ROWS } else { 0 });
        let insights = ask(context, InsightsAsked { period, by: self.by, only, rows })?;
        if context.out.json {
            return context.out.object(&insights);
        }
        if self.csv {
            return context.out.raw(numbers::table(&insights));
        }
        if self.report {
            return context.out.raw(numbers::document(&insights, Form::Markdown));
        }
        show(context, &insights, only.is_some() || self.rows.is_some(), self.explain)
    }
}

fn named(text: &str) -> Result<Kpi, Stop> {
    Kpi::of(text).ok_or_else(|| {
        let names: Vec<&str> = Kpi::ALL.iter().map(|kpi| kpi.word()).collect();
        Stop::invalid(format!("there is no number {text:?}"), format!("write one of {}", names.join(", ")))
    })
}

/// The numbers of a period.
pub fn ask(context: &Context<'_>, asked: InsightsAsked) -> Result<Insights, Stop> {
    let board = context.board()?;
    match board.ask(Question::Insights { asked })? {
        Answer::Insights(insights) => Ok(*insights),
        _ => Err(super::odd_answer()),
    }
}

fn show(context: &mut Context<'_>, insights: &Insights, rows: bool, explain: bool) -> Result<(), Stop> {
    let zone = context.zone();
    let out = &mut context.out;
    out.line(format_args!("{}, as of event {}", insights.period.name, insights.as_of))?;
    for number in &insights.numbers {
        out.line(said::line(number))?;
        if explain {
            out.line(format_args!("  {}", number.name.formula()))?;
        }
        let left = said::left_out(number);
        if !left.is_empty() {
            out.line(format_args!("  left out: {left}"))?;
        }
        cells(out, number)?;
        if rows {
            out.line(format_args!("  twelve months: {}", said::months(number)))?;
            for row in &number.rows {
                let took = row.secs.map(|secs| format!(", {}", said::lasting(secs))).unwrap_or_default();
                let at = words::time::typed(row.at, zone);
                out.line(format_args!("  {}: {}; {}{took}; {at}", row.id, row.title, row.how))?;
            }
            let more = number.rows_in_all.saturating_sub(u64::try_from(number.rows.len()).unwrap_or(0));
            if more > 0 {
                out.line(format_args!("  and {}; --rows lists more", words::count(more, "more row")))?;
            }
        }
    }
    for found in insights.findings.iter().take(10) {
        out.fact(said::found(found), said::finding(found))?;
    }
    if let Some(earlier) = insights.earlier {
        say::note(&said::nothing_in(&insights.period.name, &zone.date(earlier.at).to_string()));
    }
    if insights.compared > 0 {
        say::note(&said::by_chance(&insights.findings, insights.compared));
        say::note(&format!("not counted: {}", numbers::not_counted(insights)));
    }
    if let Some(silent) = said::not_said(&insights.numbers) {
        say::note(&silent);
    }
    Ok(())
}

fn cells(out: &mut crate::cli::Out<'_>, number: &Number) -> Result<(), Stop> {
    for one in &number.by {
        let interval = one.interval.map(|known| format!(" ({})", said::interval(number.measure, known)));
        let (of, now) = (said::of(number.measure, one.part, one.whole), said::cell(number.measure, one));
        let small = if one.small { ", fewer than five" } else { "" };
        let rest = said::against_rest(one);
        let rest = if rest.is_empty() { rest } else { format!("; {rest}") };
        let name = &one.name;
        out.line(format_args!("  {name}: {of}, {now}{}{small}{rest}", interval.unwrap_or_default()))?;
    }
    Ok(())
}

/// The report of a month, of the one that is over where none is named.
pub fn month(context: &mut Context<'_>, period: Option<String>, plain: bool) -> Result<(), Stop> {
    let period = period.map_or(PeriodAsked::Months { count: 1, shift: -1 }, PeriodAsked::Named);
    let insights = ask(context, InsightsAsked { period, by: Some(By::Risk), only: None, rows: 25 })?;
    if context.out.json {
        return context.out.object(&insights);
    }
    let form = if plain { Form::Plain } else { Form::Markdown };
    context.out.raw(report::numbers::document(&insights, form))
}
