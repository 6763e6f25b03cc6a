//! What was done, how it went, and how to do what was skipped.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Result;

/// How one step went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Count {
    /// A step that is one check.
    pub(crate) const ONE: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

struct Step {
    name: String,
    count: Count,
    time: Duration,
    /// Why it failed, or how to install what it lacked.
    remark: Option<String>,
}

/// All steps so far, in order.
#[derive(Default)]
pub(crate) struct Summary {
    steps: Vec<Step>,
}

impl Summary {
    /// Runs a step that is one check; returns whether it passed.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> bool {
        self.counted(name, || work().map(|()| Count::ONE))
    }

    /// Runs a step that counts tests itself; an error is one more failure.
    pub(crate) fn counted(&mut self, name: &str, work: impl FnOnce() -> Result<Count>) -> bool {
        println!("\n=== {name}");
        let start = Instant::now();
        let (count, remark) = match work() {
            Ok(count) => (count, None),
            Err(error) => {
                eprintln!("{name}: {error:#}");
                let first = format!("{error:#}");
                let count = Count {
                    failed: 1,
                    ..Count::default()
                };
                (count, first.lines().next().map(str::to_owned))
            }
        };
        let step = Step {
            name: name.to_owned(),
            count,
            time: start.elapsed(),
            remark,
        };
        self.steps.push(step);
        count.failed == 0
    }

    /// Notes a step that could not be done here, and the way to do it.
    pub(crate) fn skip(&mut self, name: &str, remedy: &str) {
        println!("\n=== {name}\nskipped: {remedy}");
        self.steps.push(Step {
            name: name.to_owned(),
            count: Count {
                skipped: 1,
                ..Count::default()
            },
            time: Duration::ZERO,
            remark: Some(remedy.to_owned()),
        });
    }

    /// Everything added up.
    pub(crate) fn total(&self) -> Count {
        let mut total = Count::default();
        for step in &self.steps {
            total += step.count;
        }
        total
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            let verdict = match step.count {
                Count { failed: 1.., .. } => "FAILED",
                Count {
                    passed: 0,
                    skipped: 0,
                    ..
                } => "none",
                Count { passed: 0, .. } => "skipped",
                _ => "ok",
            };
            write!(
                f,
                "{verdict:<8} {:<30} {:>6.1} s",
                step.name,
                step.time.as_secs_f32()
            )?;
            if step.count != Count::ONE && step.count.passed + step.count.failed > 0 {
                write!(f, "  {}", step.count)?;
            }
            writeln!(f)?;
            if let Some(remark) = &step.remark {
                writeln!(f, "         {remark}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn steps_and_tests_add_up() {
        let mut summary = Summary::default();
        assert!(summary.step("one", || Ok(())));
        assert!(!summary.step("two", || Err(anyhow!("it broke\nin detail"))));
        assert!(summary.counted("three", || {
            Ok(Count {
                passed: 5,
                failed: 0,
                skipped: 2,
            })
        }));
        summary.skip("four", "install it");
        assert_eq!(summary.total().to_string(), "6 passed, 1 failed, 3 skipped");
        let text = summary.to_string();
        assert!(
            text.contains("FAILED   two") && text.contains("it broke\n"),
            "{text}"
        );
        assert!(!text.contains("in detail"), "{text}");
        assert!(
            text.contains("skipped  four") && text.contains("install it"),
            "{text}"
        );
    }
}
