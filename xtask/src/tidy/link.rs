//! Rules for Markdown: what it links to is there.

use std::path::{Component, Path, PathBuf};

use super::Finding;
use super::file::File;

pub(super) fn check(file: &File, files: &[File], findings: &mut Vec<Finding>) {
    if file.extension() != "md" {
        return;
    }
    let mut code = false;
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        }
        if code {
            continue;
        }
        for target in targets(line) {
            if let Some(text) = broken(file, target, files) {
                findings.push(file.finding(number, text));
            }
        }
    }
}

/// The targets of `[text](target)` and `src="target"`.
fn targets(line: &str) -> Vec<&str> {
    let until = |text: &'_ str, end: &[char]| text.find(end).unwrap_or(text.len());
    let mut found = Vec::new();
    for part in line.split("](").skip(1) {
        found.push(&part[..until(part, &[')', ' '])]);
    }
    for part in line.split("src=\"").skip(1) {
        found.push(&part[..until(part, &['"'])]);
    }
    found
}

fn broken(file: &File, target: &str, files: &[File]) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") || target.is_empty() {
        return None;
    }
    let (place, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if place.is_empty() {
        file.path.clone()
    } else {
        resolve(&file.path, place)
    };
    let known = files.iter().find(|other| other.path == path);
    if known.is_none() && !exists(&path) {
        return Some(format!(
            "links to {place}, which is not there; correct the path"
        ));
    }
    let known = known?;
    if anchor.is_empty() || known.extension() != "md" || anchors(known).any(|own| own == anchor) {
        return None;
    }
    Some(format!(
        "{} has no heading `#{anchor}`; correct the anchor",
        known.path.display()
    ))
}

/// Pictures and folders are not among the text files.
fn exists(path: &Path) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."));
    root.join(path).exists()
}

fn resolve(from: &Path, place: &str) -> PathBuf {
    let mut path = from.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(place).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::ParentDir => {
                path.pop();
            }
            _ => {}
        }
    }
    path
}

/// The names that headings get: lower case, spaces to hyphens, other punctuation gone.
fn anchors(file: &File) -> impl Iterator<Item = String> {
    file.lines()
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<String> {
        let files = [
            File::new("docs/a.md", text),
            File::new("docs/b.md", "# First things, first\n"),
        ];
        let mut findings = Vec::new();
        check(&files[0], &files, &mut findings);
        findings.into_iter().map(|f| f.text).collect()
    }

    #[test]
    fn links_are_followed() {
        assert_eq!(
            findings("[b](b.md) and [there](./b.md#first-things-first)\n"),
            [""; 0]
        );
        assert_eq!(
            findings("[out](https://example.com/x) [up](../Cargo.toml)\n"),
            [""; 0]
        );
        assert!(findings("[c](c.md)\n")[0].contains("links to c.md"));
        assert!(findings("[b](b.md#second)\n")[0].contains("no heading `#second`"));
        assert_eq!(findings("```\n[c](c.md)\n```\n"), [""; 0]);
    }
}
