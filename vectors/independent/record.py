"""The record: which statuses are in force after which decisions, whatever order they arrive in."""

from . import cookie as c
from .receipt import CENTRE, CONTROLLER, LAYER, NOTICE, START, identifier

HISTORY = 50
STATUS = {
    "g": "Given", "r": "Refused", "w": "Withdrawn", "o": "Objected", "s": "Objected", "d": "Deferred", "n": "Acknowledged",
}
SHUT = ("Refused", "Withdrawn", "Objected", "Expired")
MINUTE = 60_000
DAY = START // 86_400_000
LAPSE = c.base36(DAY + 183)


def decision(word: str, time: int, action: str, choices: str, **changes) -> dict:
    value = {
        "v": 1, "id": identifier(time, "decision " + word), "time": time, "surface": "banner", "action": action,
        "language": "en", "jurisdiction": "EU", "model": "OptIn", "controller": CONTROLLER, "notice": NOTICE,
        "layer": LAYER, "inView": True, "choices": choices, **changes,
    }
    if value["surface"] != "banner":
        value["layer"] = CENTRE
    return value


def apply(record: dict, made: dict) -> dict:
    """The record after a decision; the record given is left as it is."""
    choices = c.parse_choices(made["choices"])
    purposes = dict(record["purposes"])
    for purpose, choice in choices.items():
        entry = {"status": STATUS[choice["letter"]], "revision": choice["revision"], "since": made["time"]}
        if choice["day"] is not None:
            entry["lapses"] = choice["day"]
        if choice["services"]:
            entry["services"] = choice["services"]
        if purpose not in purposes or replaces(entry, purposes[purpose]):
            purposes[purpose] = entry
    event = {
        "time": made["time"], "surface": made["surface"], "action": made["action"],
        "statuses": {purpose: STATUS[choice["letter"]] for purpose, choice in choices.items()},
    }
    history = record["history"]
    if event not in history:
        history = sorted([*history, event], key=lambda e: e["time"])[-HISTORY:]
    return {"v": 1, "purposes": dict(sorted(purposes.items())), "history": history}


def replaces(entry: dict, old: dict) -> bool:
    """The newer wins; of two of the same moment the one that shuts."""
    if entry["since"] != old["since"]:
        return entry["since"] > old["since"]
    return entry["status"] in SHUT or old["status"] not in SHUT


def statuses(record: dict, today: int, names) -> dict:
    found = {}
    for name in names:
        entry = record["purposes"].get(name)
        if entry is None:
            found[name] = "Unknown"
        elif "lapses" in entry and today >= entry["lapses"]:
            found[name] = "Expired"
        else:
            found[name] = entry["status"]
    return found


def vectors() -> dict:
    accept = decision("accept", START, "give-all", f"analytics:g1.{LAPSE}~media:g1.{LAPSE}")
    refuse = decision("refuse", START, "refuse-all", f"analytics:r1.{LAPSE}~media:r1.{LAPSE}")
    withdraw = decision("withdraw", START + MINUTE, "withdraw", f"analytics:w1.{LAPSE}", surface="preferences")
    video = decision("video", START + 2 * MINUTE, "give", f"analytics:w1.{LAPSE}+video", surface="placeholder")
    chat = decision("chat", START + MINUTE, "save", "necessary:n1-chat", surface="preferences")
    signalled = decision("signal", START, "refuse-all", f"ads:s1~analytics:r1.{LAPSE}", signals=["gpc"])
    again = decision("again", START + 184 * 86_400_000, "give-all", f"analytics:g2.{c.base36(DAY + 367)}~media:g1.{c.base36(DAY + 367)}")
    switching = [
        decision(f"switch {n}", START + n * MINUTE, "save", f"analytics:{'gw'[n % 2]}1.{LAPSE}", surface="preferences")
        for n in range(HISTORY + 5)
    ]
    empty = {"v": 1, "purposes": {}, "history": []}
    accepted = apply(empty, accept)

    # name, record before, decisions, day, and the statuses as judged by hand
    table = [
        ("nothing answered", None, [], DAY, {"analytics": "Unknown"}),
        ("accept all", None, [accept], DAY, {"analytics": "Given", "media": "Given", "ads": "Unknown"}),
        ("refuse all", None, [refuse], DAY, {"analytics": "Refused", "media": "Refused"}),
        ("withdrawn after a yes, the other left alone", accepted, [withdraw], DAY, {"analytics": "Withdrawn", "media": "Given"}),
        ("the same decision twice is once", accepted, [accept], DAY, {"analytics": "Given"}),
        ("a yes that arrives after its withdrawal enters the history only", apply(empty, withdraw), [accept], DAY, {"analytics": "Withdrawn", "media": "Given"}),
        ("same moment, the no came first", apply(empty, refuse), [accept], DAY, {"analytics": "Refused", "media": "Refused"}),
        ("same moment, the yes came first", accepted, [refuse], DAY, {"analytics": "Refused", "media": "Refused"}),
        ("one frame allowed after a withdrawal", accepted, [withdraw, video], DAY, {"analytics": "Withdrawn"}),
        ("out of order, the newest stands", accepted, [video, withdraw], DAY, {"analytics": "Withdrawn"}),
        ("chat switched off", accepted, [chat], DAY, {"necessary": "Acknowledged", "analytics": "Given"}),
        ("objected by a signal, kept for ever", None, [signalled], DAY + 4000, {"ads": "Objected", "analytics": "Expired"}),
        ("on the last day", accepted, [], DAY + 182, {"analytics": "Given"}),
        ("lapsed", accepted, [], DAY + 183, {"analytics": "Expired"}),
        ("given again for a new revision", accepted, [again], DAY + 184, {"analytics": "Given"}),
        ("a long history loses its oldest", None, switching, DAY, {"analytics": "Given"}),
    ]
    cases = []
    for name, before, decisions, today, judged in table:
        after = before or empty
        for made in decisions:
            after = apply(after, made)
        found = statuses(after, today, judged)
        assert found == judged, f"{name}: {found}, judged {judged}"
        cases.append({"name": name, "before": before, "decisions": decisions, "after": after, "today": today, "statuses": judged})
    return {"v": 1, "cases": cases}
