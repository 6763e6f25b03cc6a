//! The configuration: any text is read or refused with where and how to mend it, and never with a panic.

use sayso_core::config::SiteConfig;

/// Any text, as `sayso.toml`.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match SiteConfig::parse("sayso.toml", text) {
        Ok(config) => {
            assert!(!config.languages.is_empty());
            assert!(
                config
                    .languages
                    .contains(&config.default_language().to_owned())
            );
            let digest = sayso_core::notice::Notice::digest(&config.notice().to_bytes());
            for language in &config.languages {
                config.view(language, "EU", digest, []);
            }
            config.policy("EU");
        }
        Err(errors) => {
            assert!(!errors.is_empty(), "refused without a reason");
            for error in errors {
                assert!(error.to_string().contains("sayso.toml"), "no file named");
            }
        }
    }
}
