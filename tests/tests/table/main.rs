//! The table: every feature of the gate in every state that a visitor can be in, each cell saying what must have been
//! requested, stored, shown and said. The cells are data, one file for each feature under `tests/table/`; all features
//! stand on one page, so each state costs one walk.

mod breaks;
mod cell;
mod front;
mod page;
mod walk;

use sayso_tests::{Result, Setup, World, engines, workspace};

use crate::cell::{Features, STATES};
use crate::front::Front;
use crate::walk::{Table, Wrong};

/// The table's data.
fn features() -> Features {
    Features::read().expect("the files are in order")
}

/// A world whose site is the table's own.
fn setup(features: &Features) -> Setup {
    let sites = workspace().join("sites/demo/sayso.toml");
    let whole = std::fs::read_to_string(&sites).expect("the demo has a configuration");
    Setup::default().edit(&whole, &page::site(features))
}

/// Puts the table's page between demo site and server.
async fn table<'a>(world: &'a World, features: &'a Features) -> Result<Table<'a>> {
    let front = Front::start(&world.server.origin(), &page::table(features)).await?;
    world.demo.set_upstream(&front.origin())?;
    Ok(Table::new(world, features, front))
}

/// Every wrong cell by name, with what was found.
fn told(wrong: &[Wrong]) -> String {
    wrong.iter().map(|one| format!("\n  {one}")).collect()
}

#[test]
fn no_cell_is_empty_unknown_or_there_twice() {
    let features = features();
    assert!(features.count() >= 3);
}

#[test]
fn what_is_wrong_in_the_data_is_said() {
    let feature = |cells: &str| format!("about = \"a\"\npage = \"\"\n[cells]\n{cells}");
    let all = |aspect: &str| -> String {
        STATES
            .map(|state| format!("{state} = {{ {aspect} = [] }}\n"))
            .concat()
    };
    let read = |text: &str| {
        cell::read("one", text)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(read(&feature(&all("requested"))), Ok(()));
    for (cells, error) in [
        (
            all("requested").replace("given = { requested = [] }", "given = {}"),
            "one × given is empty",
        ),
        (
            all("requested").replace("given = { requested = [] }\n", ""),
            "one × given is missing",
        ),
        (
            all("requested") + "dreaming = { requested = [] }\n",
            "one × dreaming: there is no such state",
        ),
        (
            all("requested") + "given = { requested = [] }\n",
            "duplicate key",
        ),
        (all("asked"), "unknown field `asked`"),
        (
            all("requested").replace("given = { requested", "given = { shown"),
            "one × given does not name the same aspects as the other cells",
        ),
    ] {
        let said = read(&feature(&cells)).expect_err("is refused");
        assert!(said.contains(error), "{said}");
    }
}

engines!(every_feature_holds_in_every_state, setup(&features()));
async fn every_feature_holds_in_every_state(world: &mut World) -> Result {
    let features = features();
    let table = table(world, &features).await?;
    let wrong = table.walk_all(&[]).await?;
    assert!(
        wrong.is_empty(),
        "{} wrong cells:{}",
        wrong.len(),
        told(&wrong)
    );
    println!("  {} cells hold", features.count() * STATES.len());
    Ok(())
}

#[test]
fn each_break_fails_its_own_cell_and_no_other() {
    let features = features();
    breaks::prove(&features);
}
