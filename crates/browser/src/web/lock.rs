//! Locks that every tab of the site shares (Web Locks), and that the pieces of one page share where those are missing.
//!
//! Without Web Locks two tabs can sign the same decision twice; the server counts decisions, so nothing is counted twice.

use std::cell::RefCell;

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::env;

/// How long another holder is waited for, in milliseconds. Longer than any holder works but for one with a slow request;
/// should two post the same, the server counts it once.
const PATIENCE: u64 = 5_000;
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
pub(super) struct Guard(Option<Function>);

impl Drop for Guard {
    fn drop(&mut self) {
        resolve(self.0.as_ref());
    }
}

thread_local! {
    /// Per lock: when its last holder in this page lets go.
    static TAILS: RefCell<[Option<Promise>; 2]> = const { RefCell::new([None, None]) };
}

impl Lock {
    /// Waits for the lock.
    pub(super) async fn acquire(self) -> Guard {
        let (held, release) = promise();
        let before = TAILS.with_borrow_mut(|tails| tails[self as usize].replace(held.clone()));
        // The guard exists before the first wait, so that whatever happens the next in line gets its turn.
        let guard = Guard(release);
        if let Some(before) = before {
            let _ = JsFuture::from(before).await;
        }
        if let Some(locks) = locks() {
            // A page that was left can keep a lock for ever (WebKit's do, now and then): then it is taken from it.
            for steal in [false, true] {
                let granted = request(&locks, self.name(), steal, held.clone());
                if env::within(PATIENCE, &granted).await {
                    break;
                }
            }
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
    fn request(
        this: &Locks,
        name: &str,
        options: &JsValue,
        callback: &Function,
    ) -> Result<Promise, JsValue>;
}

fn locks() -> Option<Locks> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    locks.is_object().then(|| locks.unchecked_into())
}

/// Asks the browser to hold the lock until `held` is settled: a promise for when it does, or for that it never will, and
/// we go on without.
fn request(locks: &Locks, name: &str, steal: bool, held: Promise) -> Promise {
    let (granted, grant) = promise();
    let callback = Closure::once_into_js(move || {
        resolve(grant.as_ref());
        held
    });
    let options = Object::new();
    let _ = Reflect::set(&options, &"steal".into(), &steal.into());
    match locks.request(name, &options, callback.unchecked_ref()) {
        Ok(done) => Promise::race(&Array::of2(&granted, &done)),
        Err(error) => Promise::resolve(&error),
    }
}

fn resolve(promise: Option<&Function>) {
    if let Some(promise) = promise {
        let _ = promise.call1(&JsValue::UNDEFINED, &JsValue::TRUE);
    }
}

/// A promise, and what resolves it.
fn promise() -> (Promise, Option<Function>) {
    let mut how = None;
    let promise = Promise::new(&mut |resolve, _| how = Some(resolve));
    (promise, how)
}
