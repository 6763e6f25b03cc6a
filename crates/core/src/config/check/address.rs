//! Checks of what is answered for a mail address: the sender of the mails, and the newsletter.

use std::collections::BTreeSet;

use super::Check;
use crate::config::{NewsletterConfig, PurposeConfig, SmtpUrl, raw};
use crate::policy::{Channel, LegalBasis, PurposeId};

impl Check<'_> {
    pub(super) fn mail(
        &mut self,
        mail: Option<raw::Mail>,
        purposes: &[PurposeConfig],
    ) -> (String, Option<SmtpUrl>) {
        match mail {
            Some(mail) => {
                let text = mail.from.get_ref();
                let address = text
                    .rsplit_once('<')
                    .and_then(|(_, rest)| rest.strip_suffix('>'))
                    .unwrap_or(text);
                if let Err(error) = crate::address::normalise(address) {
                    self.fault(
                        mail.from.span(),
                        error.to_string(),
                        "write it like \"Shop <news@shop.example>\"",
                    );
                }
                let smtp = self.smtp(mail.smtp);
                (mail.from.into_inner(), smtp)
            }
            None => {
                if purposes.iter().any(|p| p.channel == Channel::Address) {
                    self.fault(
                        0..0,
                        "purposes of the channel \"address\" need mails, and no sender is declared",
                        "add [mail] with from = \"Shop <news@shop.example>\"",
                    );
                }
                (String::new(), None)
            }
        }
    }

    pub(super) fn newsletter(
        &mut self,
        raw: raw::Newsletter,
        purposes: &[PurposeConfig],
    ) -> Option<NewsletterConfig> {
        let purpose = purposes
            .iter()
            .find(|p| p.id.as_str() == raw.purpose.get_ref());
        let Some(purpose) =
            purpose.filter(|p| p.channel == Channel::Address && p.basis == LegalBasis::Consent)
        else {
            self.fault(
                raw.purpose.span(),
                format!(
                    "{:?} is not a purpose of the channel \"address\" that rests on consent",
                    raw.purpose.get_ref()
                ),
                "declare it under [[purposes]], or name one that is",
            );
            return None;
        };
        let mut seen = BTreeSet::new();
        let mut topics = Vec::new();
        for topic in raw.topics {
            if PurposeId::new(topic.id.get_ref()).is_err()
                || !seen.insert(topic.id.get_ref().clone())
            {
                self.fault(
                    topic.id.span(),
                    format!("{:?} is not an id, or is used twice", topic.id.get_ref()),
                    "use 1 to 32 of a-z, 0-9 and '-', each once",
                );
            }
            topics.push((topic.id.into_inner(), self.texts(topic.title)));
        }
        Some(NewsletterConfig {
            purpose: purpose.id.clone(),
            consent: self.texts(raw.consent),
            topics,
        })
    }
}
