"""A folder of HLS and DASH behind the middleware, and pages that show who watches: on Starlette.

uvicorn --app-dir examples --factory starlette_app.app:create_app
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common import catalogue, config, numbers
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sessionware import Kind, current_session, logs, presets
from sessionware.asgi import StreamSessionMiddleware

if TYPE_CHECKING:
    import os

    from starlette.requests import Request
    from starlette.types import Scope

    from sessionware import Request as AnyRequest


def create_app(
    media: str | os.PathLike[str] | None = None,
    web_players: str | os.PathLike[str] | None = None,
    front: str = "",
    **options: Any,
) -> StreamSessionMiddleware:
    """Make the app; ``front`` goes before the streams' paths, ``options`` over our own."""
    folders = config.folders(media, web_players)

    async def watch_page(_: Request) -> Response:
        return FileResponse(config.PAGES / "watch.html")

    async def sessions_page(_: Request) -> Response:
        return FileResponse(config.PAGES / "sessions.html")

    async def streams(_: Request) -> Response:
        found = catalogue.streams(folders.media, front)
        return JSONResponse([stream.to_dict() for stream in found])

    async def info(request: Request) -> Response:
        stream = catalogue.stream(folders.media, request.path_params["name"])
        session = current_session()  # of who asks: the token came along, or goes with this answer
        if stream is None or session is None:
            raise HTTPException(404)  # and the session that this request began is undone
        return JSONResponse(stream.for_viewer(session))

    async def sessions(_: Request) -> Response:
        asked = middleware.sessions
        counts, by_stream, page = await asked.count(), await asked.streams(), await asked.list()
        return JSONResponse(numbers.told(middleware.settings, counts, by_stream, page))

    async def stop(request: Request) -> Response:
        try:
            stopped = await middleware.sessions.stop(id=request.path_params["id"])
        except ValueError as error:  # it is no id
            raise HTTPException(400, str(error)) from error
        return JSONResponse({"stopped": stopped})

    async def deny(request: Request) -> Response:
        ip = request.path_params["ip"]
        try:
            await middleware.sessions.deny(ip=ip, duration=config.KEPT_OUT, reason=config.REASON)
        except ValueError as error:  # it is no address
            raise HTTPException(400, str(error)) from error
        return JSONResponse({"denied": ip, "seconds": config.KEPT_OUT})

    async def allow(request: Request) -> Response:
        ip = request.path_params["ip"]
        try:
            await middleware.sessions.allow(ip=ip)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        return JSONResponse({"allowed": ip})

    app = Starlette(
        routes=[
            Route("/", watch_page),
            Route("/sessions", sessions_page),
            Route("/sessions.json", sessions),
            Route("/stop/{id}", stop, methods=["POST"]),
            Route("/deny/{ip}", deny, methods=["POST"]),
            Route("/allow/{ip}", allow, methods=["POST"]),
            Route("/streams.json", streams),
            Route("/info/{name}", info),
            Mount("/pages", Folder(directory=config.PAGES)),
            Mount("/players", Folder(directory=folders.players, check_dir=False)),
            Mount("/hls", Folder(directory=folders.media / "hls", check_dir=False)),
            Mount("/dash", Folder(directory=folders.media / "dash", check_dir=False)),
        ]
    )
    keywords: dict[str, Any] = {
        # Signs the tokens. All workers need the same.
        "secret": config.secret(),
        # What gets a session: manifests, and the probe.
        "match": r"^/(?:hls|dash)/.*\.(?:m3u8|mpd)$|^/info/",
        # What keeps one alive: who has loaded the playlists of a film asks for segments alone.
        "track": presets.MEDIA,
        # HLS, DASH and the probe of one name are one stream.
        "stream": r"^/(?:hls|dash|info)/(?P<stream>[^/]+)",
        # The probe is answered at once, never redirected.
        "classify": kind_of,
    }
    middleware = StreamSessionMiddleware(app, **keywords | options)
    settings = middleware.settings
    logs.redact(settings.parameter, *settings.aliases, settings.cookie.name)
    return middleware


def kind_of(request: AnyRequest) -> Kind | None:
    """Tell the probe from who watches; a service may stand before its path."""
    if request.method not in {"GET", "HEAD"}:
        return None
    return Kind.STREAM_INFO if "/info/" in request.path else Kind.VIEWER


class Folder(StaticFiles):
    """A folder that may come later, in which links are followed.

    Browsers ask again for what they have: a viewer who needs no byte of us is seen all the same.
    """

    def __init__(self, **how: Any) -> None:
        super().__init__(follow_symlink=True, **how)

    async def check_config(self) -> None:
        """Let it be missing: there is nothing in it then."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give a file."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response
