//! The configuration as the gate itself needs it: what the first file carries of it.

use sayso_core::gate::GateConfig;
use serde_json::Value;

use super::literal::bare;

/// The configuration as the gate itself needs it, as an expression; its second file carries the whole of it. What a
/// service leaves behind is one list of names here, or of how they begin: enough to know whether to look closer.
pub(super) fn brief(gate: &GateConfig, late_path: &str, signalled: bool) -> String {
    const LATER: [&str; 9] = [
        "v",
        "site",
        "language",
        "jurisdiction",
        "controller",
        "notice",
        "firstLayer",
        "texts",
        "files",
    ];
    let mut value = serde_json::to_value(gate).unwrap_or_default();
    let drop = |value: &mut Value, names: &[&str]| {
        if let Some(members) = value.as_object_mut() {
            members.retain(|name, _| !names.contains(&name.as_str()));
        }
    };
    drop(&mut value, &LATER);
    value["late"] = late_path.into();
    if signalled {
        value["gpc"] = true.into();
    }
    for purpose in value["purposes"].as_array_mut().into_iter().flatten() {
        drop(purpose, &["basis"]);
        let services = purpose.get_mut("services").and_then(Value::as_array_mut);
        for service in services.into_iter().flatten() {
            let left: Vec<String> = ["cookies", "storage"]
                .iter()
                .filter_map(|kind| service.get(kind)?.as_array())
                .flatten()
                .filter_map(|name| Some(name.as_str()?.replace('*', "")))
                .collect();
            drop(service, &["name", "provider", "cookies", "storage"]);
            // The gate takes none for the beginning.
            if service["since"] == 1 {
                drop(service, &["since"]);
            }
            if !left.is_empty() {
                service["left"] = left.into();
            }
        }
    }
    bare(&value)
}
