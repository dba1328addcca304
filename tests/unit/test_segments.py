"""Segments: how the URIs of what is played carry the session (SPEC 2 and 3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware.manifest import HERE
from support.values import carriage, rules

PLAIN = rules()
OPEN = rules(public_url="https://public.example/p/", carry_hosts=("media.example",))


def slots(of=PLAIN, base="/vod/film/720p/index.m3u8", **more):
    """What makes the URIs of one answer carry: of manifests, and of segments."""
    by = carriage(base, **{"stream": "vod/film", "segments": True, **more})
    return of.slots.of(by)


def linked(texts: tuple[str, str] | None, of=PLAIN, *, path: str) -> str | None:
    """The stream that the link behind the token names at a path as a tracked one has it."""
    assert texts is not None
    assert texts[0].endswith("tkn=")
    return of.links.stream(texts[1][1:].partition("#")[0], path) if texts[1] else None


def test_where_segments_are_not_asked_to_carry_there_is_nothing_that_makes_them():
    assert slots(segments=False)[1] is None


def test_the_segments_of_a_folder_have_one_link_that_counts_in_it():
    _, segments = slots()
    first, second = segments("1.ts"), segments("2.ts?a=1")
    assert (first[0], second[0]) == ("1.ts?tkn=", "2.ts?a=1&tkn=")
    assert first[1] == second[1]
    assert linked(first, path="vod/film/720p/") == "vod/film"
    assert linked(first, path="vod/film/") is None
    assert linked(segments("../sound/1.ts"), path="vod/film/sound/") == "vod/film"


def test_where_the_folder_is_the_streams_own_no_link_is_needed():
    _, segments = slots(base="/vod/film/index.m3u8")
    assert segments("1.ts") == ("1.ts?tkn=", "")
    assert segments("hls/1.ts") == ("hls/1.ts?tkn=", "")
    assert slots(stream=None)[1]("1.ts") == ("1.ts?tkn=", "")


def test_a_segment_that_match_names_has_a_link_for_its_own_path():
    of = rules(match=r"\.m3u8$|/film/")
    _, segments = slots(of)
    assert linked(segments("1.ts"), of, path="vod/film/720p/1.ts") == "vod/film"
    assert segments("1.ts")[1] != segments("2.ts")[1]


def test_one_name_among_others_may_be_a_manifests():
    _, segments = slots()
    in_folder = segments("1.ts")
    assert linked(segments("a.m3u8"), path="vod/film/720p/a.m3u8") == "vod/film"
    assert segments("2.ts")[1] == in_folder[1]
    _, segments = slots()  # the other way round
    assert linked(segments("a.m3u8"), path="vod/film/720p/a.m3u8") == "vod/film"
    assert segments("2.ts")[1] == in_folder[1]


def test_where_a_name_tells_the_stream_each_name_is_looked_at():
    of = rules(stream=r"/(?P<stream>\w)[^/]*$")
    _, segments = slots(of, stream="a")
    assert segments("a1.ts") == ("a1.ts?tkn=", "")
    assert linked(segments("b1.ts"), of, path="vod/film/720p/") == "a"
    assert segments("a2.ts") == ("a2.ts?tkn=", "")


def test_what_match_names_by_a_path_as_it_came_is_seen_behind_others():
    of = rules(match=r"\.m3u8$|//film/b")
    _, segments = slots(of, base="/vod/%2Ffilm/index.m3u8", stream="x")
    assert linked(segments("a.ts"), of, path="vod/film/") == "x"
    assert linked(segments("b.ts"), of, path="vod/film/b.ts") == "x"


# --- as those of manifests do ---------------------------------------------------------------------

SETS = {
    "nothing special": (PLAIN, {}),
    "a mount": (PLAIN, {"base": "/app/vod/film/720p/i.m3u8", "mount": "/app"}),
    "a folder with $ and dots": (PLAIN, {"base": "/vod/a$b/.x//../i.m3u8"}),
    "a path that looks like a host": (PLAIN, {"base": "//evil.example/i.m3u8"}),
    "no link": (PLAIN, {"stream": None}),
    "links alone": (PLAIN, {"whole": False}),
    "all that match names": (rules(match=r"\.m3u8$|a\.|/b"), {}),
    "streams by name": (rules(stream=r"/(?P<stream>\w)[^/]*$"), {"stream": "a"}),
    "streams by a function": (rules(stream=lambda _: "vod/film"), {}),
    "a service": (rules(service="[ab]+"), {"service": "ab"}),
    "public": (OPEN, {}),
    "public, below the prefix": (OPEN, {"base": "/p/vod/film/720p/i.m3u8"}),
}
_WORDS = st.sampled_from(
    [
        *("a", "b", "1.ts", "a.m3u8", ".", "..", ".x", "x.", "$a$", "é", "a b", "%61", "~_-"),
        *("/", "/", "/", "/", "?", "#", "&", "tkn=x", "sid", ":", "\\", "http:", "data:", "\n"),
        *("//tv.example", "http://tv.example", "https://public.example/p", "//evil.example"),
        *("https://media.example", "https://media.example:1", "http://u@tv.example", "p"),
    ]
)
_URIS = st.lists(_WORDS, max_size=5).map("".join)


@pytest.mark.parametrize("name", SETS)
@given(uris=st.lists(_URIS, min_size=1, max_size=6))
def test_p10_a_segment_carries_as_a_manifest_would_whatever_was_asked_before(name, uris):
    of, more = SETS[name]
    slot, segments = slots(of, **more)
    assert [segments(uri) for uri in uris] == [slot(uri) for uri in uris]


@given(uris=st.lists(_URIS, min_size=1, max_size=4))
def test_a_template_carries_as_another_uri_does_where_nothing_in_it_is_open(uris):
    slot, segments = slots()
    closed = [uri for uri in uris if "$" not in uri]
    assert [segments(uri, template=True) for uri in closed] == [slot(uri) for uri in closed]


# --- templates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "media", ["$Number$.m4s", "a-$RepresentationID$-$Time%05d$.m4s?a=$Time$/x", "./$Time$#/"]
)
def test_a_template_of_names_is_linked_to_its_folder(media):
    texts = slots()[1](media, template=True)
    assert linked(texts, path="vod/film/720p/") == "vod/film"


@pytest.mark.parametrize(
    "media", ["$RepresentationID$/1.m4s", "/vod/$Number$/", "a$$/$Time$.m4s", "a/$Time$/b?$x$"]
)
def test_a_template_of_folders_carries_without_a_link(media):
    before, after = slots()[1](media, template=True)
    assert before == media + ("&" if "?" in media else "?") + "tkn="
    assert after == ""
    assert slots(whole=False)[1](media, template=True) is None


def test_a_dollar_is_only_a_dollar_where_nothing_is_a_template():
    texts = slots()[1]("a$b/1.m4s")
    assert linked(texts, path="vod/film/720p/a$b/") == "vod/film"
    _, segments = slots(base="/vod/a$b/manifest.mpd")
    assert linked(segments("$Time$.m4s", template=True), path="vod/a$b/") == "vod/film"


def test_a_template_of_what_match_names_carries_without_a_link():
    _, segments = slots(rules(match=r"\.m3u8$|/film/"))
    assert segments("$Time$.m4s", template=True) == ("$Time$.m4s?tkn=", "")
    assert segments("1.m4s", template=True)[1]


# --- bases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bases", "path"),
    [
        ((("a/",),), "vod/film/720p/a/"),
        ((("a/b",),), "vod/film/720p/a/"),
        ((("a/", "../b/", "c"),), "vod/film/720p/b/"),
        ((("/x/?q=/y/#/z/",),), "x/"),
        ((("",),), "vod/film/720p/"),
        ((("http://tv.example/x/", "y/"),), "x/y/"),
        ((("https://cdn.example/x/", "http://tv.example/y/"),), "y/"),
        ((("a/",), ("/vod/film/720p/a/b",)), "vod/film/720p/a/"),
    ],
)
def test_a_segment_is_linked_to_the_folder_that_its_bases_lead_to(bases, path):
    segments = slots()[1]
    assert linked(segments("1.m4s", bases), path=path) == "vod/film"
    assert linked(segments("$Time$.m4s", bases, template=True), path=path) == "vod/film"
    assert linked(segments("1.m4s?a", bases), path=path) == "vod/film"


@pytest.mark.parametrize("uri", ["1.m4s", "$Time$.m4s"])
def test_where_bases_lead_to_different_folders_no_link_would_be_right(uri):
    _, segments = slots()
    assert segments(uri, (("a/",), ("b/",)), template=True) == (f"{uri}?tkn=", "")
    assert segments(uri, (("..",), ("../hls/",)), template=True) == (f"{uri}?tkn=", "")
    one_needs_none = (("a/",), ("/vod/film/",))
    assert segments(uri, one_needs_none, template=True) == (f"{uri}?tkn=", "")


@pytest.mark.parametrize("uri", ["1.m4s", "/1.m4s", "1.m4s?a", "$Time$.m4s", "?a"])
@pytest.mark.parametrize(
    "bases",
    [
        (("https://cdn.example/x/",),),
        (("//cdn.example/x/", "y/"),),
        (("data:,x",),),
        (("a/", "urn:x:y", "b/"),),
        (("a/",), ("https://cdn.example/",)),
        (*HERE, ("https://cdn.example/live.mpd",)),
        (("\t//cdn.example/",),),
        (),
    ],
)
def test_what_may_lead_to_somebody_else_never_carries(bases, uri):
    assert slots()[1](uri, bases, template=True) is None


@pytest.mark.parametrize("uri", ["http://tv.example/x/1.m4s", "//tv.example/x/1.m4s?a"])
def test_a_uri_of_our_own_host_carries_whatever_its_base(uri):
    texts = slots()[1](uri, (("https://cdn.example/",), ("data:,x",)))
    assert linked(texts, path="x/") == "vod/film"


def test_a_base_of_carry_hosts_or_behind_the_public_prefix_carries():
    _, segments = slots(OPEN)
    assert linked(segments("1.ts", (("https://media.example/x/",),)), OPEN, path="x/") == "vod/film"
    behind = segments("1.ts", (("https://public.example/p/x/",),))
    assert linked(behind, OPEN, path="x/") == "vod/film"
    assert segments("1.ts", (("https://public.example.evil.example/p/x/",),)) is None
