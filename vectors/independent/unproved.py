"""Countersigned files whose signatures all hold, and whose proof from the log or whose key's time does not."""

from base64 import b64decode

from . import log as l
from . import receipt as r
from .altered import counter_sign
from .jose import compact, unb64

ALDER, BIRCH = l.WITNESSES


def refused(cases: list[dict], log: l.Log) -> list[dict]:
    by_name = {case["name"]: case for case in cases}
    honest, witnessed = by_name["accept-on-the-banner"], by_name["witnessed-by-the-gate"]
    file, index = honest["file"], log.first
    proof = file["proof"]
    text, lines = log.checkpoint().split("\n\n")
    text, lines = text + "\n", lines.splitlines(keepends=True)
    hashes = l.inclusion(index, log.entries)
    made = []

    def add(name, code, altered, **demands):
        """Altered: the file's proof, or the whole file. Demands: `quorum`, and `jwks` in the place of the ordinary one."""
        altered = altered if isinstance(altered, dict) else {**file, "proof": altered}
        add_text(name, code, compact(altered), **demands)

    def add_text(name, code, text, **demands):
        made.append({"name": name, "code": code, "file": text, **demands})

    def with_hashes(name, code, changed):
        add(name, code, l.proof_text(index, changed, log.checkpoint()))

    def with_checkpoint(name, code, checkpoint, **demands):
        add(name, code, l.proof_text(index, hashes, checkpoint), **demands)

    # No proof.
    bare = {name: value for name, value in file.items() if name != "proof"}
    add("countersigned-without-inclusion", "no-proof", bare)
    add("proof-that-is-null", "file", {**file, "proof": None})
    add("proof-that-is-a-list", "file", {**file, "proof": [proof]})
    add_text("proof-twice", "duplicate", compact(file)[:-1] + ',"proof":"c2sp"}')

    # Not of the form.
    add("proof-empty", "proof", "")
    add("proof-of-another-kind", "proof", proof.replace("@v1", "@v2", 1))
    add("proof-with-carriage-returns", "proof", proof.replace("\n", "\r\n"))
    add("proof-without-index", "proof", proof.replace(f"index {index}\n", "", 1))
    add("proof-with-a-leading-zero", "proof", proof.replace(f"index {index}", f"index 0{index}", 1))
    add("proof-with-a-sign", "proof", proof.replace(f"index {index}", f"index +{index}", 1))
    add("proof-index-too-large-for-any-log", "proof", proof.replace(f"index {index}", "index 18446744073709551616", 1))
    add("proof-with-extra-data-that-is-no-base64", "proof", proof.replace("index", "extra !\nindex", 1))
    add("proof-with-a-hash-of-31-bytes", "proof", l.proof_text(index, [hashes[0][:31], *hashes[1:]], log.checkpoint()))
    add("proof-with-base64url", "proof", in_base64url(proof, hashes))
    add("proof-with-a-hundred-hashes", "proof", l.proof_text(index, [hashes[0]] * 100, log.checkpoint()))
    add("proof-without-checkpoint", "proof", proof.split("\n\n")[0] + "\n\n")
    add("proof-whose-checkpoint-is-not-signed", "proof", l.proof_text(index, hashes, text))
    with_checkpoint("checkpoint-with-two-lines", "proof", l.note(l.ORIGIN + "\n53\n", l.signed(l.ORIGIN + "\n53\n")))
    spaced = text.replace("\n53\n", "\n 53\n")
    with_checkpoint("checkpoint-with-a-space-before-the-size", "proof", l.note(spaced, l.signed(spaced)))
    zeroed = text.replace("\n53\n", "\n053\n")
    with_checkpoint("checkpoint-with-a-leading-zero", "proof", l.note(zeroed, l.signed(zeroed)))
    with_checkpoint("checkpoint-signature-line-with-a-hyphen", "proof", log.checkpoint().replace("— ", "- "))

    # Of another entry.
    add("proof-of-the-entry-after", "other-index", log.proof(index + 1))
    add("proof-whose-index-was-changed", "other-index", proof.replace(f"index {index}", f"index {index + 1}", 1))
    add("proof-of-another-receipt", "other-index", by_name["withdraw-all"]["file"]["proof"])

    # Of another log.
    other = l.checkpoint_text(len(log.entries), l.root(log.entries), "other.example/sayso")
    with_checkpoint("checkpoint-of-another-log", "other-log", l.note(other, l.signed(other, l.OTHER_LOG_KEY)))
    with_checkpoint("checkpoint-of-another-log-by-our-key", "other-log", l.note(other, l.signed(other)))
    with_checkpoint("checkpoint-whose-name-is-longer", "other-log", signed_anew(text.replace(l.ORIGIN, l.ORIGIN + "/2")))

    # Not signed by the log.
    with_checkpoint("checkpoint-by-another-key-under-our-name", "checkpoint-signature", l.note(text, l.signed(text, l.OTHER_LOG_KEY)))
    with_checkpoint("checkpoint-by-the-countersigning-key", "checkpoint-signature", l.note(text, l.signed(text, r.SERVER)))
    with_checkpoint("checkpoint-by-witnesses-only", "checkpoint-signature", l.note(text, *lines[1:]))
    grown = text.replace("\n53\n", "\n54\n")
    with_checkpoint("checkpoint-whose-size-was-changed", "checkpoint-signature", l.note(grown, *lines))
    rewritten = l.checkpoint_text(53, l.root(log.entries[:52] + [log.filler(99)]))
    with_checkpoint("checkpoint-whose-root-was-changed", "checkpoint-signature", l.note(rewritten, *lines))
    keys = r.jwks(l.LOG_KEY)["keys"]
    unpublished = {"keys": [key for key in keys if key["sayso"] != "log"]}
    add("log-key-not-published", "checkpoint-signature", proof, jwks=unpublished)
    witness_only = {"keys": [{**key, "sayso": "witness"} if key["sayso"] == "log" else key for key in keys]}
    add("log-key-published-for-another-use", "checkpoint-signature", proof, jwks=witness_only)
    add("log-key-of-another-log-published", "checkpoint-signature", proof, jwks=r.jwks(l.OTHER_LOG_KEY))

    # The hashes do not lead to the root.
    with_hashes("proof-with-a-hash-changed", "inclusion", [*hashes[:2], bytes([hashes[2][0] ^ 1]) + hashes[2][1:], *hashes[3:]])
    with_hashes("proof-with-a-hash-left-out", "inclusion", hashes[:-1])
    with_hashes("proof-with-a-hash-too-many", "inclusion", [*hashes, hashes[-1]])
    with_hashes("proof-with-two-hashes-swapped", "inclusion", [hashes[1], hashes[0], *hashes[2:]])
    with_hashes("proof-without-hashes", "inclusion", [])
    with_checkpoint("checkpoint-from-before-the-receipt", "inclusion", log.checkpoint(index))
    with_checkpoint("checkpoint-of-an-empty-log", "inclusion", signed_anew(l.checkpoint_text(0, l.root([]))))
    rebuilt = [*log.entries[:index], *log.entries[index + 1:], log.filler(99)]
    with_checkpoint("log-rebuilt-without-the-receipt", "inclusion", signed_anew(l.checkpoint_text(53, l.root(rebuilt))))
    as_tombstone = [*log.entries]
    as_tombstone[index] = l.entry(l.TOMBSTONE, log.entries[index][1:])
    add(
        "entry-of-another-kind", "inclusion",
        l.proof_text(index, hashes, signed_anew(l.checkpoint_text(53, l.root(as_tombstone)))),
    )

    # Fewer witnesses than asked for.
    with_checkpoint("cosigned-by-nobody", "quorum", log.checkpoint(witnesses=()), quorum=1)
    with_checkpoint("cosigned-by-one-of-two", "quorum", log.checkpoint(witnesses=[ALDER]), quorum=2)
    with_checkpoint("cosigned-twice-by-one", "quorum", l.note(text, lines[0], lines[1], l.cosigned(text, ALDER, l.COSIGNED + 60)), quorum=2)
    earlier = log.head(50)
    with_checkpoint("cosignature-of-an-earlier-checkpoint", "quorum", l.note(text, lines[0], l.cosigned(earlier, ALDER, l.COSIGNED)), quorum=1)
    forged = l.cosigned(text, ALDER, l.COSIGNED, r.OUTSIDER)
    with_checkpoint("cosignature-by-a-stranger", "quorum", l.note(text, lines[0], forged), quorum=1)
    with_checkpoint("cosignature-by-a-stranger-under-the-witness-id", "quorum", l.note(text, lines[0], under_id_of(lines[1], forged)), quorum=1)
    with_checkpoint("cosignature-whose-time-was-changed", "quorum", l.note(text, lines[0], with_time(lines[1], l.COSIGNED + 1)), quorum=1)
    with_checkpoint("ordinary-signature-in-the-witness-place", "quorum", l.note(text, lines[0], l.signed(text, l.WITNESSES[ALDER], ALDER)), quorum=1)
    with_checkpoint("cosigned-by-our-own-log", "quorum", l.note(text, lines[0], l.cosigned(text, ALDER, l.COSIGNED, l.LOG_KEY)), quorum=1)

    # A key outside its time. The receipt came in at START + 842.
    received = r.START + 842
    for name, time in (
        ("retired-before", {"until": r.START}), ("retired-that-moment", {"until": received}), ("not-yet-made", {"from": received + 1}),
        ("between-two-uses", {"from": received + 1, "until": received + 2}),
    ):
        add("countersigning-key-" + name, "key-time", proof, jwks=r.jwks(l.LOG_KEY, countersignature=time))
    add("witness-key-retired-before", "key-time", witnessed["file"], jwks=r.jwks(l.LOG_KEY, witness={"until": r.START}))
    add("countersigned-by-the-retired-key", "key-time", by_the_retired_key(honest))
    return made


def signed_anew(text: str) -> str:
    return l.note(text, l.signed(text))


def in_base64url(proof: str, hashes: list[bytes]) -> str:
    for digest in hashes:
        spelt = l.standard(digest)
        other = spelt.replace("+", "-").replace("/", "_")
        if other != spelt:
            return proof.replace(spelt, other, 1)
    raise AssertionError("no hash has a character in which the alphabets differ")


def with_time(line: str, time: int) -> str:
    """A cosignature line that claims another time than was signed."""
    start, text = line.rstrip("\n").rsplit(" ", 1)
    raw = b64decode(text)
    return f"{start} {l.standard(raw[:4] + time.to_bytes(8, 'big') + raw[12:])}\n"


def under_id_of(honest: str, forged: str) -> str:
    """The forged line with the honest one's key id, so that only the signature gives it away."""
    start, text = forged.rstrip("\n").rsplit(" ", 1)
    key = b64decode(honest.rstrip("\n").rsplit(" ", 1)[1])[:4]
    return f"{start} {l.standard(key + b64decode(text)[4:])}\n"


def by_the_retired_key(case: dict) -> dict:
    """Countersigned now with a key that the site retired the day before: whoever has that key has not the log's."""
    token = counter_sign(case["jws"], unb64(case["salt"]), r.RETIRED)
    return {**case["file"], "countersignature": token}
