//! The site's cookies as a table for its policy page, in the words of the preference centre.

use std::fmt::Write as _;

use sayso_core::policy::{Channel, Party, StorageKind};
use sayso_core::view::{CookieView, PurposeView, ServiceView, View};

/// A fragment of HTML: one table per `device` purpose. It carries class names and no style.
pub fn table(view: &View) -> String {
    let mut out = format!(
        "<div class=\"sayso-cookies\" lang=\"{}\" dir=\"{}\">\n",
        escape(&view.language),
        escape(&view.direction)
    );
    for purpose in view
        .purposes
        .iter()
        .filter(|purpose| purpose.channel == Channel::Device)
    {
        section(&mut out, view, purpose);
    }
    out.push_str("</div>\n");
    out
}

fn section(out: &mut String, view: &View, purpose: &PurposeView) {
    let rows: Vec<(&ServiceView, &CookieView)> = purpose
        .services
        .iter()
        .flat_map(|service| service.cookies.iter().map(move |cookie| (service, cookie)))
        .collect();
    // Writing to a String does not fail.
    let _ = writeln!(
        out,
        "<h3>{}</h3>\n<p>{}</p>",
        escape(&purpose.title),
        escape(&purpose.description)
    );
    if rows.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", escape(view.text("cookies-none")));
        return;
    }
    let head = [
        "cookie-name",
        "provider",
        "cookie-kind",
        "cookie-party",
        "cookie-duration",
        "cookie-purpose",
    ];
    let cells: String = head
        .iter()
        .map(|key| format!("<th scope=\"col\">{}</th>", escape(view.text(key))))
        .collect();
    let _ = writeln!(out, "<table>\n<thead><tr>{cells}</tr></thead>\n<tbody>");
    for (service, cookie) in rows {
        let kind = view.text(kind(cookie.kind));
        let party = view.text(party(cookie.party));
        let cells: String = [
            service.provider.as_str(),
            kind,
            party,
            &cookie.duration,
            &cookie.purpose,
        ]
        .iter()
        .map(|cell| format!("<td>{}</td>", escape(cell)))
        .collect();
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th>{cells}</tr>",
            escape(&cookie.name)
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

fn kind(kind: StorageKind) -> &'static str {
    match kind {
        StorageKind::Cookie => "kind-cookie",
        StorageKind::LocalStorage => "kind-local-storage",
        StorageKind::SessionStorage => "kind-session-storage",
        StorageKind::Pixel => "kind-pixel",
    }
}

fn party(party: Party) -> &'static str {
    match party {
        Party::First => "party-first",
        Party::Third => "party-third",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
