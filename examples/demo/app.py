"""The demo's app: a page, the numbers as JSON, and folders of media behind the middleware."""

from __future__ import annotations

import mimetypes
from dataclasses import asdict
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sessionware import logs
from sessionware.asgi import StreamSessionMiddleware

if TYPE_CHECKING:
    from starlette.requests import Request

PAGE = Path(__file__).with_name("page.html")

# What systems disagree about, or take for something else (.ts).
TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".m4s": "video/iso.segment",
    ".ts": "video/mp2t",
}


class Stream(NamedTuple):
    """One manifest; ``live`` tells the broadcast from the film."""

    path: str
    says: str
    live: bool
    plays: tuple[str, ...] = ("ffplay {}", "mpv {}", "vlc {}")


STREAMS = (
    Stream("hls/film/master.m3u8", "a film of one minute, HLS", live=False),
    Stream("dash/film/manifest.mpd", "the film, DASH", live=False),
    Stream("hls/cam1/master.m3u8", "live, HLS", live=True),
    # ffmpeg and its kin don't wait for a segment that is not there yet: at real time, or never.
    Stream(
        "dash/cam1-timeline/manifest.mpd",
        "live, DASH with a timeline",
        live=True,
        plays=("ffmpeg -v error -re -i {} -f null -",),
    ),
    Stream(
        "dash/cam1/manifest.mpd", "live, DASH by the clock (not for ffmpeg)", live=True, plays=()
    ),
)


def make(film: Path, live: Path, front: str = "", **options: Any) -> StreamSessionMiddleware:
    """Wrap the app; ``film`` and ``live`` are folders, ``front`` goes before the streams' paths."""
    for suffix, kind in TYPES.items():
        mimetypes.add_type(kind, suffix)

    async def page(request: Request) -> HTMLResponse:
        base = f"{request.base_url}{front}"
        text = "".join(_section(base + stream.path, stream) for stream in STREAMS)
        return HTMLResponse(Template(PAGE.read_text()).substitute(streams=text))

    async def sessions(_: Request) -> JSONResponse:
        counts = await middleware.sessions.count()
        streams = await middleware.sessions.streams()
        listed = await middleware.sessions.list()
        return JSONResponse(
            {
                "in all": asdict(counts),
                "streams": {name: asdict(counts) for name, counts in streams.items()},
                "sessions": [session.to_dict() for session in listed.items],
            }
        )

    routes: list[Route | Mount] = [Route("/", page), Route("/sessions", sessions)]
    for stream in STREAMS:
        folder = stream.path.rpartition("/")[0]
        files = StaticFiles(directory=(live if stream.live else film) / folder)
        routes.append(Mount(f"/{folder}", files))

    middleware = StreamSessionMiddleware(Starlette(routes=routes), **options)
    settings = middleware.settings
    logs.redact(settings.parameter, *settings.aliases, settings.cookie.name)
    return middleware


def _section(url: str, stream: Stream) -> str:
    """Describe a stream; browsers play HLS by themselves, or nothing."""
    video = f'<video controls muted preload="none" src="{escape(url)}"></video>\n'
    copies = [f"curl -i '{url}?zipcode=25267'", *(play.format(url) for play in stream.plays)]
    return (
        f"<section>\n<h2>{escape(stream.says)}</h2>\n"
        + (video if stream.path.endswith(".m3u8") else "")
        + f"<pre>{escape(chr(10).join(copies))}</pre>\n</section>\n"
    )
