"""The middleware around a WSGI app, in process, beside Flask's signed-cookie session."""

from collections.abc import Iterator

from flask import Flask, Response, session
from timing import CALLS, Prepare, best
from traffic import MEDIA, PLAYLIST, SECRET, SEGMENT, WsgiApp, ask_wsgi, environ

from sessionware.wsgi import StreamSessionMiddleware

ROUNDS = 300


def requests(app: object, path: str, query: str = "", cookie: str = "") -> Prepare:
    def prepare() -> object:
        environs = [environ(path, query, cookie=cookie) for _ in range(CALLS)]
        return lambda: ask_wsgi(app, environs)

    return prepare


def flask(*, reads: bool) -> Flask:
    """Make a Flask app; without a secret key it has no session."""
    app = Flask("bench")
    app.secret_key = SECRET if reads else None

    @app.get(MEDIA)
    def media() -> Response:
        if reads and session["plan"] != "premium":
            raise RuntimeError("the cookie was not read")
        return Response(PLAYLIST, mimetype="application/vnd.apple.mpegurl")

    @app.get("/login")
    def login() -> str:
        session.update(user="u1234567", plan="premium", started=1760000000)
        return ""

    return app


def measure() -> Iterator[tuple[str, float, str]]:
    ours = StreamSessionMiddleware(WsgiApp(PLAYLIST), secret=SECRET)
    _, headers, _ = ask_wsgi(ours, [environ(MEDIA)])
    query = dict(headers)["Location"].partition("?")[2]
    if ask_wsgi(ours, [environ(MEDIA, query)])[0] != "200 OK":
        raise RuntimeError("the follow-up was not served")
    reading = flask(reads=True)
    _, headers, _ = ask_wsgi(reading, [environ("/login")])
    cookie = dict(headers)["Set-Cookie"].partition(";")[0]
    cost = best(
        {
            "bare segment": requests(WsgiApp(b"x"), SEGMENT),
            "segment": requests(StreamSessionMiddleware(WsgiApp(b"x"), secret=SECRET), SEGMENT),
            "bare media": requests(WsgiApp(PLAYLIST), MEDIA),
            "media": requests(ours, MEDIA, query),
            "flask": requests(flask(reads=False), MEDIA, cookie=cookie),
            "flask reads": requests(reading, MEDIA, cookie=cookie),
        },
        ROUNDS,
    )
    hit, read = cost["media"] - cost["bare media"], cost["flask reads"] - cost["flask"]
    yield "wsgi-pass-through", cost["segment"] - cost["bare segment"], "over the bare app"
    yield "wsgi-manifest-hit", hit, f"{hit / read:.2f} of Flask's session read, {read:.1f} us"
