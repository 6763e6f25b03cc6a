//! Rules for `locales/`: every language says everything that English says, with the same blanks to fill in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Finding;
use super::file::File;

/// The language that decides which texts there are.
const LEADING: &str = "locales/en.toml";

pub(super) fn check(files: &[File], findings: &mut Vec<Finding>) {
    let locales = files
        .iter()
        .filter(|file| file.path.starts_with("locales") && file.extension() == "toml");
    let mut read = Vec::new();
    for file in locales {
        match file.text.parse::<toml::Table>() {
            Ok(table) => {
                let mut texts = BTreeMap::new();
                flatten("", &table, &mut texts);
                read.push((file, texts));
            }
            Err(error) => {
                findings.push(file.finding(1, format!("is not TOML: {}", error.message())))
            }
        }
    }
    let Some((_, english)) = read
        .iter()
        .find(|(file, _)| file.path == Path::new(LEADING))
    else {
        return;
    };
    for (file, texts) in &read {
        compare(file, english, texts, findings);
    }
}

fn compare(
    file: &File,
    english: &BTreeMap<String, String>,
    texts: &BTreeMap<String, String>,
    findings: &mut Vec<Finding>,
) {
    for (key, text) in english {
        let Some(own) = texts.get(key) else {
            findings.push(file.finding(
                1,
                format!("no text for `{key}`; translate the one in {LEADING}"),
            ));
            continue;
        };
        let line = line_of(file, key);
        if own.trim().is_empty() && !text.trim().is_empty() {
            findings.push(file.finding(
                line,
                format!("empty text for `{key}`; translate the one in {LEADING}"),
            ));
        } else if blanks(own) != blanks(text) {
            findings.push(file.finding(
                line,
                format!(
                    "`{key}` has other blanks than {LEADING}; use {}",
                    blanks(text).into_iter().collect::<Vec<_>>().join(" ")
                ),
            ));
        }
    }
    for key in texts.keys().filter(|key| !english.contains_key(*key)) {
        findings.push(file.finding(
            line_of(file, key),
            format!("`{key}` is not in {LEADING}; remove it, or add it there first"),
        ));
    }
}

fn flatten(prefix: &str, table: &toml::Table, texts: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let key = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, texts),
            toml::Value::String(text) => {
                texts.insert(key, text.clone());
            }
            other => {
                texts.insert(key, other.to_string());
            }
        }
    }
}

/// What a text leaves to be filled in: `{provider}`.
fn blanks(text: &str) -> BTreeSet<String> {
    let parts = text.split('{').skip(1);
    parts
        .filter_map(|part| Some(format!("{{{}}}", part.split_once('}')?.0)))
        .collect()
}

fn line_of(file: &File, key: &str) -> usize {
    let last = key.rsplit('.').next().unwrap_or(key);
    let found = file.lines().find(|(_, line)| {
        line.trim_start()
            .strip_prefix(last)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    });
    found.map_or(1, |(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(german: &str) -> Vec<String> {
        let english = "[banner]\ntitle = \"Cookies\"\nwait = \"From {provider}\"\n";
        let files = [
            File::new(LEADING, english),
            File::new("locales/de.toml", german),
        ];
        let mut findings = Vec::new();
        check(&files, &mut findings);
        findings.into_iter().map(|f| f.text).collect()
    }

    #[test]
    fn languages_say_the_same() {
        assert_eq!(
            findings("[banner]\ntitle = \"Cookies\"\nwait = \"Von {provider}\"\n"),
            [""; 0]
        );
        assert!(
            findings("[banner]\ntitle = \"Cookies\"\n")[0].contains("no text for `banner.wait`")
        );
        assert!(
            findings("[banner]\ntitle = \"\"\nwait = \"Von {provider}\"\n")[0].contains("empty")
        );
        assert!(findings("[banner]\ntitle = \"C\"\nwait = \"Von\"\n")[0].contains("other blanks"));
        let more = "[banner]\ntitle = \"C\"\nwait = \"{provider}\"\nmore = \"m\"\n";
        assert!(findings(more)[0].contains("`banner.more` is not in"));
    }
}
