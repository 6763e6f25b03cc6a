//! The words of the W3C Data Privacy Vocabulary that exports use.
//!
//! **Source:** DPV 2.3 (<https://w3id.org/dpv>), its modules `dpv`, `legal/eu`, `legal/eu/gdpr` and `loc`; the schema names
//! are those of the guide "Consent Records and Receipts (ISO/IEC TS 27560)". A test holds every word that an export writes
//! to [`TERMS`], and another holds [`TERMS`] to the vocabulary as others publish it.

use sayso_core::policy::LegalBasis;
use sayso_core::record::Status;

/// What the short forms stand for, and the other vocabularies used.
pub const PREFIXES: [(&str, &str); 6] = [
    ("dct", "http://purl.org/dc/terms/"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("dpv", "https://w3id.org/dpv#"),
    ("eu-gdpr", "https://w3id.org/dpv/legal/eu/gdpr#"),
    ("legal-eu", "https://w3id.org/dpv/legal/eu#"),
    ("loc", "https://w3id.org/dpv/loc#"),
];

/// The schema of a receipt and of a record, in any jurisdiction and under the GDPR.
pub const SCHEMAS: [&str; 4] = [
    "https://w3id.org/dpv/schema/dpv-27560#receipt",
    "https://w3id.org/dpv/schema/dpv-27560#record",
    "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr",
    "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr",
];

/// Every word of the vocabulary that an export may write.
pub const TERMS: [&str; 85] = [
    // What it is.
    "dpv:ConsentReceipt",
    "dpv:ConsentRecord",
    "dpv:hasRecordOfActivity",
    // Who.
    "dpv:DataController",
    "dpv:DataSubject",
    "dpv:Organisation",
    "dpv:Recipient",
    "dpv:hasAddress",
    "dpv:hasContact",
    "dpv:hasDataController",
    "dpv:hasDataSubject",
    "dpv:hasName",
    "dpv:hasRecipient",
    // Where, and under which law.
    "dpv:Location",
    "dpv:hasApplicableLaw",
    "dpv:hasJurisdiction",
    "legal-eu:law-GDPR",
    "loc:EU",
    "loc:EEA",
    "loc:GB",
    "loc:CH",
    "loc:NO",
    "loc:IS",
    "loc:LI",
    "loc:UA",
    "loc:US",
    "loc:US-CA",
    "loc:US-CO",
    "loc:US-CT",
    "loc:US-VA",
    "loc:BR",
    "loc:CA",
    "loc:AU",
    "loc:JP",
    "loc:IN",
    "loc:ZA",
    // What was shown.
    "dpv:ConsentNotice",
    "dpv:hasNotice",
    // What for.
    "dpv:Process",
    "dpv:Purpose",
    "dpv:hasProcess",
    "dpv:hasPurpose",
    "dpv:hasService",
    "dpv:Service",
    "dpv:hasNecessity",
    "dpv:Optional",
    "dpv:Required",
    "dpv:RequestedServiceProvision",
    "dpv:ServiceUsageAnalytics",
    "dpv:ServicePersonalisation",
    "dpv:Marketing",
    "dpv:DirectMarketing",
    "dpv:CommunicationManagement",
    "dpv:Advertising",
    "dpv:PersonalisedAdvertising",
    // On which basis.
    "dpv:hasLegalBasis",
    "dpv:Consent",
    "dpv:Contract",
    "dpv:LegalObligation",
    "dpv:VitalInterest",
    "dpv:PublicInterest",
    "dpv:LegitimateInterest",
    "eu-gdpr:A6-1-a",
    "eu-gdpr:A6-1-b",
    "eu-gdpr:A6-1-c",
    "eu-gdpr:A6-1-d",
    "eu-gdpr:A6-1-e",
    "eu-gdpr:A6-1-f",
    // What was answered.
    "dpv:hasConsentStatus",
    "dpv:hasStatus",
    "dpv:ExpressedConsent",
    "dpv:ConsentGiven",
    "dpv:ConsentRefused",
    "dpv:ConsentWithdrawn",
    "dpv:ConsentRequested",
    "dpv:ConsentRequestDeferred",
    "dpv:ConsentExpired",
    "dpv:ConsentUnknown",
    "dpv:hasEntityInvolvement",
    "dpv:ObjectingToProcess",
    "dpv:isIndicatedAtTime",
    "dpv:isIndicatedBy",
    "dpv:hasIndicationMethod",
    "dpv:hasDuration",
    "dpv:UntilTimeDuration",
];

/// The words for a purpose, by an id that says what it is for; a purpose of another id has only its own name.
pub fn purpose(id: &str, necessary: bool) -> &'static [&'static str] {
    match id {
        _ if necessary => &["dpv:RequestedServiceProvision"],
        "analytics" | "statistics" => &["dpv:ServiceUsageAnalytics"],
        "newsletter" => &["dpv:DirectMarketing", "dpv:CommunicationManagement"],
        "marketing" => &["dpv:Marketing"],
        "advertising" | "ads" => &["dpv:Advertising"],
        "personalised-ads" => &["dpv:PersonalisedAdvertising"],
        "personalisation" => &["dpv:ServicePersonalisation"],
        _ => &[],
    }
}

/// The word for a legal basis: the GDPR's article where it applies.
pub fn basis(basis: LegalBasis, gdpr: bool) -> &'static str {
    match (basis, gdpr) {
        (LegalBasis::Consent, true) => "eu-gdpr:A6-1-a",
        (LegalBasis::Contract, true) => "eu-gdpr:A6-1-b",
        (LegalBasis::LegalObligation, true) => "eu-gdpr:A6-1-c",
        (LegalBasis::VitalInterest, true) => "eu-gdpr:A6-1-d",
        (LegalBasis::PublicTask, true) => "eu-gdpr:A6-1-e",
        (LegalBasis::LegitimateInterest, true) => "eu-gdpr:A6-1-f",
        (LegalBasis::Consent, false) => "dpv:Consent",
        (LegalBasis::Contract, false) => "dpv:Contract",
        (LegalBasis::LegalObligation, false) => "dpv:LegalObligation",
        (LegalBasis::VitalInterest, false) => "dpv:VitalInterest",
        (LegalBasis::PublicTask, false) => "dpv:PublicInterest",
        (LegalBasis::LegitimateInterest, false) => "dpv:LegitimateInterest",
    }
}

/// The word for a status where consent was asked; `None` for what is no state of consent.
pub fn status(status: Status) -> Option<&'static str> {
    match status {
        Status::Given => Some("dpv:ConsentGiven"),
        Status::Refused => Some("dpv:ConsentRefused"),
        Status::Withdrawn => Some("dpv:ConsentWithdrawn"),
        Status::Requested => Some("dpv:ConsentRequested"),
        Status::Deferred => Some("dpv:ConsentRequestDeferred"),
        Status::Expired => Some("dpv:ConsentExpired"),
        Status::Unknown => Some("dpv:ConsentUnknown"),
        Status::Objected | Status::Acknowledged => None,
    }
}

/// The place that a jurisdiction of this name is, if the vocabulary has it.
pub fn location(jurisdiction: &str) -> Option<&'static str> {
    TERMS
        .iter()
        .find(|term| term.strip_prefix("loc:") == Some(jurisdiction))
        .copied()
}

/// Whether the GDPR is the law of a jurisdiction of this name.
pub fn gdpr(jurisdiction: &str) -> bool {
    matches!(jurisdiction, "EU" | "EEA" | "NO" | "IS" | "LI")
}
