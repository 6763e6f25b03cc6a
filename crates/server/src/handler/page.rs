//! The pages that are not reached by a token: preferences, and the newsletter form that works without JavaScript.

use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use sayso_app::pages::served::Page;
use sayso_app::state::{Fields, check_newsletter};
use sayso_core::digest::encode;
use sayso_core::receipt::Via;
use sayso_core::wire::{AddressRequest, MAX_BODY};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Asked, ForSite, read_body};
use crate::bundle::Edition;
use crate::page::{self, Kind};
use crate::problem::{Code, Refusal};
use crate::random::array;
use crate::site::Site;
use crate::{origin, subscription};

/// The language a page is asked for in.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Language {
    lang: Option<String>,
}

/// The preference centre as a page of its own.
#[utoipa::path(
    get, path = "/preferences", tag = "pages", params(Language),
    responses((status = 200, description = "The page", body = String, content_type = "text/html"))
)]
pub async fn preferences(
    Extension(site): ForSite,
    Asked(asked): Asked<Language>,
    headers: HeaderMap,
) -> Response {
    let edition = edition(&site, asked.lang.as_deref(), &headers);
    page::render(
        &site,
        edition,
        Kind::Surface,
        StatusCode::OK,
        &Page::Preferences,
    )
}

/// The newsletter's form, which works without JavaScript.
#[utoipa::path(
    get, path = "/newsletter", tag = "pages", params(Language),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 404, description = "The site has no newsletter", body = String, content_type = "text/html"),
    )
)]
pub async fn newsletter(
    Extension(site): ForSite,
    Asked(asked): Asked<Language>,
    headers: HeaderMap,
) -> Response {
    let edition = edition(&site, asked.lang.as_deref(), &headers);
    let status = if site.config.newsletter.is_some() {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    };
    page::render(
        &site,
        edition,
        Kind::Form,
        status,
        &Page::Newsletter { fields: None },
    )
}

/// That form, sent. The answer is the same whether the address is known or not.
#[utoipa::path(
    post, path = "/newsletter", tag = "pages",
    request_body(content = BTreeMap<String, String>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A mail is on its way", body = String, content_type = "text/html"),
        (status = 400, description = "The address cannot be one", body = String, content_type = "text/html"),
        (status = 403, description = "Not sent from the site's own page", body = String, content_type = "text/html"),
        (status = 404, description = "The site has no newsletter", body = String, content_type = "text/html"),
        (status = 422, description = "Something is missing; the form again, with what was entered", body = String, content_type = "text/html"),
    )
)]
pub async fn subscribe(Extension(site): ForSite, headers: HeaderMap, body: Body) -> Response {
    let edition = site.edition_for(&headers);
    let show = |status, page| page::render(&site, edition, Kind::Form, status, &page);
    let Ok(origin) = origin::listed(&site.config, &headers) else {
        return show(StatusCode::FORBIDDEN, Page::Origin);
    };
    let body = match read_body(body, MAX_BODY).await {
        Ok(body) => body,
        Err(refusal) => return show(refusal.code.status(), Page::Error),
    };
    let fields = fields(&site, &body);
    if !check_newsletter(&fields).is_empty() {
        return show(
            StatusCode::UNPROCESSABLE_ENTITY,
            Page::Newsletter {
                fields: Some(fields),
            },
        );
    }
    match ask(&site, edition, &fields, origin).await {
        Ok(()) => show(
            StatusCode::OK,
            Page::Sent {
                email: fields.email.trim().to_owned(),
            },
        ),
        Err(refusal) => show(refusal.code.status(), Page::Error),
    }
}

/// Records the form's decision, as nothing in this browser can sign it.
async fn ask(site: &Site, edition: &Edition, fields: &Fields, origin: &str) -> Result<(), Refusal> {
    let missing = || Refusal::new(Code::NotFound, "the site has no newsletter");
    let newsletter = site.config.newsletter.as_ref().ok_or_else(missing)?;
    let purpose = site
        .config
        .purpose(newsletter.purpose.as_str())
        .ok_or_else(missing)?;
    let layer = edition.view_digest.to_string();
    let entered = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let request = AddressRequest {
        v: 1,
        email: fields.email.clone(),
        salt: encode(&array::<32>(site.random.as_ref())),
        first_name: entered(&fields.first_name),
        last_name: entered(&fields.last_name),
        company: entered(&fields.company),
        topics: fields.chosen.as_slice().to_vec(),
        receipt: None,
        decision: Some(subscription::form_decision(
            site,
            &layer,
            purpose.id.as_str(),
            purpose.revision,
        )),
    };
    subscription::take(site, &request, Via::Form, origin).await?;
    Ok(())
}

/// What was posted. Of the boxes only the site's own topics are taken.
fn fields(site: &Site, body: &[u8]) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in form_urlencoded::parse(body) {
        match name.as_ref() {
            "email" => fields.email = value.into_owned(),
            "first-name" => fields.first_name = value.into_owned(),
            "last-name" => fields.last_name = value.into_owned(),
            "company" => fields.company = value.into_owned(),
            "consent" => fields.consent = true,
            topic
                if site
                    .config
                    .newsletter
                    .iter()
                    .any(|n| n.topics.iter().any(|(id, _)| id == topic)) =>
            {
                fields.chosen.put(topic, true);
            }
            _ => {}
        }
    }
    fields
}

fn edition<'a>(site: &'a Site, asked: Option<&str>, headers: &HeaderMap) -> &'a Edition {
    match asked {
        Some(language) => site.edition(Some(language), None),
        None => site.edition_for(headers),
    }
}
