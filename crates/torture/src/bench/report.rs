//! The figures as JSON and as the table that goes into the documentation.

use std::fmt;

use sayso_machine::Machine;
use serde::Serialize;

use super::bare::Bare;
use super::grow::Size;
use super::ingest::{Load, Loads};

/// Whether this is a build for figures.
pub const BUILD: &str = if cfg!(debug_assertions) {
    "debug build: no figures to quote"
} else {
    "release"
};

/// Everything that was measured in one run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// On what.
    pub machine: Machine,
    /// By what build: see [`BUILD`].
    pub build: &'static str,
    /// Through the server.
    pub loads: Loads,
    /// Without it.
    pub bare: Bare,
    /// At growing sizes.
    pub growth: Vec<Size>,
}

/// A load in one line.
pub fn line(load: &Load) -> String {
    format!(
        "{}: {:.0} receipts/s; p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, worst {:.0} ms; server {:.2} cores \
         ({:.0} µs a receipt), generator {:.2} ({:.0} µs a receipt); {} refused; {} answers verified; load average {:.2}",
        load.name,
        load.rate,
        load.p50,
        load.p99,
        load.p999,
        load.worst,
        load.server_cores,
        load.server_micros,
        load.generator_cores,
        load.generator_micros,
        load.refused,
        load.verified,
        load.load_before
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, {}\n", self.machine, self.build)?;
        writeln!(
            f,
            "| Load | Receipts/s | of bare ES256 | of bare commits | p50 | p99 | p99.9 | Server | a receipt | Generator | a receipt |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|---|---|")?;
        for load in &self.loads.loads {
            // Ten to a request make larger commits than one does.
            let rows = self.bare.rows_at(load.per_request.max(10) * 4);
            writeln!(
                f,
                "| {} | {:.0} | {:.0} % | {:.0} % | {:.2} ms | {:.2} ms | {:.2} ms | {:.2} cores | {:.0} µs | {:.2} cores | {:.0} µs |",
                load.name,
                load.rate,
                100.0 * load.rate / self.bare.verifications,
                100.0 * load.rate / rows,
                load.p50,
                load.p99,
                load.p999,
                load.server_cores,
                load.server_micros,
                load.generator_cores,
                load.generator_micros
            )?;
        }
        writeln!(f, "\n| Bare | Per second |\n|---|---|")?;
        writeln!(
            f,
            "| ES256 verifications, all cores | {:.0} |",
            self.bare.verifications
        )?;
        for (batch, rate) in &self.bare.rows {
            writeln!(
                f,
                "| rows in SQLite commits (FULL) of {batch} | {rate:.0} |"
            )?;
        }
        writeln!(f, "\n| Of the server | |\n|---|---|")?;
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let loads = &self.loads;
        writeln!(f, "| memory, peak | {:.0} MiB |", mib(loads.peak_memory))?;
        writeln!(f, "| memory, idle | {:.0} MiB |", mib(loads.idle_memory))?;
        writeln!(f, "| first start | {:.0} ms |", loads.first_start * 1000.0)?;
        writeln!(
            f,
            "| on disk, per receipt | {:.0} B |",
            loads.bytes_per_receipt
        )?;
        writeln!(f, "| sent, per receipt | {:.0} B |", loads.bytes_sent)?;
        if !self.growth.is_empty() {
            writeln!(
                f,
                "\n| Receipts | Proof p50 | p99 | Hashes | Start after a kill | Memory | On disk | Appended/s |"
            )?;
            writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        }
        for size in &self.growth {
            writeln!(
                f,
                "| {} | {:.0} µs | {:.0} µs | {} | {:.0} ms | {:.0} MiB | {:.0} B | {:.0} |",
                size.receipts,
                size.proof_p50,
                size.proof_p99,
                size.hashes,
                size.start,
                mib(size.memory),
                size.bytes_per_receipt,
                size.appended
            )?;
        }
        Ok(())
    }
}
