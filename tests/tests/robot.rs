//! Robots that refuse for people: one step, found by their own heuristics and by our rule.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sayso_tests::{Result, World, run, workspace};
use serde_json::{Value, json};

/// Where autoconsent's package lies.
fn engine_folder() -> PathBuf {
    let usual = "target/checkers/robot/node_modules/@duckduckgo/autoconsent";
    std::env::var_os("SAYSO_AUTOCONSENT").map_or_else(|| workspace().join(usual), PathBuf::from)
}

/// The engine's script for a page's own world.
fn engine() -> Result<String> {
    let file = engine_folder().join("dist/autoconsent.playwright.js");
    Ok(std::fs::read_to_string(&file)
        .map_err(|error| format!("{}: {error}; `cargo xtask test` fetches it", file.display()))?)
}

fn rule(name: &str) -> Result<Value> {
    let text = std::fs::read_to_string(workspace().join("robots").join(name))?;
    Ok(serde_json::from_str(&text)?)
}

/// Has the engine run on every page, with these rules and, if asked, its heuristics.
async fn robot(world: &World, rules: &[Value], heuristics: bool) -> Result {
    let config = json!({
        "enabled": true, "autoAction": "optOut", "disabledCmps": [], "enablePrehide": false, "detectRetries": 20,
        "isMainWorld": true, "enableHeuristicDetection": heuristics, "enableHeuristicAction": heuristics,
        "heuristicMode": if heuristics { "tier2" } else { "off" }, "enableCosmeticRules": false,
        "enableGeneratedRules": false, "enableFilterList": false, "prehideTimeout": 2000,
        "logs": { "lifecycle": false, "rulesteps": false, "detectionsteps": false, "evals": false, "errors": false,
            "messages": false, "waits": false },
    });
    let script = format!(
        "window.robot = [];
        window.autoconsentSendMessage = async (message) => {{
            robot.push(message);
            // Sent while the engine is still being made.
            await 0;
            if (message.type == 'init') autoconsentReceiveMessage({{ type: 'initResp', config: {config},
                rules: {{ autoconsent: {} }} }});
        }};
        if (window == window.top) {{ {} }}",
        json!(rules),
        engine()?,
    );
    world.browser.before_every_document(&script).await
}

/// The robot's one click, and what came of it.
async fn refused(world: &World, cmp: &str) -> Result {
    world.visit("/").await?;
    let done = "window.robot.some((message) => message.type == 'autoconsentDone')";
    world.browser.until_js("the robot to be done", done).await?;
    let said = world.browser.js("return window.robot").await?;
    let done = said
        .as_array()
        .into_iter()
        .flatten()
        .find(|m| m["type"] == "autoconsentDone");
    let done = done.ok_or("the robot said that it was done")?;
    assert_eq!(done["cmp"], cmp, "{said:#}");
    assert_eq!(done["totalClicks"], 1, "one step: {said:#}");
    world.browser.gone("#sayso").await?;
    world.until_choice("analytics", 'r').await?;
    world.settled().await?;
    let entries = world.until_ledger(1).await?;
    assert_eq!(entries[0].status("analytics"), Some("Refused"));
    assert_eq!(entries[0].payload["action"], "refuse-all");
    Ok(())
}

#[test]
fn a_robot_without_our_rule_finds_the_banner_and_refuses_in_one_step() {
    run(async |world| {
        robot(world, &[], true).await?;
        refused(world, "HEURISTIC-REJECT").await
    });
}

#[test]
fn a_robot_with_our_rule_refuses_in_one_step() {
    run(async |world| {
        robot(world, &[rule("autoconsent.json")?], false).await?;
        refused(world, "sayso").await
    });
}

/// The members of every type in autoconsent's own `lib/rules.ts`, by the type's name; those with `?` may be missing.
fn types() -> Result<BTreeMap<String, Vec<(String, bool)>>> {
    let file = engine_folder().join("lib/rules.ts");
    let text = std::fs::read_to_string(&file)?;
    let mut types = BTreeMap::new();
    for part in text.split("export type ").skip(1) {
        let Some((name, body)) = part.split_once(" = {\n") else {
            continue;
        };
        let member = |line: &str| {
            // One level deep: what is indented further belongs to a member.
            let line = line.strip_prefix("    ")?.trim_start_matches("readonly ");
            let name = line.split(':').next()?;
            let plain = name.trim_end_matches('?');
            let word = !plain.is_empty() && plain.chars().all(|c| c.is_alphanumeric() || c == '_');
            word.then(|| (plain.to_owned(), name.ends_with('?')))
        };
        let members = body.split("\n};").next().unwrap_or_default();
        types.insert(
            name.to_owned(),
            members.lines().filter_map(member).collect(),
        );
    }
    Ok(types)
}

#[test]
fn our_rule_has_what_autoconsents_own_types_ask_for_and_nothing_else() -> Result {
    if !engine_folder().is_dir() && std::env::var_os("SAYSO_STRICT").is_none() {
        println!("SKIPPED: autoconsent is not there; `cargo xtask test` fetches it");
        return Ok(());
    }
    let types = types()?;
    let ours = rule("autoconsent.json")?;
    let whole = &types["AutoConsentCMPRule"];
    let members = ours.as_object().ok_or("an object")?;
    for (name, optional) in whole {
        assert!(*optional || members.contains_key(name), "{name} is missing");
    }
    let steps: Vec<_> = types
        .iter()
        .filter(|(name, _)| name.ends_with("Rule"))
        .collect();
    assert!(steps.len() > 10, "the types could not be read: {types:?}");
    for (name, value) in members {
        assert!(
            whole.iter().any(|(known, _)| known == name),
            "{name}: not a member of a rule"
        );
        for step in value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
        {
            // A step is of the type whose first member it has, and has that one's members alone.
            let of = steps.iter().find(|(_, members)| {
                members
                    .first()
                    .is_some_and(|(first, _)| step.contains_key(first))
            });
            let (kind, known) = of.ok_or(format!("{name}: no known step: {step:?}"))?;
            for member in step.keys() {
                assert!(
                    known.iter().any(|(one, _)| one == member),
                    "{member}: not a member of {kind}"
                );
            }
        }
    }
    Ok(())
}

/// A description of Consent-O-Matic's format in our own words, after its documentation: which members an object may have,
/// those that it must have first.
fn consent_o_matic(kind: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        "detector" => (&[], &["presentMatcher", "showingMatcher"]),
        "css" | "checkbox" => (&["type", "target"], &["parent"]),
        "selection" => (
            &["selector"],
            &[
                "textFilter",
                "styleFilter",
                "displayFilter",
                "iframeFilter",
                "childFilter",
            ],
        ),
        "method" => (&["name", "action"], &[]),
        "click" => (&["type", "target"], &["parent", "openInTab"]),
        "hide" => (&["type", "target"], &[]),
        "list" => (&["type", "actions"], &[]),
        _ => (&["of a kind that we do not use"], &[]),
    }
}

fn formed<'a>(value: &'a Value, kind: &str) -> Result<&'a Value> {
    let (must, may) = consent_o_matic(kind);
    let members = value.as_object().ok_or(format!("{kind}: not an object"))?;
    for name in must {
        members
            .get(*name)
            .ok_or(format!("{kind}: {name} is missing"))?;
    }
    match members
        .keys()
        .find(|name| !must.contains(&name.as_str()) && !may.contains(&name.as_str()))
    {
        Some(stranger) => Err(format!("{kind}: {stranger} is not a member").into()),
        None => Ok(value),
    }
}

#[test]
fn our_rule_for_consent_o_matic_has_the_form_that_it_documents() -> Result {
    let theirs = rule("consent-o-matic.json")?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for rule in theirs.as_object().ok_or("an object")?.values() {
        let parts: Vec<_> = rule.as_object().ok_or("a rule")?.keys().collect();
        assert_eq!(parts, ["detectors", "methods"]);
        for detector in list(&rule["detectors"]) {
            formed(&detector, "detector")?;
            for part in ["presentMatcher", "showingMatcher"] {
                let matchers = list(&detector[part]);
                assert!(!matchers.is_empty(), "{part}");
                for matcher in matchers {
                    formed(&matcher, matcher["type"].as_str().unwrap_or_default())?;
                    formed(&matcher["target"], "selection")?;
                }
            }
        }
        let mut names = Vec::new();
        for method in list(&rule["methods"]) {
            let action = &formed(&method, "method")?["action"];
            let kind = action["type"].as_str().unwrap_or_default().to_owned();
            formed(action, &kind)?;
            if kind != "list" {
                formed(&action["target"], "selection")?;
            }
            names.push(method["name"].as_str().unwrap_or_default().to_owned());
        }
        assert_eq!(
            names,
            ["HIDE_CMP", "OPEN_OPTIONS", "DO_CONSENT", "SAVE_CONSENT"]
        );
    }
    Ok(())
}
