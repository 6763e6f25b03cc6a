//! A report as people read it: Markdown that can be pasted as it is.

use std::fmt;

use super::{Report, Row};
use crate::page::Kind;
use crate::statistic::{Median, bounds};

/// A median with its bounds and this many digits after the point.
pub(super) fn bounded(figure: Option<Median>, digits: usize) -> String {
    match figure {
        None => "–".to_owned(),
        Some(Median {
            median, low, high, ..
        }) => format!("{median:.digits$} ({low:.digits$} to {high:.digits$})"),
    }
}

/// A median alone.
pub(super) fn plain(figure: Option<Median>, digits: usize) -> String {
    figure.map_or("–".to_owned(), |figure| {
        let text = format!("{:.digits$}", figure.median);
        // Nothing is less than nothing.
        match text.strip_prefix('-') {
            Some(rest) if rest.chars().all(|c| matches!(c, '0' | '.')) => rest.to_owned(),
            _ => text,
        }
    })
}

pub(super) fn ratio(figure: Median) -> String {
    bounded(Some(figure), 2)
}

fn kilobytes(figure: Option<Median>) -> String {
    plain(
        figure.map(|figure| Median {
            median: figure.median / 1000.0,
            ..figure
        }),
        1,
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conditions = &self.conditions;
        writeln!(
            f,
            "{}; {}. {}. {} rounds over {} ms and {} kbit/s, main thread {} times slower, {} × {} pixels, the page's own style in {}. Medians{}; times in ms.\n",
            conditions.date,
            conditions.machine,
            conditions.browser,
            conditions.rounds,
            conditions.round_trip,
            conditions.rate,
            conditions.slower,
            conditions.width,
            conditions.height,
            if conditions.stylesheet {
                "a file to wait for"
            } else {
                "the page"
            },
            if bounds(conditions.rounds) {
                ", in brackets their 95 % bounds"
            } else {
                " of too few rounds for bounds, in brackets the least and the most"
            },
        )?;
        self.first(f)?;
        self.answer(f)?;
        self.later(f)?;
        self.budgets(f)
    }
}

impl Report {
    fn first(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| First visit | Banner answerable | after the page's request | of the fastest peer's | First paint | Largest paint | Round trips | Requests | kB | Main thread | Layout shift |\n|---|---|---|---|---|---|---|---|---|---|---|"
        )?;
        for row in &self.rows {
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.3} |",
                row.name,
                bounded(row.answerable, 0),
                bounded(row.wait, 0),
                bounded(row.ratio, 2),
                plain(row.first_paint, 0),
                plain(row.largest_paint, 0),
                plain(row.round_trips, 0),
                over(row, plain(row.requests_over, 0)),
                over(row, kilobytes(row.bytes_over)),
                over(row, plain(row.task_over, 0)),
                row.layout_shift,
            )?;
        }
        writeln!(f)
    }

    fn answer(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| Accept | Click to next paint | of the best peer's | Requests because of it | kB |\n|---|---|---|---|---|"
        )?;
        for row in self.rows.iter().filter(|row| row.kind != Kind::Bare) {
            writeln!(
                f,
                "| {} | {} | {} | {} | {} |",
                row.name,
                bounded(row.accept, 1),
                bounded(row.accept_ratio, 2),
                plain(row.answer_requests, 0),
                kilobytes(row.answer_bytes),
            )?;
        }
        writeln!(f)
    }

    fn later(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| Answered before | Warm: requests | kB | Main thread | Long tasks | Allowed script ran | Cold: requests | kB | Main thread | Allowed script ran |\n|---|---|---|---|---|---|---|---|---|---|"
        )?;
        for row in &self.rows {
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                row.name,
                row.warm.requests,
                over(row, kilobytes(row.warm.bytes_over)),
                over(row, bounded(row.warm.task_over, 1)),
                over(row, plain(row.warm.long_tasks_over, 0)),
                plain(row.warm.counted, 0),
                row.cold.requests,
                over(row, kilobytes(row.cold.bytes_over)),
                over(row, bounded(row.cold.task_over, 1)),
                plain(row.cold.counted, 0),
            )?;
        }
        writeln!(f)
    }

    fn budgets(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| Budget | Found | |\n|---|---|---|")?;
        for verdict in &self.verdicts {
            let kept = match verdict.kept {
                Some(true) => "kept",
                Some(false) => "**missed**",
                None => "too few rounds to tell",
            };
            writeln!(f, "| {} | {} | {kept} |", verdict.budget, verdict.found)?;
        }
        Ok(())
    }
}

/// What is over the page with nothing, which is not over itself.
fn over(row: &Row, text: String) -> String {
    match row.kind {
        Kind::Bare => "–".to_owned(),
        Kind::Own | Kind::Peer => text,
    }
}
