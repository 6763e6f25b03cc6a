"""A visitor's request to erase, and requests that must be refused."""

from . import jose
from . import receipt as r
from .jose import b64, compact, parts

TYPE = "consent-erasure+jws"
TIME = r.START + 600_000


def header(key) -> dict:
    return {"typ": TYPE, "alg": "ES256", "jwk": key.public()}


def payload(key) -> dict:
    return {"v": 1, "id": r.identifier(TIME, "erasure"), "site": r.SITE, "subject": key.thumbprint(), "time": TIME}


def vectors() -> dict:
    head, body = header(r.VISITOR), payload(r.VISITOR)
    token = jose.sign(head, body, r.VISITOR)
    made = []

    def add(name, code, text):
        made.append({"name": name, "code": code, "jws": text})

    def changed(name, code, header_changes, payload_changes, key=r.VISITOR):
        full = {**head, **header_changes}, {**body, **payload_changes}
        add(name, code, jose.sign(*({m: c for m, c in part.items() if c is not None} for part in full), key))

    first, second, third = parts(token)
    add("signature-byte-changed", "signature", ".".join((first, second, ("A" if third[0] != "A" else "B") + third[1:])))
    add("payload-altered", "signature", ".".join((first, b64(compact({**body, "time": TIME + 1}).encode()), third)))
    add("subject-twice", "jws", jose.sign(head, compact(body).replace('"subject"', '"subject":"x","subject"'), r.VISITOR))
    add("payload-cut-short", "jws", jose.sign(head, compact(body)[:-1], r.VISITOR))
    add("a-receipt-is-no-request", "type", r.cases()[0]["jws"])
    changed("another-typ", "type", {"typ": r.RECEIPT_TYPE}, {})
    changed("another-alg", "type", {"alg": "ES384"}, {})
    changed("alg-none", "type", {"alg": "none"}, {})
    changed("header-with-kid", "jws", {"kid": r.VISITOR.thumbprint()}, {})
    changed("header-with-jku", "jws", {"jku": "https://evil.example/keys"}, {})
    changed("private-key-in-the-header", "jws", {"jwk": {**head["jwk"], "d": "AAAA"}}, {})
    changed("without-key", "jws", {"jwk": None}, {})
    changed("coordinate-of-31-bytes", "key", {"jwk": {**head["jwk"], "x": head["jwk"]["x"][:-2]}}, {})
    changed("of-another-version", "payload", {}, {"v": 2})
    changed("id-that-is-no-uuid", "payload", {}, {"id": "1"})
    changed("subject-that-is-no-thumbprint", "payload", {}, {"subject": "me"})
    changed("without-site", "jws", {}, {"site": None})
    changed("with-an-unknown-member", "jws", {}, {"all": True})
    changed("receipts-of-another-key", "subject", {}, {"subject": r.ONCE.thumbprint()})
    changed("strangers-key-in-the-header", "subject", {"jwk": r.STRANGER.public()}, {}, r.STRANGER)
    changed("signed-by-a-stranger", "signature", {}, {}, r.STRANGER)
    return {
        "header": compact(head), "payload": compact(body), "signing_input": jose.signing_input(compact(head), compact(body)),
        "jws": token, "subject": r.VISITOR.thumbprint(), "refused": made,
    }
