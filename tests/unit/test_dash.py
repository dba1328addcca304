"""MPDs: the Location says where to ask next, every other byte stays."""

from __future__ import annotations

from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sessionware.manifest import Form, Pieces, dash
from support.splicing import TOKEN, carried, everywhere, fixtures, nowhere, real_slot, unmarked

OWN = (b"live.mpd?a=1&amp;tkn=", b".x")
HERE = "@@"
"""Where an MPD without a Location gets one."""

# What it is -> an MPD in which «...» stands around a Location's URL.
MPDS: dict[str, str | bytes] = {
    "no Location": "<MPD>@@<Period/></MPD>",
    "a declaration": '<?xml version="1.0" encoding="UTF-8"?>\n<MPD a="b">\n @@<Period/>\n</MPD>',
    "BOM": "\ufeff<MPD>@@<Period/></MPD>",
    "CRLF": "<MPD>\r\n\t@@<Period/>\r\n</MPD>\r\n",
    "blanks before the root": "\n \n<MPD>@@<Period/></MPD>",
    "nothing in it": "<MPD>@@</MPD>",
    "nothing but blanks in it": "<MPD>\n@@</MPD>\n",
    "the schema's order": "<MPD><ProgramInformation/><BaseURL>b/</BaseURL>@@<Period/></MPD>",
    "before PatchLocation": "<MPD><BaseURL/>@@<PatchLocation>p</PatchLocation></MPD>",
    "behind comments": "<MPD><!-- <Period/> --> <?x <Period/>?>@@<Period/></MPD>",
    "a Period's own BaseURL": "<MPD>@@<Period><BaseURL>b/</BaseURL></Period></MPD>",
    "a Location deeper down": "<MPD>@@<Period><Location>x</Location></Period></MPD>",
    "a prefix": '<d:MPD xmlns:d="urn:mpeg:dash:schema:mpd:2011">@@<d:Period/></d:MPD>',
    "a tag over several lines": "<MPD\n  profiles='a>b'\n>\n@@<Period start='>'/></MPD>",
    "its own Location": "<MPD><Location>«live.mpd»</Location><Period/></MPD>",
    "several Locations": "<MPD><Location>«a.mpd»</Location>\n<Location>«b?c=d»</Location></MPD>",
    "a Location behind the Period": "<MPD><Period/><Location>«a.mpd»</Location></MPD>",
    "a Location with a prefix": "<d:MPD xmlns:d='u'><d:Location>«a»</d:Location></d:MPD>",
    "a Location among blanks": "<MPD><Location>\n\t «a.mpd» \r\n</Location><Period/></MPD>",
    "> in an attribute": """<MPD><Location a=">" b='">'>«a.mpd»</Location><Period/></MPD>""",
    "a tag with blanks": "<MPD><Location\n  a='/' >«a.mpd»</Location ></MPD>",
    "an entity": "<MPD><Location>«a.mpd?x=1&amp;y=&lt;»</Location><Period/></MPD>",
    "a self-closing Location": "<MPD><Location/>@@<Period/></MPD>",
    "self-closing, with attributes": "<MPD><Location a='b' />@@<Period/></MPD>",
    "a comment in the Location": "<MPD><Location>a<!-- x -->.mpd</Location><Period/></MPD>",
    "CDATA in the Location": "<MPD><Location><![CDATA[a?b&c]]></Location><Period/></MPD>",
    "CDATA elsewhere": "<MPD>@@<Period><![CDATA[<Location>]]></Period></MPD>",
    "ISO-8859-1": b'<?xml version="1.0" encoding="iso-8859-1"?><MPD>@@<Period id="\xe9"/></MPD>',
    "a comment of 1 MB": f"<MPD><!--{'<Location>' * 100_000}-->@@<Period/></MPD>",
    "one line of 1 MB": f"<MPD>@@<Period>{'<S/>' * 250_000}</Period></MPD>",
}

UNREADABLE = {
    "a document type": "<!DOCTYPE MPD><MPD><Period/></MPD>",
    "entities that grow": '<!DOCTYPE M [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><MPD>&c;</MPD>',
    "an outer document type": '<!DOCTYPE MPD SYSTEM "file:///etc/passwd"><MPD/>',
    "another root": "<html><Period/></html>",
    "an MPD inside another root": "<x><MPD><Period/></MPD></x>",
    "a name that ends in MPD": "<XMPD><Period/></XMPD>",
    "no end": "<MPD><Period>",
    "two roots": "<MPD/><MPD/>",
    "NUL bytes": "<MPD>\0<Period/></MPD>",
    "an unknown entity": "<MPD>&nbsp;<Period/></MPD>",
    "no XML": "hello",
    "nothing": "",
    "nested too deep to end": "<MPD>" + "<a>" * 10_000,
}


def with_own(pieces: Pieces) -> bytes:
    """Give a viewer's copy, as the answer makes it."""
    return pieces.with_own(*OWN).render(TOKEN)


def expected(mpd: bytes) -> bytes:
    tag = b"d:Location" if b"<d:MPD" in mpd else b"Location"
    own = b"<%b>%b</%b>" % (tag, TOKEN.join(OWN), tag)
    return carried(mpd, b"&amp;").replace(HERE.encode(), own)


def body_of(mpd: str | bytes) -> bytes:
    return mpd.encode() if isinstance(mpd, str) else mpd


@pytest.mark.parametrize("name", MPDS)
def test_the_location_goes_where_the_schema_wants_it_and_nothing_else_moves(name: str) -> None:
    mpd = body_of(MPDS[name])
    plain = unmarked(mpd).replace(HERE.encode(), b"")
    pieces = dash.cut(plain, everywhere, location=True)
    assert pieces.form is Form.MPD
    assert pieces.skipped == ""
    assert with_own(pieces) == expected(mpd)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_mpd_stays_as_it_is_and_is_said_to_be_skipped(name: str) -> None:
    body = UNREADABLE[name].encode()
    pieces = dash.cut(body, everywhere, location=True)
    assert (pieces.form, pieces.parts, pieces.own) == (Form.UNREADABLE, (body,), None)
    assert pieces.skipped


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32-le"])
def test_utf_16_is_left_alone_and_is_an_mpd_all_the_same(coding: str) -> None:
    body = "<MPD><Location>a.mpd</Location><Period/></MPD>".encode(coding)
    pieces = dash.cut(body, everywhere, location=True)
    assert (pieces.form, pieces.parts, pieces.own) == (Form.MPD, (body,), None)
    assert "UTF-16" in pieces.skipped


@pytest.mark.parametrize("name", MPDS)
def test_without_dash_location_an_mpd_stays_as_it_is(name: str) -> None:
    # P3: a CDN that routes by its own Location must be able to switch ours off.
    mpd = body_of(MPDS[name])
    pieces = dash.cut(mpd, everywhere, location=False)
    assert (pieces.form, pieces.parts, pieces.own) == (Form.MPD, (mpd,), None)


def test_a_location_that_may_not_carry_stays_as_it_is() -> None:
    mpd = b"<MPD><Location>https://cdn.example/a.mpd</Location><Period/></MPD>"
    assert dash.cut(mpd, nowhere, location=True).parts == (mpd,)


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("a?x=1&amp;y=2", "a?x=1&y=2"),
        ("a?x=1&#38;y=2", "a?x=1&y=2"),
        ("a?x=1&#x26;y=2", "a?x=1&y=2"),
        ("a?&amp;#38;", "a?&#38;"),
        ("a?&apos;&quot;&lt;&gt;", "a?'\"<>"),
        ("  a?é\n", "a?é"),
    ],
)
def test_the_url_is_read_as_xml_reads_it(written: str, url: str) -> None:
    seen: list[str] = []
    mpd = f"<MPD><Location>{written}</Location></MPD>".encode()
    dash.cut(mpd, seen.append, location=True)
    assert seen == [url]


# --- by a grammar, against an independent reader --------------------------------------------------

_BLANKS = st.sampled_from(["", " ", "\n  ", "\r\n\t"])
_URLS = st.sampled_from(
    ["live.mpd", "../a/b.mpd?x=1&amp;y=%26", "https://tv.example/a.mpd", "a?b#c"]
)
_NOISE = ["<!-- <Location>x</Location> -->", "<?x <Period/>?>", ""]
_IN_FRONT = [
    "<ProgramInformation><Title>a&amp;b</Title></ProgramInformation>",
    "<BaseURL>v/</BaseURL>",
]
_BEHIND = [
    "<PatchLocation>p?a=1</PatchLocation>",
    '<Period id="1"><Location>no</Location></Period>',
]
_BEHIND += ['<Period start="PT0S"/>', "<x:Extra xmlns:x='urn:x'><![CDATA[<Period>]]></x:Extra>"]


@st.composite
def mpds(draw: st.DrawFn) -> str:
    """Give an MPD with marks around its Locations' URLs, and a mark where one is missing."""

    def some(texts: list[str], most: int = 3) -> list[str]:
        return draw(st.lists(st.sampled_from(texts), max_size=most))

    locations = [f"<Location>{draw(_BLANKS)}«{url}»</Location>" for url in draw(st.lists(_URLS))]
    here = "" if locations else HERE
    children = some(_IN_FRONT + _NOISE) + locations + some(_NOISE)
    children += [f"{here}<UTCTiming/>", *some(_BEHIND + _NOISE)]
    tag = draw(st.sampled_from(["MPD", 'MPD type="dynamic"', "MPD\n xmlns='urn:mpeg' a='>' "]))
    root = f"<{tag}>{''.join(child + draw(_BLANKS) for child in children)}</MPD>"
    declared = draw(st.sampled_from(["", '<?xml version="1.0"?>\n', "\ufeff"]))
    return declared + root + draw(st.sampled_from(["", "\r\n", "<!-- end -->"]))


def plain(mpd: str) -> bytes:
    return unmarked(mpd.encode()).replace(HERE.encode(), b"")


@given(mpds())
def test_any_mpd_changes_only_where_its_locations_are(mpd: str) -> None:
    assert with_own(dash.cut(plain(mpd), everywhere, location=True)) == expected(mpd.encode())


def locations(body: bytes) -> list[str]:
    """Read an MPD's own Locations with another reader, resolved."""
    found = etree.fromstring(body).xpath("/*/*[local-name()='Location']/text()")
    return [urljoin("https://tv.example/vod/live.mpd", str(text).strip()) for text in found]


@given(mpds())
def test_another_reader_finds_the_same_locations_each_with_the_token(mpd: str) -> None:
    body = plain(mpd)
    wanted = locations(body) or ["https://tv.example/vod/live.mpd?a=1"]
    found = locations(with_own(dash.cut(body, real_slot("film"), location=True)))
    for before, after in zip(map(urlsplit, wanted), map(urlsplit, found), strict=True):
        assert (after.netloc, after.path, after.fragment) == before[1:3] + before[4:]
        assert after.query.startswith(before.query)
        (token,) = parse_qs(after.query)["tkn"]
        assert token.startswith(TOKEN.decode())


@given(mpds())
def test_carrying_twice_is_carrying_once(mpd: str) -> None:
    # P39: what a second instance of us rewrites again must not grow.
    slot = real_slot("film")
    own = slot("live.mpd?a=1")
    assert own is not None
    once = dash.cut(plain(mpd), slot, location=True).with_own(*map(dash.escape_own, own))
    rendered = once.render(TOKEN)
    assert dash.cut(rendered, slot, location=True).render(TOKEN) == rendered


@given(mpds())
def test_the_mpd_tag_keeps_its_place_and_its_length(mpd: str) -> None:
    # P50: a player that looks at 512 bytes must still find "<MPD" and its ">" there.
    body = plain(mpd)
    opened = body.index(b">", body.index(b"a='>'") + 5 if b"a='>'" in body else body.index(b"<MPD"))
    copy = with_own(dash.cut(body, everywhere, location=True))
    assert copy[: opened + 1] == body[: opened + 1]


def test_mpds_that_others_wrote_keep_their_bytes() -> None:
    for path in fixtures("dash"):
        body = path.read_bytes()
        copy = with_own(dash.cut(body, everywhere, location=True))
        own = b"<Location>%b</Location>" % TOKEN.join(OWN)
        assert copy.count(b"TOKEN") == max(1, body.count(b"<Location>")), path
        for added in (own, b"&amp;tkn=TOKEN.x", b"?tkn=TOKEN.x"):
            copy = copy.replace(added, b"")
        assert copy == body, path


def test_a_patch_of_an_mpd_is_played_and_stays_as_it_is() -> None:
    patch = b'<?xml version="1.0"?><Patch xmlns="urn:mpeg:dash:schema:mpd-patch:2020"/>'
    pieces = dash.cut(patch, lambda _: None, location=True)
    assert (pieces.form, pieces.parts, pieces.skipped) == (Form.MPD, (patch,), "")
