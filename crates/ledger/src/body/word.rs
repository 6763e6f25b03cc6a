//! The words that receipts are made of.

use std::sync::LazyLock;

/// **Do not modify:** bodies at rest name these by their place. New ones go to the end, at most 124 in all.
pub(super) const WORDS: &[&str] = &[
    r#"{"typ":"consent-receipt+jws","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":""#,
    r#"","y":""#,
    r#""}}"#,
    r#"{"typ":"consent-witness+jws","alg":"Ed25519","kid":""#,
    r#""}"#,
    r#"{"v":1,"id":""#,
    r#"","decision":""#,
    r#"","site":""#,
    r#"","subject":""#,
    r#"","prev":""#,
    r#"","time":"#,
    r#","surface":""#,
    r#"","action":""#,
    r#"","language":""#,
    r#"","jurisdiction":""#,
    r#"","model":""#,
    r#"","controller":""#,
    r#"","notice":""#,
    r#"","layer":""#,
    r#"","in_view":"#,
    r#"","in_view":true,"signals":[],"purposes":[{"id":""#,
    r#"","in_view":false,"signals":[],"purposes":[{"id":""#,
    r#"","in_view":true,"signals":[],"about":""#,
    r#"","in_view":false,"signals":[],"about":""#,
    r#"","in_view":true,"signals":[],"via":""#,
    r#"","in_view":false,"signals":[],"via":""#,
    r#"true,"signals":["#,
    r#"false,"signals":["#,
    r#""gpc""#,
    r#"],"purposes":[{"id":""#,
    r#"],"about":""#,
    r#"],"via":""#,
    r#"","via":""#,
    r#"","purposes":[{"id":""#,
    r#"","revision":"#,
    r#"","revision":1,"status":""#,
    r#"","revision":2,"status":""#,
    r#"","revision":3,"status":""#,
    r#","status":""#,
    r#"","basis":"Consent","lapses":"#,
    r#"","basis":"Consent""#,
    r#"","basis":"LegitimateInterest""#,
    r#"","basis":""#,
    r#","lapses":"#,
    r#","services":{""#,
    r#"":true"#,
    r#"":false"#,
    r#","#,
    r#"},{"id":""#,
    r#"}]}"#,
    r#"}},{"id":""#,
    r#"}}]}"#,
    "banner",
    "preferences",
    "placeholder",
    "api",
    "form",
    "page",
    "give-all",
    "refuse-all",
    "withdraw-all",
    "withdraw",
    "subscribe",
    "unsubscribe",
    "confirm",
    "refuse",
    "object",
    "save",
    "give",
    "gate",
    "link",
    "one-click",
    "operator",
    "Given",
    "Refused",
    "Withdrawn",
    "Objected",
    "Acknowledged",
    "Requested",
    "Deferred",
    "Expired",
    "OptIn",
    "OptOut",
    "NoticeOnly",
    "Contract",
    "LegalObligation",
    "necessary",
    "analytics",
    "marketing",
    "advertising",
    "functional",
    "social",
    "media",
    "newsletter",
    "marketing-mail",
    "partner-sharing",
    "personalisation",
    "statistics",
    "en",
    "de",
    "EU",
];

/// The word that a text begins with, the longest that does, by its place.
pub(super) fn at_start(text: &[u8]) -> Option<(u8, &'static str)> {
    static BY_FIRST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let mut table = vec![Vec::new(); 256];
        for (place, word) in (0..).zip(WORDS) {
            table[usize::from(word.as_bytes()[0])].push(place);
        }
        for places in &mut table {
            places.sort_by_key(|place: &u8| std::cmp::Reverse(WORDS[usize::from(*place)].len()));
        }
        table
    });
    let places = BY_FIRST.get(usize::from(*text.first()?))?;
    let fits = |place: &&u8| text.starts_with(WORDS[usize::from(**place)].as_bytes());
    let place = *places.iter().find(fits)?;
    Some((place, WORDS[usize::from(place)]))
}
