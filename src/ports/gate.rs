//! The ports of a real page: the gate's own port, and the browser crate behind it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use sayso_browser::address::{Answer, Answered, Form, Sent, Shown};
use sayso_browser::errand::{Errand, Snapshot, read_sent};
use sayso_browser::json::{self, Object, Value};
use sayso_browser::shelf::Kept;
use sayso_browser::web::{self, Port, random};
use sayso_browser::{log, proof};
use sayso_core::cookie::Cookie;
use sayso_core::prompt;
use sayso_core::view::{PurposeView, View};
use wasm_bindgen::prelude::*;
use web_sys::{Element, EventTarget};
use yew::platform::spawn_local;
use yew::{Callback, NodeRef};

use super::look::in_view;
use super::read::Settings;
use super::{Decide, History, Ports, Task, Watch};
use crate::components::word;
use crate::failure::Failure;
use crate::shared::Shared;
use crate::state::{Arrival, Choices, Standing, Submission, Verb};
use crate::text::objectable;

/// What is drawn, and the digest of the bytes it came as.
#[derive(Clone)]
struct Drawn {
    view: Shared<View>,
    digest: Rc<str>,
}

thread_local! {
    /// Fetched once for a page, however many surfaces it has.
    static DRAWN: RefCell<Option<Drawn>> = const { RefCell::new(None) };
    /// Whether this page has asked how the log stands.
    static LOOKED: Cell<bool> = const { Cell::new(false) };
}

/// Hands an answer to the gate, which does with it what it does with a click on its own first layer.
pub(crate) fn decide(
    port: &Port,
    surface: &str,
    action: &str,
    choices: &Choices,
    in_view: bool,
    layer: Option<&str>,
) {
    let view = DRAWN.with_borrow(|drawn| drawn.as_ref().map(|drawn| drawn.view.clone()));
    let language = view.as_deref().map(|view| view.language.as_str());
    let text = |text: &str| Value::Text(text.to_owned());
    let purposes = choices
        .purposes
        .iter()
        .map(|(id, letter)| (id.clone(), text(letter.encode_utf8(&mut [0; 4]))));
    let services = choices.services.iter().map(|(id, services)| {
        (
            id.clone(),
            Value::Object(
                services
                    .iter()
                    .map(|(id, on)| (id.clone(), Value::Flag(*on)))
                    .collect(),
            ),
        )
    });
    let mut asked = vec![
        ("surface".to_owned(), text(surface)),
        ("action".to_owned(), text(action)),
        ("inView".to_owned(), Value::Flag(in_view)),
        ("choices".to_owned(), Value::Object(purposes.collect())),
        ("services".to_owned(), Value::Object(services.collect())),
    ];
    for (name, value) in [("layer", layer), ("language", language)] {
        asked.extend(value.map(|value| (name.to_owned(), text(value))));
    }
    port.decide(&Value::Object(asked).write());
}

/// Whether the visitor still has to be asked.
pub(crate) fn asks(port: &Port, settings: &Settings) -> bool {
    let cookie = Cookie::parse(&port.state()).ok();
    prompt::evaluate(&settings.policy, cookie.as_ref(), gpc(port), now() / 1000).ask()
}

fn gpc(port: &Port) -> bool {
    port.signals().iter().any(|signal| signal == "gpc")
}

fn now() -> u64 {
    js_sys::Date::now() as u64
}

impl Ports {
    /// The ports of the page that the gate's port belongs to.
    pub(crate) fn gate(port: Port, settings: &Settings) -> Self {
        let policy = Rc::new(settings.policy.clone());
        let file = settings.view.clone();
        Self {
            view: Callback::from({
                let port = port.clone();
                move |()| view(port.clone(), file.clone())
            }),
            standing: Callback::from({
                let port = port.clone();
                move |()| Standing::read(&policy, &port.state(), gpc(&port), now() / 1000)
            }),
            decide: Callback::from({
                let port = port.clone();
                move |answer: Decide| {
                    let layer =
                        DRAWN.with_borrow(|drawn| drawn.as_ref().map(|drawn| drawn.digest.clone()));
                    decide(
                        &port,
                        "preferences",
                        answer.press.name(),
                        &answer.choices,
                        answer.in_view,
                        layer.as_deref(),
                    );
                }
            }),
            settle: Callback::from({
                let port = port.clone();
                move |()| {
                    let port = port.clone();
                    Box::pin(async move {
                        port.settle().await;
                        Ok(())
                    }) as Task<()>
                }
            }),
            submit: Callback::from({
                let port = port.clone();
                move |submission| submit(port.clone(), submission)
            }),
            history: Callback::from({
                let port = port.clone();
                move |()| history(port.clone())
            }),
            keep: Callback::from({
                let port = port.clone();
                move |on| keep(port.clone(), on)
            }),
            forget: Callback::from({
                let port = port.clone();
                move |email: String| forget(port.clone(), email)
            }),
            erase: Callback::from({
                let port = port.clone();
                move |()| erase(port.clone())
            }),
            download: Callback::from(move |id| download(port.clone(), id)),
            date: Callback::from(date),
            in_view: Callback::from(|node: NodeRef| {
                node.cast::<Element>()
                    .is_some_and(|answers| in_view(&answers))
            }),
            watch: Callback::from(watch),
        }
    }
}

/// Fetches what is drawn, once for the page.
fn view(port: Port, file: String) -> Task<Shared<View>> {
    Box::pin(async move {
        if let Some(drawn) = DRAWN.with_borrow(Clone::clone) {
            return Ok(drawn.view);
        }
        let text = super::fetch::text(&port, &file).await?;
        // Something answered, but not with a view: a login page of some network between, say.
        let view: View = super::read::view(&text).ok_or(Failure::Reach)?;
        let drawn = Drawn {
            view: Shared::new(view),
            digest: View::digest(text.as_bytes()).to_string().into(),
        };
        let view = drawn.view.clone();
        DRAWN.set(Some(drawn));
        Ok(view)
    })
}

/// Sends a decision about an address. It is made once it is written down here, whatever the network does.
fn submit(port: Port, Submission { verb, fields }: Submission) -> Task<Arrival> {
    Box::pin(async move {
        let drawn = DRAWN.with_borrow(Clone::clone).ok_or(Failure::Reach)?;
        let view = &*drawn.view;
        let answered = |purpose: &PurposeView, answer| Answered {
            id: purpose.id.clone(),
            revision: purpose.revision,
            basis: purpose.basis,
            answer,
        };
        let mut form = Form {
            email: fields.email,
            ..Form::default()
        };
        match verb {
            Verb::Subscribe => {
                let declared = view
                    .newsletter
                    .as_ref()
                    .and_then(|newsletter| view.purpose(newsletter.purpose.as_str()));
                form.answers
                    .extend(declared.map(|purpose| answered(purpose, Answer::Ask)));
                form.topics = fields.chosen.into();
                (form.first_name, form.last_name, form.company) =
                    (fields.first_name, fields.last_name, fields.company);
            }
            Verb::Object => form.answers.extend(objectable(view).map(|purpose| {
                let objected = fields.chosen.has(purpose.id.as_str());
                answered(
                    purpose,
                    if objected {
                        Answer::Object
                    } else {
                        Answer::Leave
                    },
                )
            })),
        }
        let shown = Shown {
            surface: "form",
            language: view.language.clone(),
            jurisdiction: view.jurisdiction.clone(),
            model: word::model(view.model).to_owned(),
            controller: view.controller.id.clone(),
            notice: view.notice.clone(),
            layer: drawn.digest.to_string(),
            in_view: true,
            signals: port.signals(),
        };
        let known = snapshot(&port).await?.addresses;
        let time = now();
        // The form was checked before it came here; what is left is a browser that gives no random numbers.
        let (id, salt) = random::uuid(time)
            .zip(random::bytes())
            .ok_or(Failure::Blocked)?;
        let prepared = form
            .prepare(&shown, &known, &id, time, salt)
            .map_err(|_| Failure::Blocked)?;
        let answer = port.errand(Errand::Submit, &prepared.write()).await;
        match answer
            .and_then(|json| read_sent(&json))
            .ok_or(Failure::Reach)?
        {
            Sent::Accepted => Ok(Arrival::Sent),
            Sent::Waiting => Ok(Arrival::Waiting),
            Sent::Refused(refusal) if refusal.detail.is_empty() => {
                Err(Failure::Refused(refusal.title))
            }
            Sent::Refused(refusal) => Err(Failure::Refused(refusal.detail)),
        }
    })
}

fn erase(port: Port) -> Task<()> {
    Box::pin(async move {
        let snapshot = snapshot(&port).await?;
        let subject = snapshot.local.chain.map(|chain| chain.subject);
        let ids = snapshot.shelf.signed_by(&subject.unwrap_or_default());
        let request = port.errand(Errand::Request, "{}").await;
        let request = request.filter(|request| !request.is_empty());
        super::fetch::post(&port, "v1/erasures", &request.ok_or(Failure::Blocked)?).await?;
        let ids = json::list(&ids, |id| json::text(id));
        let asked = Object::new().raw("ids", &ids).end();
        let forgotten = port.errand(Errand::Forget, &asked).await;
        forgotten.map(drop).ok_or(Failure::Reach)
    })
}

async fn snapshot(port: &Port) -> Result<Snapshot, Failure> {
    let answer = port.errand(Errand::Read, "{}").await;
    answer
        .and_then(|json| Snapshot::read(&json))
        .ok_or(Failure::Reach)
}

fn history(port: Port) -> Task<History> {
    Box::pin(async move {
        let snapshot = snapshot(&port).await?;
        if !snapshot.log.seen.is_empty() && !LOOKED.replace(true) {
            spawn_local(look(port.clone()));
        }
        Ok(snapshot.history(&port.pending()))
    })
}

/// Has the newest checkpoint looked at: it must extend the one this browser saw. A breach is told by an event.
async fn look(port: Port) {
    if let Ok(note) = super::fetch::text(&port, "checkpoint").await {
        let asked = Object::new().text("note", &note).end();
        port.errand(Errand::Look, &asked).await;
    }
}

/// Fetches newer proofs of the receipts that are to be handed out, which witnesses may have cosigned meanwhile. Without
/// an answer, what is kept is handed out.
async fn renew(port: &Port, snapshot: &Snapshot, decision: Option<&str>) {
    let ours = |kept: &&Kept| decision.is_none_or(|id| kept.decision == id);
    for kept in snapshot.shelf.0.iter().filter(ours) {
        let Some((file, index)) = kept.file.as_ref().and_then(|f| Some((f, proof::index(f)?)))
        else {
            continue;
        };
        let Ok(newer) = super::fetch::text(port, &format!("v1/log/proof/{index}")).await else {
            break;
        };
        if proof::is_better(file, &newer) {
            let asked = Object::new()
                .text("id", &kept.id)
                .raw("file", &proof::with(file, &newer).unwrap_or_default())
                .text("note", log::checkpoint(&newer).unwrap_or_default())
                .end();
            port.errand(Errand::Look, &asked).await;
        }
    }
}

fn keep(port: Port, on: bool) -> Task<()> {
    Box::pin(async move {
        let asked = Object::new().flag_if("on", on).end();
        port.errand(Errand::Keep, &asked)
            .await
            .map(drop)
            .ok_or(Failure::Reach)
    })
}

fn forget(port: Port, email: String) -> Task<()> {
    Box::pin(async move {
        let asked = Object::new().text("email", &email).end();
        let answer = port.errand(Errand::Forget, &asked).await;
        answer.map(drop).ok_or(Failure::Reach)
    })
}

/// Hands out the file of one decision, or all of them as one.
fn download(port: Port, decision: Option<String>) -> Task<()> {
    Box::pin(async move {
        renew(&port, &snapshot(&port).await?, decision.as_deref()).await;
        let text = snapshot(&port).await?.file(decision.as_deref());
        let name = match decision {
            Some(id) => format!("sayso-receipt-{id}.json"),
            None => "sayso-receipts.json".to_owned(),
        };
        text.and_then(|text| web::download::save(&name, "application/json", &text))
            .ok_or(Failure::Blocked)
    })
}

/// A moment in the page's language, as the browser writes it there.
fn date(time: u64) -> String {
    let language =
        DRAWN.with_borrow(|drawn| drawn.as_ref().map(|drawn| drawn.view.language.clone()));
    let options = js_sys::Object::new();
    for (key, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        // A fresh object takes any member.
        let _ = js_sys::Reflect::set(&options, &key.into(), &value.into());
    }
    let date = js_sys::Date::new(&JsValue::from_f64(time as f64));
    date.to_locale_string(&language.unwrap_or_default(), &options)
        .into()
}

/// Calls back on everything that changes what is shown, until the watch is dropped.
fn watch(changed: Callback<()>) -> Watch {
    let Some(page) = page() else {
        return Watch::nothing();
    };
    let listener = Closure::<dyn FnMut()>::new(move || changed.emit(()));
    for event in EVENTS {
        // Cannot fail on a document.
        let _ = page.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    }
    Watch::new(Listening { page, listener })
}

const EVENTS: [&str; 3] = ["sayso:change", "sayso:receipt", "sayso:error"];

struct Listening {
    page: EventTarget,
    listener: Closure<dyn FnMut()>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        for event in EVENTS {
            let _ = self
                .page
                .remove_event_listener_with_callback(event, self.listener.as_ref().unchecked_ref());
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the gate's events arrive at the document"
)]
fn page() -> Option<EventTarget> {
    Some(web_sys::window()?.document()?.into())
}
