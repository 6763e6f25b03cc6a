//! The visitor's key: P-256, not extractable, made by WebCrypto, and for who said yes kept in IndexedDB.
//!
//! Where keys cannot be made there is none, and the decision goes unsigned; where one cannot be stored it lives as long as
//! the page.

use std::cell::RefCell;

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use sayso_core::crypto::EcJwk;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CryptoKey, IdbDatabase, IdbFactory, IdbObjectStore, IdbRequest, IdbTransactionMode,
    SubtleCrypto,
};

const DATABASE: &str = "sayso";
const STORE: &str = "keys";
const SLOT: &str = "key";

/// A key that can sign.
#[derive(Clone)]
pub(super) struct Key {
    private: CryptoKey,
    /// Its public half.
    pub(super) jwk: EcJwk,
}

thread_local! {
    /// The key in use, also where it could not be stored.
    static PAGE: RefCell<Option<Key>> = const { RefCell::new(None) };
}

impl Key {
    /// Makes a key that nothing else knows; dropped, it is gone.
    pub(super) async fn make() -> Option<Self> {
        let subtle = subtle()?;
        let algorithm = Object::new();
        set(&algorithm, "name", "ECDSA")?;
        set(&algorithm, "namedCurve", "P-256")?;
        let usages = Array::of1(&"sign".into());
        let pair = JsFuture::from(
            subtle
                .generate_key_with_object(&algorithm, false, &usages)
                .ok()?,
        )
        .await
        .ok()?;
        let public: CryptoKey = get(&pair, "publicKey")?.unchecked_into();
        let jwk = JsFuture::from(subtle.export_key("jwk", &public).ok()?)
            .await
            .ok()?;
        let jwk = EcJwk::new(&get(&jwk, "x")?.as_string()?, &get(&jwk, "y")?.as_string()?);
        Some(Self {
            private: get(&pair, "privateKey")?.unchecked_into(),
            jwk,
        })
    }

    /// The key with this thumbprint: the page's, or the stored one.
    pub(super) async fn find(subject: &str) -> Option<Self> {
        let is_it = |key: &Self| key.jwk.thumbprint().to_string() == subject;
        if let Some(key) = PAGE.with_borrow(Clone::clone).filter(is_it) {
            return Some(key);
        }
        let database = open().await?;
        let key = load(&database).await;
        database.close();
        let key = key.filter(is_it)?;
        PAGE.set(Some(key.clone()));
        Some(key)
    }

    /// Keeps the key for this page, and, if it is to last and that can be, in IndexedDB.
    pub(super) async fn keep(&self, lasting: bool) {
        PAGE.set(Some(self.clone()));
        if lasting && let Some(database) = open().await {
            let _ = self.store(&database).await;
            database.close();
        }
    }

    /// Drops whatever key is kept, with the database it lay in.
    pub(super) async fn forget() {
        PAGE.set(None);
        if let Some(request) = factory().and_then(|f| f.delete_database(DATABASE).ok()) {
            // Another tab that still has it open puts the deletion off; it is not waited for.
            let _ = finished(&request, |done| request.set_onblocked(Some(done))).await;
        }
    }

    /// Signs with ES256: `r ‖ s`.
    pub(super) async fn sign(&self, input: &str) -> Option<[u8; 64]> {
        let algorithm = Object::new();
        set(&algorithm, "name", "ECDSA")?;
        set(&algorithm, "hash", "SHA-256")?;
        let signing = subtle()?
            .sign_with_object_and_u8_array(&algorithm, &self.private, input.as_bytes())
            .ok()?;
        let signature = Uint8Array::new(&JsFuture::from(signing).await.ok()?);
        signature.to_vec().try_into().ok()
    }

    async fn store(&self, database: &IdbDatabase) -> Option<()> {
        let value = Object::new();
        Reflect::set(&value, &"key".into(), &self.private).ok()?;
        set(&value, "x", &self.jwk.x)?;
        set(&value, "y", &self.jwk.y)?;
        // `put` throws a DataCloneError where keys cannot be stored.
        let request = store(database, IdbTransactionMode::Readwrite)?
            .put_with_key(&value, &SLOT.into())
            .ok()?;
        finished(&request, |_| {}).await
    }
}

async fn load(database: &IdbDatabase) -> Option<Key> {
    let request = store(database, IdbTransactionMode::Readonly)?
        .get(&SLOT.into())
        .ok()?;
    finished(&request, |_| {}).await?;
    let value = request.result().ok()?;
    let private: CryptoKey = get(&value, "key")?.dyn_into().ok()?;
    Some(Key {
        private,
        jwk: EcJwk::new(
            &get(&value, "x")?.as_string()?,
            &get(&value, "y")?.as_string()?,
        ),
    })
}

/// WebCrypto; missing on insecure origins.
fn subtle() -> Option<SubtleCrypto> {
    let crypto = web_sys::window()?.crypto().ok()?;
    Some(get(&crypto, "subtle")?.unchecked_into())
}

fn factory() -> Option<IdbFactory> {
    web_sys::window()?.indexed_db().ok()?
}

async fn open() -> Option<IdbDatabase> {
    let request = factory()?.open_with_u32(DATABASE, 1).ok()?;
    let database = {
        let request = request.clone();
        move || request.result().ok()?.dyn_into::<IdbDatabase>().ok()
    };
    let upgrade = {
        let database = database.clone();
        Closure::once_into_js(move || {
            drop(database().and_then(|d| d.create_object_store(STORE).ok()))
        })
    };
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    finished(&request, |_| {}).await?;
    database()
}

fn store(database: &IdbDatabase, mode: IdbTransactionMode) -> Option<IdbObjectStore> {
    database
        .transaction_with_str_and_mode(STORE, mode)
        .ok()?
        .object_store(STORE)
        .ok()
}

/// Waits for a request; `None` if it failed. `also` may let another event count as the end.
async fn finished(request: &IdbRequest, also: impl Fn(&Function)) -> Option<()> {
    let done = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
        also(&resolve);
    });
    JsFuture::from(done).await.ok().map(drop)
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into())
        .ok()
        .filter(|v| !v.is_undefined() && !v.is_null())
}

fn set(object: &Object, name: &str, value: &str) -> Option<()> {
    Reflect::set(object, &name.into(), &value.into())
        .ok()
        .map(drop)
}
