"""The middleware around an ASGI app, in process, beside Starlette's signed-cookie session."""

from collections.abc import Iterator

from starlette.middleware.sessions import SessionMiddleware
from timing import CALLS, Prepare, best
from traffic import (
    MASTER,
    MEDIA,
    MULTIVARIANT,
    PLAYLIST,
    SECRET,
    SEGMENT,
    AsgiApp,
    ask_asgi,
    follow,
    new_ip,
    scope,
)

from sessionware import MemoryStore
from sessionware.asgi import StreamSessionMiddleware

ROUNDS = 300


class CountingStore(MemoryStore):
    """Counts what it is asked."""

    calls = 0

    def execute(self, command: object) -> object:
        self.calls += 1
        return super().execute(command)


def requests(app: object, path: str, query: bytes = b"", cookie: bytes = b"") -> Prepare:
    def prepare() -> object:
        scopes = [scope(path, query, cookie=cookie) for _ in range(CALLS)]
        return lambda: ask_asgi(app, scopes)

    return prepare


def entries(app: object) -> Prepare:
    """Each from another client: one that comes back again and again would be a loop."""

    def prepare() -> object:
        scopes = [scope(MASTER, ip=new_ip()) for _ in range(CALLS)]
        return lambda: ask_asgi(app, scopes)

    return prepare


def around(body: bytes, path: str) -> tuple[object, bytes]:
    """Wrap an app, and give the query of a viewer whose session runs."""
    app = StreamSessionMiddleware(AsgiApp(body), secret=SECRET)
    return app, follow(app, path, "192.0.2.1")


def with_starlette(body: bytes) -> tuple[object, bytes]:
    """Wrap an app that reads its session, and give a cookie with 3 keys."""
    plain = AsgiApp(body)

    async def writing(scope: dict, receive: object, send: object) -> None:
        scope["session"].update(user="u1234567", plan="premium", started=1760000000)
        await plain(scope, receive, send)

    async def reading(scope: dict, receive: object, send: object) -> None:
        session = scope["session"]
        session.mark_accessed()  # as request.session does
        if session["plan"] != "premium":
            raise RuntimeError("the cookie was not read")
        await plain(scope, receive, send)

    start = ask_asgi(SessionMiddleware(writing, secret_key=SECRET), [scope(MASTER)])[0]
    cookie = dict(start["headers"])[b"set-cookie"].partition(b";")[0]
    return SessionMiddleware(reading, secret_key=SECRET), cookie


def measure() -> Iterator[tuple[str, float, str]]:
    media, media_query = around(PLAYLIST, MEDIA)
    multi, multi_query = around(MULTIVARIANT, MASTER)
    rewritten = ask_asgi(multi, [scope(MASTER, multi_query)])[1]["body"]
    if rewritten.count(multi_query) != 10:
        raise RuntimeError("the multivariant playlist was not rewritten")
    reading, cookie = with_starlette(PLAYLIST)
    store = CountingStore()
    entry = StreamSessionMiddleware(AsgiApp(MULTIVARIANT), secret=SECRET, store=store)
    if ask_asgi(entry, [scope(MASTER)])[0]["status"] != 307:
        raise RuntimeError("the entry was not redirected")
    cost = best(
        {
            "bare segment": requests(AsgiApp(b"x"), SEGMENT),
            "segment": requests(StreamSessionMiddleware(AsgiApp(b"x"), secret=SECRET), SEGMENT),
            "untouched": requests(SessionMiddleware(AsgiApp(b"x"), secret_key=SECRET), SEGMENT),
            "bare media": requests(AsgiApp(PLAYLIST), MEDIA),
            "media": requests(media, MEDIA, media_query),
            "read": requests(reading, MEDIA, cookie=cookie),
            "bare multi": requests(AsgiApp(MULTIVARIANT), MASTER),
            "multi": requests(multi, MASTER, multi_query),
            "entry": entries(entry),
        },
        ROUNDS,
    )
    passed = cost["segment"] - cost["bare segment"]
    untouched = cost["untouched"] - cost["bare segment"]
    hit, read = cost["media"] - cost["bare media"], cost["read"] - cost["bare media"]
    rewriting = cost["multi"] - cost["bare multi"]
    yield "asgi-pass-through", passed, "over the bare app"
    yield "asgi-pass-through/starlette", passed / untouched, f"{passed:.2f} of {untouched:.2f} us"
    yield "asgi-manifest-hit/starlette", hit / read, f"{hit:.2f} of {read:.2f} us"
    yield "asgi-multivariant-hit/starlette", rewriting / read, f"{rewriting:.2f} of {read:.2f} us"
    yield "asgi-entry", cost["entry"], "the whole answer, 307"
    yield "asgi-entry-store-calls", store.calls, f"in {(ROUNDS + 1) * CALLS} entries"
