//! The page that checks receipts, as the server gives it out: everything to be read and filled in. What happens on it is
//! `www/verify` and the module behind that.

use sayso_core::json::push_text;
use sayso_core::view::View;
use yew::prelude::*;

use crate::link;
use crate::shared::Shared;
use crate::text::say;

/// What the page loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checker {
    /// The page's own script.
    pub page: String,
    /// The module's glue.
    pub glue: String,
    /// The module.
    pub wasm: String,
}

/// What the page needs.
#[derive(Clone, PartialEq, Properties)]
pub struct CheckingProps {
    /// The site, in one language.
    pub view: Shared<View>,
    /// What the page loads.
    pub checker: Checker,
    /// The site's own start page.
    pub home: AttrValue,
}

/// The inside of the page's body.
#[component]
pub fn Checking(props: &CheckingProps) -> Html {
    let CheckingProps {
        view,
        checker,
        home,
    } = props;
    let word = |key: &str| say(view, &format!("verify-{key}"));
    let home = link::safe(home)
        .map(|home| html! { <a href={home.to_owned()}>{ say(view, "page-back") }</a> });
    html! {
        <main
            class="check"
            data-verify={view.site.clone()}
            data-name={view.name.clone()}
            data-base={view.base.clone()}
            data-glue={checker.glue.clone()}
            data-wasm={checker.wasm.clone()}
            data-texts={texts(view)}
        >
            <header class="head">
                <p class="site">{ &view.name }</p>
                <h1>{ word("title") }</h1>
                <p class="lead">{ word("lead") }</p>
            </header>
            <noscript><p class="message">{ word("noscript") }</p></noscript>
            <div data-ready="" hidden=true>
                { drop(&word) }
                { paste(&word) }
                { options(&word) }
            </div>
            <p class="status" role="status" data-status=""></p>
            <div class="results" data-out=""></div>
            <footer>{ home.unwrap_or_default() }</footer>
        </main>
    }
}

fn drop(word: &impl Fn(&str) -> String) -> Html {
    html! {
        <label class="drop" data-drop="">
            <span class="paper" aria-hidden="true"></span>
            <span class="words">
                <strong>{ word("drop") }</strong>
                <span class="quiet">{ word("where") }</span>
            </span>
            <input class="unseen" type="file" accept=".json,application/json" data-file="" />
            <span class="button">{ word("choose") }</span>
        </label>
    }
}

fn paste(word: &impl Fn(&str) -> String) -> Html {
    html! {
        <details>
            <summary>{ word("paste") }</summary>
            <form class="form" data-paste="">
                <div class="field">
                    <label for="text">{ word("text") }</label>
                    <textarea id="text" rows="6" dir="ltr" spellcheck="false" autocomplete="off" data-text="" />
                </div>
                <button type="submit" class="button">{ word("check") }</button>
            </form>
        </details>
    }
}

fn options(word: &impl Fn(&str) -> String) -> Html {
    html! {
        <details>
            <summary>{ word("options") }</summary>
            <div class="form">
                <div class="field">
                    <label for="keys">{ word("keys") }</label>
                    <input id="keys" type="file" accept=".json,application/json" aria-describedby="keys-note" data-keys="" />
                    <p id="keys-note" class="quiet">{ word("keys-note") }</p>
                </div>
                <div class="field">
                    <label for="witnesses">{ word("witnesses") }</label>
                    <textarea id="witnesses" rows="3" dir="ltr" spellcheck="false" autocomplete="off" aria-describedby="witnesses-note" data-witnesses="" />
                    <p id="witnesses-note" class="quiet">{ word("witnesses-note") }</p>
                </div>
            </div>
        </details>
    }
}

/// Beginnings of the keys whose texts the page's script writes.
const WRITTEN: [&str; 6] = [
    "verify-", "state-", "action-", "surface-", "basis", "switch-",
];
/// Single keys, likewise.
const ALSO: [&str; 4] = ["provider", "recipients", "hosts", "location"];

/// The words that the script writes, as JSON.
fn texts(view: &View) -> String {
    let mut out = String::new();
    for (key, text) in view.texts.iter() {
        let key = key.as_str();
        if WRITTEN.iter().any(|start| key.starts_with(start)) || ALSO.contains(&key) {
            out.push(if out.is_empty() { '{' } else { ',' });
            push_text(&mut out, key);
            out.push(':');
            push_text(&mut out, text);
        }
    }
    out.push('}');
    out
}
