//! Robots that refuse for people: one step, found by their own heuristics and by our rule.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sayso_tests::{Result, World, run, workspace};
use serde_json::{Value, json};

/// The engine's script for a page's own world.
fn engine() -> Result<String> {
    let usual = "target/checkers/robot/node_modules/@duckduckgo/autoconsent";
    let place = std::env::var_os("SAYSO_AUTOCONSENT")
        .map_or_else(|| workspace().join(usual), PathBuf::from);
    let file = place.join("dist/autoconsent.playwright.js");
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

/// Members of the two formats, as their documentation lists them.
#[test]
fn the_rule_files_have_nothing_that_their_formats_do_not_know() -> Result {
    let known = |value: &Value, names: &[&str]| -> Result {
        let members = value.as_object().ok_or("an object")?.keys();
        let known = BTreeSet::from_iter(names.iter().copied());
        match members
            .into_iter()
            .find(|name| !known.contains(name.as_str()))
        {
            Some(stranger) => Err(format!("{stranger}: not a member of the format").into()),
            None => Ok(()),
        }
    };
    let ours = rule("autoconsent.json")?;
    known(
        &ours,
        &[
            "name",
            "prehideSelectors",
            "detectCmp",
            "detectPopup",
            "optIn",
            "optOut",
            "test",
        ],
    )?;
    for part in ["detectCmp", "detectPopup", "optIn", "optOut", "test"] {
        let steps = ours[part].as_array().filter(|steps| !steps.is_empty());
        for step in steps.ok_or(format!("{part} has steps"))? {
            known(step, &["exists", "visible", "check", "click"])?;
        }
    }
    let theirs = rule("consent-o-matic.json")?;
    let ours = &theirs["sayso"];
    known(ours, &["detectors", "methods"])?;
    for detector in ours["detectors"].as_array().ok_or("detectors")? {
        known(detector, &["presentMatcher", "showingMatcher"])?;
        for part in ["presentMatcher", "showingMatcher"] {
            for matcher in detector[part].as_array().ok_or(part)? {
                known(matcher, &["type", "target"])?;
                known(&matcher["target"], &["selector", "displayFilter"])?;
            }
        }
    }
    let names: Vec<_> = ours["methods"]
        .as_array()
        .ok_or("methods")?
        .iter()
        .map(|m| m["name"].clone())
        .collect();
    assert_eq!(
        names,
        ["HIDE_CMP", "OPEN_OPTIONS", "DO_CONSENT", "SAVE_CONSENT"]
    );
    Ok(())
}
