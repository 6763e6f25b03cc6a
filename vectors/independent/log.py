"""The log a second time: RFC 6962 by its recursive definition, C2SP notes, checkpoints, proofs and cosignatures."""

from base64 import b64encode

from . import jose
from . import receipt as r
from .jose import b64, compact, sha256

ORIGIN = "demo.sayso.example/sayso"
# Nine minutes after the first answer, in seconds; cosignatures carry whole seconds.
COSIGNED = 1763764140

LOG_KEY = jose.Ed25519("log")
OTHER_LOG_KEY = jose.Ed25519("another log")
# Witnesses of the log, by the names that their keys bear.
WITNESSES = {
    "alder.example/witness": jose.Ed25519("witness alder"),
    "birch.example/witness": jose.Ed25519("witness birch"),
}

ED25519, COSIGNATURE = 1, 4
RECEIPT, TOMBSTONE, KEY_EVENT = 1, 2, 3
LABELS = {RECEIPT: b"sayso/receipt/1\x00", TOMBSTONE: b"sayso/tombstone/1\x00", KEY_EVENT: b"sayso/key/1\x00"}

PROOF_HEADER = "c2sp.org/tlog-proof@v1"


# The tree, as RFC 6962 section 2.1 defines it.


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def split(size: int) -> int:
    """The largest power of two below a size of at least two."""
    return 1 << ((size - 1).bit_length() - 1)


def root(entries: list[bytes]) -> bytes:
    if not entries:
        return sha256(b"")
    if len(entries) == 1:
        return leaf_hash(entries[0])
    middle = split(len(entries))
    return node_hash(root(entries[:middle]), root(entries[middle:]))


def inclusion(index: int, entries: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]), the leaf's sibling first."""
    if len(entries) == 1:
        return []
    middle = split(len(entries))
    if index < middle:
        return inclusion(index, entries[:middle]) + [root(entries[middle:])]
    return inclusion(index - middle, entries[middle:]) + [root(entries[:middle])]


def consistency(old: int, entries: list[bytes]) -> list[bytes]:
    """PROOF(m, D[n]); nothing to prove for an empty or an equal tree."""
    return [] if old in (0, len(entries)) else subproof(old, entries, True)


def subproof(old: int, entries: list[bytes], whole: bool) -> list[bytes]:
    if old == len(entries):
        return [] if whole else [root(entries)]
    middle = split(len(entries))
    if old <= middle:
        return subproof(old, entries[:middle], whole) + [root(entries[middle:])]
    return subproof(old - middle, entries[middle:], False) + [root(entries[:middle])]


# What is committed to.


def commitment(kind: int, salt: bytes, text: str) -> bytes:
    return jose.hmac_sha256(salt, LABELS[kind] + text.encode())


def entry(kind: int, committed: bytes) -> bytes:
    return bytes([kind]) + committed


# Notes.


def standard(data: bytes) -> str:
    """Base64 of the ordinary alphabet with padding, which notes use."""
    return b64encode(data).decode()


def key_id(name: str, algorithm: int, key) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public(key))[:4]


def public(key) -> bytes:
    return jose.unb64(key.public()["x"])


def vkey(name: str, algorithm: int, key) -> str:
    return f"{name}+{key_id(name, algorithm, key).hex()}+{standard(bytes([algorithm]) + public(key))}"


def line(name: str, algorithm: int, key, signature: bytes) -> str:
    return f"— {name} {standard(key_id(name, algorithm, key) + signature)}\n"


def checkpoint_text(size: int, root_hash: bytes, origin: str = ORIGIN) -> str:
    return f"{origin}\n{size}\n{standard(root_hash)}\n"


def signed(text: str, key=LOG_KEY, name: str | None = None) -> str:
    """A note's signature line by a log; the key bears the log's name, the text's first line."""
    return line(name or text.split("\n")[0], ED25519, key, key.raw_signature(text.encode()))


def cosignature_message(text: str, time: int) -> str:
    return f"cosignature/v1\ntime {time}\n{text}"


def cosigned(text: str, name: str, time: int, key=None) -> str:
    key = key or WITNESSES[name]
    signature = key.raw_signature(cosignature_message(text, time).encode())
    return line(name, COSIGNATURE, key, time.to_bytes(8, "big") + signature)


def note(text: str, *lines: str) -> str:
    return text + "\n" + "".join(lines)


def proof_text(index: int, hashes: list[bytes], checkpoint: str) -> str:
    return "\n".join([PROOF_HEADER, f"index {index}", *map(standard, hashes)]) + "\n\n" + checkpoint


# The log of the vectors.

TOMBSTONE_TEXT = compact({
    "v": 1, "time": 1763763500000, "receipts": [5, 6], "addresses": 0, "why": {"retention": "signed 1826 days"},
})
ROTATED = r.START - 86_400_000
KEY_EVENT_TEXT = compact({
    "v": 1, "site": r.SITE, "time": ROTATED,
    "keys": [
        r.site_jwk(r.RETIRED, "countersignature", until=ROTATED),
        r.site_jwk(r.SERVER, "countersignature", **{"from": ROTATED}),
    ],
})


class Log:
    """A log of 53 entries: other people's receipts, a key event at 3, a tombstone at 7, and from 40 on the cases."""

    first = 40

    def __init__(self, cases: list[dict]):
        self.entries = [self.filler(index) for index in range(self.first)]
        self.entries[3] = entry(KEY_EVENT, commitment(KEY_EVENT, self.salt(3), KEY_EVENT_TEXT))
        self.entries[7] = entry(TOMBSTONE, commitment(TOMBSTONE, self.salt(7), TOMBSTONE_TEXT))
        for case in cases:
            self.entries.append(entry(RECEIPT, commitment(RECEIPT, jose.unb64(case["salt"]), case["jws"])))
        while len(self.entries) < 53:
            self.entries.append(self.filler(len(self.entries)))

    @staticmethod
    def salt(index: int) -> bytes:
        return sha256(f"salt of entry {index}".encode())

    def filler(self, index: int) -> bytes:
        return entry(RECEIPT, commitment(RECEIPT, self.salt(index), f"somebody's receipt {index}"))

    def head(self, size: int | None = None) -> str:
        entries = self.entries[:size]
        return checkpoint_text(len(entries), root(entries))

    def checkpoint(self, size: int | None = None, witnesses=WITNESSES) -> str:
        text = self.head(size)
        lines = [cosigned(text, name, COSIGNED + n) for n, name in enumerate(witnesses)]
        return note(text, signed(text), *lines)

    def proof(self, index: int, size: int | None = None, checkpoint: str | None = None) -> str:
        return proof_text(index, inclusion(index, self.entries[:size]), checkpoint or self.checkpoint(size))


def attach(cases: list[dict]) -> Log:
    """Gives every case its proof."""
    log = Log(cases)
    for place, case in enumerate(cases):
        case["file"]["proof"] = log.proof(log.first + place)
    return log


def trees(largest: int) -> list[dict]:
    """Every proof of every small tree; the entry at n is the text `entry n`."""
    made = []
    for size in range(largest + 1):
        entries = [f"entry {n}".encode() for n in range(size)]
        made.append({
            "size": size,
            "root": b64(root(entries)),
            "inclusion": [[b64(h) for h in inclusion(index, entries)] for index in range(size)],
            "consistency": [[b64(h) for h in consistency(old, entries)] for old in range(size + 1)],
        })
    return made


def commitments() -> list[dict]:
    made = []
    for kind, name, index, text in (
        (RECEIPT, "receipt", 0, "somebody's receipt 0"),
        (KEY_EVENT, "key-event", 3, KEY_EVENT_TEXT),
        (TOMBSTONE, "tombstone", 7, TOMBSTONE_TEXT),
    ):
        committed = commitment(kind, Log.salt(index), text)
        made.append({
            "kind": name, "salt": b64(Log.salt(index)), "text": text, "commitment": b64(committed),
            "entry": b64(entry(kind, committed)), "leaf": b64(leaf_hash(entry(kind, committed))),
        })
    return made


def vectors(log: Log) -> dict:
    text = log.head()
    return {
        "origin": ORIGIN,
        "vkey": vkey(ORIGIN, ED25519, LOG_KEY),
        "witnesses": [vkey(name, COSIGNATURE, key) for name, key in WITNESSES.items()],
        "commitments": commitments(),
        "entries": [b64(e) for e in log.entries],
        "checkpoint": {
            "text": text,
            "size": len(log.entries),
            "root": b64(root(log.entries)),
            "signed": log.checkpoint(witnesses=()),
            "cosigned": log.checkpoint(),
            "cosignatures": [
                {"name": name, "time": COSIGNED + n, "message": cosignature_message(text, COSIGNED + n)}
                for n, name in enumerate(WITNESSES)
            ],
        },
        "trees": trees(17),
    }
