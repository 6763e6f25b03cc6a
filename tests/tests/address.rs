//! Newsletter and marketing: choices about an address, which no cookie banner touches.

use sayso_demo::Kind;
use sayso_tests::{Mail, Result, World, engines, run, until};

const ADDRESS: &str = "ada@example.org";

async fn mail(world: &World, number: usize) -> Result<Mail> {
    until(&format!("mail number {number}"), async || {
        Ok(world.mails()?.get(number - 1).cloned())
    })
    .await
}

/// Status of a purpose for the only address there is.
fn status(world: &World, purpose: &str) -> Result<Option<String>> {
    Ok(world
        .subscriptions()?
        .into_iter()
        .find(|(own, _)| own == purpose)
        .map(|(_, status)| status))
}

engines!(a_newsletter_is_asked_for_confirmed_and_ended);

async fn a_newsletter_is_asked_for_confirmed_and_ended(world: &mut World) -> Result {
    world.visit("/").await?;
    world.answer("refuse-all").await?;
    world.settled().await?;
    world
        .browser
        .click("footer [data-sayso-open=newsletter]")
        .await?;
    world.browser.seen("dialog[open] input[type=email]").await?;
    world.shot("newsletter").await?;

    println!("  nothing is ticked beforehand, and an empty form is not sent");
    let ticked = world
        .browser
        .js("return deep('dialog form input:checked').length")
        .await?;
    assert_eq!(ticked, 0);
    world.browser.click("dialog form [type=submit]").await?;
    world
        .browser
        .seen("dialog [aria-invalid=true], dialog [role=alert]")
        .await?;
    assert_eq!(status(world, "newsletter")?, None);

    world
        .browser
        .fill("dialog input[type=email]", ADDRESS)
        .await?;
    world
        .browser
        .click_text("Yes, send me the newsletter")
        .await?;
    world.browser.click("dialog form [type=submit]").await?;
    world
        .browser
        .until_js(
            "the form to say what comes next",
            "deep('dialog')[0]?.textContent.includes('Please check your mail')",
        )
        .await?;
    let confirmation = mail(world, 1).await?;
    println!("  mail: {:?}", confirmation.header("Subject"));
    assert!(
        confirmation
            .header("To")
            .is_some_and(|to| to.contains(ADDRESS))
    );
    assert_eq!(
        status(world, "newsletter")?.as_deref(),
        Some("Requested"),
        "asked for, not subscribed"
    );

    println!("  a scanner follows the link: nothing changes");
    let link = confirmation.link().ok_or("a link in the mail")?.to_owned();
    let link = path(&link);
    for _ in 0..2 {
        let page = reqwest::get(world.demo.url(link))
            .await?
            .error_for_status()?
            .text()
            .await?;
        assert!(page.contains("<form") && page.contains("post"), "{page}");
    }
    assert_eq!(status(world, "newsletter")?.as_deref(), Some("Requested"));
    let before = world.ledger()?.len();

    println!("  the person presses the button");
    world.browser.open(&world.url(link)).await?;
    world.shot("confirm").await?;
    world
        .browser
        .click("form [type=submit], form button")
        .await?;
    until("the subscription", async || {
        Ok(status(world, "newsletter")?.filter(|status| status == "Given"))
    })
    .await?;
    let entries = world.until_ledger(before + 1).await?;
    let last = &entries[before];
    assert!(last.witnessed, "a link's answer is recorded by the server");
    assert_eq!(last.payload["via"], "link");
    assert_eq!(last.status("newsletter"), Some("Given"));
    assert!(
        !last.payload.to_string().contains('@'),
        "no address in a receipt: {}",
        last.payload
    );
    assert_eq!(world.hits(Kind::Analytics), 0);

    println!("  the link works once");
    world.browser.open(&world.url(link)).await?;
    let used = "!document.querySelector('form button') && document.body.textContent.includes('no longer works')";
    world.browser.until_js("the page to say so", used).await?;

    println!("  one click in the mail program ends it; a scanner's look does not");
    let ending = confirmation
        .header("List-Unsubscribe")
        .ok_or("a way out in every mail")?;
    let post = confirmation.header("List-Unsubscribe-Post");
    assert_eq!(post.as_deref(), Some("List-Unsubscribe=One-Click"));
    let ending = world.demo.url(path(ending.trim_matches(['<', '>'])));
    reqwest::get(&ending).await?.error_for_status()?;
    assert_eq!(status(world, "newsletter")?.as_deref(), Some("Given"));
    let client = reqwest::Client::new();
    let form = "application/x-www-form-urlencoded";
    let click = client
        .post(&ending)
        .header("content-type", form)
        .body("List-Unsubscribe=One-Click");
    click.send().await?.error_for_status()?;
    assert_eq!(status(world, "newsletter")?.as_deref(), Some("Withdrawn"));
    let entries = world.until_ledger(before + 2).await?;
    assert_eq!(entries[before + 1].payload["via"], "one-click");
    Ok(())
}

#[test]
fn the_newsletter_form_works_without_javascript() {
    run(async |world| {
        world.visit("/").await?;
        let off = serde_json::json!({ "value": true });
        world
            .browser
            .cdp("Emulation.setScriptExecutionDisabled", off)
            .await?;
        world.browser.open(&world.url("/sayso/newsletter")).await?;
        world.browser.fill("input[type=email]", ADDRESS).await?;
        world.browser.click("input[name=consent]").await?;
        world
            .browser
            .click("form button:not([name]), form [type=submit]")
            .await?;
        let confirmation = mail(world, 1).await?;
        assert_eq!(status(world, "newsletter")?.as_deref(), Some("Requested"));
        let link = path(confirmation.link().ok_or("a link in the mail")?);
        world.browser.open(&world.url(link)).await?;
        world.browser.click("form button").await?;
        until("the subscription", async || {
            Ok(status(world, "newsletter")?.filter(|status| status == "Given"))
        })
        .await?;
        let entries = world.ledger()?;
        assert!(entries.iter().all(|entry| entry.witnessed), "{entries:#?}");
        Ok(())
    });
}

#[test]
fn both_objections_stand_apart_and_no_banner_touches_them() {
    run(async |world| {
        let purposes = ["marketing-mail", "partner-sharing"];
        let labels = ["E-mail from us", "Sharing with partners"];
        for (number, chosen) in [&[][..], &[0], &[1], &[0, 1]].into_iter().enumerate() {
            println!("  combination {chosen:?}");
            world.browser.forget(&world.origin()).await?;
            world.visit("/").await?;
            world.answer("give-all").await?;
            world.settled().await?;
            let address = format!("person{number}@example.org");
            let objections = |world: &World| -> Result<usize> {
                Ok(world
                    .subscriptions()?
                    .iter()
                    .filter(|(_, status)| status == "Objected")
                    .count())
            };
            let before = objections(world)?;
            if !chosen.is_empty() {
                world.browser.js("sayso.open('marketing')").await?;
                world
                    .browser
                    .fill("dialog[open] input[type=email]", &address)
                    .await?;
                for &one in chosen {
                    world.browser.click_text(labels[one]).await?;
                }
                world.shot("marketing").await?;
                world.browser.click("dialog form [type=submit]").await?;
                until("the objection in the ledger", async || {
                    Ok((objections(world)? == before + chosen.len()).then_some(()))
                })
                .await?;
                world.settled().await?;
                let last = world.ledger()?.pop().ok_or("a receipt")?;
                for (index, purpose) in purposes.into_iter().enumerate() {
                    let objected = last.status(purpose) == Some("Objected");
                    assert_eq!(objected, chosen.contains(&index), "{}", last.payload);
                }
                assert!(
                    !last.payload.to_string().contains('@'),
                    "no address: {}",
                    last.payload
                );
            }
            assert_eq!(
                objections(world)?,
                before + chosen.len(),
                "accepting all touched nothing"
            );

            world.visit("/pricing").await?;
            world.browser.js("sayso.open('marketing')").await?;
            world.browser.seen("dialog[open] input[type=email]").await?;
            // The list comes with what this browser remembers, which is read once the form stands.
            until("what was objected to, shown after a reload", async || {
                let standing = world.browser.js(STANDING).await?;
                let objected = |purpose: &str| standing[purpose] == "Objected";
                let mut all = purposes.into_iter().enumerate();
                let same = all.all(|(index, purpose)| objected(purpose) == chosen.contains(&index));
                Ok(same.then_some(()))
            })
            .await?;
        }
        Ok(())
    });
}

/// What the marketing surface lists as standing for the addresses that this browser knows.
const STANDING: &str = "return Object.fromEntries(
  deep('dialog[open] .standing [data-purpose]').map((e) => [e.dataset.purpose, e.dataset.status]))";

/// What of a link counts here, wherever the server believes to be reachable.
fn path(link: &str) -> &str {
    link.find("/sayso/").map_or(link, |at| &link[at..])
}
