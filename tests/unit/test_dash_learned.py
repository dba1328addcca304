"""What MPDs say of what is played: live or VOD, how long, how soon they change."""

from __future__ import annotations

import pytest

from sessionware.manifest import Form, dash
from sessionware.manifest.learned import LONGEST, NOTHING, Learned, live, vod
from support.splicing import TOKEN, everywhere

SIX = '<Period id="1" duration="PT6S"/>'

TOLD: dict[str, tuple[str, Learned]] = {
    "live": ('<MPD type="dynamic" minimumUpdatePeriod="PT2S"><Period/></MPD>', live(2)),
    "ffmpeg's": ('<MPD minimumUpdatePeriod="PT500S" type="dynamic"><Period/></MPD>', live(500)),
    "no promise": ('<MPD type="dynamic"><Period/></MPD>', live(None)),
    "a garbage promise": (
        '<MPD type="dynamic" minimumUpdatePeriod="2"><Period/></MPD>',
        live(None),
    ),
    "a negative promise": (
        '<MPD type="dynamic" minimumUpdatePeriod="-PT2S"><Period/></MPD>',
        live(None),
    ),
    "a live one with an end": (
        f'<MPD type="dynamic" mediaPresentationDuration="PT9S">{SIX}</MPD>',
        live(None),
    ),
    "another type": (f'<MPD type="Static">{SIX}</MPD>', live(None)),
    "VOD": ('<MPD type="static" mediaPresentationDuration="PT1H"><Period/></MPD>', vod(3600)),
    "no type": ('<MPD mediaPresentationDuration="PT9S"><Period/></MPD>', vod(9)),
    "not the Periods'": (f'<MPD mediaPresentationDuration="PT9S">{SIX}</MPD>', vod(9)),
    "a garbage duration": (f'<MPD mediaPresentationDuration="9">{SIX}{SIX}</MPD>', vod(12)),
    "an endless duration": ('<MPD mediaPresentationDuration="P9999999Y"/>', vod(LONGEST)),
    "nothing known": ("<MPD/>", vod(None)),
    "no Period": ('<MPD type="static"><BaseURL/></MPD>', vod(None)),
    "a Period without an end": ('<MPD><Period start="PT0S"/></MPD>', vod(None)),
    "Periods": (f"<MPD>{SIX}{SIX}<Period duration='PT1M'/></MPD>", vod(72)),
    "a Period to the next": ('<MPD><Period/><Period start="PT5S" duration="PT1S"/></MPD>', vod(6)),
    "Periods with content": (
        f"<MPD><Period duration='PT7S'><Event>{SIX}</Event></Period>{SIX}</MPD>",
        vod(13),
    ),
    "Periods in comments": (f"<MPD>{SIX}<!-- {SIX} --><?x {SIX}?></MPD>", vod(6)),
    "Periods in CDATA": (f"<MPD>{SIX}<a><![CDATA[{SIX}]]></a></MPD>", vod(6)),
    "Periods of others": (f"<MPD xmlns:x='u'>{SIX}<x:Period duration='PT1H'/></MPD>", vod(6)),
    "Periods behind a Location": (f"<MPD><Location>a</Location>{SIX}{SIX}</MPD>", vod(12)),
    "Periods before a Location": (f"<MPD>{SIX}{SIX}<Location>a</Location></MPD>", vod(12)),
    "Periods with a prefix": (
        "<d:MPD xmlns:d='u'><d:Period duration='PT6S'/><d:Period duration='PT1S'/></d:MPD>",
        vod(7),
    ),
    "Periods that don't end well": (f"<MPD>{SIX}<Period duration='PT1S'></x></MPD>", vod(None)),
    "an entity in an attribute": ('<MPD mediaPresentationDuration="PT&#57;S"/>', vod(9)),
    "> in an attribute": ("<MPD a='>' mediaPresentationDuration='PT9S'><Period/></MPD>", vod(9)),
    "an attribute with a prefix": ("<MPD xmlns:x='u' x:type='dynamic'>" + SIX + "</MPD>", vod(6)),
    "a type deeper down": (f"<MPD>{SIX}<Metrics type='dynamic'/></MPD>", vod(6)),
    "a patch": ('<Patch type="dynamic" minimumUpdatePeriod="PT2S"><add/></Patch>', NOTHING),
    "another root": ('<x type="dynamic" minimumUpdatePeriod="PT2S"/>', NOTHING),
    "no end": ('<MPD mediaPresentationDuration="PT9S"><Period>', NOTHING),
}


@pytest.mark.parametrize("name", TOLD)
@pytest.mark.parametrize("location", [True, False])
def test_an_mpd_tells_live_from_vod_and_how_long_it_is(name: str, location: bool) -> None:
    mpd, learned = TOLD[name]
    assert dash.cut(mpd.encode(), everywhere, location=location).learned == learned


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_the_encoding_and_a_declaration_hide_nothing(encoding: str) -> None:
    mpd = f'<?xml version="1.0" encoding="{encoding}"?>\r\n<!-- é -->{TOLD["Periods"][0]}'
    assert dash.cut(mpd.encode(encoding), everywhere, location=True).learned == vod(72)


def test_periods_that_do_not_end_well_change_nothing_in_what_is_sent() -> None:
    # What nobody else looks at shall not make an MPD unreadable, now that somebody looks.
    mpd = TOLD["Periods that don't end well"][0].encode()
    pieces = dash.cut(mpd, everywhere, location=True)
    assert (pieces.form, pieces.skipped) == (Form.MPD, "")
    own = b"<MPD><Location>a?t=%b</Location>" % TOKEN
    assert pieces.with_own(b"a?t=", b"").render(TOKEN) == mpd.replace(b"<MPD>", own)


def test_what_was_learned_stays_when_the_own_url_is_put_in() -> None:
    mpd = b'<MPD type="dynamic" minimumUpdatePeriod="PT2S"><Period/></MPD>'
    pieces = dash.cut(mpd, everywhere, location=True)
    assert pieces.own is not None
    assert pieces.with_own(b"a?t=", b"").learned == live(2)
