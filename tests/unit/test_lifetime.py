"""How long a session lives, and what follows its end: each rule at its edge."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware import lifetime
from sessionware.lifetime import Lifetimes, Terms, Verdict, after, terms
from sessionware.manifest.learned import NOTHING, Learned, live, vod
from sessionware.request import Kind
from sessionware.session import Cause, Presentation, Session, State
from sessionware.store import Ended, Learn

T0 = 1_000_000.0
"""When the session began."""

DAY = 86400.0
USUAL = Lifetimes(120, 1.5, 21600)
ALIKE = Lifetimes(15, None, 21600)
"""VOD lives as live does (seed 000)."""

LIVE, VOD = Presentation.LIVE, Presentation.VOD


@pytest.mark.parametrize(
    ("learned", "timeout", "lasts"),
    [
        (live(6), 120, None),
        (live(0), 120, None),
        (live(40), 120, None),
        (live(41), 123, None),
        (live(500), 1500, None),
        (live(None), 21600, None),
        (vod(600), 120, 900),
        (vod(600, 6), 120, 900),
        (vod(600, 100), 120, 900),
        (vod(1), 120, 1.5),
        (vod(0), 120, 21600),  # no playlist lasts for nothing
        (vod(None), 120, 21600),
        (NOTHING, 120, None),
    ],
)
def test_live_lives_by_its_last_request_and_vod_by_its_start(
    learned: Learned, timeout: float, lasts: float | None
) -> None:
    until = 0.0 if lasts is None else T0 + lasts
    assert terms(USUAL, learned, T0)[:2] == (timeout, until)


@pytest.mark.parametrize(
    ("learned", "timeout"),
    [
        *[(live(2), 15), (live(5), 15), (live(6), 18), (live(None), 21600)],
        *[(vod(600, 2), 15), (vod(600, 6), 18), (vod(600), 15), (vod(None), 15)],
    ],
)
def test_without_a_factor_vod_lives_as_live(learned: Learned, timeout: float) -> None:
    assert terms(ALIKE, learned, T0)[:2] == (timeout, 0)


def test_a_live_timeout_over_vod_timeout_holds_where_nothing_is_promised() -> None:
    assert terms(Lifetimes(500, 1.5, 300), live(None), T0) == Terms(500, 0, 0)


@pytest.mark.parametrize("lifetimes", [USUAL, ALIKE])
@pytest.mark.parametrize(
    ("learned", "window", "returns"),
    [
        *[(live(0), 15, True), (live(2), 15, True), (live(5), 15, True), (live(6), 18, True)],
        *[(live(9.99), 29.97, True), (live(10), 30, False), (live(60), 180, False)],
        *[(live(60.01), 0, False), (live(500), 0, False), (live(None), 0, False)],
        *[(vod(600), 0, False), (vod(600, 2), 0, False), (vod(None), 0, False)],
        (NOTHING, 15, False),
    ],
)
def test_who_need_not_ask_is_quiet_and_others_watch_for_three_refreshes(
    lifetimes: Lifetimes, learned: Learned, window: float, returns: bool
) -> None:
    agreed = terms(lifetimes, learned, T0)
    assert (agreed.window, agreed.returns) == (pytest.approx(window), returns)


def test_a_longer_watching_window_holds_for_all_who_must_ask() -> None:
    patient = Lifetimes(120, 1.5, 21600, watching_window=100)
    found = [terms(patient, learned, T0).window for learned in (live(2), live(40), vod(9), NOTHING)]
    assert found == [100, 120, 0, 100]


# --- what the store must be told ----------------------------------------------------------------


def session(
    presentation: Presentation | None = None,
    duration: float | None = None,
    *,
    live_seen: float = 0.0,
    asked: float = T0,
    expires: float = T0 + 120,
    state: State = State.LIVE,
    window: float = 120.0,
) -> Session:
    """Give a session that began at T0; ``asked``: when this request came."""
    return Session(
        key=b"k" * 16,
        kind=Kind.VIEWER,
        stream="cam",
        ip="192.0.2.1",
        protocol="HLS",
        service="",
        started=T0,
        last_seen=asked,
        expires=expires,
        state=state,
        requests=1,
        new=False,
        presentation=presentation,
        duration=duration,
        live_seen=live_seen,
        window=window,
    )


def news(lifetimes: Lifetimes, known: Session, learned: Learned, now: float) -> Learn | None:
    """Give what is to be told but for who watches, which has tests of its own."""
    learn = lifetime.news(lifetimes, known, learned, now)
    return learn and replace(learn, window=15.0, returns=False)


def told(
    now: float,
    presentation: Presentation,
    duration: float | None = None,
    timeout: float = 120,
    until: float = 0,
) -> Learn:
    return Learn(b"k" * 16, now, presentation, duration, timeout, until)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("duration", [None, 600.0])
def test_a_manifest_that_tells_nothing_is_no_news(state: State, duration: float | None) -> None:
    for known in (None, LIVE, VOD):
        assert news(USUAL, session(known, duration, state=state), NOTHING, T0 + 999) is None


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(
    ("learned", "wanted"),
    [
        (live(6), told(T0 + 1, LIVE)),
        (live(50), told(T0 + 1, LIVE, timeout=150)),
        (live(None), told(T0 + 1, LIVE, timeout=21600)),
        (vod(600, 6), told(T0 + 1, VOD, 600, until=T0 + 900)),
        (vod(None), told(T0 + 1, VOD, None, until=T0 + 21600)),
        (vod(0, 6), told(T0 + 1, VOD, 0, until=T0 + 21600)),
    ],
)
def test_the_first_that_is_learned_is_told(state: State, learned: Learned, wanted: Learn) -> None:
    assert news(USUAL, session(state=state), learned, T0 + 1) == wanted


def test_the_first_that_is_learned_is_told_whatever_the_time_is() -> None:
    # By a clock that begins at zero, "never" is not long ago.
    for learned in (live(6), vod(600)):
        assert news(USUAL, replace(session(), started=0), learned, 1) is not None


def test_a_pending_session_leaves_it_whatever_is_known() -> None:
    for known, learned in ((LIVE, live(6)), (VOD, vod(600))):
        pending = session(known, learned.duration, live_seen=T0, state=State.PENDING)
        assert news(USUAL, pending, learned, T0) is not None
        playing = session(known, learned.duration, live_seen=T0)
        assert news(USUAL, playing, learned, T0) is None


@pytest.mark.parametrize(("unseen", "is_told"), [(0, False), (160, False), (160.01, True)])
def test_live_becomes_vod_when_no_live_playlist_came_for_long(unseen: float, is_told: bool) -> None:
    # What is known of the last live one may be old by a third of live_timeout.
    now = T0 + 1000
    running = session(LIVE, live_seen=now - unseen, asked=now, expires=now + 120)
    wanted = told(now, VOD, 600, until=T0 + 900) if is_told else None
    assert news(USUAL, running, vod(600, 6), now) == wanted


def test_how_long_an_ad_is_does_not_make_a_live_session_longer() -> None:
    for lifetimes in (USUAL, ALIKE):
        for ad in (vod(None), vod(1e6), vod(30, 1000)):
            assert news(lifetimes, session(LIVE, live_seen=T0), ad, T0 + 1) is None


@pytest.mark.parametrize("lifetimes", [USUAL, ALIKE])
@pytest.mark.parametrize("live_seen", [0, T0 + 1])
def test_vod_becomes_live_at_once(lifetimes: Lifetimes, live_seen: float) -> None:
    known = session(VOD, 600, live_seen=live_seen, expires=T0 + DAY)
    wanted = told(T0 + 1, LIVE, timeout=lifetimes.live_timeout)
    assert news(lifetimes, known, live(2), T0 + 1) == wanted


@pytest.mark.parametrize(
    ("known", "found", "kept"),
    [
        *[(600, 600, None), (600, 601, None), (600, 601.01, 601.01), (600, 5400, 5400)],
        *[(600, 599, None), (600, 30, None), (600, 0, None), (600, None, None)],
        *[(None, None, None), (None, 30, 30), (0, 30, 30)],
    ],
)
def test_a_longer_vod_is_told_and_a_shorter_changes_nothing(
    known: float | None, found: float | None, kept: float | None
) -> None:
    before = session(VOD, known, expires=T0 + 1)  # however little it seems to have
    wanted = None if kept is None else told(T0 + 1, VOD, kept, until=T0 + 1.5 * kept)
    assert news(USUAL, before, vod(found, 600), T0 + 1) == wanted


@pytest.mark.parametrize(
    ("lifetimes", "unseen", "is_told"),
    [
        *[(USUAL, 0, False), (USUAL, 40, False), (USUAL, 40.01, True), (USUAL, 4000, True)],
        *[(ALIKE, 5, False), (ALIKE, 5.01, True)],
    ],
)
def test_live_is_told_again_now_and_then(
    lifetimes: Lifetimes, unseen: float, is_told: bool
) -> None:
    now = T0 + 5000
    running = session(LIVE, live_seen=now - unseen, asked=now, expires=now + 120)
    wanted = told(now, LIVE, timeout=lifetimes.live_timeout) if is_told else None
    assert news(lifetimes, running, live(2), now) == wanted


@pytest.mark.parametrize(
    ("refresh", "timeout"), [(6, None), (40, None), (41, 123), (500, 1500), (None, 21600)]
)
def test_longer_terms_of_live_are_told_at_once(
    refresh: float | None, timeout: float | None
) -> None:
    running = session(LIVE, live_seen=T0 + 0.5, asked=T0 + 0.5, expires=ceil(T0 + 120.5))
    wanted = None if timeout is None else told(T0 + 1, LIVE, timeout=timeout)
    assert news(USUAL, running, live(refresh), T0 + 1) == wanted


def test_an_answer_that_took_long_does_not_make_terms_longer() -> None:
    slow = session(LIVE, live_seen=T0, asked=T0, expires=T0 + 120)
    assert news(USUAL, slow, live(6), T0 + 30) is None


def test_shorter_terms_of_live_wait_until_it_is_told_again() -> None:
    for unseen, wanted in ((40, None), (41, told(T0 + 41, LIVE))):
        now = T0 + unseen
        running = session(LIVE, live_seen=T0, asked=now, expires=now + 1500)
        assert news(USUAL, running, live(6), now) == wanted


def test_the_absolute_end_is_not_told_at_every_refresh() -> None:
    ends = ceil(T0 + DAY)
    lifetimes = Lifetimes(120, 1.5, 21600, absolute_timeout=DAY)
    for before_end, refresh in ((100, 6), (1, 500), (3600, None)):
        now = T0 + DAY - before_end
        window = 120.0 if refresh == 6 else 0.0
        running = session(LIVE, live_seen=now, asked=now, expires=ends, window=window)
        assert news(lifetimes, running, live(refresh), now) is None
    now = T0 + DAY - 200
    running = session(LIVE, live_seen=now, asked=now, expires=now + 120)
    assert news(lifetimes, running, live(500), now) == told(now, LIVE, timeout=1500)


@pytest.mark.parametrize(
    ("known", "found", "kept", "timeout"),
    [
        (600, vod(600, 2), None, 0),
        (600, vod(600, 5), None, 0),
        (600, vod(600, 6), 600, 18),
        (600, vod(599, 6), 600, 18),
        (600, vod(None, 6), 600, 18),
        (600, vod(700, 2), 700, 15),
    ],
)
def test_without_a_factor_longer_terms_of_vod_are_told_as_those_of_live(
    known: float, found: Learned, kept: float | None, timeout: float
) -> None:
    wanted = None if kept is None else told(T0, VOD, kept, timeout)
    assert news(ALIKE, session(VOD, known, expires=T0 + 15), found, T0) == wanted


LEARNED = st.one_of(
    st.builds(live, st.none() | st.floats(0, 1e6)),
    st.builds(vod, st.none() | st.floats(0, 1e6), st.none() | st.floats(0, 1e6)),
)


@given(st.sampled_from([USUAL, ALIKE]), LEARNED, st.lists(LEARNED, max_size=4))
def test_what_was_told_is_no_news_when_it_comes_again(
    lifetimes: Lifetimes, first: Learned, more: list[Learned]
) -> None:
    state = session()
    for learned in (first, *more, *more[-1:]):
        learn = lifetime.news(lifetimes, state, learned, T0)
        if learn is not None:
            state = session(
                learn.presentation,
                learn.duration,
                live_seen=T0 if learn.presentation is LIVE else state.live_seen,
                expires=ceil(max(T0 + learn.timeout, learn.until)),
                window=learn.window,
            )
        assert news(lifetimes, state, learned, T0) is None


@pytest.mark.parametrize(
    ("known", "refresh", "window"),
    [
        *[(15, 4, None), (15, 5, None), (15, 6, 18), (18, 6, None), (30, 6, None), (30, 12, 36)],
        *[(15, 61, 0), (0, 61, None), (0, 6, 18), (0, None, None), (18, None, 0)],
    ],
)
def test_a_longer_window_of_live_is_told_at_once_and_a_shorter_is_not(
    known: float, refresh: float | None, window: float | None
) -> None:
    running = session(LIVE, live_seen=T0, expires=T0 + DAY, window=known)
    learn = lifetime.news(USUAL, running, live(refresh), T0 + 1)
    assert (learn and learn.window) == window


def test_what_is_told_for_another_reason_makes_the_window_no_shorter() -> None:
    now = T0 + 100
    running = session(LIVE, live_seen=T0, asked=now, expires=now + 120, window=36.0)
    learn = lifetime.news(USUAL, running, live(6), now)
    assert learn is not None
    assert (learn.window, learn.returns) == (36.0, True)


# --- what follows the end -----------------------------------------------------------------------


@pytest.mark.parametrize("presentation", [LIVE, VOD, None])
@pytest.mark.parametrize(
    ("silent", "window", "in_time"),
    [
        *[(0, 600, True), (600, 600, True), (600.01, 600, False), (72_000, 600, False)],
        *[(0, 0, True), (0.01, 0, False), (0, None, True), (1e9, None, True), (-1, 600, True)],
    ],
)
@pytest.mark.parametrize("lifetimes", [USUAL, ALIKE])
def test_live_is_revived_in_time_vod_never_and_everything_always_without_a_window(
    lifetimes: Lifetimes,
    presentation: Presentation | None,
    silent: float,
    window: float | None,
    in_time: bool,
) -> None:
    ended = Ended(Cause.EXPIRED, T0 + 120, T0, presentation)
    wanted = Verdict.REVIVE if in_time else Verdict.REFUSE_LIVE
    if presentation is VOD and lifetimes is USUAL and window is not None:
        wanted = Verdict.REFUSE_VOD
    assert after(ended, T0 + 120 + silent, lifetimes, window) is wanted
