//! One and the same page, with nothing, with Sayso and with its peers, each embedded as its makers say.

use std::fmt::Write;

/// The page of all, with places for what a consent component adds.
const PAGE: &str = include_str!("page/page.html");
/// Its style, which stands in the page itself or is a file of its own.
pub(crate) const STYLE: &str = include_str!("page/page.css");
/// Where that file is.
pub(crate) const SHEET: &str = "/page.css";

/// One of the pages.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Its path, and its name in the figures.
    pub(crate) id: &'static str,
    /// What it is called in tables.
    pub(crate) name: &'static str,
    /// Whether it is Sayso's, a peer's or neither.
    pub(crate) kind: Kind,
    /// The button that accepts, as a selector.
    pub(crate) yes: &'static str,
    /// The button that refuses.
    pub(crate) no: &'static str,
    /// What is true once an answer has been dealt with, as JavaScript.
    pub(crate) settled: &'static str,
    /// The whole page.
    pub(crate) html: String,
}

/// Whose page it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The page with nothing.
    Bare,
    /// Sayso in one of its forms.
    Own,
    /// Somebody else's component.
    Peer,
}

/// The gated script of every page: it tells when it ran.
const COUNT: &str = "window.counted = performance.now()";

/// All of them. The snippets are Sayso's own, as `sayso snippet` prints them.
pub(crate) fn all(snippet: &str, inline: &str, stylesheet: bool) -> Vec<Page> {
    let style = if stylesheet {
        format!("<link rel=\"stylesheet\" href=\"{SHEET}\">")
    } else {
        format!("<style>\n{STYLE}</style>")
    };
    let html = |head: &str, body: &str| html(&style, head, body);
    let gated = format!("<script type=\"text/plain\" data-sayso=\"analytics\">{COUNT}</script>");
    let own = |id, name, snippet: &str| Page {
        id,
        name,
        kind: Kind::Own,
        yes: "#sayso [data-sayso-action=give-all]",
        no: "#sayso [data-sayso-action=refuse-all]",
        // Nothing left to sign, nothing left to send.
        settled: "['sayso.pending', 'sayso.outbox'].every((key) => [null, '', '[]'].includes(localStorage.getItem(key)))",
        html: html(snippet, &gated),
    };
    let peer = |id, name, yes, no, head: &str, body: &str| Page {
        id,
        name,
        kind: Kind::Peer,
        yes,
        no,
        settled: "true",
        html: html(head, body),
    };
    vec![
        Page {
            id: "bare",
            name: "nothing",
            kind: Kind::Bare,
            yes: "",
            no: "",
            settled: "true",
            html: html("", ""),
        },
        own("sayso", "Sayso, async", snippet),
        own("sayso-inline", "Sayso, inline", inline),
        peer(
            "vanilla",
            "vanilla-cookieconsent 3.1.0",
            "#cc-main .cm [data-role=all]",
            "#cc-main .cm [data-role=necessary]",
            "<link rel=\"stylesheet\" href=\"/vanilla/cookieconsent.css\">",
            include_str!("page/vanilla.html"),
        ),
        peer(
            "orejime",
            "Orejime 3.2.1",
            "#orejime-banner-accept, .orejime-Banner .orejime-Button--save",
            "#orejime-banner-decline, .orejime-Banner .orejime-Button--decline",
            include_str!("page/orejime.html"),
            &format!("<template data-purpose=\"analytics\"><script>{COUNT}</script></template>"),
        ),
        peer(
            "klaro",
            "Klaro 0.7.22",
            "#klaro .cookie-notice .cm-btn-success",
            "#klaro .cookie-notice .cm-btn-danger",
            include_str!("page/klaro.html"),
            &format!(
                "<script type=\"text/plain\" data-type=\"text/javascript\" data-name=\"pulse\">{COUNT}</script>"
            ),
        ),
        peer(
            "tarteaucitron",
            "tarteaucitron 1.34.0",
            "#tarteaucitronPersonalize2",
            "#tarteaucitronAllDenied2",
            include_str!("page/tarteaucitron.html"),
            "",
        ),
    ]
}

/// The page with its style, and what goes into its head and to the end of its body.
fn html(style: &str, head: &str, body: &str) -> String {
    let mut html = String::new();
    for line in PAGE.lines() {
        let _ = match line {
            "<!--style-->" => writeln!(html, "{style}"),
            "<!--head-->" => writeln!(html, "{}", head.trim_end()),
            "<!--body-->" => writeln!(html, "{}", body.trim_end()),
            line => writeln!(html, "{line}"),
        };
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_the_same_but_for_what_it_embeds() {
        for stylesheet in [false, true] {
            let pages = all(
                "<script>async</script>",
                "<script>inline</script>",
                stylesheet,
            );
            assert_eq!(
                pages[0].html.contains("<link rel=\"stylesheet\""),
                stylesheet
            );
            the_same(&pages);
        }
    }

    fn the_same(pages: &[Page]) {
        let bare: Vec<_> = pages[0]
            .html
            .lines()
            .filter(|line| !line.is_empty())
            .collect();
        for page in pages {
            let mut lines = page.html.lines();
            let whole = bare.iter().all(|line| lines.any(|own| own == *line));
            assert!(
                whole,
                "{} has every line of the bare page, in order",
                page.id
            );
            assert!(!page.html.contains("<!--"), "{}", page.id);
            let gated = page.html.contains("window.counted");
            assert_eq!(gated, page.kind != Kind::Bare, "{}", page.id);
        }
    }
}
