//! JSON-LD in the words of the DPV, in the profile of ISO/IEC TS 27560: a consent receipt with one record for each purpose
//! answered, given and refused alike.
//!
//! What the receipt itself does not say (the controller's address, a purpose's title, recipients) is taken from the notice
//! that it names, as it was shown then.

use std::io::{self, Write};

use sayso_core::notice::{Notice, PurposeNotice, Texts};
use sayso_core::policy::LegalBasis;
use sayso_core::receipt::{Kind, Payload, PurposeAnswer};
use sayso_core::record::Status;
use serde_json::{Map, Value, json};

use crate::dpv::{self, PREFIXES, SCHEMAS};
use crate::kept::Kept;
use crate::time;

/// Opens the document.
pub fn begin(out: &mut impl Write) -> io::Result<()> {
    let context: Map<String, Value> = PREFIXES
        .iter()
        .map(|(prefix, iri)| ((*prefix).to_owned(), Value::from(*iri)))
        .collect();
    write!(out, "{{\"@context\":{},\"@graph\":[", Value::from(context))
}

/// Writes one receipt. `first` says that none came before it; `log` is the log's origin, the site's own name; `notice` is
/// the one that the receipt names, if it is kept.
pub fn receipt(
    out: &mut impl Write,
    first: bool,
    log: &str,
    kept: &Kept,
    notice: Option<&Notice>,
) -> io::Result<()> {
    let before = if first { "\n" } else { ",\n" };
    write!(out, "{before}{}", node(log, kept, notice))
}

/// Closes the document.
pub fn end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"\n]}\n")
}

/// The node of a receipt.
pub fn node(log: &str, kept: &Kept, notice: Option<&Notice>) -> Value {
    let payload = &kept.payload;
    let gdpr = dpv::gdpr(&payload.jurisdiction);
    let records: Vec<Value> = payload
        .purposes
        .iter()
        .map(|answer| {
            Asked {
                log,
                payload,
                notice,
                gdpr,
                answer,
            }
            .record(kept)
        })
        .collect();
    json!({
        "@id": format!("urn:uuid:{}", payload.id),
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": payload.id,
        "dct:conformsTo": { "@id": SCHEMAS[if gdpr { 2 } else { 0 }] },
        "dct:created": time::iso(kept.stored.received),
        "dct:isPartOf": format!("urn:uuid:{}", payload.decision),
        "dpv:hasRecordOfActivity": records,
    })
}

/// One answer with all that tells what was asked.
struct Asked<'a> {
    log: &'a str,
    payload: &'a Payload,
    notice: Option<&'a Notice>,
    gdpr: bool,
    answer: &'a PurposeAnswer,
}

impl Asked<'_> {
    fn record(&self, kept: &Kept) -> Value {
        let Self {
            payload, answer, ..
        } = self;
        let mut record = json!({
            "@id": format!("urn:uuid:{}#{}", payload.id, answer.id),
            "@type": "dpv:ConsentRecord",
            "dct:identifier": format!("{}/{}", payload.id, answer.id),
            "dct:conformsTo": { "@id": SCHEMAS[if self.gdpr { 3 } else { 1 }] },
            "dpv:hasDataSubject": subject(payload),
            "dpv:hasDataController": self.controller(),
            "dpv:hasJurisdiction": jurisdiction(payload),
            "dpv:hasNotice": self.shown(),
            "dpv:hasProcess": [self.process()],
        });
        if self.gdpr {
            record["dpv:hasApplicableLaw"] = json!({ "@id": "legal-eu:law-GDPR" });
        }
        let (member, value) = event(kept, answer);
        record[member] = value;
        record
    }

    /// A name below the site's own service, which is what a log's origin is.
    fn name(&self, kind: &str, name: &str) -> String {
        format!("https://{}#{kind}/{name}", self.log)
    }

    fn controller(&self) -> Value {
        let id = &self.payload.controller;
        let mut controller = json!({
            "@id": self.name("controller", id),
            "@type": ["dpv:Organisation", "dpv:DataController"],
            "dct:identifier": id,
        });
        if let Some(known) = self.notice.and_then(|notice| notice.controllers.get(id)) {
            controller["dpv:hasName"] = known.name.clone().into();
            controller["dpv:hasAddress"] = known.address.clone().into();
            controller["dpv:hasContact"] = known.email.clone().into();
        }
        controller
    }

    fn shown(&self) -> Value {
        let Payload {
            notice,
            layer,
            language,
            ..
        } = self.payload;
        json!({
            "@id": self.name("notice", notice),
            "@type": "dpv:ConsentNotice",
            "dct:identifier": format!("sha256:{notice}"),
            "dct:language": language,
            "dct:hasPart": { "dct:identifier": format!("sha256:{layer}") },
        })
    }

    fn process(&self) -> Value {
        let answer = self.answer;
        let stated = self
            .notice
            .and_then(|notice| notice.purposes.iter().find(|p| p.id == answer.id));
        let necessary = stated.is_some_and(|purpose| purpose.necessary);
        let mut process = json!({
            "@type": "dpv:Process",
            "dpv:hasPurpose": self.purpose(stated, necessary),
            "dpv:hasLegalBasis": { "@id": dpv::basis(answer.basis, self.gdpr) },
        });
        if let Some(stated) = stated {
            let necessity = if necessary {
                "dpv:Required"
            } else {
                "dpv:Optional"
            };
            process["dpv:hasNecessity"] = json!({ "@id": necessity });
            let recipients = recipients(stated);
            if !recipients.is_empty() {
                process["dpv:hasRecipient"] = recipients.into();
            }
        }
        if !answer.services.is_empty() {
            process["dpv:hasService"] = self.services().into();
        }
        process
    }

    fn services(&self) -> Vec<Value> {
        let one = |(id, on): (&sayso_core::policy::ServiceId, &bool)| {
            json!({
                "@id": self.name("service", id.as_str()),
                "@type": "dpv:Service",
                "dct:identifier": id.as_str(),
                "dct:description": if *on { "allowed" } else { "switched off" },
            })
        };
        self.answer.services.iter().map(one).collect()
    }

    fn purpose(&self, stated: Option<&PurposeNotice>, necessary: bool) -> Value {
        let PurposeAnswer { id, revision, .. } = self.answer;
        let mut types = vec!["dpv:Purpose"];
        types.extend(dpv::purpose(id.as_str(), necessary));
        let mut purpose = json!({
            "@id": self.name("purpose", &format!("{id}/{revision}")),
            "@type": types,
            "dct:identifier": id.as_str(),
            "dct:hasVersion": revision.to_string(),
        });
        let language = &self.payload.language;
        let text = |texts: &Texts| {
            texts
                .get(language)
                .map(|text| json!({ "@value": text, "@language": language }))
        };
        if let Some(title) = stated.and_then(|p| text(&p.title)) {
            purpose["dct:title"] = title;
        }
        if let Some(description) = stated.and_then(|p| text(&p.description)) {
            purpose["dct:description"] = description;
        }
        purpose
    }
}

/// By the thumbprint of the browser's key (RFC 9278); where the server witnessed, nothing names the visitor, and the
/// decision stands in.
fn subject(payload: &Payload) -> Value {
    let identifier = match &payload.subject {
        Some(thumbprint) => format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{thumbprint}"),
        None => format!("urn:uuid:{}", payload.decision),
    };
    json!({ "@type": "dpv:DataSubject", "dct:identifier": identifier })
}

fn jurisdiction(payload: &Payload) -> Value {
    match dpv::location(&payload.jurisdiction) {
        Some(location) => json!({ "@id": location }),
        None => json!({ "@type": "dpv:Location", "dct:identifier": payload.jurisdiction }),
    }
}

fn recipients(stated: &PurposeNotice) -> Vec<Value> {
    let services = stated
        .services
        .iter()
        .flat_map(|service| std::iter::once(&service.provider).chain(&service.recipients));
    let mut names: Vec<&String> = stated.recipients.iter().chain(services).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| !name.is_empty())
        .map(|name| json!({ "@type": "dpv:Recipient", "dpv:hasName": name }))
        .collect()
}

/// What was answered: a state of consent where consent was asked for, an involvement where it was objected, a plain status
/// where there was nothing to answer.
fn event(kept: &Kept, answer: &PurposeAnswer) -> (&'static str, Value) {
    let payload = &kept.payload;
    let by = match kept.kind {
        Kind::Signed => "dpv:DataSubject",
        // The server wrote it down; who acted is the visitor all the same, by the server's word.
        Kind::Witnessed => "dpv:DataController",
    };
    let mut event = json!({
        "dpv:isIndicatedBy": { "@id": by },
        "dpv:isIndicatedAtTime": time::iso(payload.time),
        "dpv:hasIndicationMethod": format!("{}:{}", payload.surface.name(), payload.action.name()),
    });
    if let Some(day) = answer.lapses {
        event["dpv:hasDuration"] =
            json!({ "@type": "dpv:UntilTimeDuration", "rdf:value": time::date(day.into()) });
    }
    match dpv::status(answer.status) {
        Some(status) if answer.basis == LegalBasis::Consent => {
            let expressed = answer.status == Status::Given && payload.in_view;
            event["@type"] = if expressed {
                json!([status, "dpv:ExpressedConsent"])
            } else {
                json!([status])
            };
            ("dpv:hasConsentStatus", event)
        }
        _ if answer.status == Status::Objected => {
            event["@type"] = json!(["dpv:ObjectingToProcess"]);
            ("dpv:hasEntityInvolvement", event)
        }
        _ => {
            event["dct:identifier"] = answer.status.name().into();
            ("dpv:hasStatus", event)
        }
    }
}
