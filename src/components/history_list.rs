//! The visitor's own decisions, newest first, each with how far its proof has come.

use sayso_browser::history::{Item, ReceiptState};
use sayso_core::record::Status;
use sayso_core::view::View;
use yew::prelude::*;

use crate::components::switch::switch;
use crate::components::word;
use crate::ports::History;
use crate::state::Wish;
use crate::text::{say, say_with};

/// The decisions, or what stands here when there are none.
pub fn history_list(
    view: &View,
    history: &History,
    date: &Callback<u64, String>,
    to: &Callback<Wish>,
) -> Html {
    let keep = view.text(if history.keep {
        "switch-on"
    } else {
        "switch-off"
    });
    let list = if history.items.is_empty() {
        html! {
            <div class="empty">
                <h3>{ view.text("history-empty-title") }</h3>
                <p>{ view.text("history-empty") }</p>
                if !history.keep { <p class="quiet">{ view.text("history-unkept") }</p> }
            </div>
        }
    } else {
        let download = to.reform(|_: MouseEvent| Wish::Download(None));
        html! {
            <>
                <ol class="history">{ for history.items.iter().map(|one| entry(view, one, date, to)) }</ol>
                if history.items.iter().any(has_file) {
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
                    { switch("keep", "keep-text", history.keep, keep, to, Wish::Keep) }
                </div>
                <p id="keep-text">{ view.text("keep-note") }</p>
            </section>
            { list }
        </>
    }
}

fn entry(view: &View, entry: &Item, moment: &Callback<u64, String>, to: &Callback<Wish>) -> Html {
    let date = moment.emit(entry.time);
    let proof = proof(&entry.state);
    let (reason, received) = match &entry.state {
        ReceiptState::Refused(refusal) if refusal.detail.is_empty() => {
            (refusal.title.as_str(), None)
        }
        ReceiptState::Refused(refusal) => (refusal.detail.as_str(), None),
        ReceiptState::Countersigned { received, .. } => ("", Some(*received)),
        _ => ("", None),
    };
    let statuses = entry.statuses.iter().filter_map(|(id, status)| {
        let purpose = view.purpose(id.as_str())?;
        let name = word::status(*status);
        let text = view.text(&format!("state-{name}")).to_owned();
        let necessary = purpose.necessary && *status == Status::Acknowledged;
        (!necessary)
            .then(|| html! { <li data-status={name}>{ &purpose.title }{ ": " }{ text }</li> })
    });
    let download = has_file(entry).then(|| {
        let id = entry.decision.clone();
        let onclick = to.reform(move |_: MouseEvent| Wish::Download(Some(id.clone())));
        let label = say_with(view, "download-of", &[("date", &date)]);
        html! { <button type="button" class="button slim" aria-label={label} {onclick}>{ view.text("download") }</button> }
    });
    html! {
        <li data-proof={proof}>
            <div class="row">
                <h3>
                    { view.text(word::action(entry.action)) }
                    { " " }<span class="note">{ view.text(word::surface(entry.surface)) }</span>
                </h3>
                <span class={classes!("badge", proof)}>{ view.text(&format!("proof-{proof}")) }</span>
            </div>
            <p class="when">
                <span>{ view.text("history-date") }{ ": " }{ date }</span>
                if let Some(received) = received {
                    <span>{ say(view, "history-received") }{ ": " }{ moment.emit(received) }</span>
                }
            </p>
            if !entry.about.is_empty() { <p class="who"><bdi>{ &entry.about }</bdi></p> }
            <ul class="statuses">{ for statuses }</ul>
            <p class="quiet">{ say_with(view, &format!("proof-{proof}-note"), &[("reason", reason)]) }</p>
            { download.unwrap_or_default() }
        </li>
    }
}

/// How far the proof has come: the key of its texts and the class of its badge.
const fn proof(state: &ReceiptState) -> &'static str {
    match state {
        ReceiptState::Waiting => "waiting",
        ReceiptState::Sent => "sent",
        ReceiptState::Countersigned {
            witnessed: true, ..
        } => "witnessed",
        ReceiptState::Countersigned {
            witnessed: false, ..
        } => "countersigned",
        ReceiptState::Refused(_) => "refused",
    }
}

/// Whether there is a file to hand out.
const fn has_file(entry: &Item) -> bool {
    matches!(entry.state, ReceiptState::Countersigned { .. })
}
