"""A service as broadpeak.io's users know it: its three contents, and viewers that play them."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any

from sessionware import presets
from support.calls import Call
from support.origin import Origin, Reply, Seen, files

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionware import Session
    from support.calls import Answer
    from support.clock import Clock
    from support.worlds import World

H = "9bf31c7ff062936aa98ca3e56900abcd"
OTHER_SERVICE = "0123456789abcdef0123456789abcdef"
MPD = f"/{H}/myStream/myOutput/index.mpd?zipcode=25267"
HLS = f"/{H}/live/master.m3u8"
FILM = f"/{H}/film/master.m3u8"
PARAMETER, SERVICE_PARAMETER = "bpkio_sessionid", "bpkio_serviceid"
TOKEN = r"[0-9a-f]{11}-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
SECRET = "a secret of at least thirty-two characters"
PATIENCE = 10.0
"""Seconds until what has to happen soon is given up."""

MASTER = b"""#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",URI="audio.m3u8?lang=en"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="b",NAME="en",URI="https://other.example/audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=2000000,AUDIO="a"
720p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1000000,AUDIO="a"
http://testserver/live/480p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=900000,AUDIO="b"
https://other.example/360p.m3u8?x=1
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,URI="iframes.m3u8"
"""
LIVE = b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:6.0,\n7.ts\n"
FILM_MASTER = b"""#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=2000000
720p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1000000
480p.m3u8
"""
DYNAMIC = (
    b'<?xml version="1.0"?>\n<MPD type="dynamic" minimumUpdatePeriod="PT6S">\n'
    b" <Period><BaseURL>v/</BaseURL></Period>\n</MPD>"
)
STATIC = b'<MPD type="static" mediaPresentationDuration="PT10M"><Period/></MPD>'
PERIODS = b'<MPD type="static"><Period duration="PT4M"/><Period duration="PT360S"/></MPD>'
SHARED = (("ETag", '"v1"'), ("Last-Modified", "Mon, 06 Nov 2023 07:28:00 GMT"))
"""What an origin says whose manifests may be cached."""


def vod(seconds: int) -> bytes:
    """Write a playlist of a film that lasts so long."""
    segments = "".join(f"#EXTINF:10.0,\n{n}.ts\n" for n in range(seconds // 10))
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n{segments}#EXT-X-ENDLIST\n".encode()


CONTENTS = {
    "/myStream/myOutput/index.mpd": DYNAMIC,
    "/live/master.m3u8": MASTER,
    **dict.fromkeys((f"/live/{n}.m3u8" for n in ("720p", "480p", "audio", "iframes")), LIVE),
    "/film/master.m3u8": FILM_MASTER,
    **dict.fromkeys((f"/film/{n}.m3u8" for n in ("720p", "480p")), vod(600)),
    "/film/manifest.mpd": STATIC,
    "/film/periods.mpd": PERIODS,
}
site: Callable[[Seen], Reply] = files(
    {
        path: Reply(headers=(*SHARED, ("Cache-Control", "public, max-age=2")), body=body)
        for path, body in CONTENTS.items()
    }
)


def remembering(seen: Seen) -> Reply:
    """Be an app that writes into the context whose it is, once: it shows what is kept or lost."""
    if seen.session.new:
        seen.session.data["lives"] = [*seen.session.data.get("lives", ()), seen.session.id]
    return site(seen)


class Service:
    """A world with the preset, and all that it told of; ``options`` override the preset's.

    ``app`` answers instead of ``site``; ``wrap`` and ``lint`` are the world's.
    """

    def __init__(
        self,
        make_world: Callable[..., World],
        clock: Clock,
        app: Callable[[Seen], Reply] = site,
        **options: Any,
    ) -> None:
        self.clock = clock
        self.events: list[Any] = []
        self.origin = Origin(app)
        given = {name: options.pop(name) for name in ("wrap", "lint") if name in options}
        self.world = make_world(
            self.origin,
            **given,
            clock=clock,
            secret=SECRET,
            on_event=self.events.append,
            **presets.broadpeak(**{"service": r"[0-9a-f]{32}", **options}),
        )

    @property
    def sessions(self) -> Any:
        return self.world.sessions

    @property
    def session(self) -> Session:
        """What the app saw at the newest request that reached it."""
        found: Session = self.origin.last.session
        return found

    def enter(self, url: str = MPD, **client: Any) -> Viewer:
        """Ask for a Service URL as a newcomer."""
        call = Call(url, **client)
        return Viewer(self, call, self.world.send(call))

    def told(self, kind: str) -> list[Any]:
        """Give the events of a kind so far."""
        return [event for event in self.events if type(event).__name__ == kind]

    def hears(self, kind: str, count: int = 1) -> list[Any]:
        """Wait, without any request, until so many events of a kind are there; give them."""
        end = time.monotonic() + PATIENCE
        while len(self.told(kind)) < count:
            assert time.monotonic() < end, f"{len(self.told(kind))} {kind}: {self.events}"
            if self.world.kind == "asgi":
                self.world.run(asyncio.sleep(0.01))
            else:
                time.sleep(0.01)
        return self.told(kind)


class Viewer:
    """A client without cookies that has been led to its resolved URL, ``call``."""

    def __init__(self, service: Service, entry: Call, answer: Answer, status: int = 307) -> None:
        assert answer.status == status, f"no handoff: {answer}"
        assert answer.location is not None
        self.service = service
        self.location = answer.location
        self.call = entry.at(answer.location)
        self.token = token_of(answer.location)
        self.written: list[str] = []
        """The URIs in the resolved multivariant playlist, when it was last asked for."""

    def send(self, uri: str = "", **changes: Any) -> Answer:
        """Ask for the resolved URL, or for a URI as a manifest there has it."""
        answer = self.service.world.send(self.call.at(uri or self.call.url, **changes))
        if answer.status == 200 and not uri and self.call.path.endswith(".m3u8"):
            self.written = uris(answer.text)
        return answer

    def ask(self, uri: str = "", **changes: Any) -> Session:
        """Ask, be served, and give the session that the app saw."""
        answer = self.send(uri, **changes)
        assert answer.status == 200, f"{uri or 'the resolved URL'}: {answer}"
        return self.service.session

    def child(self, name: str = "720p") -> str:
        """Give the URI of a rendition as it was written."""
        return next(uri for uri in self.written if name in uri)

    def watch(self) -> Session:
        """Ask for the resolved URL, and if that is a multivariant playlist, for its 720p too."""
        session = self.ask()
        return self.ask(self.child()) if self.written else session


def token_of(url: str) -> str:
    """Give the one token of a URL: it comes last in its query."""
    found = re.findall(rf"[?&]{PARAMETER}=([^&]*)", url)
    assert len(found) == 1, f"not one token in {url}"
    assert re.fullmatch(TOKEN, found[0]), f"not of the form: {found[0]}"
    assert url.endswith(found[0]), f"not last in {url}"
    return str(found[0])


def uris(playlist: str) -> list[str]:
    """Give the URIs of a multivariant playlist in order."""
    found = re.findall(r'^(?!#)(\S+)$|\bURI="([^"]*)"', playlist, re.MULTILINE)
    return [line or attribute for line, attribute in found]
