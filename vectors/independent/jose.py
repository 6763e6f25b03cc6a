"""Keys, compact JWS and hashes, on jwcrypto; signatures are deterministic so that vectors can be regenerated."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from jwcrypto import jwk, jws

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def b64(data: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def compact(value) -> str:
    """JSON without blanks, members in the order given, characters unescaped."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


class P256:
    """A visitor's key, derived from a word so that everybody can make it again."""

    alg = "ES256"

    def __init__(self, word: str):
        scalar = int.from_bytes(sha256(b"sayso vectors p256 " + word.encode()), "big")
        self.private = ec.derive_private_key(scalar % (P256_ORDER - 1) + 1, ec.SECP256R1())
        self.jwk = jwk.JWK.from_pyca(self.private)

    def public(self) -> dict:
        """The members of the public key, in the order a receipt's header has them."""
        full = self.jwk.export_public(as_dict=True)
        return {name: full[name] for name in ("kty", "crv", "x", "y")}

    def thumbprint(self) -> str:
        return self.jwk.thumbprint()

    def raw_signature(self, message: bytes) -> bytes:
        """r || s with the nonce of RFC 6979."""
        der = self.private.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = utils.decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Ed25519:
    """A key of the server."""

    alg = "Ed25519"

    def __init__(self, word: str):
        self.seed = sha256(b"sayso vectors ed25519 " + word.encode())
        self.private = ed25519.Ed25519PrivateKey.from_private_bytes(self.seed)
        self.jwk = jwk.JWK.from_pyca(self.private)

    def public(self) -> dict:
        full = self.jwk.export_public(as_dict=True)
        return {name: full[name] for name in ("kty", "crv", "x")}

    def thumbprint(self) -> str:
        return self.jwk.thumbprint()

    def raw_signature(self, message: bytes) -> bytes:
        return self.private.sign(message)


def signing_input(header: str, payload: str) -> str:
    return b64(header.encode()) + "." + b64(payload.encode())


def sign(header, payload, key) -> str:
    """A compact JWS; header and payload are values, or texts that are taken as they stand."""
    header = header if isinstance(header, str) else compact(header)
    payload = payload if isinstance(payload, str) else compact(payload)
    message = signing_input(header, payload)
    return message + "." + b64(key.raw_signature(message.encode()))


def check(token: str, key: jwk.JWK, alg: str) -> bytes:
    """Lets jwcrypto verify a compact JWS and returns the payload's bytes; raises when it does not hold."""
    parsed = jws.JWS()
    parsed.allowed_algs = [alg]
    parsed.deserialize(token, key=key, alg=alg)
    return parsed.payload


def parts(token: str) -> list[str]:
    return token.split(".")


def high_s(token: str) -> str:
    """The same ES256 token with s replaced by n - s: another text, equally valid."""
    head, body, signature = parts(token)
    raw = unb64(signature)
    s = P256_ORDER - int.from_bytes(raw[32:], "big")
    return ".".join((head, body, b64(raw[:32] + s.to_bytes(32, "big"))))
