//! The visitor's own decisions, newest first, each with how far its proof has come.

use sayso_core::record::Status;
use sayso_core::view::View;
use yew::prelude::*;

use crate::components::switch::switch;
use crate::components::word;
use crate::ports::{Entry, History, Proof};
use crate::text::{say, say_with};

/// What the list calls back.
#[derive(Clone, PartialEq)]
pub struct HistoryEvents {
    /// A moment in words.
    pub date: Callback<u64, String>,
    /// A receipt is wanted as a file; `None` for all of them.
    pub on_download: Callback<Option<String>>,
    /// "Keep my receipts" was switched.
    pub on_keep: Callback<bool>,
}

/// The decisions, or what stands here when there are none.
pub fn history_list(view: &View, history: &History, events: &HistoryEvents) -> Html {
    let keep = view.text(if history.keep {
        "switch-on"
    } else {
        "switch-off"
    });
    let list = if history.entries.is_empty() {
        html! {
            <div class="empty">
                <h3>{ view.text("history-empty-title") }</h3>
                <p>{ view.text("history-empty") }</p>
                if !history.keep { <p class="quiet">{ view.text("history-unkept") }</p> }
            </div>
        }
    } else {
        let download = events.on_download.reform(|_: MouseEvent| None);
        html! {
            <>
                <ol class="history">{ for history.entries.iter().map(|one| entry(view, one, events)) }</ol>
                if history.entries.iter().any(|entry| entry.has_file) {
                    <button type="button" class="link" onclick={download}>{ view.text("download-all") }</button>
                }
            </>
        }
    };
    html! {
        <>
            <p class="lead">{ say(view, "history-intro") }</p>
            <section class="purpose keep" aria-labelledby="keep">
                <div class="row">
                    <h3 id="keep">{ view.text("keep-title") }</h3>
                    { switch("keep", "keep-text", history.keep, keep, events.on_keep.clone()) }
                </div>
                <p id="keep-text">{ view.text("keep-note") }</p>
            </section>
            { list }
        </>
    }
}

fn entry(view: &View, entry: &Entry, events: &HistoryEvents) -> Html {
    let date = events.date.emit(entry.time);
    let proof = entry.proof.name();
    let reason = match &entry.proof {
        Proof::Refused(reason) => reason.as_str(),
        _ => "",
    };
    let statuses = entry.statuses.iter().filter_map(|(id, status)| {
        let purpose = view.purpose(id.as_str())?;
        let necessary = purpose.necessary && *status == Status::Acknowledged;
        (!necessary).then(|| {
            html! { <li data-status={word::status(*status)}>{ &purpose.title }{ ": " }{ view.text(&format!("state-{}", word::status(*status))) }</li> }
        })
    });
    let download = entry.has_file.then(|| {
        let id = entry.id.clone();
        let onclick = events.on_download.reform(move |_: MouseEvent| Some(id.clone()));
        let label = say_with(view, "download-of", &[("date", &date)]);
        html! { <button type="button" class="button slim" aria-label={label} {onclick}>{ view.text("download") }</button> }
    });
    html! {
        <li data-proof={proof}>
            <div class="row">
                <h3>{ view.text(word::action(entry.action)) }{ " " }<span class="note">{ view.text(word::surface(entry.surface)) }</span></h3>
                <span class={classes!("badge", proof)}>{ view.text(&format!("proof-{proof}")) }</span>
            </div>
            <p class="when">
                <span>{ view.text("history-date") }{ ": " }{ date }</span>
                if let Some(received) = entry.received {
                    <span>{ say(view, "history-received") }{ ": " }{ events.date.emit(received) }</span>
                }
            </p>
            <ul class="statuses">{ for statuses }</ul>
            <p class="quiet">{ say_with(view, &format!("proof-{proof}-note"), &[("reason", reason)]) }</p>
            { download.unwrap_or_default() }
        </li>
    }
}
