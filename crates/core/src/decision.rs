//! What a person did, once, with an id. The gate writes it, the browser signs it, the server records it.

use crate::map::Map;

use serde::{Deserialize, Serialize};

use crate::cookie::{self, Choice, CookieError, Letter};
use crate::policy::{Model, PurposeId, is_false};
use crate::record::Status;

/// The version of the shape.
pub const VERSION: u32 = 1;

/// What a person did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Always [`VERSION`].
    pub v: u32,
    /// UUIDv7. However often and by whomever it is delivered, it is one decision.
    pub id: String,
    /// The visitor's clock, milliseconds since 1970.
    pub time: u64,
    /// Where it was made.
    pub surface: Surface,
    /// What was done.
    pub action: Action,
    /// BCP 47 tag of the language shown.
    pub language: String,
    /// Whose rules applied.
    pub jurisdiction: String,
    /// The consent model there.
    pub model: Model,
    /// The controller's id.
    pub controller: String,
    /// Digest of the notice.
    pub notice: String,
    /// Digest of the layer as it was sent.
    pub layer: String,
    /// Whether both answers were in view and unobstructed.
    pub in_view: bool,
    /// Signals seen, such as `gpc`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
    /// The purposes answered, in the cookie's grammar.
    pub choices: String,
    /// The gate already delivered it unsigned; it is signed later under the same id.
    #[serde(default, skip_serializing_if = "is_false")]
    pub delivered: bool,
}

/// Where a decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Surface {
    /// The first layer.
    Banner,
    /// The preference centre, in the dialog or on a page.
    Preferences,
    /// The placeholder of a waiting frame.
    Placeholder,
    /// A call of the site's own script after a click.
    Api,
    /// A form for an address: newsletter or marketing.
    Form,
    /// A page of the service, such as the one a mailed link leads to.
    Page,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// *Accept all*.
    GiveAll,
    /// *Refuse all*.
    RefuseAll,
    /// *Save choices* in the preference centre.
    Save,
    /// A yes to some purposes or services.
    Give,
    /// A no to some.
    Refuse,
    /// A yes taken back.
    Withdraw,
    /// Every yes taken back.
    WithdrawAll,
    /// A no to what does not rest on consent.
    Object,
    /// A newsletter asked for.
    Subscribe,
    /// The mailed link was confirmed.
    Confirm,
    /// A newsletter ended.
    Unsubscribe,
}

impl Surface {
    /// Its name, as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Banner => "banner",
            Self::Preferences => "preferences",
            Self::Placeholder => "placeholder",
            Self::Api => "api",
            Self::Form => "form",
            Self::Page => "page",
        }
    }
}

impl Action {
    /// Its name, as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::GiveAll => "give-all",
            Self::RefuseAll => "refuse-all",
            Self::Save => "save",
            Self::Give => "give",
            Self::Refuse => "refuse",
            Self::Withdraw => "withdraw",
            Self::WithdrawAll => "withdraw-all",
            Self::Object => "object",
            Self::Subscribe => "subscribe",
            Self::Confirm => "confirm",
            Self::Unsubscribe => "unsubscribe",
        }
    }
}

impl Decision {
    /// The choices, read.
    pub fn choices(&self) -> Result<Map<PurposeId, Choice>, CookieError> {
        cookie::parse_choices(&self.choices)
    }
}

impl From<Letter> for Status {
    fn from(letter: Letter) -> Self {
        match letter {
            Letter::Given => Self::Given,
            Letter::Refused => Self::Refused,
            Letter::Withdrawn => Self::Withdrawn,
            Letter::Objected | Letter::Signalled => Self::Objected,
            Letter::Deferred => Self::Deferred,
            Letter::NotNeeded => Self::Acknowledged,
        }
    }
}
