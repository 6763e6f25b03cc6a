"""The cookie's grammar and the rules for what is open and what is asked, with a table of cases judged by hand."""

import itertools
import re

DAY = 86_400
MAX_LEN = 1024

PURPOSE = r"[a-z][a-z0-9-]{0,31}"
SERVICE = r"[a-z][a-z0-9_]{0,31}"
NUMBER36 = r"(?:0|[1-9a-z][0-9a-z]{0,7})"
CHOICE = re.compile(
    rf"(?P<purpose>{PURPOSE}):(?P<letter>[grwosdn])(?P<revision>[1-9][0-9]{{0,8}})"
    rf"(?:\.(?P<day>{NUMBER36}))?(?P<marks>(?:[+-]{SERVICE})*)"
)
COOKIE = re.compile(r"1\.(?P<time>[^.]*)\.(?P<choices>.*)", re.DOTALL)
NO = "rwos"


class Malformed(Exception):
    """Not a cookie of ours; the argument says which rule it breaks."""


def base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        if number == 0:
            return digits


def parse(text: str) -> dict:
    if len(text.encode()) > MAX_LEN:
        raise Malformed("too-long")
    whole = COOKIE.fullmatch(text)
    if not whole:
        raise Malformed("form")
    if not re.fullmatch(NUMBER36, whole["time"]):
        raise Malformed("time")
    return {"time": int(whole["time"], 36), "choices": parse_choices(whole["choices"])}


def parse_choices(text: str) -> dict:
    choices = {}
    for part in text.split("~") if text else []:
        found = CHOICE.fullmatch(part)
        if not found or found["day"] and int(found["day"], 36) > 0xFFFFFFFF:
            raise Malformed("choice")
        services = {}
        for mark in re.findall(rf"[+-]{SERVICE}", found["marks"]):
            if mark[1:] in services:
                raise Malformed("twice")
            services[mark[1:]] = mark[0] == "+"
        if found["purpose"] in choices:
            raise Malformed("twice")
        choices[found["purpose"]] = {
            "letter": found["letter"],
            "revision": int(found["revision"]),
            "day": int(found["day"], 36) if found["day"] else None,
            "services": dict(sorted(services.items())),
        }
    return dict(sorted(choices.items()))


def write_choice(purpose: str, choice: dict) -> str:
    day = "" if choice["day"] is None else "." + base36(choice["day"])
    marks = "".join(("+" if on else "-") + service for service, on in sorted(choice["services"].items()))
    return f"{purpose}:{choice['letter']}{choice['revision']}{day}{marks}"


def write(cookie: dict) -> str:
    choices = "~".join(write_choice(purpose, choice) for purpose, choice in sorted(cookie["choices"].items()))
    return f"1.{base36(cookie['time'])}.{choices}"


def lapsed(choice: dict, days: dict, now: int) -> bool:
    """A yes must have a day; a day that has come or is further off than an answer can last means asking again."""
    today = now // DAY
    if choice["day"] is None:
        return choice["letter"] == "g"
    return choice["day"] <= today or choice["day"] > today + max(days["given"], days["refused"])


def evaluate(policy: dict, cookie: dict | None, gpc: bool, now: int) -> dict:
    purposes, services = {}, {}
    for purpose in policy["purposes"]:
        choice = (cookie or {"choices": {}})["choices"].get(purpose["id"])
        old = choice is not None and lapsed(choice, policy["days"], now)
        opened, ask, newer = judge(policy, purpose, choice, old, gpc)
        purposes[purpose["id"]] = {"open": opened, "ask": ask, "newer": newer}
        for service in purpose.get("services", []):
            services[service["id"]] = judge_service(purpose, service, choice, old, opened, newer)
    return {"purposes": purposes, "services": services, "ask": any(p["ask"] for p in purposes.values())}


def judge(policy, purpose, choice, old, gpc) -> tuple[bool, bool, bool]:
    """open, ask, newer."""
    if purpose.get("necessary"):
        return True, False, False
    strict = policy["model"] == "OptIn"
    missing = (False, False, False) if gpc and purpose.get("gpc") else (not strict, True, False)
    if choice is None:
        return missing
    if choice["revision"] > purpose["revision"]:
        return False, False, True
    letter = choice["letter"]
    if letter in NO:
        # A no that has lapsed is asked about again; it never opens by itself.
        return False, old, False
    if old or (strict and letter == "n"):
        return missing
    older = choice["revision"] < purpose["revision"]
    if letter == "d":
        return not strict, False, False
    return not (strict and older), older, False


def judge_service(purpose, service, choice, old, opened, newer) -> bool:
    if newer:
        return False
    mark = choice["services"].get(service["id"]) if choice else None
    if mark is False:
        # A switch that was turned off stays off, whatever else has lapsed.
        return bool(purpose.get("necessary")) and not service.get("switchable")
    if opened:
        return True
    if choice is None or old or service["since"] > choice["revision"]:
        return False
    return mark is True or choice["letter"] == "g"


def merge(a: dict, b: dict) -> dict:
    """The later; of two of the same second what shuts, purpose by purpose."""
    if a["time"] != b["time"]:
        return max(a, b, key=lambda cookie: cookie["time"])
    choices = {}
    for purpose in a["choices"].keys() | b["choices"].keys():
        sides = [side["choices"][purpose] for side in (a, b) if purpose in side["choices"]]
        if len(sides) == 1 and sides[0]["letter"] == "g":
            continue
        marks = {}
        for service in {name for side in sides for name in side["services"]}:
            said = [side["services"].get(service) for side in sides] + [None] * (2 - len(sides))
            if False in said:
                marks[service] = False
            elif said == [True, True]:
                marks[service] = True
        choices[purpose] = {**max(sides, key=shutness), "services": dict(sorted(marks.items()))}
    return {"time": a["time"], "choices": dict(sorted(choices.items()))}


def shutness(choice: dict) -> tuple:
    """Of two answers of the same second, the one with the greater key is kept."""
    rank = "gndrwso".index(choice["letter"])
    day = float("inf") if choice["day"] is None else choice["day"]
    return (rank, choice["revision"], day) if choice["letter"] in NO + "d" else (rank, -choice["revision"], -day)


# The table

NOW = 1795262400  # 2026-11-21T12:00:00Z
TODAY = NOW // DAY
LIVE = base36(TODAY + 100)
LAST = base36(TODAY + 183)
TOMORROW = base36(TODAY + 1)
DUE = base36(TODAY)
GONE = base36(TODAY - 1)
FAR = base36(TODAY + 184)
T = base36(NOW - 3600)


def config(model: str, **changes) -> dict:
    """A gate's configuration, whole, so that every reader can take it as it stands."""
    def service(identifier, since, **more):
        return {"id": identifier, "since": since, **more, "name": identifier.title(), "provider": "Larkspur"}

    return {
        "v": 1, "site": "demo", "base": "/sayso", "language": "en", "jurisdiction": "EU", "model": model,
        "controller": "larkspur-eu", "notice": "n" * 42 + "A", "layer": "l" * 42 + "A",
        "days": {"given": 183, "refused": 183}, "firstLayer": "ready",
        "purposes": [
            {"id": "necessary", "revision": 1, "basis": "LegitimateInterest", "necessary": True,
             "services": [service("chat", 1, switchable=True), service("login", 1)]},
            {"id": "analytics", "revision": 2, "basis": "Consent", "gpc": True,
             "services": [service("pulse", 1), service("video", 2)]},
            {"id": "social-media", "revision": 1, "basis": "Consent", "services": [service("feed_2", 1)]},
        ],
        "files": {"settle": "a/settle.js", "settleWasm": "a/settle.wasm", "app": "a/app.js", "appWasm": "a/app.wasm", "view": "a/view.json"},
        **changes,
    }


POLICIES = {
    "opt-in": config("OptIn"),
    "opt-out": config("OptOut"),
    "notice-only": config("NoticeOnly"),
    "opt-in-no-purposes": config("OptIn", purposes=[]),
}

MEDIA = f"social-media:r1.{LIVE}"

# Each line: name, policy, cookie, gpc, seconds; then what is open (necessary and login are always), what is asked for,
# and what was answered for a revision not known yet. Judged by hand; the generator refuses to write a table that its
# own rules do not confirm.
JUDGED = [
    ("first visit", "opt-in", None, False, NOW, "chat", "analytics social-media", ""),
    ("first visit, opt-out", "opt-out", None, False, NOW, "chat analytics pulse video social-media feed_2", "analytics social-media", ""),
    ("first visit, notice only", "notice-only", None, False, NOW, "chat analytics pulse video social-media feed_2", "analytics social-media", ""),
    ("nothing to ask", "opt-in-no-purposes", None, False, NOW, "-", "", ""),
    ("malformed is none", "opt-in", "1.T.analytics:g2.!", False, NOW, "chat", "analytics social-media", ""),
    ("an unknown version is none", "opt-in", f"2.{T}.analytics:g2.{LIVE}", False, NOW, "chat", "analytics social-media", ""),
    ("empty choices", "opt-in", f"1.{T}.", False, NOW, "chat", "analytics social-media", ""),
    ("a purpose that is not declared is ignored", "opt-in", f"1.{T}.ads:g1.{LIVE}", False, NOW, "chat", "analytics social-media", ""),
    ("all given", "opt-in", f"1.{T}.analytics:g2.{LIVE}~social-media:g1.{LIVE}", False, NOW, "chat analytics pulse video social-media feed_2", "", ""),
    ("all refused", "opt-in", f"1.{T}.analytics:r2.{LIVE}~{MEDIA}", False, NOW, "chat", "", ""),
    ("all withdrawn", "opt-in", f"1.{T}.analytics:w2.{LIVE}~social-media:w1.{LIVE}", False, NOW, "chat", "", ""),
    ("one answered, one not", "opt-in", f"1.{T}.analytics:g2.{LIVE}", False, NOW, "chat analytics pulse video", "social-media", ""),
    ("given until its last day", "opt-in", f"1.{T}.analytics:g2.{TOMORROW}~{MEDIA}", False, NOW, "chat analytics pulse video", "", ""),
    ("given, lapsed today", "opt-in", f"1.{T}.analytics:g2.{DUE}~{MEDIA}", False, NOW, "chat", "analytics", ""),
    ("given, lapses at midnight and not before", "opt-in", f"1.{T}.analytics:g2.{DUE}~{MEDIA}", False, TODAY * DAY - 1, "chat analytics pulse video", "", ""),
    ("given, lapsed at midnight", "opt-in", f"1.{T}.analytics:g2.{DUE}~{MEDIA}", False, TODAY * DAY, "chat", "analytics", ""),
    ("given today for as long as can be", "opt-in", f"1.{T}.analytics:g2.{LAST}~{MEDIA}", False, NOW, "chat analytics pulse video", "", ""),
    ("given for longer than can be: some clock was wrong", "opt-in", f"1.{T}.analytics:g2.{FAR}~{MEDIA}", False, NOW, "chat", "analytics", ""),
    ("given for ever: what opens expires", "opt-in", f"1.{T}.analytics:g2~{MEDIA}", False, NOW, "chat", "analytics", ""),
    ("refused, lapsed", "opt-in", f"1.{T}.analytics:r2.{GONE}~{MEDIA}", False, NOW, "chat", "analytics", ""),
    ("refused for ever", "opt-in", f"1.{T}.analytics:r2~{MEDIA}", False, NOW, "chat", "", ""),
    ("yes to an older revision opens what it named", "opt-in", f"1.{T}.analytics:g1.{LIVE}~{MEDIA}", False, NOW, "chat pulse", "analytics", ""),
    ("yes to an older revision but for a service", "opt-in", f"1.{T}.analytics:g1.{LIVE}-pulse~{MEDIA}", False, NOW, "chat", "analytics", ""),
    ("no to an older revision covers later ones", "opt-in", f"1.{T}.analytics:r1.{LIVE}~{MEDIA}", False, NOW, "chat", "", ""),
    ("yes to a newer revision: shut, not asked", "opt-in", f"1.{T}.analytics:g3.{LIVE}~{MEDIA}", False, NOW, "chat", "", "analytics"),
    ("no to a newer revision: shut, not asked", "opt-in", f"1.{T}.analytics:r3.{LIVE}~{MEDIA}", False, NOW, "chat", "", "analytics"),
    ("newer revision, service allowed: shut all the same", "opt-in", f"1.{T}.analytics:r3.{LIVE}+pulse~{MEDIA}", False, NOW, "chat", "", "analytics"),
    ("refused but for one service", "opt-in", f"1.{T}.analytics:r2.{LIVE}+video~{MEDIA}", False, NOW, "chat video", "", ""),
    ("refused but for one service, lapsed", "opt-in", f"1.{T}.analytics:r2.{GONE}+video~{MEDIA}", False, NOW, "chat", "analytics", ""),
    ("a service allowed before it was named", "opt-in", f"1.{T}.analytics:r1.{LIVE}+video~{MEDIA}", False, NOW, "chat", "", ""),
    ("a service allowed under an older revision", "opt-in", f"1.{T}.analytics:r1.{LIVE}+pulse~{MEDIA}", False, NOW, "chat pulse", "", ""),
    ("given but for one service", "opt-in", f"1.{T}.analytics:g2.{LIVE}-video~{MEDIA}", False, NOW, "chat analytics pulse", "", ""),
    ("given but for one service, lapsed", "opt-in", f"1.{T}.analytics:g2.{GONE}-video~{MEDIA}", False, NOW, "chat", "analytics", ""),
    ("a service that is not declared is ignored", "opt-in", f"1.{T}.analytics:r2.{LIVE}+other~{MEDIA}", False, NOW, "chat", "", ""),
    ("a service marked under another purpose is ignored", "opt-in", f"1.{T}.analytics:r2.{LIVE}+feed_2~{MEDIA}", False, NOW, "chat", "", ""),
    ("objected", "opt-in", f"1.{T}.analytics:o2~{MEDIA}", False, NOW, "chat", "", ""),
    ("objected by a signal", "opt-in", f"1.{T}.analytics:s2~{MEDIA}", True, NOW, "chat", "", ""),
    ("objected by a signal that is no longer sent: stays", "opt-in", f"1.{T}.analytics:s2~{MEDIA}", False, NOW, "chat", "", ""),
    ("objected by a signal but for one service", "opt-in", f"1.{T}.analytics:s2+video~{MEDIA}", True, NOW, "chat video", "", ""),
    ("deferred", "opt-in", f"1.{T}.analytics:d2.{LIVE}~{MEDIA}", False, NOW, "chat", "", ""),
    ("deferred, lapsed", "opt-in", f"1.{T}.analytics:d2.{DUE}~{MEDIA}", False, NOW, "chat", "analytics", ""),
    ("a notice acknowledged is no consent", "opt-in", f"1.{T}.analytics:n2~{MEDIA}", False, NOW, "chat", "analytics", ""),
    ("a notice acknowledged, and a service allowed", "opt-in", f"1.{T}.analytics:n2+video~{MEDIA}", False, NOW, "chat video", "analytics", ""),
    ("chat switched off", "opt-in", f"1.{T}.analytics:r2.{LIVE}~necessary:n1-chat~{MEDIA}", False, NOW, "-", "", ""),
    ("chat switched off for an older revision stays off", "opt-in", f"1.{T}.analytics:r2.{LIVE}~necessary:n1.{GONE}-chat~{MEDIA}", False, NOW, "-", "", ""),
    ("what is necessary and not switchable stays on", "opt-in", f"1.{T}.analytics:r2.{LIVE}~necessary:n1-chat-login~{MEDIA}", False, NOW, "-", "", ""),
    ("a refusal of what is necessary does not count", "opt-in", f"1.{T}.analytics:r2.{LIVE}~necessary:r1.{LIVE}~{MEDIA}", False, NOW, "chat", "", ""),
    ("necessary of a newer revision stays open", "opt-in", f"1.{T}.analytics:r2.{LIVE}~necessary:n9~{MEDIA}", False, NOW, "chat", "", ""),
    ("signal, never asked: shut and not asked", "opt-in", None, True, NOW, "chat", "social-media", ""),
    ("signal, opt-out, never asked", "opt-out", None, True, NOW, "chat social-media feed_2", "social-media", ""),
    ("signal after a yes of its own switch", "opt-in", f"1.{T}.analytics:g2.{LIVE}~{MEDIA}", True, NOW, "chat analytics pulse video", "", ""),
    ("signal after a yes that has lapsed", "opt-in", f"1.{T}.analytics:g2.{GONE}~{MEDIA}", True, NOW, "chat", "", ""),
    ("opt-out, objected", "opt-out", f"1.{T}.analytics:o2~social-media:n1", False, NOW, "chat social-media feed_2", "", ""),
    ("opt-out, withdrawn", "opt-out", f"1.{T}.analytics:w2.{LIVE}~social-media:g1.{LIVE}", False, NOW, "chat social-media feed_2", "", ""),
    ("opt-out, refused and lapsed: asked, never opened by time", "opt-out", f"1.{T}.analytics:r2.{GONE}~social-media:n1", False, NOW, "chat social-media feed_2", "analytics", ""),
    ("opt-out, refused by a clock a year ahead", "opt-out", f"1.{T}.analytics:r2.{FAR}~social-media:n1", False, NOW, "chat social-media feed_2", "analytics", ""),
    ("opt-out, one service switched off", "opt-out", f"1.{T}.analytics:g2.{LIVE}-video~social-media:n1", False, NOW, "chat analytics pulse social-media feed_2", "", ""),
    ("opt-out, switched off and lapsed: the service stays off", "opt-out", f"1.{T}.analytics:g2.{GONE}-video~social-media:n1", False, NOW, "chat analytics pulse social-media feed_2", "analytics", ""),
    ("opt-out, objected but for one service", "opt-out", f"1.{T}.analytics:o2+video~social-media:n1", False, NOW, "chat video social-media feed_2", "", ""),
    ("opt-out, yes to an older revision", "opt-out", f"1.{T}.analytics:g1.{LIVE}~social-media:n1", False, NOW, "chat analytics pulse video social-media feed_2", "analytics", ""),
    ("opt-out, newer revision: shut", "opt-out", f"1.{T}.analytics:g3.{LIVE}~social-media:n1", False, NOW, "chat social-media feed_2", "", "analytics"),
    ("opt-out, deferred", "opt-out", f"1.{T}.analytics:d2.{LIVE}~social-media:n1", False, NOW, "chat analytics pulse video social-media feed_2", "", ""),
    ("notice only, acknowledged", "notice-only", f"1.{T}.analytics:n2~social-media:n1", False, NOW, "chat analytics pulse video social-media feed_2", "", ""),
    ("notice only, acknowledged an older one", "notice-only", f"1.{T}.analytics:n1~social-media:n1", False, NOW, "chat analytics pulse video social-media feed_2", "analytics", ""),
    ("notice only, objected", "notice-only", f"1.{T}.analytics:o1~social-media:n1", False, NOW, "chat social-media feed_2", "", ""),
]

READ = [
    "1.toujs0.analytics:g3.g68~media:r1.g68+vimeo~necessary:n1-livechat",
    "1.toujs0.", "1.0.", "1.zzzzzzzz.", "1.1.a:g1", "1.1.a:n999999999", "1.1.a:g1.0", "1.1.a:g1.1z141z3",
    "1.1.b:g1~a:r2", "1.1.a:r1+z-b+c", "1.1.a:r1+z_9", "1.1.a-b:g1", "1.1.a-:g1", "1.1.a--b9:g1",
    "1.1." + "a" * 32 + ":g1", "1.1.a:g1+" + "b" * 32,
    "1.1.a:r1~b:w1~c:o1~d:s1~e:d1~f:n1~g:g1",
    "1.1." + "~".join(f"p{i:03}:g1.g68" for i in range(84)) + "~z:g1.g68+abc",
]

UNREADABLE = [
    "", "1", "1.", "1.toujs0", "1.toujs0;analytics:g1", "2.toujs0.analytics:g1", "01.toujs0.analytics:g1", "1..analytics:g1",
    ".toujs0.analytics:g1", " 1.toujs0.analytics:g1", "1.toujs0.analytics:g1 ", "1.toujs0.analytics:g1\n", "1.TOUJS0.analytics:g1", "1.0toujs0.a:g1",
    "1.00.a:g1", "1.zzzzzzzzz.a:g1", "1.-1.a:g1", "1.1e9!.a:g1", "1.tou js0.a:g1", "1.t.~", "1.t.a:g1~", "1.t.~a:g1", "1.t.a:g1~~b:g1",
    "1.t.a", "1.t.a:", "1.t.:g1", "1.t.a:g", "1.t.a:g0", "1.t.a:g01", "1.t.a:g-1", "1.t.a:g1000000000", "1.t.a:x1", "1.t.a:G1",
    "1.t.A:g1", "1.t.9a:g1", "1.t.-a:g1", "1.t.a_b:g1", "1.t." + "a" * 33 + ":g1", "1.t.é:g1", "1.t.a:g1.", "1.t.a:g1.G68", "1.t.a:g1.0g68",
    "1.t.a:g1.1z141z4", "1.t.a:g1.zzzzzzzz", "1.t.a:g1.g68.g69", "1.t.a:g1+", "1.t.a:g1-", "1.t.a:g1+a+", "1.t.a:g1+A", "1.t.a:g1+9a", "1.t.a:g1+a+b.g68",
    "1.t.a:g1+_a", "1.t.a:g1+" + "a" * 33, "1.t.a:g1++a", "1.t.a:g1+a+a", "1.t.a:g1+a-a", "1.t.a:g1~a:g1", "1.t.a:g1~b:r1~a:r1",
    "1.t.__proto__:g1", "1.t.a:g1+__proto__", "1.t.a:g1=b", "1.t.a:g1,b:g1", "1.t.a%3Ag1", '"1.t.a:g1"', "1.t.a:g１", "1.t.a:g1.①",
    "1.1." + "~".join(f"p{i:03}:g1.g68" for i in range(84)) + "~z:g1.g68+abcd",
]

MERGED = [
    ("the later wins", "1.t1.a:g1.g68", "1.t2.a:r1.g68", "1.t2.a:r1.g68"),
    ("the later wins though it opens", "1.t2.a:g1.g68", "1.t1.a:r1.g68", "1.t2.a:g1.g68"),
    ("the later wins whole, without what it does not answer", "1.t1.a:r1.g68~b:r1.g68", "1.t2.a:g1.g68", "1.t2.a:g1.g68"),
    ("a longer number is later", "1.zz.a:r1.g68", "1.100.a:g1.g68", "1.100.a:g1.g68"),
    ("the same twice", "1.t.a:g1.g68-x~b:r1.g68+y", "1.t.a:g1.g68-x~b:r1.g68+y", "1.t.a:g1.g68-x~b:r1.g68+y"),
    ("same second: the no", "1.t.a:g1.g68", "1.t.a:r1.g68", "1.t.a:r1.g68"),
    ("same second: purpose by purpose", "1.t.a:g1.g68~b:r1.g68", "1.t.a:r1.g68~b:g1.g68", "1.t.a:r1.g68~b:r1.g68"),
    ("same second: a yes on one side alone is dropped", "1.t.a:g1.g68~b:r1.g68", "1.t.b:r1.g68", "1.t.b:r1.g68"),
    ("same second: a no on one side alone is kept", "1.t.a:r1.g68", "1.t.", "1.t.a:r1.g68"),
    ("same second: a service allowed on one side alone is dropped", "1.t.a:r1.g68+x", "1.t.a:r1.g68", "1.t.a:r1.g68"),
    ("same second: a service allowed on both sides is kept", "1.t.a:r1.g68+x", "1.t.a:w1.g68+x", "1.t.a:w1.g68+x"),
    ("same second: a service shut on one side is shut", "1.t.a:g1.g68", "1.t.a:g1.g68-x", "1.t.a:g1.g68-x"),
    ("same second: allowed here, shut there", "1.t.a:r1.g68+x", "1.t.a:g1.g68-x", "1.t.a:r1.g68-x"),
    ("same second: chat switched off on one side", "1.t.n:n1-chat", "1.t.n:n1", "1.t.n:n1-chat"),
    ("same second: an objection outlasts a refusal", "1.t.a:r1.g68", "1.t.a:o1", "1.t.a:o1"),
    ("same second: no answer rather than a yes", "1.t.a:d1.g68", "1.t.a:g1.g68", "1.t.a:d1.g68"),
    ("same second: an acknowledgement rather than a yes", "1.t.a:n1", "1.t.a:g1.g68", "1.t.a:n1"),
    ("same second: the yes that covers less", "1.t.a:g1.g68", "1.t.a:g2.g68", "1.t.a:g1.g68"),
    ("same second: the yes that ends sooner", "1.t.a:g1.g68", "1.t.a:g1.g69", "1.t.a:g1.g68"),
    ("same second: the no that lasts longer", "1.t.a:r1.g68", "1.t.a:r1.g69", "1.t.a:r1.g69"),
]


def readable(text: str) -> dict | None:
    try:
        return parse(text)
    except Malformed:
        return None


def parse_case(text: str) -> dict:
    try:
        cookie = parse(text)
    except Malformed as rule:
        return {"text": text, "error": str(rule)}
    return {"text": text, "cookie": cookie, "canonical": write(cookie)}


def prompt_case(name, policy, text, gpc, now) -> dict:
    cookie = None if text is None else readable(text)
    return {"name": name, "policy": policy, "cookie": text, "gpc": gpc, "now": now, **evaluate(POLICIES[policy], cookie, gpc, now)}


def judged_case(line) -> dict:
    name, policy, text, gpc, now, opened, asked, newer = line
    case = prompt_case(name, policy, text, gpc, now)
    allowed = {i for i, p in case["purposes"].items() if p["open"]} | {i for i, on in case["services"].items() if on}
    wanted = set(opened.split()) - {"-"} | ({"necessary", "login"} if POLICIES[policy]["purposes"] else set())
    assert allowed == wanted, f"{name}: open {sorted(allowed)}, judged {sorted(wanted)}"
    for what, said in (("ask", asked), ("newer", newer)):
        found = {i for i, p in case["purposes"].items() if p[what]}
        assert found == set(said.split()), f"{name}: {what} {sorted(found)}, judged {said}"
    return case


def grid() -> list[dict]:
    """Every letter against every revision, day, mark, model and signal, for the purpose with two services."""
    letters = "grwosdn"
    days = ("", "." + LIVE, "." + DUE, "." + FAR)
    marks = ("", "+video", "-pulse", "+pulse-video")
    made = []
    for model, letter, revision, day, mark, gpc in itertools.product(
        ("opt-in", "opt-out", "notice-only"), letters, (1, 2, 3), days, marks, (False, True)
    ):
        choice = f"analytics:{letter}{revision}{day}{mark}"
        name = f"{model}, {choice}" + (", gpc" if gpc else "")
        case = prompt_case(name, model, f"1.{T}.{choice}~{MEDIA}", gpc, NOW)
        answer = case["purposes"]["analytics"]
        open_services = " ".join(i for i in ("pulse", "video") if case["services"][i])
        flags = "".join(f[0] if answer[f] else "-" for f in ("open", "ask", "newer"))
        made.append([model, case["cookie"], int(gpc), flags, open_services])
    return made


def vectors() -> dict:
    for name, a, b, merged in MERGED:
        for one, two in ((a, b), (b, a)):
            found = write(merge(parse(one), parse(two)))
            assert found == merged, f"{name}: {found}, judged {merged}"
    read = [parse_case(text) for text in READ + UNREADABLE]
    for case in read:
        assert ("cookie" in case) == (case["text"] in READ), f"judged otherwise: {case}"
    return {
        "v": 1,
        "policies": POLICIES,
        "parse": read,
        "prompt": [judged_case(line) for line in JUDGED],
        "grid": {
            "now": NOW,
            "columns": "policy, cookie, gpc, flags of analytics (open, ask, newer), its open services",
            "rows": grid(),
        },
        "merge": [{"name": name, "a": a, "b": b, "merged": merged} for name, a, b, merged in MERGED],
    }
