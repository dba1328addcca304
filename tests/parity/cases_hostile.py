"""The line "Hostile input" of SPEC 10 as a table: input, status, Location. Never a 5xx of ours."""

from __future__ import annotations

from parity.cases_tokens import ONE
from support.parity import Case, get

T = "tkn={a}"
NUL, DEL = "\x00", "\x7f"

# name, target, status, Location
TABLE = [
    ("a query of 8 KB", f"/a.m3u8?{'x' * 8192}", 307, f"/a.m3u8?{'x' * 8192}&{T}"),
    ("a query above 8 KB", f"/a.m3u8?{'x' * 8193}", 414, None),
    ("a query above 8 KB on a tracked path", f"/a.ts?{'x' * 8193}", 414, None),
    ("a query above 8 KB elsewhere", f"/page?{'x' * 8193}", 200, None),
    ("an announcement above 8 KB", f"/a.m3u8?response=200&{'x' * 8193}", 414, None),
    ("a token of 513 bytes", f"/a.m3u8?tkn={'x' * 513}", 307, f"/a.m3u8?{T}"),
    (
        "a token and a link of 513 bytes",
        f"/a.m3u8?tkn={ONE}.{'x' * (512 - len(ONE))}",
        307,
        f"/a.m3u8?{T}",
    ),
    ("a token and a link of 512 bytes", f"/a.m3u8?tkn={ONE}.{'x' * (511 - len(ONE))}", 200, None),
    ("a token outside the alphabet", f"/a.m3u8?tkn={ONE}%00", 307, f"/a.m3u8?{T}"),
    ("a token with a line's end", f"/a.m3u8?tkn={ONE}%0A", 307, f"/a.m3u8?{T}"),
    ("a token in quotes", f'/a.m3u8?tkn="{ONE}"', 307, f"/a.m3u8?{T}"),
    ("a token of other digits", "/a.m3u8?tkn=%D9%A1%D9%A2", 307, f"/a.m3u8?{T}"),
    ("an empty token", "/a.m3u8?tkn=", 307, f"/a.m3u8?{T}"),
    ("a token without a value", "/a.m3u8?tkn&x", 307, f"/a.m3u8?x&{T}"),
    ("dots for a token", "/a.m3u8?tkn=...", 307, f"/a.m3u8?{T}"),
    ("a link that is no base64", f"/a.m3u8?tkn={ONE}.aaaaaaaaaaaanA", 200, None),
    ("a link with a long length", f"/a.m3u8?tkn={ONE}.aaaaaaaaaaaap9999", 200, None),
    ("invalid UTF-8 in the path", "/%ff%FEa.m3u8", 307, f"/%ff%FEa.m3u8?{T}"),
    ("a lone surrogate in the path", "/%ED%A0%80.m3u8", 307, f"/%ED%A0%80.m3u8?{T}"),
    ("an overlong slash", "/%c0%af.m3u8", 307, f"/%c0%af.m3u8?{T}"),
    ("invalid UTF-8 in the query", "/a.m3u8?x=%ff&%FE", 307, f"/a.m3u8?x=%ff&%FE&{T}"),
    ("raw bytes in the query", "/a.m3u8?x=\xff\xe9", 307, f"/a.m3u8?x=%FF%E9&{T}"),
    ("raw bytes in the path", "/\xc3\xa9.m3u8", 307, f"/%C3%A9.m3u8?{T}"),
    ("an escaped line's end in the path", "/a%0d%0aX:1.m3u8", 307, f"/a%0d%0aX:1.m3u8?{T}"),
    (
        "an escaped line's end in the query",
        "/a.m3u8?x=%0d%0aSet-Cookie:a",
        307,
        f"/a.m3u8?x=%0d%0aSet-Cookie:a&{T}",
    ),
    (
        "a raw line's end in the query",
        "/a.m3u8?x=\r\nSet-Cookie:a",
        307,
        f"/a.m3u8?x=%0D%0ASet-Cookie:a&{T}",
    ),
    ("a raw line's end in the path", "/a\r\nb.m3u8", 307, f"/a%0D%0Ab.m3u8?{T}"),
    ("another host in the path", "//evil.example/x.m3u8?q", 307, f"/.//evil.example/x.m3u8?q&{T}"),
    ("three slashes", "///evil.example/x.m3u8", 307, f"/.///evil.example/x.m3u8?{T}"),
    ("a slash and a backslash", "/\\evil.example/x.m3u8", 307, f"/%5Cevil.example/x.m3u8?{T}"),
    ("an escaped backslash", "/%5Cevil.example/x.m3u8", 307, f"/%5Cevil.example/x.m3u8?{T}"),
    ("an escaped slash", "/%2Fevil.example/x.m3u8", 307, f"/%2Fevil.example/x.m3u8?{T}"),
    ("a slash and a tab", "/\t/evil.example/x.m3u8", 307, f"/%09/evil.example/x.m3u8?{T}"),
    ("dots and another host", "/..//evil.example/x.m3u8", 307, f"/..//evil.example/x.m3u8?{T}"),
    ("a user and another host", "/@evil.example/x.m3u8", 307, f"/@evil.example/x.m3u8?{T}"),
    ("a scheme", "/https://evil.example/x.m3u8", 307, f"/https://evil.example/x.m3u8?{T}"),
    ("another host in the query", "/x.m3u8?//evil.example", 307, f"/x.m3u8?//evil.example&{T}"),
    ("a second question mark", "/x.m3u8?a?b", 307, f"/x.m3u8?a?b&{T}"),
    ("a fragment", "/x.m3u8?a#b", 307, f"/x.m3u8?a%23b&{T}"),
    ("an escaped question mark", "/x%3F.m3u8", 307, f"/x%3F.m3u8?{T}"),
    (
        "braces, quotes and spaces",
        '/{$v}"<x>.m3u8?{$v}=" <',
        307,
        f"/%7B$v%7D%22%3Cx%3E.m3u8?%7B$v%7D=%22%20%3C&{T}",
    ),
    ("half an escape", "/%.m3u8?%&%4&%zz", 307, f"/%.m3u8?%&%4&%zz&{T}"),
    ("NUL in the path", "/a%00.m3u8", 307, f"/a%00.m3u8?{T}"),
    ("raw control characters", f"/a{NUL}.m3u8?{NUL}{DEL}", 307, f"/a%00.m3u8?%00%7F&{T}"),
    ("very many parameters", f"/a.m3u8?{'&x' * 4000}", 307, f"/a.m3u8?{'&x' * 4000}&{T}"),
    ("very many tokens", f"/a.m3u8?{'tkn=x&' * 1300}", 307, f"/a.m3u8?{T}"),
    ("dot segments", "/a/../../b/./c.m3u8", 307, f"/a/../../b/./c.m3u8?{T}"),
    ("a very long path", f"/{'a/' * 4000}b.m3u8", 307, f"/{'a/' * 4000}b.m3u8?{T}"),
]


def absolute_form(request):
    """A server that hands on the request target of a proxy request (RFC 9112 3.2.2)."""
    if "type" in request:
        request["raw_path"] = b"http://evil.example" + request["raw_path"]
    else:
        for name in ("RAW_URI", "REQUEST_URI"):
            request[name] = "http://evil.example" + request[name]


def absolute_path(request):
    """A server that takes the whole absolute-form target for the path."""
    absolute_form(request)
    if "type" in request:
        request["path"] = "http://evil.example" + request["path"]
    else:
        request["PATH_INFO"] = "http://evil.example" + request["PATH_INFO"]


HEADERS = {
    "cookie": ("tkn=\xff; =; ;; tkn", "tkn=" + "x" * 5000),
    "origin": ("\xff", "https://a.example, https://b.example"),
    "host": ("evil.example", "[::1", "a b", ""),
    "user-agent": ("\xff\xfe", "x" * 9000),
    "x-forwarded-for": ("", ",,,", "unknown", "x" * 9000, "[::1", "1.2.3.4:99999, %25"),
    "forwarded": ('for="', "for=;;", "proto=javascript;host=a b"),
    "x-forwarded-prefix": ("/\xff", "/a?b"),
    "x-forwarded-host": ("evil example", "\xff"),
    "x-playback-session-id": ("\xff" * 30, "x" * 9000),
    "cmcd-session": ('sid="', 'sid="' + "\xe9" * 30 + '"'),
    "accept-encoding": ("gzip;q=x", "\xff", "gzip;q=1.2.3"),
    "x-cdn": ("\xff", "x" * 513),
}
TRUSTED = {"trusted_proxies": ("192.0.2.0/24",), "trusted_header": "X-CDN"}

CASES = [
    *(
        Case(
            f"hostile: {name} gives {status}",
            [get(target, status=status, location=location)],
            {"track": r"\.ts$"},
        )
        for name, target, status, location in TABLE
    ),
    *(
        Case(
            f"hostile: {name} is taken for what was meant",
            [
                get("/a.m3u8?x", status=307, location="/a.m3u8?x&tkn={a}"),
                get("/a.m3u8?x&tkn={a}", status=200, session={"stream": stream}),
            ],
            server=server,
            lint=lint,
        )
        for name, server, lint, stream in (
            ("an absolute-form target", absolute_form, True, "a"),
            ("an absolute-form path", absolute_path, False, "a"),
        )
    ),
    *(
        Case(
            f"hostile: {name} {number} harms nobody",
            [
                get("/a.m3u8?x", send={name: value}, status=307, location="/a.m3u8?x&tkn={a}"),
                get(f"/a.m3u8?tkn={ONE}", send={name: value}, status=200),
            ],
            TRUSTED,
        )
        for name, values in HEADERS.items()
        for number, value in enumerate(values)
    ),
]
