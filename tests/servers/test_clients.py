"""curl and ffmpeg at real servers: the handoff on the wire, and one viewer for one player."""

from __future__ import annotations

import re
from contextlib import ExitStack
from uuid import uuid4

import pytest

from servers.running import Player, eventually

TCP = ["uvicorn", "granian", "granian-wsgi", "gunicorn"]
KINDS = [*TCP, "gunicorn-unix"]
COUNTLESS = {"granian-wsgi"}
"""It takes the Content-Length off every WSGI answer that is no list, and sends it in chunks."""
LEAK = r"tkn=(?!\[redacted\])"
TOKEN = r"[A-Za-z0-9_.-]{40,}"

on_each_server = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def name() -> str:
    """A first path element that no other test uses: its streams are this test's own."""
    return uuid4().hex[:8]


@on_each_server
def test_an_entry_is_redirected_and_keeps_its_query_first(server, kind, name):
    answer = server(kind).curl(f"/{name}/hls/film/master.m3u8?zipcode=25267")
    assert answer.status == 307
    path = f"/{name}/hls/film/master.m3u8"
    assert re.fullmatch(rf"{path}\?zipcode=25267&tkn={TOKEN}", answer.location)
    assert (answer.header("content-length"), answer.body) == ("0", b"")
    assert answer.header("cache-control") == "private, no-store"


@on_each_server
def test_an_announced_entry_is_an_empty_200_with_the_same_location(server, kind, name):
    answer = server(kind).curl(f"/{name}/dash/film/manifest.mpd?zipcode=25267&response=200")
    assert (answer.status, answer.body) == (200, b"")
    path = f"/{name}/dash/film/manifest.mpd"
    assert re.fullmatch(rf"{path}\?zipcode=25267&tkn={TOKEN}", answer.location)
    assert "Location" in answer.header("access-control-expose-headers")


@on_each_server
def test_the_playlist_behind_the_redirect_carries_the_token_on_every_child(server, kind, name):
    answer = server(kind).curl(f"/{name}/hls/film/master.m3u8?zipcode=25267", "-L")
    assert answer.status == 200
    children = re.findall(r"^[^#\n]\S*|(?<=URI=\")[^\"]*", answer.text, re.MULTILINE)
    assert len(children) == 5
    assert all(re.fullmatch(rf"\w+/index\.m3u8\?tkn={TOKEN}", child) for child in children)
    length = None if kind in COUNTLESS else str(len(answer.body))
    assert answer.header("content-length") == length
    assert server(kind).numbers(f"{name}/film")["started"] == 0


@on_each_server
def test_the_mpd_behind_the_redirect_tells_its_own_url_with_the_token(server, kind, name):
    answer = server(kind).curl(f"/{name}/dash/film/manifest.mpd?zipcode=25267", "-L")
    own = rf"<Location>manifest\.mpd\?zipcode=25267&amp;tkn={TOKEN}</Location>"
    assert len(re.findall(own, answer.text)) == 1
    assert server(kind).numbers(f"{name}/film")["protocols"] == ["DASH"]


@on_each_server
def test_a_segment_arrives_as_the_file_is(server, kind, name, media):
    answer = server(kind).curl(f"/{name}/hls/film/180p/000.m4s")
    assert answer.status == 200
    assert answer.body == (media / "hls/film/180p/000.m4s").read_bytes()


@on_each_server
def test_head_is_answered_as_get_would_be_without_a_body(server, kind, name):
    entry = server(kind).curl(f"/{name}/hls/film/master.m3u8", "--head")
    assert (entry.status, entry.body) == (307, b"")
    follow = server(kind).curl(entry.location)
    head = server(kind).curl(entry.location, "--head")
    assert (head.status, head.body) == (200, b"")
    assert head.header("content-length") == follow.header("content-length")


def test_behind_a_unix_socket_the_proxy_says_who_and_where_the_client_is(server, name):
    says = ("-H", "X-Forwarded-For: 203.0.113.7", "-H", "X-Forwarded-Prefix: /cdn")
    unix = server("gunicorn-unix")
    entry = unix.curl(f"/{name}/dash/film/manifest.mpd", *says)
    assert entry.location.startswith(f"/cdn/{name}/dash/film/manifest.mpd?tkn=")
    assert unix.curl(entry.location.removeprefix("/cdn"), *says).status == 200
    assert unix.numbers(f"{name}/film")["ips"] == ["203.0.113.7"]


def test_over_tcp_a_client_can_not_say_that_it_is_somebody_else(server, name):
    says = ("-H", "X-Forwarded-For: 203.0.113.7", "-H", "X-Forwarded-Prefix: /cdn")
    gunicorn = server("gunicorn")
    entry = gunicorn.curl(f"/{name}/dash/film/manifest.mpd", *says)
    assert entry.location.startswith(f"/{name}/dash/film/manifest.mpd?tkn=")
    assert gunicorn.curl(entry.location, *says).status == 200
    assert gunicorn.numbers(f"{name}/film")["ips"] == ["127.0.0.1"]


SLOWLY = {("gunicorn", "DASH")}
"""It takes its time with connections that are not kept; ffmpeg keeps none of DASH."""
FILM = [("hls/film/master.m3u8", "HLS"), ("dash/film/manifest.mpd", "DASH")]


@pytest.mark.parametrize("kind", TCP)
@pytest.mark.parametrize(("path", "protocol"), FILM)
def test_ffmpeg_playing_a_film_is_one_viewer(server, kind, name, path, protocol):
    at = server(kind)
    seconds = "3" if (kind, protocol) in SLOWLY else "30"
    with Player(f"{at.url}/{name}/{path}", "-readrate", "12", "-t", seconds) as player:
        eventually(lambda: at.numbers(f"{name}/film")["quiet"], "ffmpeg plays a film")
        player.assert_plays()
        assert at.numbers(f"{name}/film")["quiet"] == 1
        player.assert_played()
    numbers = at.numbers(f"{name}/film")
    assert (numbers["sessions"], numbers["quiet"], numbers["watching"]) == (1, 1, 0)
    assert numbers["protocols"] == [protocol]
    assert re.search(rf"/{name}/{path}\?tkn=\[redacted\]", at.log)
    assert not re.search(LEAK, at.log)


@pytest.mark.usefixtures("broadcast")
def test_ffmpeg_playing_live_is_one_viewer(server, name):
    with ExitStack() as stack:
        players = {
            kind: stack.enter_context(
                Player(f"{server(kind).url}/{name}/hls/cam1/master.m3u8", "-re", "-t", "8")
            )
            for kind in TCP
        }
        for kind, player in players.items():
            at = server(kind)
            eventually(lambda at=at: at.numbers(f"{name}/cam1")["watching"], "ffmpeg watches")
            player.assert_plays()
            assert at.numbers(f"{name}/cam1")["watching"] == 1
        for kind, player in players.items():
            player.assert_played()
            numbers = server(kind).numbers(f"{name}/cam1")
            assert (numbers["started"], numbers["sessions"], numbers["watching"]) == (1, 1, 1)


@on_each_server
def test_the_access_log_holds_request_lines_and_no_token(server, kind, name):
    at = server(kind)
    entry = at.curl(f"/{name}/hls/film/master.m3u8?zipcode=25267")
    token = entry.location.rpartition("tkn=")[2]
    assert at.curl(entry.location).status == 200
    assert (
        at.curl(f"/{name}/hls/film/180p/index.m3u8?tkn={token}", "-e", entry.location).status == 200
    )
    line = f"/{name}/hls/film/180p/index.m3u8?tkn=[redacted]"
    eventually(lambda: line in at.log, lambda: f"the log shows {line}\n{at.log}")
    assert f"/{name}/hls/film/master.m3u8?zipcode=25267&tkn=[redacted]" in at.log
    assert token not in at.log
    assert not re.search(LEAK, at.log)
