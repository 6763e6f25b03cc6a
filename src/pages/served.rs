//! The pages the server gives out itself. They work without JavaScript, and say plainly where that is not possible.

use sayso_core::view::View;
use yew::prelude::*;

use crate::components::newsletter::newsletter;
use crate::link;
use crate::shared::Shared;
use crate::state::{Fields, Form, Phase, check_newsletter};
use crate::text::{say, say_with};

/// A page of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The whole preference centre; the app is mounted in it.
    Preferences,
    /// The newsletter form. `fields` is what was posted where it needs another look, else nothing.
    Newsletter {
        /// What was filled in.
        fields: Option<Fields>,
    },
    /// A mail is on its way.
    Sent {
        /// The address.
        email: String,
    },
    /// Asks for the click that confirms.
    Confirm {
        /// The address.
        email: String,
        /// What the mailed link carried, posted back.
        token: String,
    },
    /// It is confirmed.
    Confirmed,
    /// Asks for the click that unsubscribes.
    Unsubscribe {
        /// The address.
        email: String,
        /// What the mailed link carried, posted back.
        token: String,
    },
    /// It is ended.
    Unsubscribed,
    /// The mailed link is too old, or was used.
    LinkOld,
    /// A form came from another site.
    Origin,
    /// There is no such page.
    Missing,
    /// Something failed on our side.
    Error,
}

impl Page {
    /// The key of its title.
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Preferences => "page-preferences-title",
            Self::Newsletter { .. } => "page-newsletter-title",
            Self::Sent { .. } => "page-sent-title",
            Self::Confirm { .. } => "page-confirm-title",
            Self::Confirmed => "page-confirmed-title",
            Self::Unsubscribe { .. } => "page-unsubscribe-title",
            Self::Unsubscribed => "page-unsubscribed-title",
            Self::LinkOld => "page-link-old-title",
            Self::Origin => "page-origin-title",
            Self::Missing => "page-missing-title",
            Self::Error => "page-error-title",
        }
    }
}

/// What a page needs.
#[derive(Clone, PartialEq, Properties)]
pub struct ServedProps {
    /// The site, in one language.
    pub view: Shared<View>,
    /// Which page.
    pub page: Page,
    /// The site's own start page.
    pub home: AttrValue,
}

/// The inside of a page's body.
#[component]
pub fn Served(props: &ServedProps) -> Html {
    let view = &*props.view;
    let card = props.page != Page::Preferences;
    let content = match &props.page {
        Page::Preferences => preferences(view),
        Page::Newsletter { fields } => form(view, fields.as_ref()),
        Page::Sent { email } => paragraph(&say_with(view, "newsletter-sent", &[("email", email)])),
        Page::Confirm { email, token } => ask(view, "confirm", email, token),
        Page::Confirmed => paragraph(&say(view, "page-confirmed-text")),
        Page::Unsubscribe { email, token } => ask(view, "unsubscribe", email, token),
        Page::Unsubscribed => paragraph(&say(view, "page-unsubscribed-text")),
        Page::LinkOld => paragraph(&say(view, "page-link-old-text")),
        Page::Origin => paragraph(&say(view, "page-origin-text")),
        Page::Missing => paragraph(&say(view, "page-missing-text")),
        Page::Error => paragraph(&say(view, "page-error-text")),
    };
    let home = link::safe(&props.home)
        .map(|home| html! { <a href={home.to_owned()}>{ say(view, "page-back") }</a> });
    html! {
        <main class={classes!(card.then_some("card"))}>
            if card {
                <p class="site">{ &view.name }</p>
                <h1>{ view.text(props.page.title()) }</h1>
            }
            { content }
            <footer>{ home.unwrap_or_default() }</footer>
        </main>
    }
}

fn paragraph(text: &str) -> Html {
    html! { <p>{ text }</p> }
}

fn preferences(view: &View) -> Html {
    html! {
        <>
            <div data-sayso-mount="preferences"></div>
            <noscript>
                <div class="card">
                    <h1>{ view.text("page-preferences-title") }</h1>
                    <p>{ view.text("page-noscript") }</p>
                </div>
            </noscript>
        </>
    }
}

fn form(view: &View, posted: Option<&Fields>) -> Html {
    let Some(declared) = &view.newsletter else {
        return paragraph(&say(view, "page-missing-text"));
    };
    let form = posted.map_or_else(Form::default, |fields| Form {
        fields: fields.clone(),
        phase: Phase::Wanting(check_newsletter(fields)),
    });
    newsletter(view, declared, &form, &Callback::noop())
}

/// A question answered by one button: a link alone changes nothing, since mail scanners follow links.
fn ask(view: &View, what: &str, email: &str, token: &str) -> Html {
    let key = |part: &str| format!("page-{what}-{part}");
    html! {
        <form class="form" method="post" action={format!("{}/{what}", view.base)}>
            <p>{ say_with(view, &key("text"), &[("email", email)]) }</p>
            <input type="hidden" name="t" value={token.to_owned()} />
            <div class="answers"><button type="submit" class="button">{ say(view, &key("button")) }</button></div>
            if what == "confirm" { <p class="quiet">{ say(view, &key("not-you")) }</p> }
        </form>
    }
}
