"""Requests as servers make them, and the bodies that the apps answer with."""

from collections.abc import Iterable
from itertools import count

SECRET = "a secret of the benchmarks, 32 characters and more"
SEGMENT = "/vod/film/720p/segment_00042.m4s"
MASTER = "/vod/film/master.m3u8"
MEDIA = "/live/cam1/index.m3u8"

HEADERS = [
    (b"host", b"video.example.com"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"),
    (b"accept", b"*/*"),
    (b"accept-language", b"en-US,en;q=0.5"),
    (b"accept-encoding", b"identity"),
    (b"origin", b"https://www.example.com"),
    (b"referer", b"https://www.example.com/"),
    (b"connection", b"keep-alive"),
]

PLAYLIST = (
    b"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:100\n"
    + b"".join(b"#EXTINF:2.000,\nsegment_%05d.m4s\n" % number for number in range(100, 106))
)
MULTIVARIANT = b"#EXTM3U\n#EXT-X-VERSION:7\n" + b"".join(
    b'#EXT-X-STREAM-INF:BANDWIDTH=%d000,RESOLUTION=%dx%d,CODECS="avc1.64001f,mp4a.40.2"\n%dp/index.m3u8\n'
    % (height * 5, height * 16 // 9, height, height)
    for height in range(144, 1440, 135)
)

_clients = count(1)


def new_ip() -> str:
    """Give an address that nobody has had."""
    number = next(_clients)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def scope(path: str, query: bytes = b"", *, ip: str = "192.0.2.1", cookie: bytes = b"") -> dict:
    """Make an HTTP scope whose bytes nobody has hashed yet, as a server's are."""
    headers = [*HEADERS, (b"cookie", cookie)] if cookie else HEADERS
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": (_fresh(ip), 4711),
        "scheme": "http",
        "method": "GET",
        "root_path": "",
        "path": _fresh(path),
        "raw_path": path.encode(),
        "query_string": bytes(bytearray(query)),
        "headers": [(bytes(bytearray(name)), bytes(bytearray(value))) for name, value in headers],
        "state": {},
    }


def environ(path: str, query: str = "", *, ip: str = "192.0.2.1", cookie: str = "") -> dict:
    """Make an environ whose strings nobody has hashed yet, as a server's are."""
    values = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": _fresh(path),
        "QUERY_STRING": _fresh(query),
        "RAW_URI": f"{path}?{query}" if query else _fresh(path),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": _fresh(ip),
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
    }
    for name, value in HEADERS:
        values["HTTP_" + name.decode().upper().replace("-", "_")] = _fresh(value.decode())
    if cookie:
        values["HTTP_COOKIE"] = _fresh(cookie)
    return values


class AsgiApp:
    """Answers every request with a copy of one body, each a new one, as if read from a file."""

    def __init__(self, body: bytes) -> None:
        self._body = bytearray(body)
        self._length = b"%d" % len(body)

    async def __call__(self, _scope: dict, _receive: object, send: object) -> None:
        headers = [
            (b"content-type", b"application/vnd.apple.mpegurl"),
            (b"content-length", self._length),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(self._body)})


class WsgiApp:
    """The same under WSGI."""

    def __init__(self, body: bytes) -> None:
        self._body = bytearray(body)
        self._length = str(len(body))

    def __call__(self, _environ: dict, start_response: object) -> list[bytes]:
        headers = [
            ("Content-Type", "application/vnd.apple.mpegurl"),
            ("Content-Length", self._length),
        ]
        start_response("200 OK", headers)
        return [bytes(self._body)]


async def _receive() -> dict:
    return {"type": "http.request", "body": b"", "more_body": False}


def ask_asgi(app: object, scopes: Iterable[dict]) -> list[dict]:
    """Send requests through an ASGI app that waits for nothing; give what the last one sent."""
    sent: list[dict] = []

    async def send(message: dict) -> None:
        sent.append(message)

    async def ask_all() -> None:
        for one in scopes:
            sent.clear()
            await app(one, _receive, send)

    try:
        ask_all().send(None)
    except StopIteration:
        return sent
    raise RuntimeError("the app waited for something")


def ask_wsgi(app: object, environs: Iterable[dict]) -> tuple[str, list, bytes]:
    """Send requests through a WSGI app; give status, headers and body of the last answer."""
    head: list = []

    def start_response(*status_and_headers: object) -> None:
        head[:] = status_and_headers

    body = b""
    for one in environs:
        answer = app(one, start_response)
        body = b"".join(answer)
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    return head[0], head[1], body


def follow(app: object, path: str, ip: str) -> bytes:
    """Ask as a new viewer, follow the redirect to begin the session, and give the new query."""
    start = ask_asgi(app, [scope(path, ip=ip)])[0]
    query = dict(start["headers"])[b"location"].partition(b"?")[2]
    if ask_asgi(app, [scope(path, query, ip=ip)])[0]["status"] != 200:
        raise RuntimeError("the follow-up was not served")
    return query


def _fresh(text: str) -> str:
    return text.encode().decode()
