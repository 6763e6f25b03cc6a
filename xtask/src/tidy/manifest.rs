//! Rules for Cargo manifests: versions in one place, a reason beside each.

use super::Finding;
use super::file::File;

pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    if file.name() == "Cargo.toml" {
        reasons(file, findings);
        inherited(file, findings);
    }
}

/// Every dependency that is not our own has its reason in the comment above it or beside it.
fn reasons(file: &File, findings: &mut Vec<Finding>) {
    let mut section = "";
    let mut before = "";
    for (number, line) in file.lines() {
        let line = line.trim();
        if line.starts_with('[') {
            section = line;
        } else if section == "[workspace.dependencies]"
            && !line.is_empty()
            && !line.starts_with('#')
        {
            let ours = line.contains("path = ");
            if !ours && !before.starts_with('#') && !line.contains(" # ") && names_dependency(line)
            {
                let name = line.split(['=', '.', ' ']).next().unwrap_or(line);
                findings.push(file.finding(
                    number,
                    format!("no reason for {name}; write in the line above what it does for us"),
                ));
            }
        }
        before = line;
    }
}

/// A line that goes on with the features of the one above does not.
fn names_dependency(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_alphanumeric()) && line.contains('=')
}

/// A member names no version of its own.
fn inherited(file: &File, findings: &mut Vec<Finding>) {
    let mut in_dependencies = false;
    for (number, line) in file.lines() {
        let line = line.trim();
        if line.starts_with('[') {
            let section = line.trim_matches(['[', ']']);
            in_dependencies =
                section != "workspace.dependencies" && section.ends_with("dependencies");
        } else if in_dependencies && names_dependency(line) && !is_inherited(line) {
            let name = line.split(['=', '.', ' ']).next().unwrap_or(line);
            findings.push(file.finding(
                number,
                format!("{name} has a version of its own; put it into the root's [workspace.dependencies] and write {name}.workspace = true"),
            ));
        }
    }
}

fn is_inherited(line: &str) -> bool {
    line.contains("workspace = true")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        check(&File::new("Cargo.toml", text), &mut findings);
        findings.into_iter().map(|f| f.text).collect()
    }

    #[test]
    fn a_dependency_wants_a_reason() {
        let good = "[workspace.dependencies]\n# Ours.\nown = { path = \"own\" }\nother = { path = \"other\" }\n# JSON.\nserde_json = \"1\"\n";
        assert_eq!(findings(good), [""; 0]);
        let bad = "[workspace.dependencies]\n# JSON.\nserde_json = \"1\"\nserde = \"1\"\n";
        assert!(findings(bad)[0].contains("no reason for serde"));
    }

    #[test]
    fn a_member_has_no_versions() {
        assert_eq!(
            findings(
                "[dependencies]\nserde.workspace = true\nyew = { workspace = true, features = [\"csr\"] }\n"
            ),
            [""; 0]
        );
        assert!(
            findings("[target.'cfg(unix)'.dependencies]\nnix = \"1\"\n")[0]
                .contains("nix has a version")
        );
    }
}
