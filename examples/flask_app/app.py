"""A folder of HLS and DASH behind the middleware, and pages that show who watches: on Flask.

gunicorn --pythonpath examples --threads 8 'flask_app.app:create_app()'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common import catalogue, config, numbers
from flask import Flask, abort, send_from_directory

from sessionware import Kind, current_session, logs, presets
from sessionware.wsgi import StreamSessionMiddleware

if TYPE_CHECKING:
    import os

    from flask import Response

    from sessionware import Request as AnyRequest


def create_app(
    media: str | os.PathLike[str] | None = None,
    web_players: str | os.PathLike[str] | None = None,
    front: str = "",
    **options: Any,
) -> StreamSessionMiddleware:
    """Make the app; ``front`` goes before the streams' paths, ``options`` over our own."""
    folders = config.folders(media, web_players)
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it

    @app.get("/")
    def watch_page() -> Response:
        return send_from_directory(config.PAGES, "watch.html")

    @app.get("/sessions")
    def sessions_page() -> Response:
        return send_from_directory(config.PAGES, "sessions.html")

    @app.get("/streams.json")
    def streams() -> list[dict[str, Any]]:
        found = catalogue.streams(folders.media, front)
        return [stream.to_dict() for stream in found]

    @app.get("/info/<name>")
    def info(name: str) -> dict[str, Any]:
        stream = catalogue.stream(folders.media, name)
        session = current_session()  # of who asks: the token came along, or goes with this answer
        if stream is None or session is None:
            abort(404)  # and the session that this request began is undone
        return stream.for_viewer(session)

    @app.get("/sessions.json")
    def sessions() -> dict[str, Any]:
        asked = middleware.sessions
        counts, by_stream, page = asked.count(), asked.streams(), asked.list()
        return numbers.told(middleware.settings, counts, by_stream, page)

    @app.post("/stop/<id>")
    def stop(id: str) -> dict[str, int]:  # noqa: A002 - as sessions.stop() names it
        try:
            return {"stopped": middleware.sessions.stop(id=id)}
        except ValueError as error:  # it is no id
            abort(400, str(error))

    @app.post("/deny/<ip>")
    def deny(ip: str) -> dict[str, Any]:
        try:
            middleware.sessions.deny(ip=ip, duration=config.KEPT_OUT, reason=config.REASON)
        except ValueError as error:  # it is no address
            abort(400, str(error))
        return {"denied": ip, "seconds": config.KEPT_OUT}

    @app.post("/allow/<ip>")
    def allow(ip: str) -> dict[str, str]:
        try:
            middleware.sessions.allow(ip=ip)
        except ValueError as error:
            abort(400, str(error))
        return {"allowed": ip}

    # Flask lets browsers ask again for what they have (Cache-Control: no-cache): a viewer who
    # needs no byte of us is seen all the same.
    @app.get("/pages/<path:file>", defaults={"folder": config.PAGES})
    @app.get("/players/<path:file>", defaults={"folder": folders.players})
    @app.get("/hls/<path:file>", defaults={"folder": folders.media / "hls"})
    @app.get("/dash/<path:file>", defaults={"folder": folders.media / "dash"})
    def files(folder: str, file: str) -> Response:
        return send_from_directory(folder, file)

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
