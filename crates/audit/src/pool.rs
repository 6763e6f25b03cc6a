//! Work spread over threads, with results in the order of what came in and a bounded number of pieces under way.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Pieces that may lie with one thread at once: one under work, one waiting.
const DEPTH: usize = 2;

/// As many threads as there are processors.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Runs `work` on every piece that `next` gives, on `threads` threads, and hands the results to `take` in order. Ends when
/// there is no piece left, or with what `take` broke off with.
pub fn ordered<T, R, B>(
    threads: usize,
    mut next: impl FnMut() -> Option<T>,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> ControlFlow<B>,
) -> Option<B>
where
    T: Send,
    R: Send,
{
    let threads = threads.max(1);
    std::thread::scope(|scope| {
        let workers: Vec<(SyncSender<T>, Receiver<R>)> = (0..threads)
            .map(|_| {
                let (send, pieces) = sync_channel::<T>(DEPTH);
                let (answer, results) = sync_channel::<R>(DEPTH);
                let work = &work;
                scope.spawn(move || {
                    // Whoever gave the work has gone when nothing takes its result.
                    for piece in pieces {
                        if answer.send(work(piece)).is_err() {
                            break;
                        }
                    }
                });
                (send, results)
            })
            .collect();
        // Pieces go round the threads in turn, so results are in order when they are taken in the same turn.
        let (mut given, mut taken) = (0, 0);
        loop {
            let piece = if given - taken < threads * DEPTH {
                next()
            } else {
                None
            };
            if let Some(piece) = piece {
                // A thread that is gone has panicked; leaving the scope passes its panic on.
                workers[given % threads].0.send(piece).ok()?;
                given += 1;
            } else if taken < given {
                let result = workers[taken % threads].1.recv().ok()?;
                taken += 1;
                if let ControlFlow::Break(end) = take(result) {
                    return Some(end);
                }
            } else {
                return None;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_order_whoever_is_slow() {
        for threads in [0, 1, 2, 7] {
            let mut pieces = 0..1000u64;
            let mut seen = Vec::new();
            let end: Option<()> = ordered(
                threads,
                || pieces.next(),
                |n| {
                    // Uneven work, so that the threads get out of step.
                    (0..(n % 13) * 500).fold(n, |sum, x| std::hint::black_box(sum ^ x ^ x))
                },
                |n| {
                    seen.push(n);
                    ControlFlow::Continue(())
                },
            );
            assert!(end.is_none());
            assert!(seen.into_iter().eq(0..1000), "{threads} threads");
        }
    }

    #[test]
    fn few_pieces_are_under_way_and_breaking_off_ends_it() {
        let given = AtomicUsize::new(0);
        let mut taken = 0;
        let end = ordered(
            2,
            || Some(given.fetch_add(1, Ordering::Relaxed)),
            |n| n,
            |n| {
                taken += 1;
                assert!(given.load(Ordering::Relaxed) <= taken + 2 * DEPTH);
                if n == 500 {
                    ControlFlow::Break(n)
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        assert_eq!(end, Some(500));
    }
}
