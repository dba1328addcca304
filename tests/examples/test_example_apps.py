"""The example apps over HTTP: what there is, who watches, and that one viewer is one session."""

from __future__ import annotations

import json
import re
from importlib import import_module

import pytest

from sessionware import presets
from support.calls import Call

SERVICE = "9bf31c7ff062936aa98ca3e56900abcd"
HLS, DASH = "application/vnd.apple.mpegurl", "application/dash+xml"
WHAT = ("deny", "allow")


def told(app, path, **how):
    answer = app.get(path, **how)
    assert answer.status == 200, answer
    assert answer.header("content-type").startswith("application/json")
    return json.loads(answer.body)


def cookie_of(answer):
    return (("cookie", f"tkn={answer.cookies()['tkn']}"),)


def sources(answer):
    return [source["url"] for source in json.loads(answer.body)["sources"]]


def children(answer):
    return [line for line in answer.text.splitlines() if line and not line.startswith("#")]


# --- What there is --------------------------------------------------------------------------------


def test_the_catalogue_names_each_stream_with_its_probe_and_its_sources(app):
    assert told(app, "/streams.json") == [
        {
            "stream": "cam1",
            "live": True,
            "probe": "/info/cam1",
            "sources": [{"url": "/hls/cam1/all.m3u8", "type": HLS}],
        },
        {
            "stream": "film",
            "live": False,
            "probe": "/info/film",
            "sources": [
                {"url": "/hls/film/master.m3u8", "type": HLS},
                {"url": "/dash/film/manifest.mpd", "type": DASH},
            ],
        },
    ]


def test_a_stream_that_comes_later_is_in_the_catalogue_and_begins_at_its_likeliest_manifest(
    app, media
):
    assert len(told(app, "/streams.json")) == 2
    (media / "dash/cam 2").mkdir()
    for name in ("a.mpd", "manifest.mpd"):
        (media / "dash/cam 2" / name).write_text('<MPD type="dynamic">')
    found = {stream["stream"]: stream for stream in told(app, "/streams.json")}["cam 2"]
    assert found["sources"] == [{"url": "/dash/cam%202/manifest.mpd", "type": DASH}]
    assert (found["live"], found["probe"]) == (True, "/info/cam%202")
    assert app.get("/dash/cam%202/manifest.mpd").status == 307


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/sessions", "text/html"),
        ("/pages/watch.js", "text/javascript"),
        ("/pages/style.css", "text/css"),
        ("/pages/icon.svg", "image/svg+xml"),
        ("/players/hls.js", "text/javascript"),
        ("/hls/film/720p/0.ts", "video/mp2t"),
        ("/dash/film/1.m4s", "video/iso.segment"),
    ],
)
def test_pages_players_and_segments_have_their_types(app, media, path, kind):
    (media / "players").mkdir()
    (media / "players/hls.js").write_text("// a player")
    answer = app.get(path)
    assert (answer.status, answer.header("content-type").partition(";")[0]) == (200, kind)


def test_browsers_ask_again_for_a_segment_that_they_have(app):
    assert app.get("/hls/film/720p/0.ts").header("cache-control") == "no-cache"


@pytest.mark.parametrize(
    "path", ["/players/hls.js", "/pages/../catalogue.py", "/hls/../elsewhere/1.m4s", "/hls/x/y.ts"]
)
def test_what_is_not_in_the_folders_is_not_there(app, path):
    assert app.get(path).status == 404


def test_both_apps_have_the_same_keywords_and_put_those_given_over_them(media):
    given = {"media": media, "track": r"\.ts$"}
    ours = [import_module(f"{name}_app.app").create_app(**given) for name in ("starlette", "flask")]
    assert ours[0].settings.to_dict() == ours[1].settings.to_dict()
    assert ours[0].settings.track == r"\.ts$"


# --- Who watches ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/hls/film/master.m3u8", "/dash/film/manifest.mpd"])
def test_a_manifest_without_a_token_leads_to_the_same_one_with_a_token(app, path):
    answer = app.get(f"{path}?a=1")
    assert answer.status == 307
    assert re.fullmatch(re.escape(path) + r"\?a=1&tkn=[\w.-]{80}", answer.location)


@pytest.mark.parametrize("keeps_cookies", [True, False])
def test_what_the_probe_names_plays_at_once_and_is_the_one_session_that_it_began(
    app, keeps_cookies
):
    probe = app.get("/info/film")
    assert (probe.status, json.loads(probe.body)["stream"]) == (200, "film")
    headers = cookie_of(probe) if keeps_cookies else ()
    hls, dash = sources(probe)
    master = app.get(hls, headers=headers)
    (child,) = children(master)
    playlist = app.send(Call(hls, headers=headers).at(child))
    mpd = app.get(dash, headers=headers)
    assert [master.status, playlist.status, mpd.status] == [200, 200, 200]
    (session,) = told(app, "/sessions.json")["sessions"]
    assert session["id"] == json.loads(probe.body)["session"]
    assert (session["stream"], session["requests"]) == ("film", 4)


def test_two_windows_of_one_browser_are_one_session_on_each_stream(app):
    first = app.get("/info/film")
    again = app.get("/info/film", headers=cookie_of(first))
    assert sources(again) == sources(first)
    assert app.get(sources(first)[1]).status == 200
    assert app.get("/hls/cam1/all.m3u8", headers=cookie_of(first)).status == 200
    streams = sorted(each["stream"] for each in told(app, "/sessions.json")["sessions"])
    assert streams == ["cam1", "film"]


@pytest.mark.parametrize("name", ["nobody", "..", "%00"])
def test_the_probe_of_an_unknown_name_is_404_and_begins_nothing(app, name):
    answer = app.get(f"/info/{name}")
    assert (answer.status, answer.cookies()) == (404, {})
    assert told(app, "/sessions.json")["counts"]["requests"] == 0


@pytest.mark.parametrize("segment", ["/hls/film/720p/0.ts", "/dash/film/1.m4s"])
def test_a_viewer_who_asks_for_segments_alone_goes_on_watching(app, clock, segment):
    probe = app.get("/info/film")
    app.get(sources(probe)[1])
    for _ in range(20):
        clock.advance(59)
        assert app.get(segment, headers=cookie_of(probe)).status == 200
    numbers = told(app, "/sessions.json")
    counts = numbers["counts"]
    assert (counts["watching"], counts["sessions"], counts["ended"]) == (1, 1, 0)
    assert [each["window"] for each in numbers["sessions"]] == [60]
    clock.advance(62)
    assert told(app, "/sessions.json")["counts"]["watching"] == 0


def test_a_viewer_of_a_film_is_quiet_until_segments_are_seen_and_one_of_live_watches(app):
    probe = app.get("/info/film")
    app.get(sources(probe)[1])
    app.get(app.get("/hls/cam1/all.m3u8").location)
    numbers = told(app, "/sessions.json")
    assert (numbers["counts"]["watching"], numbers["counts"]["quiet"]) == (1, 1)
    by_stream = {each["stream"]: each for each in numbers["sessions"]}
    film, cam1 = by_stream["film"], by_stream["cam1"]
    assert (film["presentation"], film["quiet"], film["window"]) == ("vod", True, 0)
    assert (cam1["presentation"], cam1["quiet"], cam1["window"]) == ("live", False, 15)
    app.get("/dash/film/1.m4s", headers=cookie_of(probe))
    counts = told(app, "/sessions.json")["counts"]
    assert (counts["watching"], counts["quiet"]) == (2, 0)
    assert counts["bytes_down"] == len("a segment")


def test_the_numbers_are_told_in_all_for_each_stream_and_for_each_session_without_a_token(app):
    probe = app.get("/info/film")
    app.get(sources(probe)[1])
    answer = app.get("/sessions.json")
    numbers = json.loads(answer.body)
    counts = {"watching": 0, "quiet": 1, "sessions": 1, "started": 1, "ended": 0, "seconds": 0}
    counts |= {"requests": 2, "bytes_down": 0, "bytes_up": 0}
    assert numbers["counts"] == counts
    assert numbers["streams"] == {"film": counts}
    (session,) = numbers["sessions"]
    assert (session["ip"], session["state"]) == ("192.0.2.1", "live")
    assert session["last_seen"] == numbers["now"]
    token = probe.cookies()["tkn"]
    assert token[:20] not in answer.text


# --- With presets ---------------------------------------------------------------------------------


@pytest.fixture
def broadpeak(make_app):
    return make_app(front=f"/{SERVICE}", **presets.broadpeak(service=r"[0-9a-f]{32}"))


def test_a_session_is_stopped_by_its_id_and_its_token_is_refused_from_then_on(app):
    probe = json.loads(app.get("/info/film").body)
    (url,) = (source["url"] for source in probe["sources"] if ".mpd" in source["url"])
    assert app.get(url).status == 200
    stop = Call(f"/stop/{probe['session']}", method="POST")
    assert json.loads(app.send(stop).body) == {"stopped": 1}
    assert app.get(url).status == 410
    assert json.loads(app.get("/sessions.json").body)["sessions"] == []
    assert json.loads(app.send(stop).body) == {"stopped": 0}


def test_what_is_no_id_stops_nobody_and_asking_by_get_neither(app):
    assert app.send(Call("/stop/nonsense", method="POST")).status == 400
    assert app.get("/stop/nonsense").status == 405


@pytest.mark.parametrize("ip", ["192.0.2.1", "2001:db8::1"])
def test_an_address_is_kept_out_for_a_minute_or_until_it_is_let_in_again(app, clock, ip):
    probe = app.get("/info/film", peer=ip)
    url = sources(probe)[1]
    assert app.get(url, peer=ip).status == 200
    deny, allow = (Call(f"/{what}/{ip.replace(':', '%3A')}", method="POST") for what in WHAT)
    assert json.loads(app.send(deny).body) == {"denied": ip, "seconds": 60}
    assert told(app, "/sessions.json")["counts"]["sessions"] == 0
    refused = app.get(url, peer=ip)
    assert (refused.status, app.get("/info/film", peer=ip).status) == (403, 403)
    assert "keeps this address out" in refused.text
    assert app.get("/info/film", peer="192.0.2.7").status == 200
    assert json.loads(app.send(allow).body) == {"allowed": ip}
    assert app.get("/info/film", peer=ip).status == 200
    app.send(deny)
    clock.advance(59)
    assert app.get("/info/film", peer=ip).status == 403
    clock.advance(2)
    assert app.get("/info/film", peer=ip).status == 200


@pytest.mark.parametrize("what", WHAT)
def test_what_is_no_address_is_neither_denied_nor_allowed_and_by_get_nobody_is(app, what):
    assert app.send(Call(f"/{what}/nonsense", method="POST")).status == 400
    assert app.get(f"/{what}/192.0.2.1").status == 405
    assert app.get("/info/film").status == 200


def test_with_a_service_the_catalogue_leads_to_urls_that_it_is_taken_off(broadpeak):
    film = told(broadpeak, "/streams.json")[1]
    entry = film["sources"][0]["url"]
    assert entry == f"/{SERVICE}/hls/film/master.m3u8"
    answer = broadpeak.get(entry)
    assert answer.status == 307
    assert answer.location.startswith(f"/hls/film/master.m3u8?bpkio_serviceid={SERVICE}&")
    assert "bpkio_sessionid=" in answer.location
    assert broadpeak.follow(Call(entry), answer).status == 200


def test_with_a_service_the_probe_names_sources_that_play_in_it(broadpeak):
    probe = broadpeak.get(told(broadpeak, "/streams.json")[1]["probe"])
    assert broadpeak.get(sources(probe)[1]).status == 200
    (session,) = told(broadpeak, "/sessions.json")["sessions"]
    assert (session["stream"], session["service"]) == ("film", SERVICE)


def test_with_the_other_preset_the_first_playlist_hands_out_the_token(make_app):
    app = make_app(**presets.mistserver())
    entry = Call("/hls/film/master.m3u8")
    master = app.send(entry)
    (child,) = children(master)
    assert (master.status, app.send(entry.at(child)).status) == (200, 200)
    assert told(app, "/sessions.json")["streams"]["film"]["quiet"] == 1
