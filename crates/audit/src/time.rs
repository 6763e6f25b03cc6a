//! Times as ISO 8601 writes them, in UTC: what exports show and what filters are given.

/// Milliseconds in a day.
const DAY: u64 = 86_400_000;

/// The last millisecond of the year 9999: what four digits can say.
const END: u64 = 253_402_300_799_999;

/// A time in milliseconds since 1970, such as `2026-11-22T10:00:00.000Z`. Times beyond the year 9999 are shown as its end.
pub fn iso(milliseconds: u64) -> String {
    let at = milliseconds.min(END);
    let rest = at % DAY;
    format!(
        "{}T{:02}:{:02}:{:02}.{:03}Z",
        date(at / DAY),
        rest / 3_600_000,
        rest / 60_000 % 60,
        rest / 1000 % 60,
        rest % 1000
    )
}

/// A day since 1970, such as `2026-11-22`.
pub fn date(day: u64) -> String {
    // Days since 0000-03-01, so that a leap day ends its year (Hinnant, "chrono-compatible low-level date algorithms").
    let days = day.min(END / DAY) + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Reads `2026-11-22`, `2026-11-22T10:00:00Z` (with or without milliseconds), or whole milliseconds since 1970.
pub fn parse(text: &str) -> Option<u64> {
    if text.len() > 10 && text.as_bytes().get(10) != Some(&b'T') || !text.contains('-') {
        return number(text, 1..=15);
    }
    let (day, clock) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let mut parts = day.split('-');
    let (Some(year), Some(month), Some(day_of_month), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let day = day_of(
        number(year, 4..=4)?,
        number(month, 2..=2)?,
        number(day_of_month, 2..=2)?,
    )?;
    let (clock, milliseconds) = match clock.strip_suffix('Z')?.split_once('.') {
        Some((clock, milliseconds)) => (clock, number(milliseconds, 3..=3)?),
        None => (clock.strip_suffix('Z').unwrap_or(clock), 0),
    };
    let clock = clock.strip_suffix('Z').unwrap_or(clock);
    let mut parts = clock.split(':');
    let (Some(hour), Some(minute), Some(second), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let (hour, minute, second) = (
        number(hour, 2..=2)?,
        number(minute, 2..=2)?,
        number(second, 2..=2)?,
    );
    (hour < 24 && minute < 60 && second < 60)
        .then_some(day * DAY + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds)
}

fn number(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u64> {
    (length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

fn day_of(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1970 || !(1..=12).contains(&month) {
        return None;
    }
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let longest = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=longest).contains(&day) {
        return None;
    }
    let (year, shifted) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times_are_written_and_read_back() {
        for (milliseconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_700_000_000_000, "2023-11-14T22:13:20.000Z"),
            (1_795_341_600_001, "2026-11-22T10:00:00.001Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (END, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(iso(milliseconds), text);
            assert_eq!(parse(text), Some(milliseconds), "{text}");
        }
        assert_eq!(iso(u64::MAX), iso(END));
    }

    #[test]
    fn every_day_of_four_centuries_reads_back() {
        for day in 0..150_000 {
            assert_eq!(parse(&date(day)), Some(day * DAY), "day {day}");
        }
    }

    #[test]
    fn short_forms_are_read_and_nonsense_is_not() {
        assert_eq!(parse("2026-11-22"), parse("2026-11-22T00:00:00Z"));
        assert_eq!(parse("1795341600001"), Some(1_795_341_600_001));
        for text in [
            "",
            "x",
            "2026-13-01",
            "2026-02-29",
            "2026-00-10",
            "2026-1-1",
            "1969-12-31",
            "2026-11-22T24:00:00Z",
            "2026-11-22T10:00:00",
            "2026-11-22 10:00:00Z",
            "2026-11-22T10:00Z",
            "-5",
            "١",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
