"""The server of the benchmark ``wire``: uvicorn, one worker, with us or without.

It prints its port. The playlist is live: it changes every 2 seconds.
"""

import asyncio
import socket
import sys
import time

import uvicorn
from traffic import SECRET

from sessionware.asgi import StreamSessionMiddleware


async def app(_scope: dict, _receive: object, send: object) -> None:
    first = int(time.time() / 2)
    lines = [b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:%d\n" % first]
    lines += [b"#EXTINF:2.000,\nsegment_%d.m4s\n" % number for number in range(first, first + 6)]
    body = b"".join(lines)
    headers = [
        (b"content-type", b"application/vnd.apple.mpegurl"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"max-age=1"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def serve(*, wrapped: bool) -> None:
    served = StreamSessionMiddleware(app, secret=SECRET) if wrapped else app
    config = uvicorn.Config(served, access_log=False, log_level="warning", lifespan="off")
    # Told to be TCP, as asyncio's own are: else it leaves Nagle on, and each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print(listener.getsockname()[1], flush=True)
    await uvicorn.Server(config).serve(sockets=[listener])


asyncio.run(serve(wrapped=sys.argv[1] == "with"))
