//! By what is counted: routes, sites and outcomes, which are all the operator's own.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct SiteLabel {
    pub(super) site: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Request {
    pub(super) site: String,
    pub(super) route: String,
    pub(super) method: &'static str,
    pub(super) status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Route {
    pub(super) route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct TurnedAway {
    pub(super) site: String,
    pub(super) why: Why,
}

/// Why a request was turned away before anybody looked at what it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Why {
    /// Its network sends too many answers that open something.
    Opening,
    /// Its network sends too many answers that shut.
    Shutting,
    /// Its network reads too much.
    Reading,
    /// Its network has too many mails sent.
    Mail,
    /// Too many are under way.
    Busy,
    /// The disk is too full.
    Disk,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Receipt {
    pub(super) site: String,
    pub(super) outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Mail {
    pub(super) site: String,
    pub(super) outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Cut {
    pub(super) why: CutWhy,
}

/// Why a connection was ended from our side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum CutWhy {
    /// It had rested longest when another needed its place.
    Room,
    /// Its network has too many.
    Network,
}
