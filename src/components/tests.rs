//! The components as HTML, in every language, and what must be true of it.

use sayso_browser::answer::Refusal;
use sayso_browser::history::{Item, ReceiptState};
use sayso_browser::log::Breach;
use sayso_core::decision::{Action, Surface};
use sayso_core::policy::PurposeId;
use sayso_core::record::Status;
use sayso_core::view::View;
use yew::prelude::*;

use crate::components::address_form::address_form;
use crate::components::history_list::history_list;
use crate::pages::centre::Place;
use crate::pages::served::Page;
use crate::ports::{History, Ports};
use crate::render::{self, Linked};
use crate::sample;
use crate::shared::Shared;
use crate::state::{Form, Phase, Section, Verb};

const LANGUAGES: [&str; 3] = ["en", "de", "ar"];

fn centre(language: &str, section: Section, place: Place) -> String {
    let view = Shared::new(sample::view(language));
    let ports = Ports::in_memory(view.clone(), 1_763_766_000_000);
    render::centre_html(ports, view, section, place)
}

/// One element a line, so that a change shows where it is.
fn lines(html: &str) -> String {
    html.replace("><", ">\n<")
}

#[test]
fn the_banner() {
    for language in LANGUAGES {
        insta::assert_snapshot!(
            format!("banner.{language}"),
            lines(&render::first_layer_html(&sample::view(language)))
        );
    }
}

#[test]
fn the_preference_centre() {
    for language in LANGUAGES {
        let html = centre(language, Section::Preferences, Place::Dialog);
        insta::assert_snapshot!(format!("preferences.{language}"), lines(&html));
    }
}

#[test]
fn the_forms() {
    for section in [Section::Newsletter, Section::Marketing] {
        let html = centre("en", section, Place::Inline);
        insta::assert_snapshot!(format!("{}.en", section.name()), lines(&html));
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ListProps {
    view: Shared<View>,
    history: Vec<ReceiptState>,
    broken: bool,
}

#[component]
fn List(props: &ListProps) -> Html {
    let id = |id: &str| PurposeId::new(id).unwrap();
    let item = |(at, state): (usize, &ReceiptState)| Item {
        decision: format!("d{at}"),
        time: at as u64 * 1000,
        about: String::new(),
        surface: Surface::Banner,
        action: Action::GiveAll,
        statuses: vec![
            (id("analytics"), Status::Given),
            (id("necessary"), Status::Acknowledged),
        ],
        state: state.clone(),
    };
    let history = History {
        items: props.history.iter().enumerate().map(item).collect(),
        breaches: vec![
            Breach {
                time: 7,
                ..Breach::default()
            };
            usize::from(props.broken)
        ],
        erasable: props.broken,
        ..History::default()
    };
    let date = Callback::from(|time: u64| format!("at {time}"));
    history_list(&props.view, &history, &date, &Callback::noop())
}

#[test]
fn the_history() {
    let view = Shared::new(sample::view("en"));
    let history = vec![
        ReceiptState::Waiting,
        ReceiptState::Sent,
        ReceiptState::Countersigned {
            witnessed: false,
            received: 2500,
        },
        ReceiptState::Countersigned {
            witnessed: true,
            received: 3500,
        },
        ReceiptState::Refused(Refusal::local("malformed", "the clock <stopped>")),
        ReceiptState::Erased,
    ];
    insta::assert_snapshot!(
        "history.en",
        lines(&render::component::<List>(ListProps {
            view: view.clone(),
            history,
            broken: true,
        }))
    );
    insta::assert_snapshot!(
        "history-empty.en",
        lines(&render::component::<List>(ListProps {
            view,
            history: vec![],
            broken: false,
        }))
    );
}

#[test]
fn the_pages_of_the_server() {
    let linked = Linked {
        style: "/sayso/a/page.css".into(),
        script: "/sayso/sayso.js".into(),
        home: "/".into(),
    };
    let (email, token) = ("mira&<b>@example.org".to_owned(), "t\"><script>".to_owned());
    let pages = [
        ("preferences", Page::Preferences),
        (
            "newsletter",
            Page::Newsletter {
                fields: Some(Default::default()),
            },
        ),
        (
            "sent",
            Page::Sent {
                email: email.clone(),
            },
        ),
        (
            "confirm",
            Page::Confirm {
                email: email.clone(),
                token: token.clone(),
            },
        ),
        ("confirmed", Page::Confirmed),
        ("unsubscribe", Page::Unsubscribe { email, token }),
        ("error", Page::Error),
    ];
    let view = sample::view("en");
    for (name, page) in pages {
        insta::assert_snapshot!(
            format!("page-{name}.en"),
            lines(&render::page_html(&view, &page, &linked))
        );
    }
}

/// The opening tags of the buttons of a group, without what names them.
fn button_tags(html: &str, name: &str) -> Vec<String> {
    html.match_indices("<button")
        .map(|(at, _)| &html[at..=at + html[at..].find('>').unwrap()])
        .filter(|tag| tag.contains(name))
        .map(|tag| {
            let at = tag.find(name).unwrap();
            let end = at + tag[at..].find("\" ").or(tag[at..].find("\">")).unwrap() + 1;
            format!("{}{}", &tag[..at], &tag[end..])
        })
        .collect()
}

#[test]
fn no_is_as_easy_as_yes() {
    for language in LANGUAGES {
        let groups = [
            (
                render::first_layer_html(&sample::view(language)),
                "data-sayso-action=\"",
            ),
            (
                centre(language, Section::Preferences, Place::Dialog),
                "data-sayso-press=\"",
            ),
            (
                centre(language, Section::Preferences, Place::Page),
                "data-sayso-press=\"",
            ),
        ];
        for (html, name) in groups {
            let tags = button_tags(&html, name);
            assert_eq!(tags.len(), 3, "{html}");
            assert!(
                tags.iter().all(|tag| *tag == tags[0]),
                "same element, same attributes: {tags:?}"
            );
        }
    }
}

#[test]
fn nothing_is_ticked_beforehand() {
    for language in LANGUAGES {
        for section in [Section::Newsletter, Section::Marketing] {
            let html = centre(language, section, Place::Inline);
            assert!(!html.contains(" checked"), "{html}");
        }
        // Of the purposes only the necessary one's switchable service is on.
        let html = centre(language, Section::Preferences, Place::Dialog);
        assert_eq!(html.matches(" checked").count(), 1, "{html}");
    }
}

#[test]
fn ids_are_unique_and_every_reference_has_its_target() {
    for section in Section::ALL {
        let html = centre("en", section, Place::Dialog);
        let values = |name: &str| -> Vec<String> {
            html.match_indices(&format!(" {name}=\""))
                .map(|(at, found)| {
                    let from = at + found.len();
                    html[from..from + html[from..].find('"').unwrap()].to_owned()
                })
                .collect()
        };
        let ids = values("id");
        for id in &ids {
            assert_eq!(
                ids.iter().filter(|other| *other == id).count(),
                1,
                "{id} in {section:?}"
            );
        }
        for name in ["aria-labelledby", "aria-describedby", "for"] {
            for target in values(name) {
                assert!(ids.contains(&target), "{name}={target} in {section:?}");
            }
        }
    }
}

#[test]
fn decisions_not_read_yet_are_not_said_to_be_none() {
    let view = sample::view("en");
    let html = centre("en", Section::History, Place::Dialog);
    assert!(html.contains(view.text("loading")), "{html}");
    assert!(!html.contains(view.text("history-empty-title")), "{html}");
}

#[test]
fn what_is_said_of_a_form_finds_its_element_there() {
    let form = |phase: Phase| {
        render::component::<Objecting>(ObjectingProps {
            view: Shared::new(sample::view("en")),
            form: Form {
                phase,
                ..Form::default()
            },
        })
    };
    for phase in [Phase::Editing, Phase::Sending, Phase::Sent, Phase::Waiting] {
        let html = form(phase.clone());
        let (words, empty) = ("<div role=\"status\">", "<div role=\"status\"></div>");
        assert_eq!(html.matches(words).count(), 1, "{html}");
        let silent = matches!(phase, Phase::Editing | Phase::Sending);
        assert_eq!(html.contains(empty), silent, "{html}");
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ObjectingProps {
    view: Shared<View>,
    form: Form,
}

#[component]
fn Objecting(props: &ObjectingProps) -> Html {
    let to = Callback::noop();
    address_form(&props.view, Verb::Object, &props.form, &to, Vec::new())
}

#[test]
fn no_style_attributes_and_no_missing_texts() {
    for language in LANGUAGES {
        let view = sample::view(language);
        for section in Section::ALL {
            for place in [Place::Dialog, Place::of(section)] {
                let html = centre(language, section, place);
                assert!(!html.contains(" style="), "{html}");
                assert!(
                    !html.contains('{') && !html.contains('}'),
                    "an unfilled placeholder: {html}"
                );
                for key in view.texts.keys().filter(|key| key.contains('-')) {
                    assert!(
                        !html.contains(&format!(">{key}<")),
                        "{key} has no text in {language}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_hostile_text_stays_a_text() {
    let mut view = sample::view("en");
    view.name = "<script>alert(1)</script>".into();
    view.controller.name = "\"><img src=x onerror=alert(1)>".into();
    view.policy_page = "javascript:alert(1)".into();
    let html = render::first_layer_html(&view);
    assert!(
        !html.contains("<script") && !html.contains("<img") && !html.contains("javascript:"),
        "{html}"
    );
}

#[test]
fn every_language_has_every_text_and_the_same_placeholders() {
    let holes = |text: &str| {
        let mut found: Vec<String> = text
            .match_indices('{')
            .filter_map(|(at, _)| Some(text[at..=at + text[at..].find('}')?].to_owned()))
            .collect();
        found.sort();
        found.dedup();
        found
    };
    let english = sample::view("en").texts;
    for language in ["de", "ar"] {
        let texts = sample::view(language).texts;
        assert_eq!(
            texts.keys().collect::<Vec<_>>(),
            english.keys().collect::<Vec<_>>(),
            "{language}"
        );
        for (key, text) in &english {
            assert_eq!(holes(&texts[key]), holes(text), "{language} {key}");
            assert!(!texts[key].trim().is_empty(), "{language} {key}");
        }
    }
}
