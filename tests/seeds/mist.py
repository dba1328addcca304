"""MistServer's users (seed 000): two cameras and a film, who watches them, who feeds them."""

from __future__ import annotations

import posixpath
import re
import time
from asyncio import sleep
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from sessionware import Kind, presets
from support.calls import Call
from support.loops import SyncView
from support.origin import Origin, Reply, Seen
from support.story import uris_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.calls import Answer
    from support.clock import Clock
    from support.worlds import World

SECRET = "a secret of at least thirty-two characters"
PROXY = "10.0.0.1"
HOME, AWAY = "192.0.2.1", "198.51.100.1"

CAM1, CAM2, FILM = (f"/hls/{name}/index.m3u8" for name in ("cam1", "cam2", "film"))
LONE1, LONE2 = "/hls/cam1.m3u8", "/hls/cam2.m3u8"
"""Media playlists that no multivariant playlist leads to: a request of one counts at once."""
MPD1, MPD2 = "/dash/cam1/manifest.mpd", "/dash/cam2/manifest.mpd"
PROBE = "/json_cam1.js"
"""What MistServer's player asks before it plays: JSON that tells about the stream."""

CORE = r"[A-Za-z0-9_-]{36}\.[A-Za-z0-9_-]{43}"
"""A token that the middleware made."""
TOKEN = re.compile(rf"({CORE}|[A-Za-z0-9_-]{{1,128}})(?:\.[A-Za-z0-9_-]+)?")

MASTER = b"""#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",URI="audio.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="en",URI="subs.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000000,AUDIO="a",SUBTITLES="s"
720p.m3u8
"""
MEDIA = b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:2.0,\ns1.ts\n"
VOD = b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n%b#EXT-X-ENDLIST\n" % b"".join(
    b"#EXTINF:2.0,\ns%d.ts\n" % number for number in range(1, 61)
)
"""Two minutes."""
MPD = (
    b'<?xml version="1.0"?>\n<MPD type="dynamic" minimumUpdatePeriod="PT2S">\n'
    b" <Period><BaseURL>v/</BaseURL></Period>\n</MPD>"
)
HELD = b"held\n"

both_options = pytest.mark.parametrize("preset", [True, False], ids=["preset", "defaults"])
"""For what holds with any options."""


def cameras(seen: Seen) -> Reply:
    """``index.m3u8`` is multivariant, other playlists are media playlists; film is VOD."""
    path = posixpath.normpath("/" + seen.path.lstrip("/"))
    name = posixpath.basename(path)
    if name == "index.m3u8":
        return Reply(body=MASTER)
    if name.endswith(".m3u8"):
        return Reply(body=VOD if "/film" in path else MEDIA)
    if name.endswith(".mpd"):
        return Reply(body=MPD)
    if name.endswith(".js"):
        return Reply(body=b'{"width":1280,"uri":"hls/cam1/index.m3u8"}')
    return Reply(body=b"\x47segment", content_type="video/mp2t")


class Site(Origin):
    """The cameras, and ``/hold``: a route that holds ``open()`` while its answer is under way."""

    def __init__(self) -> None:
        super().__init__(cameras)
        self.sessions: Any = None
        self.wanted: tuple[dict[str, Any], ...] = ()
        self.held: list[Any] = []

    async def asgi(self, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path") != "/hold":
            await super().asgi(scope, receive, send)
            return
        async with AsyncExitStack() as stack:
            opened = [self.sessions.open(**wanted) for wanted in self.wanted]
            self.held = [await stack.enter_async_context(manager) for manager in opened]
            headers = [(b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": HELD, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def wsgi(self, environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] != "/hold":
            return super().wsgi(environ, start_response)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return self._holding()

    def _holding(self) -> Iterator[bytes]:
        with ExitStack() as stack:
            opened = [self.sessions.open(**wanted) for wanted in self.wanted]
            self.held = [stack.enter_context(manager) for manager in opened]
            yield HELD


class Client:
    """Somebody with an address and a player, who follows redirects and, if told to, keeps cookies.

    ``at`` is the last URL, against which relative ones are resolved; ``redirects`` were followed.
    """

    def __init__(self, mist: Mist, ip: str, agent: str, *, keeps_cookies: bool) -> None:
        self._mist = mist
        self._ip = ip
        self._agent = agent
        self._keeps_cookies = keeps_cookies
        self.cookies: dict[str, str] = {}
        self.at: Call | None = None
        self.redirects = 0

    def ask(self, target: str, method: str = "GET", *, body: bytes = b"", **headers: str) -> Answer:
        """Ask for a URL; header names are written with ``_``."""
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"user_agent": self._agent, "x_forwarded_for": self._ip}
        sent |= {"cookie": kept} if kept else {}
        sent |= headers
        pairs = tuple((name.replace("_", "-"), value) for name, value in sent.items())
        if self.at is not None:
            target = self.at.at(target).target
        call = Call(target, method=method, headers=pairs, body=body, peer=PROXY)
        answer = self._send(call)
        while answer.status in {302, 303, 307}:
            self.redirects += 1
            assert self.redirects < 9, f"redirected again and again: {answer.location}"
            call = call.at(answer.location or "")
            answer = self._send(call)
        self.at = call
        return answer

    def _send(self, call: Call) -> Answer:
        answer = self._mist.world.send(call)
        if self._keeps_cookies:
            self.cookies |= answer.cookies()
        return answer

    def watch(
        self, stream: str = "cam1", *, token: str = "", child: str = "720p", **headers: str
    ) -> Answer:
        """Watch by HLS: the multivariant playlist, then a child by the URI written in it."""
        query = f"?tkn={token}" if token else ""
        multivariant = self.ask(f"/hls/{stream}/index.m3u8{query}", **headers)
        assert multivariant.status == 200, multivariant
        return self.ask(uri(multivariant, child), **headers)

    @property
    def token(self) -> str:
        """The token that the last URL carried."""
        assert self.at is not None
        return token_in(self.at.target)


class Mist:
    """A server with the options of ``presets.mistserver()``, the clock, and what it has told.

    ``preset`` False: the default options.
    """

    def __init__(
        self,
        make_world: Callable[..., World],
        clock: Clock,
        *,
        preset: bool = True,
        **options: Any,
    ) -> None:
        self.clock = clock
        self.events: list[Any] = []
        self.site = Site()
        base = presets.mistserver() if preset else {}
        common = {"secret": SECRET, "clock": clock, "trusted_proxies": PROXY}
        common["on_event"] = self.events.append
        self.world = make_world(self.site, **{**common, **base, **options})
        self.site.sessions = self.world.middleware.sessions
        self.sessions = self.world.sessions

    @property
    def session(self) -> Any:
        """The session as the app saw it at the last request that reached it."""
        return self.site.last.session

    def client(
        self, ip: str = HOME, agent: str = "Player/1", *, keeps_cookies: bool = False
    ) -> Client:
        return Client(self, ip, agent, keeps_cookies=keeps_cookies)

    def ask(self, target: str, method: str = "GET", *, ip: str = HOME, **sent: Any) -> Answer:
        """Ask as a client who remembers nothing."""
        return self.client(ip).ask(target, method, **sent)

    def count(self, kind: Kind | None = None, **what: Any) -> Any:
        return self.sessions.count(kind=kind, **what)

    def listed(self, **what: Any) -> tuple[Any, ...]:
        """Give the sessions that ``list()`` shows, all of them."""
        page = self.sessions.list(**what)
        assert page.next is None
        return page.items

    def told(self, name: str) -> list[Any]:
        """Give the events of this name, in the order in which they came."""
        return [event for event in self.events if type(event).__name__ == name]

    def later(self, seconds: float) -> None:
        """Let time pass, and what is over end."""
        self.clock.advance(seconds)
        self.sessions.sweep()

    def wait_for(self, name: str) -> None:
        """Wait, no longer than 10 s, until the sweeper has told of something by itself."""
        for _ in range(200):
            if self.told(name):
                return
            self.pause()

    def pause(self, seconds: float = 0.05) -> None:
        """Give the sweeper real time."""
        if self.world.kind == "asgi":
            self.world.run(sleep(seconds))
        else:
            time.sleep(seconds)

    @contextmanager
    def hold(self, *wanted: dict[str, Any]) -> Iterator[list[Any]]:
        """Let a route of the app hold ``open()`` with these arguments; gives the sessions."""
        self.site.wanted = wanted
        call = Call("/hold", headers=(("x-forwarded-for", HOME),), peer=PROXY)
        with self.world.stream(call) as stream:
            assert stream.next() == HELD
            held = self.site.held
            if self.world.kind == "asgi":
                held = [SyncView(session, self.world.run) for session in held]
            yield held
            stream.finish()


class Door:
    """A hook ``admit`` that notes for which streams it was asked, and lets in or not."""

    def __init__(self, *, opens: bool = True) -> None:
        self.opens = opens
        self.asked: list[str] = []

    def __call__(self, session: Any, request: Any) -> bool:
        self.asked.append(session.stream)
        return self.opens


def classify(request: Any) -> Kind:
    """Call MistServer's player's JSON a question about the stream, else go by the method."""
    if request.path.endswith(".js"):
        return Kind.STREAM_INFO
    return Kind.INPUT if request.method in {"PUT", "POST", "DELETE"} else Kind.VIEWER


WITH_PROBE = {
    "match": r"(?i)\.(?:m3u8|mpd|mpp|js)$",
    "stream": r"/(?:json_)?(?P<stream>cam\d)[./]",
    "classify": classify,
}
"""Options by which the middleware sees ``PROBE``, too."""


def uri(answer: Answer, name: str) -> str:
    """Give the one URI in a manifest that has this name in it, or the segment's."""
    found = [one for one in uris_of(answer) if name in one]
    assert len(found) == 1, f"{name} is there {len(found)} times in {answer.text}"
    return found[0]


def token_in(url: str) -> str:
    """Give the token that a URL carries, without its link."""
    values = re.findall(r"[?&]tkn=([^&#]*)", url)
    assert len(values) == 1, f"{len(values)} tokens in {url}"
    found = TOKEN.fullmatch(values[0])
    assert found, f"no token in {url}"
    return found[1]


def is_zero(counts: Any) -> bool:
    """Tell whether nothing was counted at all."""
    return not any(asdict(counts).values())
