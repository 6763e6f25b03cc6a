"""Receipts, witnessed receipts, countersignatures and commitments, and every way they may be altered."""

from . import cookie, jose
from .jose import b64, compact

SITE = "demo"
CONTROLLER = "larkspur-eu"
# 2025-11-21T22:20:00Z, the moment of the first answer.
START = 1763763600123

VISITOR = jose.P256("visitor")
ONCE = jose.P256("once")
STRANGER = jose.P256("stranger")
SERVER = jose.Ed25519("server")
WITNESS = jose.Ed25519("witness")
OUTSIDER = jose.Ed25519("outsider")
RETIRED = jose.Ed25519("retired server")

RECEIPT_TYPE = "consent-receipt+jws"
WITNESS_TYPE = "consent-witness+jws"
COUNTERSIGNATURE_TYPE = "consent-countersignature+jws"
COMMITMENT_LABEL = b"sayso/receipt/1\x00"
LOG = "demo.sayso.example/sayso"

NOTICE = b64(jose.sha256(b"the notice of the vectors"))
LAYER = b64(jose.sha256(b"the first layer of the vectors"))
CENTRE = b64(jose.sha256(b"the preference centre of the vectors"))


def uuid_v7(milliseconds: int, random: bytes) -> str:
    """RFC 9562 section 5.7 from a time and ten random bytes."""
    raw = bytearray(milliseconds.to_bytes(6, "big") + random[:10])
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def identifier(milliseconds: int, word: str) -> str:
    return uuid_v7(milliseconds, jose.sha256(word.encode())[:10])


def receipt_hash(token: str) -> str:
    """Over the signing input alone: an ECDSA signature can be altered and stay valid."""
    return b64(jose.sha256(token.rsplit(".", 1)[0].encode()))


def commitment(salt: bytes, token: str) -> str:
    return b64(jose.hmac_sha256(salt, COMMITMENT_LABEL + token.encode()))


def about(salt: bytes, normalised: str) -> str:
    return b64(jose.hmac_sha256(salt, normalised.encode()))


def payload(name: str, key, **given) -> dict:
    """A payload's members in their one order; what is None is left out."""
    time = given.get("time", START)
    value = {
        "v": 1,
        "id": identifier(time, "receipt " + name),
        "decision": identifier(time, "decision " + name),
        "site": SITE,
        "subject": key.thumbprint() if key else None,
        "prev": given.get("prev"),
        "time": time,
        "surface": given.get("surface", "banner"),
        "action": given["action"],
        "language": given.get("language", "en"),
        "jurisdiction": "EU",
        "model": "OptIn",
        "controller": CONTROLLER,
        "notice": NOTICE,
        "layer": given.get("layer", LAYER),
        "in_view": given.get("in_view", True),
        "signals": given.get("signals", []),
        "about": given.get("about"),
        "via": given.get("via"),
        "purposes": given["purposes"],
    }
    return {member: content for member, content in value.items() if content is not None}


def answer(purpose: str, revision: int, status: str, basis="Consent", lapses=None, services=None) -> dict:
    value = {"id": purpose, "revision": revision, "status": status, "basis": basis}
    if lapses is not None:
        value["lapses"] = lapses
    if services:
        value["services"] = services
    return value


LETTERS = {
    "Given": "g", "Requested": "g", "Refused": "r", "Withdrawn": "w", "Objected": "o", "Acknowledged": "n", "Deferred": "d",
}


def decision_of(body: dict) -> dict:
    """The decision that this payload tells of, as the gate would have written it."""
    members = ("v", "time", "surface", "action", "language", "jurisdiction", "model", "controller", "notice", "layer")
    value = {name: body[name] for name in members}
    choices = []
    for purpose in body["purposes"]:
        lapses = purpose.get("lapses")
        choices.append(cookie.write_choice(purpose["id"], {
            "letter": LETTERS[purpose["status"]], "revision": purpose["revision"], "day": lapses,
            "services": purpose.get("services", {}),
        }))
    value = {"v": 1, "id": body["decision"], **value, "inView": body["in_view"]}
    if body["signals"]:
        value["signals"] = body["signals"]
    return {**value, "choices": "~".join(choices)}


def receipt_header(key) -> dict:
    return {"typ": RECEIPT_TYPE, "alg": "ES256", "jwk": key.public()}


def witness_header(key) -> dict:
    return {"typ": WITNESS_TYPE, "alg": "Ed25519", "kid": key.thumbprint()}


def countersignature_header(key) -> dict:
    return {"typ": COUNTERSIGNATURE_TYPE, "alg": "Ed25519", "kid": key.thumbprint()}


def countersignature_payload(token: str, salt: bytes, received: int, index: int, flags=()) -> dict:
    return {
        "v": 1,
        "receipt_hash": receipt_hash(token),
        "commitment": commitment(salt, token),
        "received": received,
        "index": index,
        "log": LOG,
        "flags": list(flags),
    }


def countersigned(token: str, salt: bytes, signature: str, proof: str | None = None) -> dict:
    value = {"v": 1, "receipt": token, "salt": b64(salt), "countersignature": signature}
    return value if proof is None else {**value, "proof": proof}


def case(name: str, index: int, header: dict, body: dict, key, flags=()) -> dict:
    """Everything that follows from one payload."""
    header_text, payload_text = compact(header), compact(body)
    token = jose.sign(header_text, payload_text, key)
    salt = jose.sha256(b"salt " + name.encode())
    counter = countersignature_payload(token, salt, body["time"] + 842, index, flags)
    return {
        "name": name,
        "decision": decision_of(body),
        "basis": {purpose["id"]: purpose["basis"] for purpose in body["purposes"]},
        "header": header_text,
        "payload": payload_text,
        "signing_input": jose.signing_input(header_text, payload_text),
        "jws": token,
        "receipt_hash": receipt_hash(token),
        "subject": body.get("subject"),
        "salt": b64(salt),
        "commitment": counter["commitment"],
        "countersignature_payload": compact(counter),
        "file": countersigned(token, salt, jose.sign(countersignature_header(SERVER), counter, SERVER)),
    }


def cases() -> list[dict]:
    day = START // 86_400_000
    lapse = day + 183
    minute = 60_000
    made = []

    def add(name, key, header, **given):
        body = payload(name, None if key is WITNESS else key, **given)
        made.append(case(name, 40 + len(made), header, body, key, given.get("flags", ())))
        return made[-1]

    first = add(
        "accept-on-the-banner", VISITOR, receipt_header(VISITOR), action="give-all",
        purposes=[answer("analytics", 1, "Given", lapses=lapse), answer("media", 2, "Given", lapses=lapse)],
    )
    second = add(
        "save-in-the-preferences", VISITOR, receipt_header(VISITOR), action="save", surface="preferences",
        layer=CENTRE, time=START + minute, prev=first["receipt_hash"], signals=["gpc"],
        purposes=[
            answer("analytics", 1, "Withdrawn", lapses=lapse, services={"video": True}),
            answer("necessary", 1, "Acknowledged", "LegitimateInterest", services={"chat": False}),
        ],
    )
    add(
        "withdraw-all", VISITOR, receipt_header(VISITOR), action="withdraw-all", surface="preferences",
        layer=CENTRE, time=START + 2 * minute, prev=second["receipt_hash"],
        purposes=[answer("analytics", 1, "Withdrawn", lapses=lapse), answer("media", 2, "Withdrawn", lapses=lapse)],
    )
    add(
        "refuse-with-a-key-used-once", ONCE, receipt_header(ONCE), action="refuse-all", language="de", in_view=False,
        purposes=[answer("analytics", 1, "Refused", lapses=lapse), answer("media", 2, "Refused", lapses=lapse)],
    )
    subscription = jose.sha256(b"salt of a subscription")
    add(
        "object-to-mail", VISITOR, receipt_header(VISITOR), action="object", surface="form", layer=CENTRE,
        time=START + 3 * minute, about=about(subscription, "grüße@xn--mller-kva.example"),
        purposes=[answer("mail", 1, "Objected", "LegitimateInterest"), answer("partners", 1, "Objected", "LegitimateInterest")],
    )
    add(
        "witnessed-by-the-gate", WITNESS, witness_header(WITNESS), action="give-all", via="gate",
        time=START + 4 * minute, flags=["clock"],
        purposes=[answer("analytics", 1, "Given", lapses=lapse), answer("media", 2, "Given", lapses=lapse)],
    )
    add(
        "witnessed-confirmation", WITNESS, witness_header(WITNESS), action="subscribe", surface="page", via="link",
        time=START + 5 * minute, layer=CENTRE, about=about(subscription, "ada@example.org"),
        purposes=[answer("newsletter", 1, "Given", lapses=None)],
    )
    add(
        "ask-for-the-newsletter", VISITOR, receipt_header(VISITOR), action="subscribe", surface="form", layer=CENTRE,
        time=START + 6 * minute, about=about(subscription, "ada@example.org"), language="ar",
        purposes=[answer("newsletter", 1, "Requested")],
    )
    return made


def site_jwk(key, role: str, **time) -> dict:
    return {**key.public(), "kid": key.thumbprint(), "alg": "Ed25519", "use": "sig", "sayso": role, **time}


def jwks(log_key, **time) -> dict:
    """The site's published keys; `countersignature` and `witness` may be given the time they sign in."""
    return {
        "keys": [
            site_jwk(SERVER, "countersignature", **time.get("countersignature", {})),
            site_jwk(WITNESS, "witness", **time.get("witness", {})),
            site_jwk(log_key, "log"),
            # Retired before the first receipt of these vectors; published for as long as receipts may name it.
            site_jwk(RETIRED, "countersignature", until=START - 86_400_000),
        ]
    }


def addresses() -> list[dict]:
    """What was typed, its one spelling, and what a receipt names it by."""
    made = []
    for typed, normalised in (
        ("ada@example.org", "ada@example.org"),
        ("  Ada.Lovelace@EXAMPLE.Org\t", "ada.lovelace@example.org"),
        ("ada+news@mail.example.co.uk", "ada+news@mail.example.co.uk"),
        ("Grüße@xn--mller-kva.example", "grüße@xn--mller-kva.example"),
        ("o'hara_7@b\u00fccher.example", "o'hara_7@b\u00fccher.example"),
    ):
        salt = jose.sha256(b"salt of " + normalised.encode())
        made.append({"typed": typed, "normalised": normalised, "salt": b64(salt), "about": about(salt, normalised)})
    for typed in ("", "  ", "ada", "@example.org", "ada@", "ada@localhost", "ada@@example.org", "a da@example.org", "ada@-a.example",
                  "ada@a..example", "ada@example.org.", "<ada@example.org>", "ada@example.org, b@example.org", "a" * 65 + "@example.org",
                  "ada@example.org\nbcc: b@example.org", "ada@" + "a" * 64 + ".example", "a@" + "a." * 126 + "example"):
        made.append({"typed": typed, "normalised": None})
    return made


def identifiers() -> list[dict]:
    made = []
    for time, random in ((0, bytes(10)), (START, jose.sha256(b"an id")[:10]), (2**48 - 1, b"\xff" * 10)):
        made.append({"time": time, "random": b64(random), "uuid": uuid_v7(time, random)})
    return made
