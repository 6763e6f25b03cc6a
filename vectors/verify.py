"""Checks a countersigned receipt file with jwcrypto: python verify.py FILE JWKS [WITNESS]...

A second opinion on `sayso verify`, in another language and on another library. It prints one JSON line and ends with 0,
or says on stderr what does not hold and ends with 1. It checks both signatures, key, hash and commitment, the proof from
the log, the log's signature on the checkpoint, and the cosignature of every witness whose key (name+id+key) is given;
not every rule of the payload's shape.
"""

import hashlib
import hmac
import json
import sys
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
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


def key_of(jwks, kid, role):
    for entry in jwks["keys"]:
        if entry.get("kid") == kid and entry.get("sayso") == role:
            key = jwk.JWK(**entry)
            expect(key.thumbprint(), kid, "kid is not the key's thumbprint")
            return key
    raise ValueError(f"no {role} key {kid} in the JWKS")


def in_its_time(jwks, kid, received):
    key = next(key for key in jwks["keys"] if key["kid"] == kid)
    if not key.get("from", 0) <= received < key.get("until", received + 1):
        raise ValueError(f"the key {kid} signed outside its time")


# The log: RFC 6962 hashes and C2SP texts, with nothing but the standard library and an Ed25519.


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaf, index, size, path):
    """The root that a path leads to, by the definition of PATH: the last hash is the other half of the whole tree."""
    if not 0 <= index < size or (size == 1) != (not path):
        raise ValueError("the path does not fit the tree")
    if size == 1:
        return leaf
    middle = 1 << (size - 1).bit_length() - 1
    if index < middle:
        return node_hash(root_of(leaf, index, middle, path[:-1]), path[-1])
    return node_hash(path[-1], root_of(leaf, index - middle, size - middle, path[:-1]))


def strict_b64(text):
    return b64decode(text, validate=True)


def note_signatures(note):
    """A note's text, and its signatures by (name, key id)."""
    text, lines = note.rsplit("\n\n", 1)
    found = {}
    for line in lines.rstrip("\n").split("\n"):
        mark, name, encoded = line.split(" ")
        expect(mark, "\u2014", "a signature line's mark")
        raw = strict_b64(encoded)
        found[name, raw[:4]] = raw[4:]
    return text + "\n", found


def signature_by(signatures, name, algorithm, public):
    identity = hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]
    if (name, identity) not in signatures:
        raise ValueError(f"{name} did not sign the checkpoint")
    return identity, signatures[name, identity]


def in_the_log(proof, entry, counter, jwks, witnesses):
    head, checkpoint = proof.split("\n\n", 1)
    header, index, *path = head.split("\n")
    expect(header, "c2sp.org/tlog-proof@v1", "the proof's first line")
    expect(index, f"index {counter['index']}", "the proof is of another entry")
    text, signatures = note_signatures(checkpoint)
    origin, size, root = text.rstrip("\n").split("\n")
    expect(origin, counter["log"], "the checkpoint is of another log")
    for key in jwks["keys"]:
        if key["sayso"] == "log":
            public = unb64(key["x"])
            _, signature = signature_by(signatures, origin, 1, public)
            Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
            break
    else:
        raise ValueError("no log key in the JWKS")
    found = root_of(leaf_hash(entry), counter["index"], int(size), [strict_b64(line) for line in path])
    expect(found, strict_b64(root), "the proof does not lead to the root")
    return {"log": origin, "size": int(size), "cosigned": [cosigned(text, signatures, key) for key in witnesses]}


def cosigned(text, signatures, vkey):
    name, identity, encoded = vkey.split("+", 2)
    algorithm, *public = strict_b64(encoded)
    expect(algorithm, 4, "the kind of a witness's key")
    found, raw = signature_by(signatures, name, algorithm, bytes(public))
    expect(identity, found.hex(), "the id of a witness's key")
    time = int.from_bytes(raw[:8], "big")
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    Ed25519PublicKey.from_public_bytes(bytes(public)).verify(raw[8:], message)
    return {"witness": name, "time": time}


def verify(file, jwks, witnesses=()):
    receipt, signature = file["receipt"], file["countersignature"]
    head = header_of(receipt)
    if head["typ"] == "consent-receipt+jws":
        key = jwk.JWK(**head["jwk"])
        payload = check(receipt, key, "ES256")
        expect(payload["subject"], key.thumbprint(), "the subject is not the signing key")
        signed_by = "visitor"
    else:
        expect(head["typ"], "consent-witness+jws", "the receipt's type")
        payload = check(receipt, key_of(jwks, head["kid"], "witness"), "Ed25519")
        signed_by = "server"

    counter_head = header_of(signature)
    expect(counter_head["typ"], "consent-countersignature+jws", "the countersignature's type")
    counter = check(signature, key_of(jwks, counter_head["kid"], "countersignature"), "Ed25519")
    digest = hashlib.sha256(receipt.rsplit(".", 1)[0].encode()).digest()
    expect(counter["receipt_hash"], b64(digest), "the countersignature is for another receipt")
    commitment = hmac.new(unb64(file["salt"]), LABEL + receipt.encode(), hashlib.sha256).digest()
    expect(counter["commitment"], b64(commitment), "the salt does not open the commitment")
    in_its_time(jwks, counter_head["kid"], counter["received"])
    if signed_by == "server":
        in_its_time(jwks, head["kid"], counter["received"])
    log = in_the_log(file["proof"], b"\x01" + commitment, counter, jwks, witnesses)
    return {"id": payload["id"], "action": payload["action"], "signed_by": signed_by, "index": counter["index"], **log}


def main(arguments):
    if len(arguments) < 2:
        sys.exit("usage: python verify.py FILE JWKS [WITNESS]...")
    path, jwks, *witnesses = arguments
    try:
        with open(path, encoding="utf-8") as file, open(jwks, encoding="utf-8") as keys:
            print(json.dumps(verify(json.load(file), json.load(keys), witnesses)))
    except Exception as error:  # whatever the library throws is a refusal
        sys.exit(f"verify.py: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
