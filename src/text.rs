//! Filling in the texts of a locale: `{name}` is replaced, everything else stays as it is.

use sayso_browser::address::Remembered;
use sayso_core::policy::{Channel, Model};
use sayso_core::record::Status;
use sayso_core::view::{PurposeView, View};

/// Replaces every `{name}` that `values` knows. A placeholder nobody fills stays visible, so that the gap is noticed.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let known = after.find('}').and_then(|close| {
            let (_, value) = values.iter().find(|(name, _)| *name == &after[..close])?;
            Some((*value, close))
        });
        match known {
            Some((value, close)) => {
                out.push_str(value);
                rest = &after[close + 1..];
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The text of `key` with the names every text may use: `{site}` and `{controller}`.
pub fn say(view: &View, key: &str) -> String {
    say_with(view, key, &[])
}

/// The text of `key` with `{site}`, `{controller}` and one's own values.
pub fn say_with(view: &View, key: &str, values: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("site", view.name.as_str()),
        ("controller", view.controller.name.as_str()),
    ];
    all.extend_from_slice(values);
    fill(view.text(key), &all)
}

/// What stands before and after the first placeholder of a text.
pub fn around(template: &str) -> (&str, &str) {
    let (before, rest) = template.split_once('{').unwrap_or((template, ""));
    (before, rest.split_once('}').map_or("", |(_, after)| after))
}

/// Names in one phrase, as this language joins them: `a, b and c`.
pub fn list(view: &View, names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [init @ .., last] => {
            let mut out = init.join(view.text("list-comma"));
            out.push_str(view.text("list-and"));
            out.push_str(last);
            out
        }
    }
}

/// The purposes that the first layer asks about.
pub fn asked(view: &View) -> impl Iterator<Item = &PurposeView> {
    view.purposes
        .iter()
        .filter(|purpose| purpose.channel == Channel::Device && !purpose.necessary)
}

/// The purposes for an address that a visitor may object to: marketing, not the newsletter asked for.
pub fn objectable(view: &View) -> impl Iterator<Item = &PurposeView> {
    let newsletter = view
        .newsletter
        .as_ref()
        .map(|newsletter| &newsletter.purpose);
    view.purposes.iter().filter(move |purpose| {
        purpose.channel == Channel::Address && Some(&purpose.id) != newsletter
    })
}

/// What stands for a purpose at an address, if it was decided.
pub fn status(address: &Remembered, purpose: &PurposeView) -> Option<Status> {
    address
        .statuses
        .iter()
        .find(|(id, _)| id == purpose.id.as_str())
        .map(|(_, status)| *status)
}

/// The banner's sentence: who asks, for what, and that either answer is welcome and can be changed.
pub fn banner_text(view: &View) -> String {
    let titles: Vec<&str> = asked(view).map(|purpose| purpose.title.as_str()).collect();
    let key = match view.model {
        Model::OptIn => "banner-text",
        Model::OptOut => "banner-text-opt-out",
        Model::NoticeOnly => "banner-text-notice",
    };
    say_with(view, key, &[("purposes", &list(view, &titles))])
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn fills_what_it_knows_and_leaves_the_rest() {
        let table = [
            ("no placeholder", "no placeholder"),
            ("{a} and {b}", "1 and 2"),
            ("{a}{a}", "11"),
            ("{unknown} {a}", "{unknown} 1"),
            ("open { and {a", "open { and {a"),
            ("{{a}}", "{1}"),
            ("", ""),
        ];
        for (template, wanted) in table {
            assert_eq!(
                fill(template, &[("a", "1"), ("b", "2")]),
                wanted,
                "{template:?}"
            );
        }
    }

    #[test]
    fn a_value_is_never_read_as_a_template() {
        assert_eq!(fill("{a}", &[("a", "{b}"), ("b", "2")]), "{b}");
    }
}
