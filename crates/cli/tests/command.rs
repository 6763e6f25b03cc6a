//! The other commands as a person runs them: what they print, where, and how they end.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its own files has to stop"
)]

mod support;

use std::fs;
use std::path::Path;

use base64ct::Encoding;
use sayso_core::digest::sha256;
use serde_json::Value;
use support::{sayso, workspace};

/// A folder of sites with the demo's configuration in it, changed.
fn sites(change: impl Fn(&str) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(workspace().join("sites/demo/sayso.toml")).unwrap();
    fs::create_dir(folder.path().join("demo")).unwrap();
    fs::write(folder.path().join("demo/sayso.toml"), change(&text)).unwrap();
    folder
}

fn check(path: &Path) -> support::Said {
    sayso(["check".as_ref(), "--sites".as_ref(), path.as_os_str()])
}

#[test]
fn help_is_there_and_names_every_command() {
    let said = sayso(["--help"]);
    assert_eq!(said.code, 0);
    for command in ["serve", "check", "build", "snippet", "keygen", "verify"] {
        assert!(
            said.out.contains(&format!("  {command} ")),
            "{command} is not in the help"
        );
        let own = sayso([command, "--help"]);
        assert_eq!(own.code, 0);
        assert!(
            own.out.contains(&format!("Usage: sayso {command}")),
            "{}",
            own.out
        );
    }
}

#[test]
fn a_wrong_command_line_ends_with_2_and_says_what_would_be_right() {
    for wrong in [
        &["sevre"][..],
        &["verify"],
        &["serve", "--sites", "sites"],
        &[],
    ] {
        let said = sayso(wrong);
        assert_eq!(said.code, 2, "{wrong:?}");
        assert!(said.err.contains("Usage: sayso"), "{wrong:?}: {}", said.err);
    }
}

#[test]
fn the_demos_configuration_is_sound() {
    let said = check(&workspace().join("sites"));
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.err);
    let said = check(&workspace().join("sites/demo/sayso.toml"));
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.err);
}

#[test]
fn every_fault_is_told_with_its_file_and_line_and_remedy() {
    let sites = sites(|text| {
        text.replace("refused = 183", "refused = 7")
            .replace("model = \"OptIn\"", "model = \"Maybe\"")
    });
    let said = check(sites.path());
    assert_eq!(said.code, 1);
    let text = fs::read_to_string(sites.path().join("demo/sayso.toml")).unwrap();
    let line = 1 + text
        .lines()
        .position(|line| line.starts_with("model = \"Maybe\""))
        .unwrap();
    assert!(said.err.starts_with("sayso: "), "{}", said.err);
    assert!(
        said.err.contains(&format!("demo/sayso.toml:{line}: ")),
        "{}",
        said.err
    );
    assert!(
        said.err.contains("Maybe") && said.err.contains("OptIn"),
        "{}",
        said.err
    );
    assert_eq!(said.out, "");
}

#[test]
fn a_no_that_is_forgotten_before_a_yes_is_a_fault() {
    let sites = sites(|text| text.replace("refused = 183", "refused = 7"));
    let said = check(sites.path());
    assert_eq!(said.code, 1);
    assert!(said.err.contains("to mend it: "), "{}", said.err);
}

#[test]
fn nothing_to_check_is_a_failure_too() {
    let empty = tempfile::tempdir().unwrap();
    for path in [empty.path(), &empty.path().join("nowhere")] {
        let said = check(path);
        assert_eq!(said.code, 1, "{}", path.display());
        assert!(said.err.starts_with("sayso: "), "{}", said.err);
    }
}

#[test]
fn keys_are_made_once_and_never_overwritten() {
    let data = tempfile::tempdir().unwrap();
    let arguments = [
        "keygen".as_ref(),
        "--data".as_ref(),
        data.path().as_os_str(),
        "--site".as_ref(),
        "demo".as_ref(),
    ];
    let said = sayso(arguments);
    assert_eq!(said.code, 0, "{}", said.err);
    let jwks: Value = serde_json::from_str(&said.out).unwrap();
    let uses: Vec<_> = jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["sayso"].as_str().unwrap())
        .collect();
    assert_eq!(uses, ["countersignature", "witness", "log"]);
    assert!(
        jwks["keys"]
            .as_array()
            .unwrap()
            .iter()
            .all(|key| key.get("d").is_none()),
        "a private key was printed"
    );

    let again = sayso(arguments);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("never overwritten"), "{}", again.err);
}

#[test]
fn a_site_id_that_could_lead_out_of_the_data_folder_is_refused() {
    let data = tempfile::tempdir().unwrap();
    for id in ["../demo", "/tmp/demo", "Demo", "", "."] {
        let site = format!("--site={id}");
        let said = sayso([
            "keygen".as_ref(),
            "--data".as_ref(),
            data.path().as_os_str(),
            site.as_ref(),
        ]);
        assert_ne!(said.code, 0, "{id}");
    }
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
}

#[test]
fn serving_nothing_is_refused_before_anything_is_made() {
    let (sites, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let said = sayso([
        "serve".as_ref(),
        "--sites".as_ref(),
        sites.path().as_os_str(),
        "--data".as_ref(),
        data.path().as_os_str(),
    ]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("sayso: no site found"), "{}", said.err);
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
}

#[test]
fn a_mail_target_that_is_none_is_refused_at_once() {
    let said = sayso([
        "serve",
        "--sites",
        "sites",
        "--data",
        "data",
        "--mail",
        "localhost",
    ]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("smtp://host:25"), "{}", said.err);
}

#[test]
fn build_and_snippet_make_what_a_site_needs_or_say_how_to_get_the_pieces() {
    let sites = workspace().join("sites");
    let out = tempfile::tempdir().unwrap();
    let built = sayso([
        "build".as_ref(),
        "--sites".as_ref(),
        sites.as_os_str(),
        "--site".as_ref(),
        "demo".as_ref(),
        "--out".as_ref(),
        out.path().as_os_str(),
    ]);
    let pasted = sayso([
        "snippet".as_ref(),
        "--sites".as_ref(),
        sites.as_os_str(),
        "--lang".as_ref(),
        "de".as_ref(),
    ]);
    if built.code != 0 {
        for said in [built, pasted] {
            assert_eq!(said.code, 1);
            assert!(said.err.contains("run: cargo xtask dist"), "{}", said.err);
        }
        return;
    }
    for name in ["sayso.js", "sayso.de.js", "snippet.js", "cookies.en.html"] {
        let path = out.path().join(name);
        assert!(fs::metadata(&path).unwrap().len() > 0, "{name} is empty");
        assert!(
            built.out.contains(&format!("{}\n", path.display())),
            "{name} was written and not told"
        );
    }
    assert_eq!(pasted.code, 0, "{}", pasted.err);
    let text = pasted
        .out
        .split_once("<script>")
        .unwrap()
        .1
        .split_once("</script>")
        .unwrap()
        .0;
    let hash = base64ct::Base64::encode_string(&sha256(text.as_bytes()).0);
    assert!(
        pasted.out.contains(&format!("'sha256-{hash}'")),
        "{}",
        pasted.out
    );
    assert!(
        pasted
            .out
            .contains("<script async src=\"/sayso/sayso.js?lang=de\"></script>"),
        "{}",
        pasted.out
    );
}

#[test]
fn a_language_or_site_that_is_not_there_is_named_with_those_that_are() {
    let sites = workspace().join("sites");
    let said = sayso([
        "snippet".as_ref(),
        "--sites".as_ref(),
        sites.as_os_str(),
        "--lang".as_ref(),
        "tlh".as_ref(),
    ]);
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains("\"tlh\"") && said.err.contains("en, de"),
        "{}",
        said.err
    );
    let said = sayso([
        "snippet".as_ref(),
        "--sites".as_ref(),
        sites.as_os_str(),
        "--site".as_ref(),
        "nowhere".as_ref(),
    ]);
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains("there is no site \"nowhere\""),
        "{}",
        said.err
    );
}
