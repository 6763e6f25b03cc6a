//! When to ask again and what is open meanwhile: one row per rule.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use sayso_core::cookie::Cookie;
use sayso_core::policy::{Days, LegalBasis, Model, Policy, Purpose, PurposeId, Service, ServiceId};
use sayso_core::prompt::{DAY, evaluate};

/// Day 20 960 of the examples, `g68` in base 36.
const G68: u64 = 20_960;

fn policy(model: Model) -> Policy {
    let service = |id: &str, since, switchable| Service {
        id: ServiceId::new(id).unwrap(),
        since,
        switchable,
        name: String::new(),
        provider: String::new(),
        cookies: vec![],
        storage: vec![],
    };
    let purpose = |id: &str, revision, necessary, services| Purpose {
        id: PurposeId::new(id).unwrap(),
        revision,
        basis: if necessary {
            LegalBasis::LegitimateInterest
        } else {
            LegalBasis::Consent
        },
        necessary,
        gpc: !necessary,
        services,
    };
    Policy {
        model,
        days: Days {
            given: 183,
            refused: 183,
        },
        purposes: vec![
            purpose(
                "necessary",
                1,
                true,
                vec![service("chat", 1, true), service("cart", 1, false)],
            ),
            purpose(
                "analytics",
                2,
                false,
                vec![service("old", 1, false), service("new", 2, false)],
            ),
        ],
    }
}

/// (model, cookie, gpc, day) -> ask, then what of `analytics old new chat cart` is open.
#[test]
fn rules() {
    use Model::{NoticeOnly, OptIn, OptOut};
    let table = [
        // Nothing answered.
        (OptIn, None, false, true, "chat cart"),
        (OptOut, None, false, true, "analytics old new chat cart"),
        (NoticeOnly, None, false, true, "analytics old new chat cart"),
        // The browser objects by signal: shut, and not asked about.
        (OptIn, None, true, false, "chat cart"),
        (OptOut, None, true, false, "chat cart"),
        // A yes, of this revision, older, newer.
        (
            OptIn,
            Some("analytics:g2.g69"),
            false,
            false,
            "analytics old new chat cart",
        ),
        (
            OptIn,
            Some("analytics:g1.g69"),
            false,
            true,
            "old chat cart",
        ),
        (OptIn, Some("analytics:g3.g69"), false, false, "chat cart"),
        (
            OptOut,
            Some("analytics:g1.g69"),
            false,
            true,
            "analytics old new chat cart",
        ),
        // A yes lapses on its day.
        (OptIn, Some("analytics:g2.g68"), false, true, "chat cart"),
        // An explicit yes stands beside a signal that came later.
        (
            OptIn,
            Some("analytics:g2.g69"),
            true,
            false,
            "analytics old new chat cart",
        ),
        // A no covers every later revision until its day.
        (OptIn, Some("analytics:r1.g69"), false, false, "chat cart"),
        (OptIn, Some("analytics:w1.g69"), false, false, "chat cart"),
        (OptIn, Some("analytics:r1.g68"), false, true, "chat cart"),
        (OptOut, Some("analytics:r1.g69"), false, false, "chat cart"),
        // An objection never lapses by itself.
        (OptOut, Some("analytics:o1"), false, false, "chat cart"),
        (OptOut, Some("analytics:s1"), false, false, "chat cart"),
        (OptIn, Some("analytics:s1"), false, false, "chat cart"),
        // An acknowledged notice is no consent where consent is required.
        (OptIn, Some("analytics:n2"), false, true, "chat cart"),
        (
            NoticeOnly,
            Some("analytics:n2"),
            false,
            false,
            "analytics old new chat cart",
        ),
        (
            NoticeOnly,
            Some("analytics:n1"),
            false,
            true,
            "analytics old new chat cart",
        ),
        // Put off.
        (OptIn, Some("analytics:d2.g69"), false, false, "chat cart"),
        (OptIn, Some("analytics:d2.g68"), false, true, "chat cart"),
        // One service alone, either way.
        (
            OptIn,
            Some("analytics:r2.g69+old"),
            false,
            false,
            "old chat cart",
        ),
        (
            OptIn,
            Some("analytics:r1.g69+new"),
            false,
            false,
            "chat cart",
        ),
        (
            OptIn,
            Some("analytics:r2.g68+old"),
            false,
            true,
            "chat cart",
        ),
        (
            OptIn,
            Some("analytics:g2.g69-old"),
            false,
            false,
            "analytics new chat cart",
        ),
        // Necessary services: only those that may be switched off are.
        (
            OptIn,
            Some("analytics:g2.g69~necessary:n1-chat"),
            false,
            false,
            "analytics old new cart",
        ),
        (
            OptIn,
            Some("analytics:g2.g69~necessary:n1-cart"),
            false,
            false,
            "analytics old new chat cart",
        ),
        // A purpose this policy does not have changes nothing.
        (OptIn, Some("ads:g2.g69"), false, true, "chat cart"),
    ];
    for (model, choices, gpc, ask, open) in table {
        let cookie = choices.map(|c| Cookie::parse(&format!("1.a.{c}")).unwrap());
        let prompt = evaluate(&policy(model), cookie.as_ref(), gpc, G68 * DAY + DAY / 2);
        let found: Vec<_> = ["analytics", "old", "new", "chat", "cart"]
            .into_iter()
            .filter(|id| prompt.allows(id))
            .collect();
        assert_eq!(
            (prompt.ask(), found.join(" ").as_str()),
            (ask, open),
            "{model:?} {choices:?} gpc {gpc}"
        );
    }
}

#[test]
fn what_is_not_declared_is_shut() {
    let prompt = evaluate(&policy(Model::OptOut), None, false, 0);
    assert!(!prompt.allows("ads"));
}

#[test]
fn a_newer_revision_asks_for_a_newer_policy() {
    let cookie = Cookie::parse("1.a.analytics:g3.g69").unwrap();
    assert!(evaluate(&policy(Model::OptOut), Some(&cookie), false, 0).purposes["analytics"].newer);
}
