//! What the ordinary test leaves to the nightly one, so that it stays short: scenarios in a second and a third browser
//! whose every part the table of features walks in that browser anyway. In Chromium all of them run every time.

/// Names of tests; the nightly run, and whoever asks for one by name, has them all.
pub(super) const AT_LENGTH: [&str; 13] = [
    "nothing_happens_before_an_answer::firefox",
    "nothing_happens_before_an_answer::webkit",
    "accepting_all_runs_everything_once_and_at_once::firefox",
    "accepting_all_runs_everything_once_and_at_once::webkit",
    "one_service_can_be_allowed_alone_from_its_placeholder::firefox",
    "one_service_can_be_allowed_alone_from_its_placeholder::webkit",
    "withdrawing_takes_cookies_away_and_stops_every_hit::firefox",
    "withdrawing_takes_cookies_away_and_stops_every_hit::webkit",
    "a_browser_that_asks_not_to_be_tracked_is_heard::firefox",
    "a_browser_that_asks_not_to_be_tracked_is_heard::webkit",
    // Firefox takes longest for these, which WebKit runs every time.
    "a_signal_is_heard_under_every_model::firefox",
    "an_answer_outlives_what_happens_to_it::firefox",
    "no_page_breaks_it_or_has_it_open_anything::firefox",
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::AT_LENGTH;

    #[test]
    fn every_name_is_a_scenarios() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tests");
        let files = std::fs::read_dir(folder).expect("the end-to-end tests");
        let texts: String = files
            .filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok())
            .collect();
        // However the formatter breaks the lines.
        let texts: String = texts.split_whitespace().collect();
        for name in AT_LENGTH {
            let (scenario, engine) = name.split_once("::").expect("an engine");
            assert!(["firefox", "webkit"].contains(&engine), "{name}");
            assert!(texts.contains(&format!("engines!({scenario}")), "{name}");
        }
    }
}
