//! Every fault in its short form.

#![cfg(target_os = "linux")]

use sayso_torture::fault::{Dose, find};

fn short(name: &str) {
    let fault = find(name).expect("a fault of this name");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let dose = Dose {
        count: fault.short,
        seed: 1,
    };
    let story = runtime
        .block_on(fault.run(dose))
        .unwrap_or_else(|error| panic!("{name}: {error:#}"));
    if let Some(reason) = story.reason() {
        assert!(
            std::env::var("SAYSO_STRICT").as_deref() != Ok("1"),
            "SKIPPED {name}: {reason}"
        );
        println!("SKIPPED {name}: {reason}");
    } else {
        println!("{name}\n{story}");
    }
}

#[test]
fn killed_under_load() {
    short("kill");
}

#[test]
fn power_cut_under_load() {
    short("power");
}

#[test]
fn each_step_fails() {
    short("step");
}

#[test]
fn the_disk_is_full() {
    short("full");
}

#[test]
fn the_answer_is_lost() {
    short("retry");
}

#[test]
fn one_receipt_storms() {
    short("replay");
}

#[test]
fn the_clock_jumps() {
    short("clock");
}

#[test]
fn sockets_stall() {
    short("stall");
}

#[test]
fn three_times_too_much() {
    short("overload");
}
