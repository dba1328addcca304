"""The pieces of bodies that were seen before: the same as without a cache, and bounded."""

from __future__ import annotations

import sys

import pytest

from sessionware.manifest import Form, Pieces, cut
from sessionware.manifest.cache import PieceCache
from sessionware.manifest.learned import NOTHING, Learned, live, vod
from support.splicing import TOKEN, Everything, everywhere, nowhere

MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n"
MPD = b"<MPD><Location>a.mpd</Location><Period/></MPD>"
BARE_MPD = b"<MPD><Period/></MPD>"
BODIES = [MASTER, MPD, BARE_MPD, b"#EXTM3U\n#EXTINF:4,\na.ts\n", b"<html/>", b"", b"\0"]


@pytest.mark.parametrize("body", BODIES)
def test_cached_is_what_it_is_uncached(body: bytes) -> None:
    cache = PieceCache()
    asked = [cache.cut(body, "here", everywhere, location=True) for _ in range(2)]
    assert asked == [cut(body, everywhere, location=True)] * 2
    assert asked[0] is asked[1]


@pytest.mark.parametrize(
    ("body", "learned"),
    [
        (MASTER, NOTHING),
        (MPD, vod(None)),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:4,\na.ts\n", live(6)),
        (b"#EXTM3U\n#EXTINF:4,\na.ts\n#EXT-X-ENDLIST\n", vod(4, 0)),
    ],
)
def test_what_a_body_says_of_what_is_played_is_known_with_its_pieces(
    body: bytes, learned: Learned
) -> None:
    cache = PieceCache()
    assert cache.cut(body, "here", everywhere, location=True).learned == learned
    seen = cache.seen(body, "here")
    assert seen is not None
    assert seen.learned == learned


def test_each_body_and_context_is_read_once() -> None:
    read: list[str] = []

    def slot(uri: str) -> tuple[str, str] | None:
        read.append(uri)
        return everywhere(uri)

    cache = PieceCache()
    for context in ("here", "there", "here"):
        for body in (MASTER, MPD, MASTER):
            cache.cut(body, context, slot, location=True)
    assert read == ["v.m3u8", "a.mpd"] * 2


def test_what_another_place_needs_is_not_taken_from_here() -> None:
    cache = PieceCache()
    cache.cut(MASTER, "where nothing carries", nowhere, location=True)
    here = cache.cut(MASTER, "here", everywhere, location=True)
    assert here.render(TOKEN) == MASTER.replace(b"v.m3u8", b"v.m3u8?tkn=TOKEN.x")


def test_where_segments_carry_a_body_is_another_than_where_they_do_not() -> None:
    cache = PieceCache()
    media = b"#EXTM3U\n#EXTINF:4,\na.ts\n"
    assert cache.cut(media, "without", everywhere, location=True).parts == (media,)
    pieces = cache.cut(media, "with", everywhere, Everything(), location=True)
    assert pieces.render(TOKEN) == media.replace(b"a.ts", b"a.ts?tkn=TOKEN.x")
    assert cache.seen(media, "with") is pieces


def test_a_body_is_known_once_it_was_cut() -> None:
    cache = PieceCache()
    assert cache.seen(MASTER, "here") is None
    pieces = cache.cut(MASTER, "here", everywhere, location=True)
    assert cache.seen(bytes(bytearray(MASTER)), "here") is pieces
    assert cache.seen(MASTER, "there") is None
    assert cache.seen(MPD, "here") is None


def kept(cache: PieceCache, bodies: list[bytes]) -> list[bytes]:
    return [body for body in bodies if cache.seen(body, None) is not None]


def numbered(number: int, size: int) -> bytes:
    return (b"#EXTM3U\n#%d\n" % number).ljust(size, b"#")


def test_the_cache_is_bounded_by_bytes_and_the_oldest_go_first() -> None:
    cache = PieceCache(max_bytes=100_000)
    bodies = [numbered(number, 4_000) for number in range(100)]
    for body in bodies:
        cache.cut(body, None, nowhere, location=True)
    left = kept(cache, bodies)
    assert left == bodies[-len(left) :]
    assert len(left) >= 5
    assert sum(2 * len(body) for body in left) <= 100_000  # a body and its pieces


def test_many_small_bodies_are_bounded_too() -> None:
    cache = PieceCache(max_bytes=100_000)
    bodies = [numbered(number, 16) for number in range(1000)]
    for body in bodies:
        cache.cut(body, None, nowhere, location=True)
    assert 0 < len(kept(cache, bodies)) <= 100_000 // 512


def test_what_was_dropped_is_no_longer_counted() -> None:
    cache = PieceCache(max_bytes=100_000)
    for number in range(1000):
        cache.cut(numbered(number, 4_000), None, nowhere, location=True)
    again = [numbered(number, 4_000) for number in range(5)]
    for body in again:
        cache.cut(body, None, nowhere, location=True)
    assert kept(cache, again) == again


def test_a_body_that_would_push_out_all_others_is_not_kept() -> None:
    cache = PieceCache(max_bytes=100_000)
    cache.cut(MASTER, None, nowhere, location=True)
    huge = numbered(1, 50_000)
    assert cache.cut(huge, None, nowhere, location=True) == cut(huge, nowhere, location=True)
    assert kept(cache, [MASTER, huge]) == [MASTER]


def test_a_body_that_two_read_at_once_is_kept_and_counted_once() -> None:
    cache = PieceCache(max_bytes=100_000)
    bodies = [numbered(n, 4_000) + b"\n#EXT-X-STREAM-INF:\nv.m3u8\n" for n in range(10)]

    def meanwhile(body: bytes) -> None:
        """Another thread is faster with the same body."""
        cache.cut(body, None, nowhere, location=True)

    for body in bodies:
        cache.cut(body, None, lambda _, body=body: meanwhile(body), location=True)  # type: ignore[misc]
    assert kept(cache, bodies) == bodies


# --- pieces -------------------------------------------------------------------------------------


def test_pieces_know_whether_they_carry_and_how_long_they_are() -> None:
    assert not Pieces(Form.MEDIA, (b"abc",)).carries
    pieces = Pieces(Form.MULTIVARIANT, (b"a=", b";b=", b""))
    assert pieces.carries
    assert pieces.size >= sum(map(sys.getsizeof, pieces.parts))
    assert pieces.render(b"T") == b"a=T;b=T"


def test_the_own_url_is_put_in_once_and_harms_no_copy_in_the_cache() -> None:
    cache = PieceCache()
    pieces = cache.cut(BARE_MPD, None, everywhere, location=True)
    mine = pieces.with_own(b"a?t=", b".x")
    assert mine.render(b"T") == b"<MPD><Location>a?t=T.x</Location><Period/></MPD>"
    assert mine.with_own(b"never", b"again") == mine
    other = cache.cut(BARE_MPD, None, everywhere, location=True).with_own(b"b?t=", b"")
    assert other.render(b"T") == b"<MPD><Location>b?t=T</Location><Period/></MPD>"
