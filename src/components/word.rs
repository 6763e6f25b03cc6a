//! The names by which texts of enums are looked up. By hand: what `Debug` writes is nobody's promise, and costs bytes.

use sayso_core::decision::{Action, Surface};
use sayso_core::policy::{LegalBasis, Model};
use sayso_core::record::Status;

/// The value of `data-status`; after `state-`, the key of a status.
pub const fn status(status: Status) -> &'static str {
    match status {
        Status::Unknown => "Unknown",
        Status::Requested => "Requested",
        Status::Deferred => "Deferred",
        Status::Given => "Given",
        Status::Refused => "Refused",
        Status::Withdrawn => "Withdrawn",
        Status::Objected => "Objected",
        Status::Acknowledged => "Acknowledged",
        Status::Expired => "Expired",
    }
}

/// The key of a legal basis.
pub const fn basis(basis: LegalBasis) -> &'static str {
    match basis {
        LegalBasis::Consent => "basis-Consent",
        LegalBasis::Contract => "basis-Contract",
        LegalBasis::LegalObligation => "basis-LegalObligation",
        LegalBasis::VitalInterest => "basis-VitalInterest",
        LegalBasis::PublicTask => "basis-PublicTask",
        LegalBasis::LegitimateInterest => "basis-LegitimateInterest",
    }
}

/// The key of an action.
pub const fn action(action: Action) -> &'static str {
    match action {
        Action::GiveAll => "action-give-all",
        Action::RefuseAll => "action-refuse-all",
        Action::Save => "action-save",
        Action::Give => "action-give",
        Action::Refuse => "action-refuse",
        Action::Withdraw => "action-withdraw",
        Action::WithdrawAll => "action-withdraw-all",
        Action::Object => "action-object",
        Action::Subscribe => "action-subscribe",
        Action::Confirm => "action-confirm",
        Action::Unsubscribe => "action-unsubscribe",
    }
}

/// The key of a surface.
pub const fn surface(surface: Surface) -> &'static str {
    match surface {
        Surface::Banner => "surface-banner",
        Surface::Preferences => "surface-preferences",
        Surface::Placeholder => "surface-placeholder",
        Surface::Api => "surface-api",
        Surface::Form => "surface-form",
        Surface::Page => "surface-page",
    }
}

/// A consent model, as receipts name it.
pub const fn model(model: Model) -> &'static str {
    match model {
        Model::OptIn => "OptIn",
        Model::OptOut => "OptOut",
        Model::NoticeOnly => "NoticeOnly",
    }
}
