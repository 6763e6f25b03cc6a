//! Notices and layers by digest.

use rusqlite::{Connection, OptionalExtension, Row};
use sayso_core::digest::Digest;

use super::error::WorkError;
use crate::body::Shelf;
use crate::document::{Document, DocumentKind};

/// Keeps a document, unless it is kept, and gives its number.
pub(super) fn publish(db: &Connection, document: &Document) -> Result<u64, WorkError> {
    db.prepare_cached(
        "INSERT INTO document (digest, kind, media, about, published, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO NOTHING",
    )?
    .execute((
        document.digest.0,
        document.kind.as_str(),
        &document.media,
        &document.about,
        document.published.cast_signed(),
        &document.body,
    ))?;
    let number: i64 = db
        .prepare_cached("SELECT number FROM document WHERE kind = ?1 AND digest = ?2")?
        .query_row((document.kind.as_str(), document.digest.0), |row| {
            row.get(0)
        })?;
    Ok(number.cast_unsigned())
}

/// All documents by number.
pub(super) fn shelf(db: &Connection) -> Result<Shelf, WorkError> {
    let mut query = db.prepare_cached("SELECT number, digest FROM document ORDER BY number")?;
    let mut rows = query.query(())?;
    let mut shelf = Shelf::default();
    while let Some(row) = rows.next()? {
        shelf.put(Digest(row.get(1)?), row.get::<_, i64>(0)?.cast_unsigned());
    }
    Ok(shelf)
}

pub(super) fn by_digest(
    db: &Connection,
    kind: DocumentKind,
    digest: Digest,
) -> Result<Option<Document>, WorkError> {
    let document = db
        .prepare_cached("SELECT digest, media, about, published, body FROM document WHERE kind = ?1 AND digest = ?2")?
        .query_row((kind.as_str(), digest.0), |row| read(row, kind))
        .optional()?;
    Ok(document)
}

pub(super) fn all(db: &Connection, kind: DocumentKind) -> Result<Vec<Document>, WorkError> {
    let mut query = db.prepare_cached(
        "SELECT digest, media, about, published, body FROM document WHERE kind = ?1 ORDER BY published, digest",
    )?;
    let documents = query
        .query_map([kind.as_str()], |row| read(row, kind))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(documents)
}

fn read(row: &Row<'_>, kind: DocumentKind) -> rusqlite::Result<Document> {
    Ok(Document {
        kind,
        digest: Digest(row.get(0)?),
        media: row.get(1)?,
        about: row.get(2)?,
        published: row.get::<_, i64>(3)?.cast_unsigned(),
        body: row.get(4)?,
    })
}
