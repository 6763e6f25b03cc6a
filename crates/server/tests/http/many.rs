//! Two sites, one person, equal answers: nothing in the files of one leads to the files of the other.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use sayso_core::address::about;
use sayso_core::decision::{self, Action, Decision, Surface};
use sayso_core::digest::encode;
use sayso_core::policy::Model;
use sayso_core::receipt::{Details, Payload};
use sayso_core::wire::AddressRequest;
use sayso_server::clock::SystemClock;
use sayso_server::locale::Locales;
use sayso_server::random::OsRandom;
use sayso_server::service::Service;
use sayso_server::site::{Site, World as Needs};

use crate::call::post;
use crate::visitor::{Visitor, body, id};
use crate::world::{config, needs, pieces};

const EMAIL: &str = "ada.lovelace@example.org";

async fn open(data: &Path, name: &str) -> Arc<Site> {
    let config = config(|text| {
        text.replace("id = \"demo\"", &format!("id = \"{name}\""))
            .replace(
                "https://larkspur.example",
                &format!("https://{name}.example"),
            )
            .replace(
                ", \"https://other.larkspur.example\", \"http://127.0.0.1:*\"",
                "",
            )
    });
    let needs = Needs {
        random: Arc::new(OsRandom::new()),
        ..needs(Arc::new(SystemClock))
    };
    let locales = Locales::embedded().expect("the locales read");
    let site = Site::open(config, data, &locales, &pieces(), &needs).await;
    Arc::new(site.expect("the site opens"))
}

fn decided(site: &Site, word: &str, action: Action, choices: &str) -> Decision {
    let edition = site.edition(None, None);
    Decision {
        v: decision::VERSION,
        // A browser draws an id for each decision on each site.
        id: id(&format!("{word} on {}", site.config.id)),
        time: site.clock.now(),
        surface: Surface::Banner,
        action,
        language: "en".to_owned(),
        jurisdiction: "EU".to_owned(),
        model: Model::OptIn,
        controller: "larkspur-eu".to_owned(),
        notice: site.bundle.notice_digest.to_string(),
        layer: edition.layer_digest.to_string(),
        in_view: true,
        signals: vec!["gpc".to_owned()],
        choices: choices.to_owned(),
        delivered: false,
    }
}

fn receipt(site: &Site, key: &Visitor, decision: &Decision, about: Option<String>) -> String {
    let details = Details {
        id: id(&format!("receipt of {}", decision.id)),
        site: site.config.id.clone(),
        subject: Some(key.jwk.thumbprint().to_string()),
        about,
        ..Details::default()
    };
    let basis = |id: &str| site.config.purpose(id).map(|purpose| purpose.basis);
    key.sign(&Payload::new(decision, details, basis).expect("a payload"))
}

/// The same person does the same on a site; her browser has another key there. Gives what would name her.
async fn visit(site: &Site, router: &Router, salt: [u8; 32]) -> Vec<String> {
    let key = Visitor::new();
    let host = format!("{}.example", site.config.id);
    let send = async |path: &str, sent: Vec<u8>| {
        post_to(&host, path).send_body(router, sent).await.result()
    };
    let mut named = vec![key.jwk.thumbprint().to_string(), key.jwk.x.clone()];
    for word in ["first", "second", "third"] {
        let decision = decided(site, word, Action::Object, "analytics:o1~necessary:n1");
        let text = receipt(site, &key, &decision, None);
        send("/sayso/v1/receipts", body(None, &[&text], &[])).await;
        named.push(decision.id);
        named.push(text);
    }
    let mut decision = decided(site, "news", Action::Subscribe, "newsletter:g1");
    decision.surface = Surface::Form;
    let named_by = about(&salt, EMAIL).to_string();
    let request = AddressRequest {
        v: 1,
        email: EMAIL.to_owned(),
        salt: encode(&salt),
        first_name: Some("Augusta Ada".to_owned()),
        last_name: Some("Lovelace".to_owned()),
        company: Some("Analytical Engines".to_owned()),
        topics: Vec::new(),
        receipt: Some(receipt(site, &key, &decision, Some(named_by.clone()))),
        decision: None,
    };
    let request = serde_json::to_vec(&request).expect("JSON");
    send("/sayso/v1/addresses", request).await;
    named.push(named_by);
    named
}

fn post_to(host: &str, path: &str) -> crate::call::Call {
    post(path)
        .instead("host", host)
        .instead("origin", &format!("https://{host}"))
}

/// Every file below a folder, one after the other.
fn bytes(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(bytes(&path));
        } else {
            all.extend(std::fs::read(&path).expect("a file"));
        }
    }
    all
}

/// Every run of 16 bytes that may be a salt, a hash, a key, an id: varied, and without the many small numbers that the
/// database is held together by.
fn runs(bytes: &[u8]) -> HashSet<&[u8]> {
    let varied = |run: &&[u8]| {
        let mut seen = [false; 256];
        let distinct = run.iter().filter(|byte| {
            let seen = &mut seen[usize::from(**byte)];
            !std::mem::replace(seen, true)
        });
        let small = run.iter().filter(|byte| **byte < 0x20).count();
        distinct.count() >= 13 && small < 5
    };
    bytes.windows(16).filter(varied).collect()
}

/// Whether a run is a policy's id, or most of one, with what stands beside it.
fn is_policy(site: &Site, run: &[u8]) -> bool {
    let ids = site
        .config
        .purposes
        .iter()
        .map(|purpose| purpose.id.as_str());
    let mut pieces = ids.flat_map(|id| id.as_bytes().windows(6));
    pieces.any(|piece| run.windows(6).any(|part| part == piece))
}

fn holds(bytes: &[u8], text: &str) -> bool {
    let text = text.as_bytes();
    bytes.windows(text.len()).any(|window| window == text)
}

#[tokio::test]
async fn two_sites_know_one_person_as_two() {
    let data = tempfile::tempdir().expect("a folder");
    let mut sites = Vec::new();
    // The third has no visitor: what it shares with the others is the policy, and what every database is made of.
    for name in ["onesite", "another", "neither"] {
        sites.push(open(data.path(), name).await);
    }
    let router = Service::new(sites.clone()).router();
    let mut named = visit(&sites[0], &router, [3; 32]).await;
    let other: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap_or(0) ^ 0x5a);
    named.extend(visit(&sites[1], &router, other).await);
    for site in &sites {
        assert!(site.ledger.size().await.expect("a size") < 8);
    }
    let [one, another, neither] =
        ["onesite", "another", "neither"].map(|name| bytes(&data.path().join(name)));
    let (first, second) = (runs(&one), runs(&another));
    // A run that begins or ends in what every site's files hold, such as a notice's last words, tells of nobody.
    let everyones: HashSet<&[u8]> = neither.windows(8).collect();
    assert!(first.len() > 1_000, "there is something to compare");
    let shared: Vec<String> = first
        .intersection(&second)
        .filter(|run| !run.windows(8).any(|part| everyones.contains(part)))
        .filter(|run| !is_policy(&sites[0], run))
        .map(|run| String::from_utf8_lossy(run).into_owned())
        .collect();
    assert!(
        shared.is_empty(),
        "{} runs in common: {shared:?}",
        shared.len()
    );
    named.extend(["ada.lovelace", "Augusta", "Lovelace", "Engines"].map(str::to_owned));
    for secret in named {
        for (name, bytes) in [("onesite", &one), ("another", &another)] {
            assert!(!holds(bytes, &secret), "{name} holds {secret}");
        }
    }
}
