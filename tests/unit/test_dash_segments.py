"""MPDs whose segments carry: each URI of what is played, relative to what, and no other byte."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sessionware.manifest import HERE, Form, dash
from sessionware.manifest.dash_segments import MAX_BASES
from support.splicing import (
    TOKEN,
    Everything,
    carried,
    everywhere,
    fixtures,
    nowhere,
    real_slots,
    unmarked,
)


def mpd(adaptation_set: str, front: str = "", period: str = "") -> str:
    """Give an MPD with one AdaptationSet; what is in ``front`` stands above its Period."""
    inside = f"<Period>{period}<AdaptationSet>{adaptation_set}</AdaptationSet></Period>"
    return f"<MPD>{front}{inside}</MPD>"


def one(representation: str, front: str = "") -> str:
    return mpd(f"<Representation id='1'>{representation}</Representation>", front)


TEMPLATE = '<SegmentTemplate media="«$Number$.m4s»" initialization="«i.mp4»"/>'
LIST = '<SegmentList><Initialization sourceURL="«i»"/><SegmentURL media="«1»"/></SegmentList>'

# What it is -> an MPD in which «...» stands around each URI that carries.
MPDS: dict[str, str | bytes] = {
    "a template": one(TEMPLATE),
    "a template of the AdaptationSet": mpd(f"{TEMPLATE}<Representation/><Representation/>"),
    "a template of the Period": mpd("<Representation/>", period=TEMPLATE),
    "all that a template names": one(
        '<SegmentTemplate media="«m»" index="«x»" initialization="«i»" bitstreamSwitching="«b»"/>'
    ),
    "elements in a template": one(
        '<SegmentTemplate media="«m»"><Initialization sourceURL="«i»"/>'
        '<RepresentationIndex sourceURL="«x»"/><BitstreamSwitching sourceURL="«b»"/>'
        '<SegmentTimeline><S t="0" d="9" media="no"/></SegmentTimeline></SegmentTemplate>'
    ),
    "a list": one(LIST),
    "a list with ranges and indexes": one(
        '<SegmentList><SegmentURL media="«a»" mediaRange="0-9" index="«a.x»"/>'
        '<SegmentURL media="«a»" mediaRange="9-19"/></SegmentList>'
    ),
    "a list with and without names": one(
        "<BaseURL>x</BaseURL><SegmentList><SegmentURL media='«1»'/><SegmentURL mediaRange='0-9'/>"
        "</SegmentList>"
    ),
    "a base": one('<SegmentBase><Initialization sourceURL="«i»" range="0-9"/></SegmentBase>'),
    "single quotes": one("<SegmentTemplate media='«a\"b&apos;.m4s»'/>"),
    "double quotes": one('<SegmentTemplate media="«a\'b&quot;.m4s»"/>'),
    "references keep their form": one('<SegmentTemplate media="«a?b=&#38;&amp;c=&lt;&gt;»"/>'),
    "blanks in a tag": one("<SegmentTemplate\n\t media = '«a»'\r\n x='>' index\n=\n\"«b»\" />"),
    "an attribute in another": one(
        """<SegmentTemplate x=" media='no' " y=' media="no"' media="«a»"/>"""
    ),
    "an attribute of another name": one('<SegmentTemplate x:media="no" medias="no" xmedia="no"/>'),
    "an element of another name": one('<SegmentTemplates media="no"/><Segment media="no"/>'),
    "an element of somebody else": (
        "<MPD xmlns:x='u'><Period><AdaptationSet><Representation><x:SegmentTemplate media='no'/>"
        "</Representation></AdaptationSet></Period></MPD>"
    ),
    "an element at the wrong place": one(
        '<Event><SegmentTemplate media="no"/></Event><SegmentURL media="no"/>'
    ),
    "a prefix": (
        "<d:MPD xmlns:d='u'><d:Period><d:AdaptationSet><d:Representation>"
        "<d:SegmentTemplate media='«a»'/></d:Representation></d:AdaptationSet></d:Period></d:MPD>"
    ),
    "comments and CDATA": one(
        "<!-- <SegmentTemplate media='no'/> --><x><![CDATA[<SegmentTemplate media='no'/>]]></x>"
    ),
    "an empty URI": one('<SegmentTemplate media="" initialization="«i»"/>'),
    "a declaration, BOM, CRLF": '\ufeff<?xml version="1.0"?>\r\n' + one("\r\n" + TEMPLATE + "\r\n"),
    "another encoding": (
        b'<?xml version="1.0" encoding="iso-8859-1"?>'
        + one('<SegmentTemplate x="@" media="«@&#233;.m4s»"/>').encode().replace(b"@", b"\xe9")
    ),
    # A BaseURL that is the file itself
    "a file": one("<BaseURL>«film.mp4»</BaseURL><SegmentBase indexRange='0-9'/>"),
    "a file, and nothing else said": one("<BaseURL>«film.mp4»</BaseURL>"),
    "several files to choose from": one("<BaseURL>«a.mp4»</BaseURL><BaseURL>«b.mp4»</BaseURL>"),
    "a file among blanks": one("<BaseURL>\n «film.mp4?a=1&amp;b» \n</BaseURL><SegmentBase/>"),
    "a file of the AdaptationSet": mpd(
        "<BaseURL>«film.mp4»</BaseURL><SegmentBase/><Representation/>"
    ),
    "a file of the MPD": one("<SegmentBase/>", "<BaseURL>«film.mp4»</BaseURL>"),
    "a file whose parts are listed": one(
        "<BaseURL>«film.mp4»</BaseURL><SegmentList><SegmentURL mediaRange='0-9'/></SegmentList>"
    ),
    "a file in a folder": one("<BaseURL>«film.mp4»</BaseURL>", "<BaseURL>vod/x</BaseURL>"),
    "a folder": one("<BaseURL>video/</BaseURL><SegmentBase/>"),
    "a folder with a query": one("<BaseURL>video/?a</BaseURL>"),
    "a base for a template": one(f"<BaseURL>video/x</BaseURL>{TEMPLATE}"),
    "a base for a list": one(f"<BaseURL>video/x</BaseURL>{LIST}"),
    "a base for one and a file for another": mpd(
        f"<BaseURL>film</BaseURL><Representation>{TEMPLATE}</Representation>"
        "<Representation><SegmentBase/></Representation>"
    ),
    "a base above templates": mpd(f"{TEMPLATE}<Representation/>", "<BaseURL>x</BaseURL>"),
    "a base, and nothing else said": mpd("<BaseURL>x</BaseURL><Representation/>"),
    "a base of nothing": "<MPD><BaseURL>x</BaseURL></MPD>",
    "a template here, files there": mpd(
        "<SegmentTemplate media='«a»'/><Representation><BaseURL>«b»</BaseURL><SegmentBase/>"
        "</Representation><Representation/>"
    ),
    "an empty BaseURL": one("<BaseURL/><SegmentBase/>"),
    "a comment in a file's name": one("<BaseURL>film<!-- x -->.mp4</BaseURL><SegmentBase/>"),
    "one line of 1 MB": one(TEMPLATE + "<S/>" * 250_000),
}


def body_of(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def cut(body: bytes, segments: object = None, *, location: bool = False) -> dash.Pieces:
    return dash.cut(body, nowhere, segments or Everything(), location=location)


@pytest.mark.parametrize("name", MPDS)
def test_the_token_goes_into_each_uri_of_what_is_played_and_nowhere_else(name: str) -> None:
    marked = body_of(MPDS[name])
    pieces = cut(unmarked(marked))
    assert (pieces.form, pieces.skipped, pieces.own) == (Form.MPD, "", None)
    assert pieces.render(TOKEN) == carried(marked, b"&amp;")


@pytest.mark.parametrize("name", MPDS)
def test_nothing_carries_that_is_not_asked_to(name: str) -> None:
    # P27, and what is on other hosts
    body = unmarked(body_of(MPDS[name]))
    assert dash.cut(body, everywhere, location=False).parts == (body,)
    assert cut(body, lambda _uri, **_: None).parts == (body,)


@pytest.mark.parametrize("name", MPDS)
def test_segments_and_the_own_location_carry_beside_each_other(name: str) -> None:
    marked = body_of(MPDS[name])
    pieces = cut(unmarked(marked), location=True)
    assert pieces.learned == dash.cut(unmarked(marked), nowhere, location=False).learned
    copy = pieces.with_own(b"live.mpd?tkn=", b"").render(TOKEN)
    prefix = b"d:" if b"<d:" in marked else b""
    own = b"<%bLocation>live.mpd?tkn=TOKEN</%bLocation>" % (prefix, prefix)
    assert copy.count(own) == 1
    assert copy.replace(own, b"") == carried(marked, b"&amp;")


def test_an_mpds_own_location_carries_beside_its_segments() -> None:
    marked = one(TEMPLATE, "<Location>«live.mpd?a=1»</Location>").encode()
    pieces = dash.cut(unmarked(marked), everywhere, Everything(), location=True)
    assert pieces.render(TOKEN) == carried(marked, b"&amp;")
    without = dash.cut(unmarked(marked), everywhere, Everything(), location=False)
    assert without.render(TOKEN).startswith(b"<MPD><Location>live.mpd?a=1</Location>")


@pytest.mark.parametrize(
    "body",
    [
        "<MPD><Period></MPD>",
        "<MPD><Period/></MPD><x/>",
        "<MPD><Period><x></Period></MPD>",
        "<MPD><Period>&nbsp;</Period></MPD>",
        "<!DOCTYPE MPD><MPD><Period/></MPD>",
    ],
)
def test_what_is_no_well_formed_mpd_stays_as_it_is_and_is_said_to_be_skipped(body: str) -> None:
    pieces = cut(body.encode(), location=True)
    assert (pieces.form, pieces.parts) == (Form.UNREADABLE, (body.encode(),))
    assert pieces.skipped


def test_a_patch_stays_as_it_is() -> None:
    patch = b"<Patch><add sel='/MPD'><Period/></add></Patch>"
    assert cut(patch, location=True).parts == (patch,)


def test_a_uri_is_read_as_xml_reads_it() -> None:
    segments = Everything()
    cut(one("<SegmentTemplate media='a?b=1&amp;c=&#x24;Time$&apos;&quot;'/>").encode(), segments)
    assert segments.asked == [("a?b=1&c=$Time$'\"", HERE, True)]


def test_what_a_template_leaves_to_the_player_stays_and_nothing_of_ours_looks_like_it() -> None:
    # P51: "$" is template syntax, "&" is no "&" in XML.
    slot, segments = real_slots("film")
    media = "v/$RepresentationID$/$Number%05d$.m4s?a=$$1&amp;b=$Time$"
    body = one(f'<SegmentTemplate media="{media}"/>').encode()
    copy = dash.cut(body, slot, segments, location=False).render(TOKEN).decode()
    assert copy == body.decode().replace(media, f"{media}&amp;tkn=TOKEN")


def test_our_parameter_is_replaced_and_all_quotes_stay_whole() -> None:
    # P39
    slot, segments = real_slots("")
    body = one("""<SegmentTemplate media='a"&apos;?tkn=old&amp;b=&apos;' index="c'?tkn=x"/>""")
    copy = dash.cut(body.encode(), slot, segments, location=False).render(TOKEN).decode()
    assert copy.count("TOKEN") == 2
    assert "old" not in copy
    template = etree.fromstring(copy).find(".//SegmentTemplate")
    assert template.get("media") == "a\"'?b='&tkn=TOKEN"
    assert template.get("index") == "c'?tkn=TOKEN"


# --- to what they are relative --------------------------------------------------------------------

A, B = "<BaseURL>a/</BaseURL>", "<BaseURL>https://b.example/</BaseURL>"
MEDIA = "<SegmentTemplate media='m'/>"

RELATIVE: dict[str, tuple[str, set[tuple[str, ...]]]] = {
    "to the MPD": (one(MEDIA), {()}),
    "to the MPD's BaseURL": (one(MEDIA, A), {("a/",)}),
    "to BaseURLs of all levels": (
        mpd(
            f"<BaseURL>3/</BaseURL><Representation><BaseURL> 4/ </BaseURL>{MEDIA}</Representation>",
            "<BaseURL>1/</BaseURL>",
            "<BaseURL>2/</BaseURL>",
        ),
        {("1/", "2/", "3/", "4/")},
    ),
    "to a BaseURL behind it": (one(MEDIA + A), {("a/",)}),
    "to one of several": (one(MEDIA, A + B), {("a/",), ("https://b.example/",)}),
    "to each of several by each of several": (
        one(MEDIA + "<BaseURL>x</BaseURL><BaseURL>y</BaseURL>", A + B),
        {(one_of, two) for one_of in ("a/", "https://b.example/") for two in ("x", "y")},
    ),
    "to what its Representations are": (
        mpd(f"{MEDIA}<Representation>{A}</Representation><Representation>{B}</Representation>"),
        {("a/",), ("https://b.example/",)},
    ),
    "to what is read as XML reads it": (
        one(MEDIA, "<BaseURL>a&amp;b/</BaseURL>"),
        {("a&b/",)},
    ),
    "to the Location, for some players (P2)": (
        one(MEDIA, "<Location>/x/live.mpd</Location>"),
        {(), ("/x/live.mpd",)},
    ),
    "to what can't be read": (one(MEDIA, "<BaseURL>a<!-- -->/</BaseURL>"), set()),
    "to one of several, of which one can't be read": (
        one(MEDIA, A + "<BaseURL><!-- x --></BaseURL>"),
        set(),
    ),
    "to what can't be read, among others": (
        mpd(
            f"{MEDIA}<Representation/><Representation><BaseURL><![CDATA[x]]></BaseURL></Representation>"
        ),
        set(),
    ),
    "to a Location that can't be read": (one(MEDIA, "<Location><!-- -->x</Location>"), set()),
    "to an empty BaseURL": (one(MEDIA, "<BaseURL/>"), {("",)}),
    "to somebody else's": (one(MEDIA, "<x:BaseURL xmlns:x='u'>a/</x:BaseURL>"), {()}),
    "to more than one can think of": (
        one(MEDIA, "".join(f"<BaseURL>{n}/</BaseURL>" for n in range(MAX_BASES + 1))),
        set(),
    ),
    "to more than one can think of, together": (
        mpd(
            MEDIA
            + "".join(
                f"<Representation><BaseURL>{n}/</BaseURL></Representation>"
                for n in range(MAX_BASES + 1)
            )
        ),
        set(),
    ),
}


@pytest.mark.parametrize("name", RELATIVE)
def test_a_segment_is_relative(name: str) -> None:
    text, bases = RELATIVE[name]
    segments = Everything()
    cut(text.encode(), segments)
    ((uri, found, template),) = [asked for asked in segments.asked if asked[0] == "m"]
    assert (uri, set(found), template) == ("m", bases, True)
    assert len(found) == len(bases)


def test_a_file_is_relative_to_what_is_above_it() -> None:
    segments = Everything()
    cut(one("<BaseURL>film.mp4</BaseURL>", A + B).encode(), segments)
    assert segments.asked == [("film.mp4", (("a/",), ("https://b.example/",)), False)]


def test_a_file_that_is_relative_to_too_many_is_relative_to_none() -> None:
    segments = Everything()
    some = "".join(f"<BaseURL>{n}/</BaseURL>" for n in range(17))
    cut(
        mpd("<Representation><BaseURL>film.mp4</BaseURL></Representation>", some, some).encode(),
        segments,
    )
    assert segments.asked == [("film.mp4", (), False)]


def test_what_is_beside_a_file_is_relative_to_that() -> None:
    segments = Everything()
    index = "<SegmentBase><RepresentationIndex sourceURL='x'/></SegmentBase>"
    cut(one(f"<BaseURL>v/film.mp4</BaseURL>{index}").encode(), segments)
    assert segments.asked == [("v/film.mp4", HERE, False), ("x", (("v/film.mp4",),), False)]


# --- by a grammar, against an independent reader --------------------------------------------------

_OWN = st.sampled_from(
    [
        "m",
        "$Number$.m4s",
        "../$RepresentationID$/$Time$.m4s?x=1&amp;y=%26",
        "https://tv.example/a#b",
    ]
)
_FOREIGN = st.sampled_from(["https://cdn.example/a.m4s", "data:,x", "//cdn.example/$Number$"])
_BASES = st.sampled_from(["", "<BaseURL>v/</BaseURL>", "<BaseURL>v/</BaseURL><BaseURL>w</BaseURL>"])
_NOISE = st.sampled_from(["", "<!-- <SegmentURL media='x'/> -->", "<?x media='y'?>", "\r\n "])
_NAMED = [
    "<SegmentTemplate x='>' media={0} initialization={1}/>",
    "<SegmentList><Initialization sourceURL={0}/><SegmentURL media={1} index={2}/></SegmentList>",
    "<BaseURL>{3}</BaseURL><SegmentBase><Initialization sourceURL={0}/></SegmentBase>",
]


@st.composite
def mpds(draw: st.DrawFn) -> str:
    """Give an MPD with marks around the URIs that may carry."""

    def uri() -> str:
        return f"«{draw(_OWN)}»" if draw(st.integers(0, 4)) else draw(_FOREIGN)

    def representation() -> str:
        quoted = [draw(st.sampled_from(["'{}'", '"{}"'])).format(uri()) for _ in range(3)]
        named = draw(st.sampled_from(_NAMED)).format(*quoted, f"«{draw(_OWN)}»")
        return f"{draw(_NOISE)}<Representation>{draw(_NOISE)}{named}</Representation>"

    def adaptation_set() -> str:
        inside = "".join(representation() for _ in range(draw(st.integers(1, 2))))
        return f"<AdaptationSet>{draw(_BASES)}{inside}</AdaptationSet>"

    inside = "".join(adaptation_set() for _ in range(draw(st.integers(1, 2))))
    return f"<MPD>{draw(_BASES)}{draw(_NOISE)}<Period>{draw(_BASES)}{inside}</Period></MPD>"


class Own(Everything):
    """Let all carry but what is somebody else's."""

    def __call__(self, uri: str, *more: object, **said: object) -> tuple[str, str] | None:
        return None if uri.startswith(("https://cdn", "data:", "//")) else everywhere(uri)


@given(mpds())
def test_any_mpd_changes_only_where_its_uris_are(text: str) -> None:
    marked = text.encode()
    assert cut(unmarked(marked), Own()).render(TOKEN) == carried(marked, b"&amp;")


def values(body: bytes) -> list[str]:
    """Read all attributes and texts with another reader."""
    tree = etree.fromstring(body).iter("*")
    return [str(value) for element in tree for value in (*element.values(), element.text or "")]


@given(mpds())
def test_another_reader_finds_the_same_uris_each_with_the_token(text: str) -> None:
    body = unmarked(text.encode())
    slot, segments = real_slots("film")
    before, after = (
        values(body),
        values(dash.cut(body, slot, segments, location=False).render(TOKEN)),
    )
    assert len(before) == len(after)
    changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert len(changed) == text.count("«")
    for plain, found in changed:
        assert urlsplit(found)[:3] == urlsplit(plain)[:3]
        assert urlsplit(found).fragment == urlsplit(plain).fragment
        assert urlsplit(found).query.startswith(urlsplit(plain).query)
        (token,) = parse_qs(urlsplit(found).query)["tkn"]
        assert token.startswith(TOKEN.decode())


@given(mpds())
def test_carrying_twice_is_carrying_once(text: str) -> None:
    slot, segments = real_slots("film")
    once = dash.cut(unmarked(text.encode()), slot, segments, location=False).render(TOKEN)
    assert dash.cut(once, slot, segments, location=False).render(TOKEN) == once


def test_mpds_that_others_wrote_keep_their_bytes() -> None:
    for path in fixtures("dash"):
        body = path.read_bytes()
        segments = Everything()
        copy = cut(body, segments).render(TOKEN)
        assert copy.count(b"TOKEN") == len([uri for uri, *_ in segments.asked if uri]), path
        for added in (b"&amp;tkn=TOKEN.x", b"?tkn=TOKEN.x"):
            copy = copy.replace(added, b"")
        assert copy == body, path
