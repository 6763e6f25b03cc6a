//! Public keys as JWKs (RFC 7517, 8037), their thumbprints (RFC 7638), and the seam for checking signatures.

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, decode_array, sha256};
use crate::log::note::{Algorithm, VerifierKey};

/// Checks signatures. Core has no cryptography beyond hashing; the server brings ring, a browser WebCrypto.
pub trait Verifier {
    /// ES256 (RFC 7518 section 3.4): ECDSA on P-256 with SHA-256, the signature as `r ‖ s`, the key as the uncompressed
    /// point `0x04 ‖ x ‖ y`. Must refuse points off the curve.
    fn es256(&self, key: &[u8; 65], message: &[u8], signature: &[u8; 64]) -> bool;

    /// Ed25519 (RFC 8032).
    fn ed25519(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool;
}

/// A P-256 public key, exactly these four members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EcJwk {
    /// Always `EC`.
    pub kty: String,
    /// Always `P-256`.
    pub crv: String,
    /// 32 bytes, base64url.
    pub x: String,
    /// 32 bytes, base64url.
    pub y: String,
}

impl EcJwk {
    /// A key from its coordinates in base64url.
    pub fn new(x: &str, y: &str) -> Self {
        Self {
            kty: "EC".into(),
            crv: "P-256".into(),
            x: x.into(),
            y: y.into(),
        }
    }

    /// The uncompressed point, if the members have the right form.
    pub fn point(&self) -> Option<[u8; 65]> {
        if self.kty != "EC" || self.crv != "P-256" {
            return None;
        }
        let mut point = [4u8; 65];
        point[1..33].copy_from_slice(&decode_array::<32>(&self.x)?);
        point[33..].copy_from_slice(&decode_array::<32>(&self.y)?);
        Some(point)
    }

    /// The thumbprint (RFC 7638).
    pub fn thumbprint(&self) -> Digest {
        let Self { kty, crv, x, y } = self;
        sha256(format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#).as_bytes())
    }
}

/// The site's public keys, as published. Retired keys stay for as long as receipts name them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Jwks {
    /// The keys.
    pub keys: Vec<SiteJwk>,
}

/// One Ed25519 public key of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SiteJwk {
    /// Always `OKP`.
    pub kty: String,
    /// Always `Ed25519`.
    pub crv: String,
    /// 32 bytes, base64url.
    pub x: String,
    /// The thumbprint.
    pub kid: String,
    /// Always `Ed25519` (RFC 9864).
    pub alg: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// What it signs.
    pub sayso: KeyRole,
    /// From when it signed, milliseconds since 1970; without it, from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// Until when it signed, milliseconds since 1970, that moment not included; without it, still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

/// What a site's key signs. A key of one role never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum KeyRole {
    /// Countersignatures.
    Countersignature,
    /// Receipts of decisions the server itself recorded.
    Witness,
    /// The log's checkpoints.
    Log,
}

impl SiteJwk {
    /// The JWK of a public key.
    pub fn new(public: &[u8; 32], role: KeyRole) -> Self {
        let x = crate::digest::encode(public);
        Self {
            kid: ed25519_thumbprint(&x).to_string(),
            x,
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            alg: "Ed25519".into(),
            usage: "sig".into(),
            sayso: role,
            from: None,
            until: None,
        }
    }

    /// The public key, if the members have the right form, it is for signing, and the `kid` is its thumbprint.
    pub fn public(&self) -> Option<[u8; 32]> {
        let form = self.kty == "OKP"
            && self.crv == "Ed25519"
            && self.alg == "Ed25519"
            && self.usage == "sig"
            && self.kid == ed25519_thumbprint(&self.x).to_string();
        if form { decode_array(&self.x) } else { None }
    }

    /// Whether it signed at a moment, by what the site says of it.
    pub fn signed_at(&self, time: u64) -> bool {
        self.from.is_none_or(|from| from <= time) && self.until.is_none_or(|until| time < until)
    }
}

impl Jwks {
    /// The public key of this id and role.
    pub fn find(&self, kid: &str, role: KeyRole) -> Option<[u8; 32]> {
        self.get(kid, role)?.public()
    }

    /// The key of this id and role, with the time it was used in.
    pub fn get(&self, kid: &str, role: KeyRole) -> Option<&SiteJwk> {
        self.keys.iter().find(|k| k.kid == kid && k.sayso == role)
    }

    /// The keys that sign checkpoints, as notes name them: a log's key bears the log's origin.
    pub fn log_keys(&self, origin: &str) -> Vec<VerifierKey> {
        self.keys
            .iter()
            .filter(|key| key.sayso == KeyRole::Log)
            .filter_map(|key| {
                Some(VerifierKey {
                    name: origin.to_owned(),
                    algorithm: Algorithm::Ed25519,
                    public: key.public()?,
                })
            })
            .collect()
    }
}

/// The thumbprint of an Ed25519 key (RFC 8037 appendix A.3).
pub fn ed25519_thumbprint(x: &str) -> Digest {
    sha256(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes())
}
