//! The faults, each a story of its own: what was done to the server, and what was found afterwards.
//!
//! A fault that finds anything lost, doubled or dishonest is an error. Each takes a count, small in the tests and large at
//! night, and a seed that repeats its choices.

pub mod clock;
pub mod full;
pub mod kill;
pub mod overload;
pub mod power;
pub mod replay;
pub mod retry;
pub mod stall;
pub mod step;

use std::fmt;

use anyhow::{Result, bail};

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Dose {
    /// How often, in the fault's own unit.
    pub count: u64,
    /// What its choices are made by.
    pub seed: u64,
}

/// What was done and what was found.
#[derive(Clone, Debug, Default)]
pub struct Story {
    did: String,
    found: String,
    skipped: Option<String>,
}

impl Story {
    /// A fault that ran.
    pub fn new(did: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            did: did.into(),
            found: found.into(),
            skipped: None,
        }
    }

    /// A fault that cannot be brought about here.
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self {
            skipped: Some(reason.into()),
            ..Self::default()
        }
    }

    /// Why it was skipped, if it was.
    pub fn reason(&self) -> Option<&str> {
        self.skipped.as_deref()
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.skipped {
            Some(reason) => write!(f, "skipped: {reason}"),
            None => write!(f, "did:   {}\nfound: {}", self.did, self.found),
        }
    }
}

/// A fault by its name.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Its name.
    pub name: &'static str,
    /// What the count counts.
    pub unit: &'static str,
    /// The count of the short form.
    pub short: u64,
    /// The count of the long form, unless another is asked for.
    pub long: u64,
}

/// Every fault.
pub const ALL: [Fault; 9] = [
    Fault {
        name: "kill",
        unit: "kills under load",
        short: 3,
        long: 100,
    },
    Fault {
        name: "power",
        unit: "power cuts",
        short: 4,
        long: 100,
    },
    Fault {
        name: "step",
        unit: "steps between two that fail",
        short: 17,
        long: 1,
    },
    Fault {
        name: "full",
        unit: "times full",
        short: 1,
        long: 10,
    },
    Fault {
        name: "retry",
        unit: "receipts",
        short: 40,
        long: 2_000,
    },
    Fault {
        name: "replay",
        unit: "requests",
        short: 600,
        long: 100_000,
    },
    Fault {
        name: "clock",
        unit: "jumps",
        short: 40,
        long: 2_000,
    },
    Fault {
        name: "stall",
        unit: "sockets",
        short: 400,
        long: 5_000,
    },
    Fault {
        name: "overload",
        unit: "thousand requests",
        short: 4,
        long: 60,
    },
];

/// The fault of this name.
pub fn find(name: &str) -> Result<Fault> {
    match ALL.into_iter().find(|fault| fault.name == name) {
        Some(fault) => Ok(fault),
        None => {
            let names: Vec<&str> = ALL.iter().map(|fault| fault.name).collect();
            bail!("there is no fault {name:?}; there are {}", names.join(", "))
        }
    }
}

impl Fault {
    /// Brings it about.
    pub async fn run(&self, dose: Dose) -> Result<Story> {
        match self.name {
            "kill" => kill::run(dose).await,
            "power" => power::run(dose).await,
            "step" => step::run(dose).await,
            "full" => full::run(dose).await,
            "retry" => retry::run(dose).await,
            "replay" => replay::run(dose).await,
            "clock" => clock::run(dose).await,
            "stall" => stall::run(dose).await,
            _ => overload::run(dose).await,
        }
    }
}
