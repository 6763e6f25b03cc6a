//! The few words that must be there before any text could be fetched, in the languages we speak.
//!
//! The same words stand in the locales; a test holds the two together.

use crate::failure::Failure;

/// The words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plain {
    /// BCP 47 tag.
    pub language: &'static str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// `centre-title`
    pub heading: &'static str,
    /// `loading`
    pub loading: &'static str,
    /// `error-title`
    pub title: &'static str,
    /// `error-offline`
    pub offline: &'static str,
    /// `error-reach`
    pub reach: &'static str,
    /// `error-server`
    pub server: &'static str,
    /// `retry`
    pub retry: &'static str,
    /// `close`
    pub close: &'static str,
}

/// Every language, English first: it is what others get.
pub const ALL: [Plain; 3] = [
    Plain {
        language: "en",
        direction: "ltr",
        heading: "Privacy preferences",
        loading: "One moment…",
        title: "This could not be loaded",
        offline: "You seem to be offline. Your choices stay as they are; nothing was lost.",
        reach: "The site could not be reached. Please try again in a moment.",
        server: "The site did not answer as expected ({status}). Your choices stay as they are.",
        retry: "Try again",
        close: "Close",
    },
    Plain {
        language: "de",
        direction: "ltr",
        heading: "Datenschutz-Einstellungen",
        loading: "Einen Moment …",
        title: "Das konnte nicht geladen werden",
        offline: "Sie sind offenbar offline. Ihre Auswahl bleibt, wie sie ist; nichts ging verloren.",
        reach: "Die Website ist nicht erreichbar. Bitte versuchen Sie es gleich noch einmal.",
        server: "Die Website hat unerwartet geantwortet ({status}). Ihre Auswahl bleibt, wie sie ist.",
        retry: "Noch einmal versuchen",
        close: "Schließen",
    },
    Plain {
        language: "ar",
        direction: "rtl",
        heading: "تفضيلات الخصوصية",
        loading: "لحظة…",
        title: "تعذّر التحميل",
        offline: "يبدو أنك غير متصل. اختياراتك باقية كما هي ولم يضع شيء.",
        reach: "تعذّر الوصول إلى الموقع. حاول مرة أخرى بعد لحظة.",
        server: "لم يُجب الموقع كما هو متوقع ({status}). اختياراتك باقية كما هي.",
        retry: "حاول مرة أخرى",
        close: "إغلاق",
    },
];

impl Plain {
    /// The words in a language, or in English.
    pub fn of(language: &str) -> Self {
        let primary = language.split('-').next().unwrap_or_default();
        ALL.into_iter()
            .find(|plain| plain.language == primary)
            .unwrap_or(ALL[0])
    }

    /// A failure in a sentence.
    pub fn sentence(&self, failure: &Failure) -> String {
        match failure {
            Failure::Offline => self.offline.to_owned(),
            Failure::Server(status) => self.server.replace("{status}", &status.to_string()),
            Failure::Reach | Failure::Blocked | Failure::Refused(_) => self.reach.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::sample;

    #[test]
    fn says_what_the_locales_say() {
        for plain in ALL {
            let view = sample::view(plain.language);
            let pairs = [
                ("centre-title", plain.heading),
                ("loading", plain.loading),
                ("error-title", plain.title),
                ("error-offline", plain.offline),
                ("error-reach", plain.reach),
                ("error-server", plain.server),
                ("retry", plain.retry),
                ("close", plain.close),
            ];
            for (key, text) in pairs {
                assert_eq!(view.text(key), text, "{} {key}", plain.language);
            }
            assert_eq!(view.direction, plain.direction);
        }
    }
}
