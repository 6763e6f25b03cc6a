"""Countersigned files that must be refused: one honest pair of files, altered in every way we could think of."""

import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from . import jose
from . import receipt as r
from .jose import b64, compact, parts, unb64


def flipped(text: str) -> str:
    """The text with its first character replaced by another of the alphabet."""
    return ("A" if text[0] != "A" else "B") + text[1:]


def counter_sign(token: str, salt: bytes, key=r.SERVER, **changes) -> str:
    """An honest countersignature but for the members given; `header` changes its header."""
    header = {**r.countersignature_header(key), **changes.pop("header", {})}
    body = {**r.countersignature_payload(token, salt, r.START + 842, 40), **changes}
    return jose.sign(header, {name: value for name, value in body.items() if value is not None}, key)


def refused(cases: list[dict]) -> list[dict]:
    by_name = {case["name"]: case for case in cases}
    honest, other = by_name["accept-on-the-banner"], by_name["save-in-the-preferences"]
    witnessed = by_name["witnessed-by-the-gate"]
    file = honest["file"]
    salt = unb64(honest["salt"])
    head, body, signature = parts(honest["jws"])
    header, payload = json.loads(honest["header"]), json.loads(honest["payload"])
    made = []

    def add(name, code, altered):
        text = altered if isinstance(altered, str) else compact(altered)
        made.append({"name": name, "code": code, "file": text})

    def with_receipt(name, code, token, base_salt=salt):
        """Another receipt, honestly countersigned, so that only the receipt itself can be at fault."""
        add(name, code, r.countersigned(token, base_salt, counter_sign(token, base_salt)))

    def with_payload(name, code, changes, sign_key=r.VISITOR, header=header, base=payload):
        value = {**base, **changes}
        value = {member: content for member, content in value.items() if content is not None}
        with_receipt(name, code, jose.sign(header, value, sign_key))

    def with_counter(name, code, token):
        add(name, code, {**file, "countersignature": token})

    # The file itself.
    add("file-not-json", "file", "sayso")
    add("file-with-a-second-receipt-member", "duplicate", compact(file)[:-1] + ',"receipt":"' + other["jws"] + '"}')
    add("file-with-an-unknown-member", "file", {**file, "note": "trust me"})
    add("file-without-salt", "file", {name: value for name, value in file.items() if name != "salt"})
    add("file-of-another-version", "file", {**file, "v": 2})
    add("file-followed-by-another", "file", compact(file) * 2)
    add("salt-with-padding", "file", {**file, "salt": file["salt"] + "="})
    add("salt-of-31-bytes", "file", {**file, "salt": b64(salt[:31])})
    add("salt-with-stray-bits", "file", {**file, "salt": stray_bits(file["salt"])})

    # The receipt's bytes, the countersignature left as it was.
    add("header-byte-changed", "receipt", {**file, "receipt": flipped(head) + "." + body + "." + signature})
    add("payload-byte-changed", "receipt", {**file, "receipt": head + "." + body[:-2] + flipped(body[-2:]) + "." + signature})
    add("signature-byte-changed", "receipt-signature", {**file, "receipt": head + "." + body + "." + flipped(signature)})

    add(
        "payload-altered", "receipt-signature",
        {**file, "receipt": head + "." + b64(honest["payload"].replace("give-all", "refuse-all").encode()) + "." + signature},
    )

    # Honest parts put together wrongly.
    add("receipt-with-the-countersignature-of-another", "other-receipt", {**file, "countersignature": other["file"]["countersignature"]})
    add("another-salt", "salt", {**file, "salt": other["salt"]})
    add("signature-altered-but-valid", "salt", {**file, "receipt": jose.high_s(honest["jws"])})

    # A stranger signs in the visitor's place.
    strange = {**header, "jwk": r.STRANGER.public()}
    with_payload("jwk-swapped-and-signed-again", "subject", {}, r.STRANGER, strange)
    add(
        "jwk-and-subject-swapped-and-signed-again", "other-receipt",
        {**file, "receipt": jose.sign(strange, {**payload, "subject": r.STRANGER.thumbprint()}, r.STRANGER)},
    )
    with_receipt("jwk-swapped-signature-kept", "receipt-signature", b64(compact(strange).encode()) + "." + body + "." + signature)

    # Signing input and encoding.
    with_receipt("two-parts", "receipt", head + "." + body)
    with_receipt("four-parts", "receipt", honest["jws"] + ".AA")
    with_receipt("four-parts-the-last-empty", "receipt", honest["jws"] + ".")
    with_receipt("one-part", "receipt", body)
    with_receipt("no-part", "receipt", "")
    with_receipt("header-missing", "receipt", "." + body + "." + signature)
    with_receipt("header-and-its-dot-missing", "receipt", body + "." + signature)
    with_receipt("payload-missing", "receipt", head + ".." + signature)
    with_receipt("payload-and-its-dot-missing", "receipt", head + "." + signature)
    general = {"payload": body, "signatures": [{"protected": head, "signature": signature}]}
    with_receipt("in-the-json-serialisation", "receipt", compact(general))
    with_receipt("in-the-flattened-json-serialisation", "receipt", compact({"protected": head, "payload": body, "signature": signature}))
    with_receipt("empty-signature", "receipt", head + "." + body + ".")
    with_receipt("padded-signature", "receipt", honest["jws"] + "==")
    with_receipt("stray-bits-in-the-signature", "receipt", head + "." + body + "." + stray_bits(signature))
    with_receipt("standard-alphabet", "receipt", standard_alphabet(honest["jws"]))
    with_receipt("signature-in-der", "receipt", head + "." + body + "." + b64(der_signature(head + "." + body)))
    with_receipt("signature-of-63-bytes", "receipt", head + "." + body + "." + b64(unb64(signature)[:63]))
    with_receipt("signature-of-zeros", "receipt-signature", head + "." + body + "." + b64(bytes(64)))
    with_receipt("line-break-at-the-end", "receipt", honest["jws"] + "\n")

    # The header.
    def with_header(name, code, changes, key=r.VISITOR):
        if isinstance(changes, dict):
            value = {**header, **changes}
            changes = {member: content for member, content in value.items() if content is not None}
        with_receipt(name, code, jose.sign(changes, payload, key))

    with_header("alg-none", "receipt", {"alg": "none"})
    with_header("alg-hs256", "receipt", {"alg": "HS256"})
    with_header("alg-es384", "receipt", {"alg": "ES384"})
    # The public key's bytes taken for a symmetric secret.
    confused = jose.signing_input(compact({**header, "alg": "HS256"}), honest["payload"])
    point = b"\x04" + unb64(header["jwk"]["x"]) + unb64(header["jwk"]["y"])
    with_receipt("alg-hs256-keyed-with-the-public-key", "receipt", confused + "." + b64(jose.hmac_sha256(point, confused.encode())))
    with_header("typ-of-another-shape", "receipt", {"typ": "JWT"})
    with_header("typ-in-capitals", "receipt", {"typ": "Consent-Receipt+JWS"})
    with_header("typ-left-out", "receipt", {"typ": None})
    with_header("header-with-crit", "receipt", {"crit": ["b64"], "b64": False})
    with_header("header-with-kid-beside-jwk", "receipt", {"kid": r.SERVER.thumbprint()})
    with_header("header-with-x5u", "receipt", {"x5u": "https://keys.example/"})
    with_header("header-with-x5c", "receipt", {"x5c": ["MIIB"]})
    with_header("header-with-x5t", "receipt", {"x5t#S256": r.SERVER.thumbprint()})
    with_header("header-with-jku", "receipt", {"jku": "https://keys.example/jwks.json"})
    with_header("header-with-zip", "receipt", {"zip": "DEF"})
    with_header("header-with-a-null", "receipt", compact(header)[:-1] + ',"crit":null}')
    with_header("jwk-as-text", "receipt", {"jwk": compact(header["jwk"])})
    with_header("jwk-with-a-coordinate-of-33-bytes", "receipt", {"jwk": {**header["jwk"], "x": b64(b"\0" + unb64(header["jwk"]["x"]))}})
    with_header("jwk-with-a-coordinate-beyond-the-field", "receipt-signature", {"jwk": {**header["jwk"], "x": b64(b"\xff" * 32)}})
    with_header("jwk-of-the-point-at-infinity", "receipt-signature", {"jwk": {**header["jwk"], "x": b64(bytes(32)), "y": b64(bytes(32))}})
    with_header("jwk-with-private-member", "receipt", {"jwk": {**header["jwk"], "d": b64(bytes(31) + b"\x01")}})
    with_header("jwk-off-the-curve", "receipt-signature", {"jwk": {**header["jwk"], "y": header["jwk"]["x"]}})
    with_header("jwk-on-another-curve", "receipt", {"jwk": {**header["jwk"], "crv": "P-384"}})
    with_receipt(
        "header-with-a-second-alg", "duplicate",
        jose.sign(compact(header)[:-1] + ',"alg":"ES256"}', payload, r.VISITOR),
    )
    with_receipt(
        "jwk-with-a-second-x", "duplicate",
        jose.sign(compact(header).replace('"x":', '"x":"AA","x":', 1), payload, r.VISITOR),
    )

    # The payload.
    text = honest["payload"]
    duplicates = {
        "payload-with-a-second-action": ('"action":"give-all"', '"action":"refuse-all","action":"give-all"'),
        "payload-with-a-second-status": ('"status":"Given"', '"status":"Refused","status":"Given"'),
        "payload-with-a-second-action-escaped": ('"action":"give-all"', '"acti\\u006fn":"refuse-all","action":"give-all"'),
    }
    for name, (old, new) in duplicates.items():
        with_receipt(name, "duplicate", jose.sign(header, text.replace(old, new, 1), r.VISITOR))
    with_payload("payload-with-an-unknown-member", "receipt", {"email": "ada@example.org"})
    with_payload("payload-without-notice", "receipt", {"notice": None})
    with_payload("payload-without-subject", "subject", {"subject": None})
    with_payload("payload-with-via", "receipt", {"via": "gate"})
    with_payload("payload-of-another-version", "receipt", {"v": 2})
    with_payload("payload-with-an-unknown-status", "receipt", {"purposes": [{**payload["purposes"][0], "status": "Maybe"}]})
    with_payload("payload-with-an-unknown-action", "receipt", {"action": "close"})
    with_payload("payload-with-time-as-text", "receipt", {"time": str(payload["time"])})
    with_payload("payload-with-time-before-1970", "receipt", {"time": -1})
    with_payload("payload-with-a-short-digest", "receipt", {"notice": payload["notice"][:42]})
    with_payload("payload-with-an-id-that-is-no-uuid", "receipt", {"id": "1"})
    with_payload("payload-with-time-as-a-fraction", "receipt", {"time": payload["time"] + 0.5})
    with_payload("payload-without-purposes", "receipt", {"purposes": []})
    with_payload("payload-with-purposes-out-of-order", "receipt", {"purposes": payload["purposes"][::-1]})
    with_payload("payload-with-a-purpose-twice", "receipt", {"purposes": payload["purposes"][:1] * 2})
    with_receipt("payload-with-a-null", "receipt", jose.sign(header, text[:-1] + ',"prev":null}', r.VISITOR))
    with_receipt("payload-nested-deeply", "receipt", jose.sign(header, text[:-1] + ',"x":' + "[" * 200 + "]" * 200 + "}", r.VISITOR))
    with_receipt("payload-that-is-too-long", "receipt", jose.sign(header, {**payload, "language": "x" * 8192}, r.VISITOR))
    with_receipt("payload-with-a-byte-order-mark", "receipt", jose.sign(header, "\ufeff" + text, r.VISITOR))
    with_receipt("payload-with-a-lone-surrogate", "receipt", jose.sign(header, text.replace('"en"', '"\\ud800"', 1), r.VISITOR))
    with_receipt("payload-not-an-object", "receipt", jose.sign(header, "[" + text + "]", r.VISITOR))
    with_receipt("payload-followed-by-another", "receipt", jose.sign(header, text + text, r.VISITOR))

    # The countersignature.
    counter = parts(file["countersignature"])
    with_counter("countersignature-byte-changed", "countersignature-signature", ".".join((counter[0], counter[1], flipped(counter[2]))))
    with_counter("countersignature-by-a-key-not-in-the-jwks", "unknown-key", counter_sign(honest["jws"], salt, r.OUTSIDER))
    with_counter(
        "countersignature-by-another-key-under-our-kid", "countersignature-signature",
        counter_sign(honest["jws"], salt, r.OUTSIDER, header={"kid": r.SERVER.thumbprint()}),
    )
    with_counter("countersignature-alg-eddsa", "countersignature", counter_sign(honest["jws"], salt, header={"alg": "EdDSA"}))
    with_counter("countersignature-typ-of-a-receipt", "countersignature", counter_sign(honest["jws"], salt, header={"typ": r.WITNESS_TYPE}))
    with_counter("countersignature-of-another-version", "countersignature", counter_sign(honest["jws"], salt, v=2))
    with_counter("countersignature-with-an-unknown-member", "countersignature", counter_sign(honest["jws"], salt, proved=True))
    with_counter("countersignature-without-commitment", "countersignature", counter_sign(honest["jws"], salt, commitment=None))
    with_counter("countersignature-with-a-second-index", "duplicate", second_index(honest["jws"], salt))
    with_counter("countersignature-is-the-receipt", "countersignature", honest["jws"])

    # Witnessed receipts.
    witness_payload, witness_header = json.loads(witnessed["payload"]), json.loads(witnessed["header"])
    with_payload("witness-not-in-the-jwks", "unknown-key", {}, r.OUTSIDER, r.witness_header(r.OUTSIDER), witness_payload)
    with_payload("witness-key-is-the-countersigning-key", "unknown-key", {}, r.SERVER, r.witness_header(r.SERVER), witness_payload)
    with_payload("witness-signature-by-another-key", "receipt-signature", {}, r.OUTSIDER, witness_header, witness_payload)
    with_payload("witnessed-with-a-subject", "receipt", {"subject": r.VISITOR.thumbprint()}, r.WITNESS, witness_header, witness_payload)
    with_payload("witnessed-without-via", "receipt", {"via": None}, r.WITNESS, witness_header, witness_payload)
    with_payload("witnessed-by-an-unknown-way", "receipt", {"via": "telepathy"}, r.WITNESS, witness_header, witness_payload)
    with_payload("witnessed-with-a-jwk", "receipt", {}, r.WITNESS, {**witness_header, "jwk": r.VISITOR.public()}, witness_payload)
    with_counter("countersigned-by-the-witness-key", "unknown-key", counter_sign(honest["jws"], salt, r.WITNESS))
    return made


def stray_bits(text: str) -> str:
    """The same bytes spelt with another last character: base64 readers that are not strict take it."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    changed = text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]
    assert unb64(changed) == unb64(text), "the last character carries no stray bits"
    return changed


def standard_alphabet(token: str) -> str:
    changed = token.replace("-", "+").replace("_", "/")
    assert changed != token, "the token has no character in which the alphabets differ"
    return changed


def der_signature(message: str) -> bytes:
    return r.VISITOR.private.sign(message.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def second_index(token: str, salt: bytes) -> str:
    text = compact(r.countersignature_payload(token, salt, r.START + 842, 40))
    text = text.replace('"index":40', '"index":41,"index":40', 1)
    return jose.sign(r.countersignature_header(r.SERVER), text, r.SERVER)
