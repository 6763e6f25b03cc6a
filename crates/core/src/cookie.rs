//! The cookie `sayso`: the answers for `device` purposes, readable by the first script on the page.
//!
//! `1.<time>.<choices>`: the second of the newest decision in base 36, then choices joined by `~`. A choice is
//! `purpose:<letter><revision>[.<day>][+service|-service]…`; `<day>` is the day since 1970, base 36, on which it lapses.
//! Example: `1.toujs0.analytics:g3.g68~media:r1.g68+vimeo~necessary:n1-livechat`.
//!
//! A cookie is input like any other: whatever does not follow the grammar to the letter is no cookie at all, and then
//! everything stays shut.

use crate::map::Map;
use std::fmt;

use crate::policy::{PurposeId, ServiceId, is_id};

/// The cookie's name.
pub const NAME: &str = "sayso";

/// Longest value, in bytes.
pub const MAX_LEN: usize = 1024;

/// The answers for `device` purposes and when the newest was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Seconds since 1970 of the newest decision.
    pub time: u64,
    /// The answers by purpose.
    pub choices: Map<PurposeId, Choice>,
}

/// The answer for one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What was answered.
    pub letter: Letter,
    /// The revision it was answered for.
    pub revision: u32,
    /// Day since 1970 from which it no longer counts; none = it never lapses by itself.
    pub day: Option<u32>,
    /// Services answered apart from their purpose.
    pub services: Map<ServiceId, bool>,
}

/// What was answered, in one letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter {
    /// `g`
    Given,
    /// `r`
    Refused,
    /// `w`
    Withdrawn,
    /// `o`
    Objected,
    /// `s`: objected by a signal such as Global Privacy Control.
    Signalled,
    /// `d`
    Deferred,
    /// `n`: no answer needed, or a notice acknowledged.
    NotNeeded,
}

impl Letter {
    /// The letter as it is written.
    pub fn as_char(self) -> char {
        match self {
            Self::Given => 'g',
            Self::Refused => 'r',
            Self::Withdrawn => 'w',
            Self::Objected => 'o',
            Self::Signalled => 's',
            Self::Deferred => 'd',
            Self::NotNeeded => 'n',
        }
    }

    /// Reads a letter.
    pub fn from_char(c: char) -> Option<Self> {
        Some(match c {
            'g' => Self::Given,
            'r' => Self::Refused,
            'w' => Self::Withdrawn,
            'o' => Self::Objected,
            's' => Self::Signalled,
            'd' => Self::Deferred,
            'n' => Self::NotNeeded,
            _ => return None,
        })
    }

    /// Whether it shuts: a no in any of its forms, or no answer yet.
    pub fn shuts(self) -> bool {
        !matches!(self, Self::Given | Self::NotNeeded)
    }
}

/// Why a text is not a cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieError {
    /// Longer than [`MAX_LEN`].
    #[error("the cookie is longer than {MAX_LEN} bytes")]
    TooLong,
    /// Not of the form `1.<time>.<choices>`.
    #[error("the cookie does not have the form 1.<time>.<choices>")]
    Form,
    /// The time is not canonical base 36.
    #[error("the cookie's time is not canonical base 36")]
    Time,
    /// A choice does not follow the grammar.
    #[error(
        "a choice does not have the form purpose:<letter><revision>[.<day>][+service|-service]"
    )]
    Choice,
    /// A purpose or a service is answered twice.
    #[error("a purpose or a service is answered twice")]
    Twice,
}

impl Cookie {
    /// Reads a cookie's value.
    pub fn parse(text: &str) -> Result<Self, CookieError> {
        if text.len() > MAX_LEN {
            return Err(CookieError::TooLong);
        }
        let mut parts = text.splitn(3, '.');
        let (Some("1"), Some(time), Some(choices)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(CookieError::Form);
        };
        let time = from_base36(time).ok_or(CookieError::Time)?;
        Ok(Self {
            time,
            choices: parse_choices(choices)?,
        })
    }

    /// The later of two states; of two of the same second, the one that shuts, purpose by purpose.
    ///
    /// Of equal times a purpose opens only if both open it, a service only if both say so, and whatever either shuts is
    /// shut.
    pub fn merge(self, other: Self) -> Self {
        if self.time != other.time {
            return if self.time > other.time { self } else { other };
        }
        let mut choices = Map::new();
        let ids: Vec<_> = self
            .choices
            .keys()
            .chain(other.choices.keys())
            .cloned()
            .collect();
        for id in ids {
            let merged = match (self.choices.get(&id), other.choices.get(&id)) {
                (Some(a), Some(b)) => a.shut_of(b),
                (Some(a), None) | (None, Some(a)) => {
                    let mut choice = a.clone();
                    choice.services.retain(|_, open| !*open);
                    if choice.letter == Letter::Given {
                        continue;
                    }
                    choice
                }
                (None, None) => continue,
            };
            choices.insert(id, merged);
        }
        Self {
            time: self.time,
            choices,
        }
    }
}

impl Choice {
    fn shut_of(&self, other: &Self) -> Self {
        let mut choice = if self.shutness() >= other.shutness() {
            self.clone()
        } else {
            other.clone()
        };
        let mut services = Map::new();
        for id in self.services.keys().chain(other.services.keys()) {
            match (self.services.get(id), other.services.get(id)) {
                (Some(true), Some(true)) => services.insert(id.clone(), true),
                (Some(false), _) | (_, Some(false)) => services.insert(id.clone(), false),
                _ => None,
            };
        }
        choice.services = services;
        choice
    }

    /// Orders answers of the same second, the greater to be kept: the no that lasts longest, the yes that covers least.
    fn shutness(&self) -> (u8, i64, i64) {
        let rank = match self.letter {
            Letter::Given => 0,
            Letter::NotNeeded => 1,
            Letter::Deferred => 2,
            Letter::Refused => 3,
            Letter::Withdrawn => 4,
            Letter::Signalled => 5,
            Letter::Objected => 6,
        };
        let (revision, day) = (
            i64::from(self.revision),
            self.day.map_or(i64::MAX, i64::from),
        );
        if self.letter.shuts() {
            (rank, revision, day)
        } else {
            (rank, -revision, -day)
        }
    }
}

/// Reads choices joined by `~`, as in the cookie and in a decision.
pub fn parse_choices(text: &str) -> Result<Map<PurposeId, Choice>, CookieError> {
    let mut choices = Map::new();
    for part in parts(text) {
        let part = part?;
        let id = PurposeId::new(part.id).map_err(|_| CookieError::Choice)?;
        if choices.insert(id, part.choice()?).is_some() {
            return Err(CookieError::Twice);
        }
    }
    Ok(choices)
}

/// One choice as it stands in the text, nothing copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The purpose.
    pub id: &'a str,
    /// What was answered.
    pub letter: Letter,
    /// The revision it was answered for.
    pub revision: u32,
    /// Day since 1970 from which it no longer counts.
    pub day: Option<u32>,
    services: &'a str,
}

/// Reads choices one by one. A purpose that stands twice is [`parse_choices`]' to refuse.
pub fn parts(text: &str) -> impl Iterator<Item = Result<Part<'_>, CookieError>> {
    text.split('~')
        .filter(move |_| !text.is_empty())
        .map(|part| Part::read(part).ok_or(CookieError::Choice))
}

impl<'a> Part<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (id, rest) = text.split_once(':')?;
        let mut chars = rest.chars();
        let letter = Letter::from_char(chars.next()?)?;
        let rest = chars.as_str();
        let (numbers, services) = before_sign(rest);
        let (revision, day) = match numbers.split_once('.') {
            Some((revision, day)) => (revision, Some(day)),
            None => (numbers, None),
        };
        let day = match day {
            Some(day) => Some(u32::try_from(from_base36(day)?).ok()?),
            None => None,
        };
        let part = Self {
            id,
            letter,
            revision: decimal(revision)?,
            day,
            services,
        };
        (is_id(id, b'-') && part.services().all(|(id, _)| is_id(id, b'_'))).then_some(part)
    }

    /// The services answered apart from the purpose, with their answers.
    pub fn services(&self) -> impl Iterator<Item = (&'a str, bool)> + use<'a> {
        let mut rest = self.services;
        std::iter::from_fn(move || {
            let mut chars = rest.chars();
            let sign = chars.next()?;
            let (id, after) = before_sign(chars.as_str());
            rest = after;
            Some((id, sign == '+'))
        })
    }

    fn choice(&self) -> Result<Choice, CookieError> {
        let mut services = Map::new();
        for (id, open) in self.services() {
            let id = ServiceId::new(id).map_err(|_| CookieError::Choice)?;
            if services.insert(id, open).is_some() {
                return Err(CookieError::Twice);
            }
        }
        Ok(Choice {
            letter: self.letter,
            revision: self.revision,
            day: self.day,
            services,
        })
    }
}

/// Splits a text before its first `+` or `-`.
fn before_sign(text: &str) -> (&str, &str) {
    let end = text.find(['+', '-']).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Writes choices, sorted by purpose.
pub fn format_choices(choices: &Map<PurposeId, Choice>) -> String {
    let parts: Vec<String> = choices
        .iter()
        .map(|(id, choice)| format!("{id}:{choice}"))
        .collect();
    parts.join("~")
}

impl fmt::Display for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "1.{}.{}",
            base36(self.time),
            format_choices(&self.choices)
        )
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.letter.as_char(), self.revision)?;
        if let Some(day) = self.day {
            write!(f, ".{}", base36(u64::from(day)))?;
        }
        for (id, open) in &self.services {
            write!(f, "{}{id}", if *open { '+' } else { '-' })?;
        }
        Ok(())
    }
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize]);
        number /= 36;
        if number == 0 {
            break;
        }
    }
    digits.iter().rev().map(|b| char::from(*b)).collect()
}

/// Base 36 in its one spelling: lower case, no leading zero, at most 40 bits.
fn from_base36(text: &str) -> Option<u64> {
    let canonical = !text.is_empty()
        && text.len() <= 8
        && (text == "0" || !text.starts_with('0'))
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    if canonical {
        u64::from_str_radix(text, 36).ok()
    } else {
        None
    }
}

fn decimal(text: &str) -> Option<u32> {
    let canonical = (1..=9).contains(&text.len())
        && !text.starts_with('0')
        && text.bytes().all(|b| b.is_ascii_digit());
    if canonical { text.parse().ok() } else { None }
}
