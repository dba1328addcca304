"""SPEC 3: what is a token, where it is read, and whom it makes the same viewer."""

from __future__ import annotations

from sessionware.token import CoreFormat
from support.parity import SECRET, Case, follow, get, nth_random
from support.site import MEDIA, children

OLD_KEY = "an old key, still good to verify"


def issued(key, number, at=1_700_000_000.0, ip="192.0.2.1", agent=""):
    """A token that was issued elsewhere, under this key."""
    form = CoreFormat([key.encode()], random=lambda size: nth_random(number, size))
    return form.issue(at, agent, ip, "").text


ONE, TWO = issued(SECRET, 101), issued(SECRET, 102)
FORGED = ONE[:-1] + ("A" if ONE[-1] != "A" else "Q")


def enters(target, name="{a}", **said):
    """A request that is an entry, whatever it carries."""
    return get(target, status=307, location=f"{target.partition('?')[0]}?tkn={name}", **said)


READING = [
    Case(
        "query wins over cookie, so that two tabs are two (P22)",
        [
            get(f"/a.m3u8?tkn={ONE}", with_cookie=f"tkn={TWO}", stored=1, headers={"vary": None}),
            get("/a.m3u8", with_cookie=f"tkn={TWO}", stored=2, headers={"vary": "Cookie"}),
            get(f"/a.m3u8?tkn={ONE}", stored=2, session={"new": False}),
        ],
    ),
    Case(
        "of several tokens in one query the first usable one wins (P6)",
        [
            get(f"/a.m3u8?tkn=x&tkn={ONE}&tkn={TWO}", seen="/a.m3u8", stored=1),
            get(f"/a.m3u8?tkn={ONE}", session={"requests": 2}),
            get(f"/a.m3u8?tkn={ONE}&tkn={ONE}", session={"requests": 3}),
        ],
    ),
    Case(
        "a token with a valid link goes before one without (P6)",
        [
            get(
                f"/vod/film/master.m3u8?tkn={ONE}",
                uris=children(f"tkn={ONE}"),
            ),
            get(
                f"/vod/film/audio/en.m3u8?tkn={TWO}&tkn={ONE}.{{audio}}",
                session={"stream": "vod/film", "requests": 2},
            ),
        ],
    ),
    Case(
        "aliases are read after the parameter, in their order, and never written",
        [
            get(f"/a.m3u8?sessId={TWO}&sid={ONE}", seen="/a.m3u8", stored=1),
            get(f"/a.m3u8?tkn={ONE}", session={"requests": 2}),
            get(f"/a.m3u8?sid={TWO}&tkn={ONE}", session={"requests": 3}),
            enters("/a.m3u8?sid=mine"),
        ],
        {"aliases": ("sid", "sessId")},
    ),
    Case(
        "parameter names the query parameter that is read and written",
        [
            get(f"/a.m3u8?tkn={ONE}", status=307, location=f"/a.m3u8?tkn={ONE}&v.id={{a}}"),
            follow(seen=f"/a.m3u8?tkn={ONE}", stored=1),
        ],
        {"parameter": "v.id"},
    ),
    Case(
        "a percent-encoded name or value is found all the same (P7)",
        [get(f"/a.m3u8?t%6Bn={ONE.replace('.', '%2E')}", seen="/a.m3u8", stored=1)],
    ),
    Case(
        "read without query: a token in the URL is none, and is taken out all the same",
        [
            get(f"/a.m3u8?tkn={ONE}&x=1", cookie="{a}", seen="/a.m3u8?x=1", stored=0),
            get(f"/a.m3u8?tkn={ONE}", with_cookie=f'b=1; tkn="{TWO}"', cookie=None, stored=1),
        ],
        {"read": ("cookie",), "write": ("cookie",)},
    ),
    Case(
        "the first usable of several cookies is the token",
        [
            get(
                "/a.m3u8", with_cookie=f"x=1; tkn=junk; tkn={ONE}; tkn={TWO}", stored=1, status=200
            ),
            get(f"/a.m3u8?tkn={ONE}", session={"requests": 2}),
        ],
    ),
    Case(
        "every key of the secret verifies, the newest signs",
        [
            get(f"/a.m3u8?tkn={issued(OLD_KEY, 1)}", stored=1, body=MEDIA),
            get(f"/a.m3u8?tkn={ONE}", stored=2, body=MEDIA),
            get("/b.m3u8", status=307, location=f"/b.m3u8?tkn={issued(SECRET, 1)}"),
        ],
        {"secret": [OLD_KEY, SECRET]},
    ),
    Case(
        "a token under a key that is no more ours is none",
        [enters(f"/a.m3u8?tkn={issued(OLD_KEY, 1)}")],
    ),
    Case(
        "a forged token, a token cut short and one with a foreign ending are none",
        [
            enters(f"/a.m3u8?tkn={FORGED}"),
            enters(f"/b.m3u8?tkn={ONE[:-1]}", "{b}"),
            get(f"/c.m3u8?tkn={ONE}.nolink", stored=1, session={"stream": "c"}),
        ],
    ),
    Case(
        "5 minutes in the future is fine for a token, and so is an age of a day",
        [
            get(f"/a.m3u8?tkn={issued(SECRET, 7, at=1_700_000_300.0)}", stored=1),
            get(f"/a.m3u8?tkn={issued(SECRET, 8, at=1_699_914_000.0)}", stored=2),
        ],
    ),
    Case(
        "a client's own token is replaced, never doubled (OWASP)",
        [
            get("/a.m3u8?tkn=mine&x=1", status=307, location="/a.m3u8?x=1&tkn={a}"),
            follow(seen="/a.m3u8?x=1", stored=1),
            get("/b.m3u8", with_cookie="tkn=mine", status=307, location="/b.m3u8?tkn={b}"),
        ],
    ),
    Case(
        "foreign_tokens=accept: a client's own token is its token, in URL and cookie",
        [
            get(
                "/vod/master.m3u8?tkn=mine",
                uris=children("tkn=mine"),
                stored=1,
            ),
            get("/vod/master.m3u8", with_cookie="tkn=mine", session={"requests": 2}, stored=1),
            get("/vod/master.m3u8?tkn=" + "x" * 128, stored=2),
            enters("/vod/master.m3u8?tkn=" + "x" * 129),
            enters("/vod/b.m3u8?tkn=a*b", "{b}"),
        ],
        {"foreign_tokens": "accept"},
    ),
    Case(
        "tokens of different origin never collide, though their text is the same",
        [
            get(f"/a.m3u8?tkn={ONE}", stored=1),
            get("/a.m3u8", send={"X-CDN": ONE}, stored=2, session={"new": True}),
            get("/a.m3u8?tkn=mine", stored=3),
            get("/a.m3u8", send={"X-CDN": "mine"}, stored=4),
        ],
        {
            "trusted_header": "X-CDN",
            "trusted_proxies": ("192.0.2.0/24",),
            "foreign_tokens": "accept",
        },
    ),
]

CASES = [*READING]
