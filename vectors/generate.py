"""Makes the golden vectors: python generate.py [--check]

The files beside this one are what every implementation is held to. They come from here and not from the Rust: this is a
second writing of the shapes, on another library (jwcrypto), with the expected outcomes judged by hand where a person can.
With --check nothing is written; the committed files must equal what would be, byte for byte.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from independent import altered, cookie, erasure, jose, log, receipt, record, unproved

HERE = Path(__file__).resolve().parent


def laid_out(value, depth: int, indent: str = "") -> str:
    """JSON with one line per entry down to a depth, and each deeper value on a line of its own."""
    if depth == 0 or not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, ensure_ascii=False)
    inner = indent + " "
    if isinstance(value, dict):
        entries = [f"{inner}{json.dumps(name)}: {laid_out(content, depth - 1, inner)}" for name, content in value.items()]
        return "{\n" + ",\n".join(entries) + "\n" + indent + "}"
    return "[\n" + ",\n".join(inner + laid_out(entry, depth - 1, inner) for entry in value) + "\n" + indent + "]"


def confirmed(cases: list[dict]) -> list[dict]:
    """The cases, after jwcrypto itself has verified every signature that was put together here."""
    for case in cases:
        witnessed = case["subject"] is None
        key, alg = (receipt.WITNESS.jwk, "Ed25519") if witnessed else (public_key(case), "ES256")
        assert jose.check(case["jws"], key, alg).decode() == case["payload"], case["name"]
        signed = jose.check(case["file"]["countersignature"], receipt.SERVER.jwk, "Ed25519")
        assert signed.decode() == case["countersignature_payload"], case["name"]
    return cases


def public_key(case: dict):
    from jwcrypto import jwk

    key = jwk.JWK(**json.loads(case["header"])["jwk"])
    assert key.thumbprint() == case["subject"], case["name"]
    return key


def files() -> dict[str, str]:
    cases = confirmed(receipt.cases())
    kept = log.attach(cases)
    jwks = receipt.jwks(log.LOG_KEY)
    by_name = {case["name"]: case for case in cases}
    receipts = {
        "v": 1,
        "made_with": f"jwcrypto {version('jwcrypto')}",
        "keys": {
            "visitor": json.loads(receipt.VISITOR.jwk.export_private()),
            "once": json.loads(receipt.ONCE.jwk.export_private()),
            "countersignature": json.loads(receipt.SERVER.jwk.export_private()),
            "witness": json.loads(receipt.WITNESS.jwk.export_private()),
            "log": json.loads(log.LOG_KEY.jwk.export_private()),
        },
        "jwks": jwks,
        "witnesses": log.vectors(kept)["witnesses"],
        "cases": cases,
        "refused": altered.refused(cases) + unproved.refused(cases, kept),
        "addresses": receipt.addresses(),
        "ids": receipt.identifiers(),
    }
    return {
        "cookie.json": laid_out(cookie.vectors(), 3),
        "record.json": laid_out(record.vectors(), 4),
        "receipt.json": laid_out(receipts, 3),
        "log.json": laid_out({"v": 1, **log.vectors(kept), "erasure": erasure.vectors()}, 3),
        # One of each kind as a visitor would have it, to try the command on.
        "file/jwks.json": laid_out(jwks, 2),
        "file/signed.json": laid_out(by_name["accept-on-the-banner"]["file"], 1),
        "file/witnessed.json": laid_out(by_name["witnessed-by-the-gate"]["file"], 1),
    }


def main(arguments: list[str]) -> None:
    if arguments not in ([], ["--check"]):
        sys.exit("usage: python generate.py [--check]")
    stale = []
    for name, text in files().items():
        path = HERE / name
        text += "\n"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not arguments:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    if arguments and stale:
        sys.exit(f"generate.py: {', '.join(stale)}: not what this makes; run it without --check and look at the difference")
    print(f"{len(stale)} changed" if stale else "up to date")


if __name__ == "__main__":
    main(sys.argv[1:])
