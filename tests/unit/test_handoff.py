"""The Location by which a client gets its token (SPEC 5)."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware.target import client_path
from support.values import carriage, request, rules

SERVICE = "9bf31c7ff062936aa98ca3e56900abcd"
BY_SERVICE = r"[0-9a-f]{32}"
HOSTS = "http://tv.example"
FORMS = ("root", "relative", "absolute")


def location(path: str, query: str = "", *, mount: str = "", **options) -> str:
    """The Location for a client's path, as the flow makes it; without links."""
    of = rules(**options)
    asked = request(path, query, mount=mount)
    base = of.without_service(asked)
    service = of.take_service(asked.path)[0]
    by = carriage(base, stream=None, service=service, mount=mount)
    return of.locations.url(asked, query, by, "TOKEN")


# --- the three forms -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "/app/vod/film/master.m3u8?zipcode=25267&tkn=TOKEN"),
        ({"location": "relative"}, "master.m3u8?zipcode=25267&tkn=TOKEN"),
        ({"public_url": "https://p.example/tv"},
         "/app/vod/film/master.m3u8?zipcode=25267&tkn=TOKEN"),
        ({"location": "absolute", "public_url": "https://p.example"},
         "https://p.example/vod/film/master.m3u8?zipcode=25267&tkn=TOKEN"),
        ({"location": "absolute", "public_url": "https://p.example:8443/tv/x/"},
         "https://p.example:8443/tv/x/vod/film/master.m3u8?zipcode=25267&tkn=TOKEN"),
        ({"location": "absolute", "public_url": "https://p.example/app"},
         "https://p.example/app/vod/film/master.m3u8?zipcode=25267&tkn=TOKEN"),
        ({"location": "absolute", "public_url": "https://p/p"},
         "https://p/p/vod/film/master.m3u8?zipcode=25267&tkn=TOKEN"),
    ],
)  # fmt: skip
def test_each_form_names_the_path_of_the_client(options, expected):
    made = location("/app/vod/film/master.m3u8", "zipcode=25267", mount="/app", **options)
    assert made == expected


@pytest.mark.parametrize(
    ("path", "root", "relative"),
    [
        # never a leading "//" or "/\", never a control character, never a scheme
        ("//evil.example/x.m3u8", "/.//evil.example/x.m3u8", "x.m3u8"),
        ("///evil.example/x.m3u8", "/.///evil.example/x.m3u8", "x.m3u8"),
        ("/\\evil.example/x.m3u8", "/%5Cevil.example/x.m3u8", "x.m3u8"),
        ("\\\\evil.example/x.m3u8", "/%5C%5Cevil.example/x.m3u8", "x.m3u8"),
        ("/\\\\evil.example\\x.m3u8", "/%5C%5Cevil.example%5Cx.m3u8",
         "%5C%5Cevil.example%5Cx.m3u8"),
        ("/\t/evil.example/x.m3u8", "/%09/evil.example/x.m3u8", "x.m3u8"),
        ("/a\r\nSet-Cookie: a=b/x.m3u8", "/a%0D%0ASet-Cookie:%20a=b/x.m3u8", "x.m3u8"),
        ("/a\r\nb.m3u8", "/a%0D%0Ab.m3u8", "a%0D%0Ab.m3u8"),
        ("/%0d%0aX:y.m3u8", "/%0d%0aX:y.m3u8", "./%0d%0aX:y.m3u8"),
        ("/javascript:alert(1).m3u8", "/javascript:alert(1).m3u8", "./javascript:alert(1).m3u8"),
        ("/a/http://evil.example/x.m3u8", "/a/http://evil.example/x.m3u8", "x.m3u8"),
        ("/a/http:x.m3u8", "/a/http:x.m3u8", "./http:x.m3u8"),
        # escapes are kept, what is forbidden is escaped
        ("/a%2Fb/%7Ex%3F.m3u8", "/a%2Fb/%7Ex%3F.m3u8", "%7Ex%3F.m3u8"),
        ("/a#b/x#y.m3u8", "/a%23b/x%23y.m3u8", "x%23y.m3u8"),
        ('/<a>/"x".m3u8', "/%3Ca%3E/%22x%22.m3u8", "%22x%22.m3u8"),
        ("/caf\xc3\xa9.m3u8", "/caf%C3%A9.m3u8", "caf%C3%A9.m3u8"),
        ("/a/", "/a/", "./"),  # P34: never a query alone
        ("/", "/", "./"),
    ],
)  # fmt: skip
def test_a_hostile_path_leads_to_itself_and_nowhere_else(path, root, relative):
    path = client_path(path, "", "")[0]
    public = {"location": "absolute", "public_url": "https://p.example"}
    assert location(path) == f"{root}?tkn=TOKEN"
    assert location(path, location="relative") == f"{relative}?tkn=TOKEN"
    assert location(path, **public) == f"https://p.example{root}?tkn=TOKEN"


HOSTILE = st.text(st.sampled_from("/\\:.?#@%\t\r\n \x00a[]ä"), max_size=20)


@given(HOSTILE, HOSTILE, st.sampled_from(FORMS), st.sampled_from([None, BY_SERVICE]),
       st.sampled_from(["", "/app"]))  # fmt: skip
def test_no_target_can_put_a_host_or_a_line_into_a_location(raw, query, form, service, mount):
    below = f"/{SERVICE}/{raw}" if service is not None else raw
    path = mount + client_path(below, "", "/")[0]
    options = {"location": form, "public_url": "https://p.example", "service": service}
    made = location(path, query, mount=mount, **options)
    assert made.isascii()
    assert made.isprintable()
    assert not set(made) & set(' \\"<>#')
    assert not made.startswith(("//", "?"))
    assert ":" not in made.partition("?")[0].partition("/")[0] or form == "absolute"
    url = urlsplit(urljoin(HOSTS + "/", made))
    expected = "https://p.example" if form == "absolute" else HOSTS
    assert f"{url.scheme}://{url.netloc}" == expected
    assert made.endswith("tkn=TOKEN")


# --- the query -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "tkn=TOKEN"),
        ("zipcode=25267", "zipcode=25267&tkn=TOKEN"),
        ("z=%7e+&a=%2F&&b", "z=%7e+&a=%2F&&b&tkn=TOKEN"),  # P7: byte for byte, in its order
        ("a=1&", "a=1&tkn=TOKEN"),  # P45
        ("u=http://evil.example/?x", "u=http://evil.example/?x&tkn=TOKEN"),
        ("a=\r\nX:y", "a=%0D%0AX:y&tkn=TOKEN"),
        ("a=%0d%0a", "a=%0d%0a&tkn=TOKEN"),
        ("a=<b>\"'", "a=%3Cb%3E%22'&tkn=TOKEN"),
        ("a#b", "a%23b&tkn=TOKEN"),
        # P8, and what asks for the announce
        ("response=200", "tkn=TOKEN"),
        ("a&response=404&response&b", "a&b&tkn=TOKEN"),
        ("CMCD=sid%3D1&a=1&_HLS_msn=3&_HLS_part=0", "a=1&tkn=TOKEN"),
        ("xresponse=200&a=response", "xresponse=200&a=response&tkn=TOKEN"),
    ],
)
def test_the_clients_query_stays_first_and_ours_goes_last(query, expected):
    assert location("/x.m3u8", query) == f"/x.m3u8?{expected}"


def test_the_name_of_the_announce_is_the_options():
    assert location("/x", "response=200", announce=None) == "/x?response=200&tkn=TOKEN"
    assert location("/x", "say=1&response=200", announce=("say", "1")).startswith("/x?response=200")


def test_where_nothing_of_ours_goes_into_it_the_location_is_the_cleaned_request():
    of = rules(location="relative")
    assert of.locations.url(request("/a/x.m3u8"), "", None, "TOKEN") == "x.m3u8"
    asked = request("/a/x.m3u8", "b&CMCD=1")
    assert of.locations.url(asked, asked.query, None, "TOKEN") == "x.m3u8?b"


# --- the service ---------------------------------------------------------------------------------


def test_the_example_of_seed_003_moves_the_service_into_the_query():
    path = f"/{SERVICE}/myStream/myOutput/index.mpd"
    named = {"service": BY_SERVICE, "service_parameter": "bpkio_serviceid"}
    made = location(path, "zipcode=25267", parameter="bpkio_sessionid", **named)
    query = f"zipcode=25267&bpkio_serviceid={SERVICE}&bpkio_sessionid=TOKEN"
    assert made == f"/myStream/myOutput/index.mpd?{query}"


@pytest.mark.parametrize("mount", ["", "/app", "/a/b", "/%61pp"])
@pytest.mark.parametrize("below", ["/x.mpd", "/a/index.mpd", "/a/b/c/x.mpd", "/a:b/c:d.mpd", "/a:b",
                                   "/a%2Fb/x.mpd", "/a/", "/", f"/{SERVICE}/x.mpd"])  # fmt: skip
def test_a_relative_location_climbs_out_of_the_service_to_what_root_would_name(mount, below):
    path = f"{mount}/{SERVICE}{below}"
    root = location(path, mount=mount, service=BY_SERVICE)
    relative = location(path, mount=mount, service=BY_SERVICE, location="relative")
    assert relative.startswith("../")
    assert urljoin(HOSTS + path, relative) == urljoin(HOSTS + path, root)
    assert root == f"{mount}{below}?serviceid={SERVICE}&tkn=TOKEN"
    # ... also below a prefix that a CDN has put in front (seed 003)
    assert urljoin(f"{HOSTS}/cdn{path}", relative) == f"{HOSTS}/cdn{root}"


@pytest.mark.parametrize(
    ("path", "resolved", "relative"),
    [
        # RFC 3986 5.2.4 keeps empty segments, so they are climbed over and written again
        (f"/{SERVICE}//a/x.mpd", "/.//a/x.mpd", "../../..//a/x.mpd"),
        (f"//{SERVICE}/a/x.mpd", "/a/x.mpd", "../../../a/x.mpd"),
        (f"/{SERVICE}/a//x.mpd", "/a//x.mpd", "../../../a//x.mpd"),
        # with dot segments nothing is climbed
        (f"/{SERVICE}/./a/x.mpd", "/./a/x.mpd", "/./a/x.mpd"),
        (f"/{SERVICE}/..", "/..", "/.."),
        (f"/{SERVICE}/../javascript:x.mpd", "/../javascript:x.mpd", "/../javascript:x.mpd"),
        (f"/{SERVICE}/a/.", "/a/.", "/a/."),
        (f"/{SERVICE}/../..///evil.example/x.mpd", "/../..///evil.example/x.mpd",
         "/../..///evil.example/x.mpd"),
    ],
)  # fmt: skip
def test_odd_segments_do_not_lead_the_climb_astray(path, resolved, relative):
    ours = f"serviceid={SERVICE}&tkn=TOKEN"
    assert location(path, service=BY_SERVICE) == f"{resolved}?{ours}"
    assert location(path, service=BY_SERVICE, location="relative") == f"{relative}?{ours}"


def test_an_absolute_location_has_no_service_in_its_path():
    public = {"location": "absolute", "public_url": "https://p.example/tv"}
    made = location(f"/app/{SERVICE}/a/x.mpd", mount="/app", service=BY_SERVICE, **public)
    assert made == f"https://p.example/tv/a/x.mpd?serviceid={SERVICE}&tkn=TOKEN"


@pytest.mark.parametrize("path", [f"/{SERVICE}x/a.mpd", f"/a/{SERVICE}/x.mpd", f"/{SERVICE}.mpd"])
def test_only_a_whole_first_element_is_a_service(path):
    assert location(path, service=BY_SERVICE) == f"{path}?tkn=TOKEN"


# --- the request's own URL, and the app's redirects ----------------------------------------------


@pytest.mark.parametrize(
    ("base", "query", "own"),
    [
        ("/a/x.mpd", "", "x.mpd?tkn=TOKEN"),
        ("/a/x.mpd", "b=1&CMCD=1", "x.mpd?b=1&tkn=TOKEN"),
        ("/a/x:y.mpd", "", "./x:y.mpd?tkn=TOKEN"),
        ("//evil.example/x.mpd", "", "x.mpd?tkn=TOKEN"),
        ("/\\evil.example\\x.mpd", "", "%5Cevil.example%5Cx.mpd?tkn=TOKEN"),
        ("/a/", "", "./?tkn=TOKEN"),
    ],
)
def test_p2_the_own_url_keeps_the_directory_whatever_form_locations_have(base, query, own):
    for form in FORMS:
        of = rules(location=form, public_url="https://p.example")
        assert "TOKEN".join(of.locations.own(query, carriage(base, stream=None))) == own


def test_a_path_that_is_another_streams_gets_its_link_in_both():
    of = rules()
    by = carriage("/cam1/720p.m3u8")
    made = of.locations.url(request("/cam1/720p.m3u8"), "", by, "TOKEN")
    after = made.partition("TOKEN.")[2]
    assert of.links.stream(after, "cam1/720p.m3u8") == "cam1"
    assert of.locations.own("", by)[1] == f".{after}"
    same = carriage("/cam1/720p.m3u8", stream="cam1/720p")
    assert of.locations.url(request(), "", same, "TOKEN").endswith("TOKEN")


@pytest.mark.parametrize("base", ["//[evil.example/x.m3u8", "//evil.example:x/x.m3u8"])
def test_a_path_that_looks_like_a_broken_host_is_no_error(base):
    made = rules().locations.url(request(base), "", carriage(base), "TOKEN")
    assert made.startswith(f"/.{base.replace('[', '%5B')}?tkn=TOKEN.")


@pytest.mark.parametrize(
    ("to", "ours"),
    [
        ("x.m3u8", True),
        ("/a/x.MPD?b", True),
        ("/x%2Em3u8#f", True),
        ("http://tv.example/x.m3u8", True),
        ("", True),  # the same path again
        ("/login?next=/x.m3u8", False),
        ("/login#/x.m3u8", False),
        ("/x.m3u8/", True),  # served as the same without the slash
        ("/x.m3u8x/", False),
        ("http://[bad/x.m3u8", False),
    ],
)
def test_a_redirect_of_the_app_leads_to_us_by_its_path(to, ours):
    assert rules().leads_to_us(to, carriage()) is ours
