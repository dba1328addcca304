"""Content codings: what an app compressed is read, within limits, and gzip is given back."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from sessionware import coding

BODY = b"#EXTM3U\n" + b"#EXTINF:4,\nsegment.ts\n" * 50
ROOM = len(BODY)


def zip_(data: bytes) -> bytes:
    return gzip.compress(data)


DECODED = {
    "nothing": (BODY, "", BODY),
    "identity": (BODY, "identity", BODY),
    "gzip": (zip_(BODY), "gzip", BODY),
    "x-gzip": (zip_(BODY), "x-gzip", BODY),
    "in any case, with blanks": (zip_(BODY), " GZip ", BODY),
    "deflate": (zlib.compress(BODY), "deflate", BODY),
    "an empty body": (zip_(b""), "gzip", b""),
    "gzip in two members": (zip_(BODY[:100]) + zip_(BODY[100:]), "gzip", BODY),
    "gzip and what is none behind it": (zip_(BODY) + b"junk", "gzip", None),
    "truncated gzip": (zip_(BODY)[:-1], "gzip", None),
    "half of deflate": (zlib.compress(BODY)[:20], "deflate", None),
    "an empty gzip stream": (b"", "gzip", None),
    "plain text called gzip": (BODY, "gzip", None),
    "gzip called deflate": (zip_(BODY), "deflate", None),
    "a wrong checksum": (zip_(BODY)[:-8] + b"\0\0\0\0" + zip_(BODY)[-4:], "gzip", None),
    "brotli": (BODY, "br", None),
    "two codings": (zip_(zip_(BODY)), "gzip, gzip", None),
    "too long": (BODY + b"#", "", None),
    "too long once unpacked": (zip_(BODY + b"#"), "gzip", None),
    "a gzip bomb": (zip_(bytes(10_000_000)), "gzip", None),
    "a deflate bomb": (zlib.compress(bytes(10_000_000), 9), "deflate", None),
    "a bomb in the second member": (zip_(BODY) + zip_(bytes(10_000_000)), "gzip", None),
}


@pytest.mark.parametrize("name", DECODED)
def test_a_body_is_decoded_if_it_is_whole_and_within_the_limit(name: str) -> None:
    body, named, expected = DECODED[name]
    assert coding.decode(body, named, ROOM) == expected


def test_a_bomb_is_not_unpacked_any_further_than_the_limit() -> None:
    bomb = zip_(bytes(50_000_000))
    tracemalloc.start()
    try:
        assert coding.decode(bomb, "gzip", ROOM) is None
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("named", ["", "identity", "gzip", "X-GZIP", " deflate "])
def test_codings_that_are_readable(named: str) -> None:
    assert coding.is_readable(named)


@pytest.mark.parametrize("named", ["br", "zstd", "compress", "gzip, gzip", "gzip;q=1"])
def test_codings_that_are_not(named: str) -> None:
    assert not coding.is_readable(named)


ACCEPTED = {
    "gzip": True,
    "GZIP": True,
    "x-gzip": True,
    "deflate, gzip": True,
    "deflate,gzip;q=0.5": True,
    "gzip ; q=0.001 , br": True,
    "*": True,
    "br, *;q=0.1": True,
    "*;q=0, gzip": True,
    "gzip;q=1.0, *;q=0": True,
    "": False,
    "identity": False,
    "br": False,
    "gzip;q=0": False,
    "gzip;q=0.000": False,
    "gzip;q=0, *": False,
    "*, gzip;q=0": False,
    "*;q=0": False,
    "notgzip": False,
    "gzipped": False,
    "gzip;q=": False,
    "gzip;q=1.2.3": False,
}


@pytest.mark.parametrize("header", ACCEPTED)
def test_accept_encoding_tells_whether_a_client_takes_gzip(header: str) -> None:
    assert coding.accepts_gzip(header) is ACCEPTED[header]


def test_compressed_bytes_come_back_and_are_the_same_each_time() -> None:
    packed = coding.compress(BODY)
    assert gzip.decompress(packed) == BODY
    assert len(packed) < len(BODY)
    assert packed == coding.compress(BODY)
    assert packed[4:8] == bytes(4)  # no time in it: a copy made later is equal
