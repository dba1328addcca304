"""The client's own path, from what servers give (SPEC 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware.target import client_path

CASES = {
    "a server that keeps nothing": (None, "", "/a b.m3u8", "/a%20b.m3u8", ""),
    "nothing kept, mounted": (None, "/ä", "/x.m3u8", "/%C3%A4/x.m3u8", "/%C3%A4"),
    "escapes are kept as they came": ("/a%2fb%7E.m3u8", "", "/a/b~.m3u8", "/a%2fb%7E.m3u8", ""),
    "bytes that came unescaped": ("/caf\xc3\xa9%41.m3u8", "", "/caféA.m3u8",
                                  "/caf%C3%A9%41.m3u8", ""),
    "the query is cut off": ("/x.m3u8?a=/b?c", "", "/x.m3u8", "/x.m3u8", ""),
    "the target with its mount": ("/app/x.m3u8", "/app", "/x.m3u8", "/app/x.m3u8", "/app"),
    "the target without its mount": ("/x.m3u8", "/app", "/x.m3u8", "/app/x.m3u8", "/app"),
    "the mount in the client's spelling": ("/%61pp/x", "/app", "/x", "/%61pp/x", "/%61pp"),
    "a mount of two elements": ("/a/b/x", "/a/b", "/x", "/a/b/x", "/a/b"),
    "a mount that only looks alike": ("/application/x", "/app", "/application/x",
                                      "/app/application/x", "/app"),
    "a mount that is also the first element": ("/app/x", "/app", "/app/x", "/app/app/x", "/app"),
    "the mount twice in the target": ("/app/app/x", "/app", "/app/x", "/app/app/x", "/app"),
    "two slashes at the start": ("//evil.example/x", "", "//evil.example/x",
                                 "//evil.example/x", ""),
    "absolute form": ("http://evil.example/x?q", "", "/x", "/x", ""),
    "absolute form without a path": ("http://evil.example", "", "/", "/", ""),
    "absolute form, mounted": ("HTTPS://evil.example/app/x", "/app", "/x", "/app/x", "/app"),
    "absolute form with a broken host": ("http://[evil/x.m3u8", "", "/x.m3u8", "/x.m3u8", ""),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "mount", "path", "whole", "above"), CASES.values(), ids=CASES)
def test_the_path_is_the_clients(raw, mount, path, whole, above):
    assert client_path(raw, mount, path) == (whole, above)


@pytest.mark.parametrize(
    "target",
    ["@evil.example/x.m3u8", ".evil.example/x.m3u8", "http:evil.example/x.m3u8", ":80/x", "*"],
)
@pytest.mark.parametrize("kept", [True, False])
def test_a_target_that_could_prolong_a_host_is_put_below_the_root(target, kept):
    assert client_path(target if kept else None, "", target) == (f"/{target}", "")


@given(st.text(st.characters(max_codepoint=255)), st.sampled_from(["", "/app"]))
def test_no_target_is_an_error_and_every_path_begins_at_the_root(raw, mount):
    whole, above = client_path(raw, mount, "/x")
    assert whole.startswith("/")
    assert whole.startswith(above)
    assert above == mount or above != "" != mount
