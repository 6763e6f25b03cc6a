//! Tables over [`reduce`], and what the buttons say.

use proptest::prelude::*;
use sayso_browser::address::Remembered;
use sayso_core::record::Status;
use sayso_core::view::View;

use super::*;

use crate::sample::{self, policy_of};
use crate::shared::Shared;

const NOW: u64 = 1_763_766_000;

fn view() -> Shared<View> {
    Shared::new(sample::view("en"))
}

fn begin(cookie: &str, gpc: bool) -> State {
    let view = view();
    let standing = Standing::read(&policy_of(&view), cookie, gpc, NOW);
    State::new(view, Section::Preferences, standing)
}

/// A cookie of the second before [`NOW`].
fn cookie(choices: &str) -> String {
    format!("1.t63mjz.{choices}")
}

fn on(state: &State, ids: &[&str]) -> Vec<bool> {
    ids.iter().map(|id| state.draft.is_on(id)).collect()
}

const IDS: [&str; 6] = [
    "necessary",
    "session",
    "chat",
    "analytics",
    "pulse",
    "video",
];

#[test]
fn the_switches_show_what_is_in_force() {
    let table = [
        ("", [true, true, true, false, false, false]),
        ("no cookie at all", [true, true, true, false, false, false]),
        (
            &cookie("analytics:g1.fw4~necessary:n1"),
            [true, true, true, true, true, true],
        ),
        (
            &cookie("analytics:r1.fw4~necessary:n1-chat"),
            [true, true, false, false, false, false],
        ),
        (
            &cookie("analytics:r1.fw4+video~necessary:n1"),
            [true, true, true, false, false, true],
        ),
        (
            &cookie("analytics:g1.fw4-video~necessary:n1"),
            [true, true, true, true, true, false],
        ),
    ];
    for (cookie, wanted) in table {
        assert_eq!(on(&begin(cookie, false), &IDS), wanted, "{cookie}");
    }
}

#[test]
fn nothing_is_ticked_before_it_is_asked() {
    let state = begin("", false);
    assert!(!state.draft.is_on("analytics"));
    assert!(!state.is_dirty());
    assert_eq!(state.newsletter, Form::default());
    assert!(!state.newsletter.fields.consent);
}

#[test]
fn a_purpose_takes_its_services_along_and_a_service_moves_alone() {
    let state = begin("", false);
    let state = reduce(&state, Action::Switch("analytics".into(), true));
    assert_eq!(
        on(&state, &["analytics", "pulse", "video"]),
        [true, true, true]
    );
    let state = reduce(&state, Action::Switch("video".into(), false));
    assert_eq!(
        on(&state, &["analytics", "pulse", "video"]),
        [true, true, false]
    );
    assert!(state.is_dirty());
}

#[test]
fn closing_without_saving_is_forgetting_the_draft() {
    let before = begin("", false);
    let moved = reduce(&before, Action::Switch("analytics".into(), true));
    assert_eq!(
        moved.standing, before.standing,
        "moving a switch decides nothing"
    );
}

#[test]
fn what_changes_elsewhere_does_not_take_a_moved_switch_away() {
    let view = view();
    let given = Standing::read(
        &policy_of(&view),
        &cookie("analytics:g1.fw4~necessary:n1"),
        false,
        NOW,
    );
    let untouched = reduce(&begin("", false), Action::Stands(given.clone()));
    assert!(
        untouched.draft.is_on("analytics"),
        "an untouched switch follows"
    );
    let moved = reduce(&begin("", false), Action::Switch("chat".into(), false));
    let moved = reduce(&moved, Action::Stands(given));
    assert!(!moved.draft.is_on("chat"), "moved here and not saved");
    assert!(moved.draft.is_on("analytics"), "untouched");
}

#[test]
fn saving_one_switch_opens_nothing_that_was_shut_elsewhere_meanwhile() {
    let view = view();
    let given = cookie("analytics:g1.fw4~necessary:n1");
    let moved = reduce(&begin(&given, false), Action::Switch("chat".into(), false));
    let withdrawn = cookie("analytics:w1.fw4~necessary:n1");
    let withdrawn = Standing::read(&policy_of(&view), &withdrawn, false, NOW);
    let state = reduce(&moved, Action::Stands(withdrawn));
    let expected = [true, true, false, false, false, false];
    assert_eq!(on(&state, &IDS), expected);
    let saved = state.choices(Press::Save).purposes;
    assert!(saved.contains(&("analytics".into(), 'r')), "{saved:?}");
}

#[test]
fn a_switch_moved_here_stays_whatever_is_decided_about_it_elsewhere() {
    let view = view();
    let stands = |choices: &str| Standing::read(&policy_of(&view), &cookie(choices), false, NOW);
    let video = |state: &State| state.draft.is_on("video");
    for there in [
        "analytics:g1.fw4~necessary:n1",
        "analytics:r1.fw4~necessary:n1",
        "analytics:r1.fw4+video~necessary:n1",
    ] {
        for to in [true, false] {
            let begun = if to {
                ""
            } else {
                &*cookie("analytics:g1.fw4~necessary:n1")
            };
            let moved = reduce(&begin(begun, false), Action::Switch("video".into(), to));
            assert_eq!(
                video(&reduce(&moved, Action::Stands(stands(there)))),
                to,
                "{there}"
            );
        }
    }
}

#[test]
fn what_each_button_says() {
    let moved = |moves: &[(&str, bool)], gpc: bool| {
        moves.iter().fold(begin("", gpc), |state, (id, on)| {
            reduce(&state, Action::Switch((*id).into(), *on))
        })
    };
    let analytics = |state: &State, press: Press| {
        let choices = state.choices(press);
        let letter = choices
            .purposes
            .iter()
            .find(|(id, _)| id == "analytics")
            .map(|(_, letter)| *letter);
        let services = choices
            .services
            .into_iter()
            .find(|(id, _)| id == "analytics")
            .map(|(_, services)| services);
        (letter, services.unwrap_or_default())
    };
    let all = |on| vec![("pulse".to_owned(), on), ("video".to_owned(), on)];
    let table = [
        ("all", begin("", false), Press::GiveAll, 'g', vec![]),
        ("none", begin("", false), Press::RefuseAll, 'r', vec![]),
        (
            "untouched is no",
            begin("", false),
            Press::Save,
            'r',
            all(false),
        ),
        (
            "one purpose",
            moved(&[("analytics", true)], false),
            Press::Save,
            'g',
            all(true),
        ),
        (
            "one service",
            moved(&[("video", true)], false),
            Press::Save,
            'r',
            vec![("pulse".into(), false), ("video".into(), true)],
        ),
        (
            "refusing all ignores the switches",
            moved(&[("analytics", true)], false),
            Press::RefuseAll,
            'r',
            vec![],
        ),
        (
            "a signal outweighs accept all",
            begin("", true),
            Press::GiveAll,
            'r',
            vec![],
        ),
        (
            "its own switch lifts it",
            moved(&[("analytics", true)], true),
            Press::Save,
            'g',
            all(true),
        ),
    ];
    for (name, state, press, letter, services) in table {
        assert_eq!(analytics(&state, press), (Some(letter), services), "{name}");
    }
}

#[test]
fn what_is_necessary_needs_no_answer_but_may_be_switched_where_declared() {
    let state = reduce(&begin("", false), Action::Switch("chat".into(), false));
    for press in Press::ALL {
        let choices = state.choices(press);
        assert!(
            choices.purposes.contains(&("necessary".into(), 'n')),
            "{press:?}"
        );
        assert!(
            choices
                .services
                .contains(&("necessary".into(), vec![("chat".into(), false)])),
            "{press:?}"
        );
    }
}

#[test]
fn purposes_for_an_address_are_never_among_the_choices() {
    for press in Press::ALL {
        let choices = begin("", false).choices(press);
        assert_eq!(
            choices
                .purposes
                .iter()
                .map(|(id, _)| id.as_str())
                .collect::<Vec<_>>(),
            ["necessary", "analytics"]
        );
    }
}

#[test]
fn an_answer_is_said_until_something_else_happens() {
    let state = begin("", false);
    let standing = state.standing.clone();
    let state = reduce(&state, Action::Answered(Press::RefuseAll, standing));
    assert_eq!(state.said, Some(Said::Done(Press::RefuseAll)));
    let state = reduce(&state, Action::Switch("analytics".into(), true));
    assert_eq!(state.said, None);
}

#[test]
fn what_is_wrong_with_a_newsletter_form() {
    let fields = |email: &str, name: &str, consent: bool| Fields {
        email: email.into(),
        first_name: name.into(),
        consent,
        ..Fields::default()
    };
    let long = "x".repeat(MAX_NAME + 1);
    let table = [
        (fields("mira@example.org", "", true), vec![]),
        (fields(" mira@example.org ", "Mira", true), vec![]),
        (
            fields("", "", true),
            vec![(Field::Email, "error-email-missing")],
        ),
        (
            fields("mira", "", true),
            vec![(Field::Email, "error-email-wrong")],
        ),
        (
            fields("mira@example.org", "", false),
            vec![(Field::Consent, "error-consent")],
        ),
        (
            fields("@", &long, false),
            vec![
                (Field::Email, "error-email-wrong"),
                (Field::FirstName, "error-too-long"),
                (Field::Consent, "error-consent"),
            ],
        ),
    ];
    for (fields, wanted) in table {
        assert_eq!(check_newsletter(&fields), wanted, "{fields:?}");
    }
}

#[test]
fn what_was_typed_survives_a_failure_and_not_a_success() {
    let typed = |state: &State| {
        reduce(
            state,
            Action::Typed(Verb::Subscribe, Field::Email, "mira@example.org".into()),
        )
    };
    let went = |state: &State, phase| reduce(state, Action::Went(Verb::Subscribe, phase));
    let failed = went(&typed(&begin("", false)), Phase::Failed(Failure::Offline));
    assert_eq!(
        went(&failed, Phase::Editing).newsletter.fields.email,
        "mira@example.org"
    );
    let sent = went(&typed(&begin("", false)), Phase::Sent);
    assert_eq!(
        sent.newsletter.fields.email, "mira@example.org",
        "it is named in what is said"
    );
    assert_eq!(went(&sent, Phase::Editing).newsletter, Form::default());
}

#[test]
fn all_four_combinations_of_objections_come_back() {
    for (mail, partners) in [(false, false), (false, true), (true, false), (true, true)] {
        let status = |objected| {
            if objected {
                Status::Objected
            } else {
                Status::Acknowledged
            }
        };
        let address = Remembered {
            salt: String::new(),
            email: "mira@example.org".into(),
            time: 1,
            statuses: vec![
                ("marketing-mail".into(), status(mail)),
                ("partner-sharing".into(), status(partners)),
            ],
        };
        let history = History {
            addresses: vec![address],
            ..History::default()
        };
        let state = reduce(&begin("", false), Action::Remembered(history));
        let chosen = &state.objection.fields.chosen;
        assert_eq!(
            (chosen.has("marketing-mail"), chosen.has("partner-sharing")),
            (mail, partners)
        );
        assert_eq!(state.objection.fields.email, "mira@example.org");
    }
}

#[test]
fn a_form_in_use_is_not_overwritten_by_what_is_remembered() {
    let address = Remembered {
        salt: String::new(),
        email: "old@example.org".into(),
        time: 1,
        statuses: vec![("marketing-mail".into(), Status::Objected)],
    };
    let state = reduce(
        &begin("", false),
        Action::Typed(Verb::Object, Field::Email, "new@".into()),
    );
    let state = reduce(
        &state,
        Action::Remembered(History {
            addresses: vec![address],
            ..History::default()
        }),
    );
    assert_eq!(state.objection.fields.email, "new@");
}

#[test]
fn a_form_emptied_for_another_address_stays_empty() {
    let remembered = || {
        let address = Remembered {
            salt: String::new(),
            email: "old@example.org".into(),
            time: 1,
            statuses: vec![("marketing-mail".into(), Status::Objected)],
        };
        Action::Remembered(History {
            addresses: vec![address],
            ..History::default()
        })
    };
    let went = |state: &State, phase| reduce(state, Action::Went(Verb::Object, phase));
    let state = reduce(&begin("", false), remembered());
    let state = went(&went(&state, Phase::Sent), Phase::Editing);
    // A countersignature came home meanwhile.
    let state = reduce(&state, remembered());
    assert_eq!(state.objection, Form::default());
}

#[test]
fn what_could_not_be_kept_is_not_shown_as_kept() {
    let keeps = |state: &State| state.history.as_deref().is_some_and(|history| history.keep);
    let read = reduce(&begin("", false), Action::Remembered(History::default()));
    let switched = reduce(&read, Action::Keep(true));
    assert!(keeps(&switched));
    assert!(!keeps(&reduce(&switched, Action::Keep(false))));
    assert!(
        !keeps(&reduce(&begin("", false), Action::Keep(true))),
        "nothing was read yet"
    );
}

proptest! {
    /// Whatever was moved before: refusing all opens nothing that was not necessary, and a yes is only ever said for a
    /// switch that stands on or by *Accept all*.
    #[test]
    fn no_is_no(moves in prop::collection::vec((0_usize..IDS.len(), any::<bool>()), 0..12), gpc in any::<bool>()) {
        let state = moves.into_iter().fold(begin("", gpc), |state, (at, on)| reduce(&state, Action::Switch(IDS[at].into(), on)));
        let refused = state.choices(Press::RefuseAll);
        prop_assert!(refused.purposes.iter().all(|(_, letter)| *letter != 'g'));
        prop_assert!(refused.services.iter().all(|(purpose, _)| purpose == "necessary"));
        for (purpose, letter) in state.choices(Press::Save).purposes {
            prop_assert_eq!(letter == 'g', purpose != "necessary" && state.draft.is_on(&purpose));
        }
        for (_, services) in state.choices(Press::Save).services {
            for (service, on) in services {
                prop_assert_eq!(on, state.draft.is_on(&service));
            }
        }
    }
}
