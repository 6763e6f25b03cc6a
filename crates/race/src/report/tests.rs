//! Reports of visits that are made up.

use super::*;
use crate::figure::{Answer, First, Return, Traffic};
use crate::page;

/// What passes before the page is asked for, in every visit.
const HANDSHAKES: f64 = 300.0;

fn conditions(rounds: usize) -> Conditions {
    Conditions {
        date: "1 Jan 2026".to_owned(),
        machine: Machine::look(),
        browser: "Chrome/1".to_owned(),
        rounds,
        stylesheet: false,
        round_trip: 150,
        rate: 1600,
        slower: 4.0,
        width: 412,
        height: 823,
    }
}

fn visit(page: &Page, round: usize, answerable: f64) -> Visit {
    let asks = page.kind != Kind::Bare;
    let traffic = |more: usize| Traffic {
        requests: 2 + more,
        bytes: 3000 + 10_000 * more,
        round_trips: more,
    };
    let more = usize::from(asks && page.id != "sayso-inline");
    let later = Return {
        requests: 0,
        bytes: 3000,
        task: if asks { 30.0 } else { 20.0 },
        script: 1.0,
        long_tasks: 0,
        layout_shift: 0.0,
        counted: asks.then_some(200.0),
    };
    Visit {
        page: page.id,
        round,
        first: First {
            requested: HANDSHAKES,
            answerable: asks.then_some(HANDSHAKES + answerable),
            first_paint: Some(500.0),
            largest_paint: Some(510.0),
            layout_shift: 0.0,
            shifted: Vec::new(),
            long_tasks: 1,
            task: if asks { 90.0 } else { 40.0 },
            script: 10.0,
            before: traffic(more),
            all: traffic(more),
        },
        answer: asks.then_some(Answer {
            paint: 20.0,
            requests: 3,
            bytes: 50_000,
        }),
        cold: later.clone(),
        warm: later,
    }
}

/// Peers take 1,000 ms or more, slower from round to round, as on a machine that gets busy; Sayso half of the fastest.
fn report(rounds: usize, of_fastest: f64) -> Report {
    let pages = page::all("", "", false);
    let mut visits = Vec::new();
    for round in 0..rounds {
        let busy = 1.0 + round as f64;
        for (index, page) in pages.iter().enumerate() {
            let answerable = match page.kind {
                Kind::Peer => (1000.0 + index as f64) * busy,
                Kind::Own | Kind::Bare => 1003.0 * busy * of_fastest,
            };
            visits.push(visit(page, round, answerable));
        }
    }
    Report::new(conditions(rounds), &pages, visits)
}

#[test]
fn ratios_are_of_the_same_round() {
    let report = report(15, 0.5);
    let ratio = report.rows[1].ratio.expect("a ratio");
    assert_eq!((ratio.median, ratio.low, ratio.high), (0.5, 0.5, 0.5));
    let whole = report.rows[1].paired_whole.expect("a ratio");
    assert!(whole.low > 0.5, "handshakes count the same for all");
    assert_eq!(
        report.rows[3].ratio, None,
        "peers are what is compared with"
    );
    assert!(report.kept(), "{:?}", report.verdicts);
}

#[test]
fn a_budget_is_missed_by_its_bound() {
    let report = report(15, 0.8);
    let kept: Vec<_> = report.verdicts.iter().map(|verdict| verdict.kept).collect();
    assert_eq!(kept[..3], [Some(true), Some(false), Some(true)]);
    assert!(!report.kept());
}

#[test]
fn few_rounds_keep_nothing() {
    let report = report(3, 0.5);
    assert_eq!(report.verdicts[0].kept, None);
    assert!(!report.kept());
    assert!(report.to_string().contains("too few rounds to tell"));
}

#[test]
fn what_is_over_is_over_the_page_with_nothing() {
    let report = report(6, 0.5);
    let row = &report.rows[1];
    let median = |figure: Option<Median>| figure.map(|figure| figure.median);
    assert_eq!(median(row.task_over), Some(50.0));
    assert_eq!(median(row.bytes_over), Some(10_000.0));
    assert_eq!(median(row.requests_over), Some(1.0));
    assert_eq!(median(row.warm.task_over), Some(10.0));
    assert_eq!(median(report.rows[0].task_over), Some(0.0));
}

#[test]
fn tables_are_whole_and_json_has_every_visit() {
    let report = report(6, 0.5);
    let text = report.to_string();
    let tables: Vec<&str> = text.split("\n\n").collect();
    assert_eq!(tables.len(), 5, "{text}");
    for table in &tables[1..] {
        let cells: Vec<_> = table
            .lines()
            .map(|line| line.matches('|').count())
            .collect();
        assert!(cells.iter().all(|count| *count == cells[0]), "{table}");
    }
    assert!(
        text.contains(
            "| Sayso, async | 2055 (802 to 3309) | 1755 (502 to 3009) | 0.50 (0.50 to 0.50) |"
        ),
        "{text}"
    );
    let json = report.json();
    assert_eq!(json["visits"].as_array().map(Vec::len), Some(6 * 7));
    assert_eq!(json["pages"][1]["ratio"]["high"], 0.5);
    assert_eq!(json["conditions"]["round_trip"], 150);
}
