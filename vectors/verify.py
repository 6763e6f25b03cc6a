"""Checks both signatures of a countersigned receipt file with jwcrypto: python verify.py FILE JWKS

A second opinion on `sayso verify`, in another language and on another library. It prints one JSON line and ends with 0,
or says on stderr what does not hold and ends with 1. It checks signatures, key, hash and commitment, not every rule of
the payload's shape.
"""

import hashlib
import hmac
import json
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode

from jwcrypto import jwk, jws

LABEL = b"sayso/receipt/1\x00"


def unb64(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b64(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def header_of(token):
    return json.loads(unb64(token.split(".")[0]))


def check(token, key, alg):
    parsed = jws.JWS()
    parsed.allowed_algs = [alg]
    parsed.deserialize(token, key=key, alg=alg)
    return json.loads(parsed.payload)


def expect(found, wanted, what):
    if found != wanted:
        raise ValueError(f"{what}: found {found!r}, wanted {wanted!r}")


def key_of(jwks, kid):
    for entry in jwks["keys"]:
        if entry.get("kid") == kid:
            key = jwk.JWK(**entry)
            expect(key.thumbprint(), kid, "kid is not the key's thumbprint")
            return key
    raise ValueError(f"no key {kid} in the JWKS")


def verify(file, jwks):
    receipt, signature = file["receipt"], file["countersignature"]
    head = header_of(receipt)
    if head["typ"] == "consent-receipt+jws":
        key = jwk.JWK(**head["jwk"])
        payload = check(receipt, key, "ES256")
        expect(payload["subject"], key.thumbprint(), "the subject is not the signing key")
        signed_by = "visitor"
    else:
        expect(head["typ"], "consent-witness+jws", "the receipt's type")
        payload = check(receipt, key_of(jwks, head["kid"]), "Ed25519")
        signed_by = "server"

    counter_head = header_of(signature)
    expect(counter_head["typ"], "consent-countersignature+jws", "the countersignature's type")
    counter = check(signature, key_of(jwks, counter_head["kid"]), "Ed25519")
    digest = hashlib.sha256(receipt.rsplit(".", 1)[0].encode()).digest()
    expect(counter["receipt_hash"], b64(digest), "the countersignature is for another receipt")
    commitment = hmac.new(unb64(file["salt"]), LABEL + receipt.encode(), hashlib.sha256).digest()
    expect(counter["commitment"], b64(commitment), "the salt does not open the commitment")
    return {"id": payload["id"], "action": payload["action"], "signed_by": signed_by, "index": counter["index"]}


def main(arguments):
    if len(arguments) != 2:
        sys.exit("usage: python verify.py FILE JWKS")
    try:
        with open(arguments[0], encoding="utf-8") as file, open(arguments[1], encoding="utf-8") as keys:
            print(json.dumps(verify(json.load(file), json.load(keys))))
    except Exception as error:  # whatever the library throws is a refusal
        sys.exit(f"verify.py: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
