//! The visitor's own decisions, newest first, each with how far its proof has come.

use sayso_browser::history::{Item, ReceiptState};
use sayso_core::record::Status;
use sayso_core::view::View;
use yew::prelude::*;

use crate::components::el::{button, el, fragment, link, t, text, with};
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
    let row = vec![
        with(text("h3", "", view.text("keep-title")), "id", "keep"),
        switch("keep", "keep-text", history.keep, keep, to, Wish::Keep),
    ];
    let keep = vec![
        el("div", "row", row),
        with(text("p", "", view.text("keep-note")), "id", "keep-text"),
    ];
    let mut children = vec![text("p", "lead", &say(view, "history-intro"))];
    children.extend(
        history
            .breaches
            .first()
            .map(|first| broken(view, &date.emit(first.time))),
    );
    children.push(with(
        el("section", "purpose", keep),
        "aria-labelledby",
        "keep",
    ));
    if history.items.is_empty() {
        let mut empty = vec![
            text("h3", "", view.text("history-empty-title")),
            text("p", "", view.text("history-empty")),
        ];
        if !history.keep {
            empty.push(text("p", "quiet", view.text("history-unkept")));
        }
        children.push(el("div", "empty", empty));
    } else {
        let items = history.items.iter().map(|one| entry(view, one, date, to));
        children.push(el("ol", "history", items.collect()));
    }
    let mut foot = Vec::new();
    if !history.breaches.is_empty() || history.items.iter().any(has_file) {
        let all = to.reform(|_: MouseEvent| Wish::Download(None));
        foot.push(button("link", view.text("download-all"), all));
        let check = format!("{}/verify?lang={}", view.base, view.language);
        foot.push(link(&check, view.text("history-verify")));
    }
    if !foot.is_empty() {
        children.push(el("div", "ends", foot));
    }
    if history.erasable {
        children.push(erasing(view, to));
    }
    fragment(children)
}

/// What is said where the log does not extend what was seen of it before.
fn broken(view: &View, date: &str) -> Html {
    let words = vec![
        text("h3", "", view.text("log-broken-title")),
        text("p", "", &say_with(view, "log-broken", &[("date", date)])),
        text("p", "", &say(view, "log-broken-evidence")),
    ];
    with(el("div", "errors", words), "role", "alert")
}

/// Erasing at the site: what it does stands before the button that does it.
fn erasing(view: &View, to: &Callback<Wish>) -> Html {
    let erase = to.reform(|_: MouseEvent| Wish::Erase);
    let children = vec![
        text("summary", "", view.text("erase-title")),
        text("p", "", &say(view, "erase-text")),
        button("button", view.text("erase-button"), erase),
    ];
    el("details", "erase", children)
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
    let what = vec![
        t(view.text(word::action(entry.action))),
        t(" "),
        text("span", "note", view.text(word::surface(entry.surface))),
    ];
    let badge = text("span", "badge", view.text(&format!("proof-{proof}")));
    let mut when = vec![text(
        "span",
        "",
        &format!("{}: {date}", view.text("history-date")),
    )];
    if let Some(received) = received {
        let received = format!(
            "{}: {}",
            say(view, "history-received"),
            moment.emit(received)
        );
        when.push(text("span", "", &received));
    }
    let mut children = vec![
        el("div", "row", vec![el("h3", "", what), badge]),
        el("p", "when", when),
    ];
    if !entry.about.is_empty() {
        children.push(el("p", "who", vec![text("bdi", "", &entry.about)]));
    }
    let mut statuses = Vec::new();
    for (id, status) in &entry.statuses {
        // That the necessary needed no answer is no news.
        if let Some(purpose) = view
            .purpose(id.as_str())
            .filter(|purpose| !purpose.necessary || *status != Status::Acknowledged)
        {
            let name = word::status(*status);
            let words = format!("{}: {}", purpose.title, view.text(&format!("state-{name}")));
            statuses.push(with(text("li", "", &words), "data-status", name));
        }
    }
    children.push(el("ul", "statuses", statuses));
    let note = say_with(view, &format!("proof-{proof}-note"), &[("reason", reason)]);
    children.push(text("p", "quiet", &note));
    if has_file(entry) {
        let id = entry.decision.clone();
        let onclick = to.reform(move |_: MouseEvent| Wish::Download(Some(id.clone())));
        let label = say_with(view, "download-of", &[("date", &date)]);
        children.push(with(
            button("button slim", view.text("download"), onclick),
            "aria-label",
            &label,
        ));
    }
    with(el("li", "", children), "data-proof", proof)
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
        ReceiptState::Erased => "erased",
        ReceiptState::Refused(_) => "refused",
    }
}

/// Whether there is a file to hand out.
const fn has_file(entry: &Item) -> bool {
    matches!(entry.state, ReceiptState::Countersigned { .. })
}
