//! The names that are written by hand are the names that serde writes.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use sayso_core::decision::{Action, Surface};
use sayso_core::policy::LegalBasis;
use sayso_core::record::Status;

#[test]
fn names_are_serdes_names() {
    use Action::{
        Confirm, Give, GiveAll, Object, Refuse, RefuseAll, Save, Subscribe, Unsubscribe, Withdraw,
        WithdrawAll,
    };
    for action in [
        GiveAll,
        RefuseAll,
        Save,
        Give,
        Refuse,
        Withdraw,
        WithdrawAll,
        Object,
        Subscribe,
        Confirm,
        Unsubscribe,
    ] {
        assert_eq!(serde_json::to_value(action).unwrap(), action.name());
    }
    for surface in [
        Surface::Banner,
        Surface::Preferences,
        Surface::Placeholder,
        Surface::Api,
        Surface::Form,
        Surface::Page,
    ] {
        assert_eq!(serde_json::to_value(surface).unwrap(), surface.name());
    }
    use LegalBasis::{
        Consent, Contract, LegalObligation, LegitimateInterest, PublicTask, VitalInterest,
    };
    for basis in [
        Consent,
        Contract,
        LegalObligation,
        VitalInterest,
        PublicTask,
        LegitimateInterest,
    ] {
        assert_eq!(serde_json::to_value(basis).unwrap(), basis.name());
    }
    use Status::{Acknowledged, Deferred, Expired, Given, Objected, Requested, Unknown, Withdrawn};
    for status in [
        Unknown,
        Requested,
        Deferred,
        Given,
        Status::Refused,
        Withdrawn,
        Objected,
        Acknowledged,
        Expired,
    ] {
        assert_eq!(serde_json::to_value(status).unwrap(), status.name());
    }
}
