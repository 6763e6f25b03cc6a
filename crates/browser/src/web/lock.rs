//! Locks that every tab of the site shares (Web Locks), and that the pieces of one page share where those are missing.
//!
//! Without Web Locks two tabs can sign the same decision twice; the server counts decisions, so nothing is counted twice.

use std::cell::RefCell;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::env;

/// How long what another tab stored may take to arrive, in milliseconds.
const CATCH_UP: u64 = 20;

/// What is locked. The two are never asked for in the other order: `Post` first.
#[derive(Clone, Copy)]
pub(super) enum Lock {
    /// Posting: one tab at a time empties the outbox.
    Post,
    /// What is stored: held for moments, never across a request.
    Store,
}

/// Holds a lock until dropped.
pub(super) struct Guard(Vec<Function>);

impl Drop for Guard {
    fn drop(&mut self) {
        resolve_all(&self.0);
    }
}

thread_local! {
    /// Per lock: when its last holder in this page lets go.
    static TAILS: RefCell<[Option<Promise>; 2]> = const { RefCell::new([None, None]) };
}

impl Lock {
    /// Waits for the lock.
    pub(super) async fn acquire(self) -> Guard {
        let mut releases = Vec::new();
        let tail = promise(|resolve| releases.push(resolve));
        let before = TAILS.with_borrow_mut(|tails| tails[self as usize].replace(tail));
        // The guard exists before the first wait, so that whatever happens the next in line gets its turn.
        let mut guard = Guard(releases);
        if let Some(before) = before {
            let _ = JsFuture::from(before).await;
        }
        if let Some(locks) = locks() {
            let (granted, release) = request(&locks, self.name());
            guard.0.extend(release);
            let _ = JsFuture::from(granted).await;
            // The lock can arrive before what its last holder stored: each takes its own way between processes.
            env::wait(CATCH_UP).await;
        }
        guard
    }

    fn name(self) -> &'static str {
        match self {
            Self::Post => "sayso.post",
            Self::Store => "sayso.store",
        }
    }
}

#[wasm_bindgen]
extern "C" {
    type Locks;
    #[wasm_bindgen(method, catch, js_name = request)]
    fn request(this: &Locks, name: &str, callback: &Function) -> Result<Promise, JsValue>;
}

fn locks() -> Option<Locks> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    locks.is_object().then(|| locks.unchecked_into())
}

/// Asks the browser: a promise for when the lock is ours (or will never be, and we go on without), and how to let go.
fn request(locks: &Locks, name: &str) -> (Promise, Vec<Function>) {
    let mut release = Vec::new();
    let held = promise(|resolve| release.push(resolve));
    let mut grant = Vec::new();
    let granted = promise(|resolve| grant.push(resolve));
    let callback = Closure::once_into_js(move || {
        resolve_all(&grant);
        held
    });
    let Ok(done) = locks.request(name, callback.unchecked_ref()) else {
        return (Promise::resolve(&JsValue::NULL), release);
    };
    // Refused, the lock is never granted: then we go on without it.
    (Promise::race(&js_sys::Array::of2(&granted, &done)), release)
}

fn resolve_all(promises: &[Function]) {
    for resolve in promises {
        let _ = resolve.call0(&JsValue::UNDEFINED);
    }
}

fn promise(mut with: impl FnMut(Function)) -> Promise {
    Promise::new(&mut |resolve, _| with(resolve))
}
