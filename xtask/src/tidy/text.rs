//! Rules for every text file.

use super::Finding;
use super::file::File;

/// Places that say where a package was fetched from: tools know that, readers need not. Written in two halves, so
/// that this file keeps the rule.
const REGISTRIES: [&str; 6] = [
    concat!("crates", ".io"),
    concat!("npmjs", ".com"),
    concat!("npmjs", ".org"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("deb.", "debian.org"),
];

/// Beginnings of paths that exist on one machine only.
const MACHINE_PATHS: [&str; 4] = [
    concat!("/", "home/"),
    concat!("/", "root/"),
    concat!("/", "work/"),
    concat!("/", "Users/"),
];

/// Marks of unfinished work.
const UNFINISHED: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    if file.text.is_empty() {
        return;
    }
    for (number, line) in file.lines() {
        let mut found = |text: String| findings.push(file.finding(number, text));
        if line.ends_with('\r') {
            found("Windows line end; save the file with Unix line ends".into());
        } else if line.ends_with([' ', '\t']) && file.extension() != "snap" {
            found("space at the end of the line; delete it".into());
        }
        for host in REGISTRIES {
            if line.contains(host) {
                found(format!(
                    "names the package registry {host}; name the package, tools know where it is"
                ));
            }
        }
        for start in MACHINE_PATHS {
            if names_path(line, start) {
                found(format!(
                    "`{start}…` is a path of one machine; make it relative to the checkout"
                ));
            }
        }
        for mark in UNFINISHED {
            if line
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| word == mark)
            {
                found(format!(
                    "`{mark}`: finish it, or say plainly what is missing and why"
                ));
            }
        }
    }
    if !file.text.ends_with('\n') && file.extension() != "snap" {
        let last = file.text.split('\n').count();
        findings.push(file.finding(last, "no line end at the end of the file; add one"));
    }
}

/// Whether a path begins here, and not in the middle of an address or another path.
fn names_path(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "\"'`(=:,".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        check(&File::new("a.md", text), &mut findings);
        findings
    }

    #[test]
    fn each_rule_finds_its_line() {
        let bad = [
            "a \n".to_owned(),
            "a\r\n".to_owned(),
            "a".to_owned(),
            format!("see {}\n", REGISTRIES[0]),
            format!("in {}me\n", MACHINE_PATHS[0]),
            format!("// {}: later\n", UNFINISHED[0]),
        ];
        for text in &bad {
            let found = findings(text);
            assert_eq!(found.len(), 1, "{text:?}: {found:?}");
            assert_eq!(found[0].line, 1);
        }
    }

    #[test]
    fn ordinary_text_passes() {
        assert_eq!(findings("a\n\nhttps://example.com/home/page\n"), []);
        assert_eq!(findings(""), []);
    }
}
