"""Settings made ready to decide by: everything that can be worked out once, is.

``Rules`` also holds what one worker remembers (``watch``, the pieces of manifests, the store's
``idkey``); nothing of one request.
"""

from __future__ import annotations

import re
import secrets
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sessionware import finished, lifetime, naming
from sessionware.bounded import Bounded
from sessionware.carriage import Slots, resolve
from sessionware.carrier import Carriers
from sessionware.handoff import Locations
from sessionware.held import Held
from sessionware.lifetime import Lifetimes
from sessionware.link import Links
from sessionware.manifest.cache import PieceCache
from sessionware.option_groups import seconds
from sessionware.orders import Orders
from sessionware.proxies import TrustedProxies
from sessionware.request import UNIX, Kind, Request, parse_ip
from sessionware.scopes import limits_of
from sessionware.session import State
from sessionware.settings import keys_of
from sessionware.store import Learn, Leave
from sessionware.token import FORMATS, STEADY
from sessionware.watch import LoopGuard, Outage, SharingWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sessionware.carriage import Carriage
    from sessionware.finished import Finished
    from sessionware.manifest.learned import Learned
    from sessionware.option_groups import Limit
    from sessionware.outcome import Known
    from sessionware.session import Session
    from sessionware.settings import Settings
    from sessionware.token import TokenFormat

MAX_KNOWN = 16 * 1024 * 1024
"""How many bytes of running viewers' requests a worker remembers."""

MAX_PLAYED = 4 * 1024 * 1024
"""How many bytes a worker remembers of what is played at which path."""

MAX_EXPELLED = 1024 * 1024
"""How many bytes a worker remembers of whose sessions it has ended by an order."""

MAX_AGENT = 512
"""So many characters of a User-Agent tell clients apart."""

_INPUT_METHODS = frozenset({"PUT", "POST", "DELETE"})


class Place(NamedTuple):
    """Where a path is: ``path`` is what the app sees, resolved and without a leading slash.

    ``link_path`` is what a link must be for: the path, or a tracked path's directory.
    """

    path: str
    service: str
    stream: str | None
    protocol: str
    manifest: bool
    link_path: str


class Rules:
    """The rules of one middleware."""

    def __init__(self, settings: Settings) -> None:
        self.settings: Settings = settings
        self.random_secret: bool = settings.secret is None
        keys = keys_of(settings.secret or secrets.token_bytes(32))
        new_token = settings.new_token
        form = FORMATS[new_token] if isinstance(new_token, str) else new_token
        self.tokens: TokenFormat = form(keys)
        self.links: Links = Links(keys)
        self.carriers: Carriers = Carriers(settings, self.tokens, self.links)
        self._place = lru_cache(maxsize=1024)(self._find_place)
        self.slots: Slots = Slots(settings, self.links, self._place)
        self.locations: Locations = Locations(settings, self.slots)
        self.proxies: TrustedProxies = TrustedProxies(settings.trusted_proxies)
        self.pieces: PieceCache = PieceCache()
        self.loops: LoopGuard = LoopGuard()
        self.sharing: SharingWatch = SharingWatch()
        self.parts: dict[Kind, frozenset[str]] = {
            Kind.VIEWER: frozenset(settings.viewer),
            Kind.INPUT: frozenset(settings.input),
            Kind.OUTPUT: frozenset(settings.output),
            Kind.UNSPECIFIED: frozenset(settings.unspecified),
        }
        # What must not reach the app: a header by which a stranger could pose as the CDN.
        self.trusted_headers: frozenset[str] = frozenset(
            name.lower() for name in settings.trusted_header
        )
        self.idkey: bytes | None = None  # the store's, once it was asked
        self.stand_in_key: bytes = secrets.token_bytes(32)  # for sessions that no store knows
        self._match = re.compile(str(settings.match))
        self._track = re.compile(str(settings.track)) if settings.track is not None else None
        self._service = re.compile(str(settings.service)) if settings.service is not None else None
        # Asked at every request of the app, so it does no more than it must.
        simple = self._track is None and self._service is None
        self.is_ours: Callable[[str], object] = (
            self._is_matched if simple else self._is_matched_or_tracked
        )
        """Tells by the path below the mount whether a request is for us at all."""
        stream = settings.stream
        self._stream_pattern = re.compile(stream) if isinstance(stream, str) else None
        self._stream_callable = stream if callable(stream) else None
        # Nothing but the request decides what it is, no function of the app.
        functions = (settings.exclude, settings.classify, settings.identify, self._stream_callable)
        self.repeatable: bool = not any(functions) and isinstance(self.tokens, STEADY)
        self.known: Bounded[Known] = Bounded(MAX_KNOWN)
        self.finished: Bounded[Finished] = Bounded(finished.MAX_BYTES)
        self._played: Bounded[Learned] = Bounded(MAX_PLAYED)
        self.lifetimes: Lifetimes = Lifetimes(
            seconds(settings.live_timeout),
            settings.vod_factor,
            seconds(settings.vod_timeout),
            seconds(settings.absolute_timeout),
            seconds(settings.watching_window),
        )
        self.limits: tuple[tuple[str, Limit], ...] = limits_of(settings)
        self.orders: Orders = Orders()
        self.outage: Outage = Outage()
        self.heartbeat: float = 0.0  # a worker's, before this one came; 0.0: none, or made good for
        self.expelled: Bounded[bool] = Bounded(MAX_EXPELLED)
        self.held: Held = Held()
        window = settings.revive_window
        self.revive_window: float | None = None if window is None else seconds(window)
        # An ended session is remembered for as long as it may be revived or refused for it.
        self.remember: float = max(seconds(settings.remember), self.revive_window or 0.0)

    def request(  # what a shell knows
        self,
        *,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        peer: str,
        scheme: str,
        client_path: str,
        mount: str,
    ) -> Request:
        """Make a request of what a server says, and of what a trusted proxy says of its client."""
        address = parse_ip(peer) if peer else None
        ip = str(address) if address is not None else UNIX
        agent, host = headers.get("user-agent", "")[:MAX_AGENT], headers.get("host", "")
        if not self.proxies or not self.proxies.trusts(ip):
            return Request(
                method, path, query, headers, ip, agent, scheme, host, client_path, mount
            )
        client = self.proxies.client(ip, headers)
        return Request(
            method,
            path,
            query,
            headers,
            client.ip,
            agent,
            client.scheme or scheme,
            client.host or host,
            client.prefix + client_path,
            client.prefix + mount,
            trusted=True,
            prefix=len(client.prefix),
        )

    @property
    def names_key(self) -> bytes:
        """The store's ``idkey``; as long as nobody has asked it, one of this worker's own."""
        return self.idkey or self.stand_in_key

    # --- which requests ----------------------------------------------------------------------

    def _is_matched_or_tracked(self, path: str) -> bool:
        path = self.take_service(path)[1]
        return self._is_matched(path) or (self._track is not None and _finds(self._track, path))

    def _is_matched(self, path: str) -> bool:
        return _finds(self._match, path)

    def take_service(self, path: str) -> tuple[str, str]:
        """Split a path into the service, or "", and the path without it."""
        if self._service is None:
            return "", path
        first, slash, below = path.lstrip("/").partition("/")
        if slash and self._service.fullmatch(first):
            return first, "/" + below
        return "", path

    def place(self, request: Request) -> Place:
        """Find out where a request goes; its stream is None where the rule gives none."""
        place = self._place(request.path)
        if self._stream_callable is not None:
            return place._replace(stream=self._stream_callable(request))
        return place

    def kind(self, request: Request) -> Kind | None:
        """Tell what a request is (SPEC 4); None: no session, it passes through."""
        classify = self.settings.classify
        if classify is not None:
            return classify(request)
        if request.method in {"GET", "HEAD"}:
            return Kind.VIEWER
        return Kind.INPUT if request.method in _INPUT_METHODS else None

    # --- who is the same ---------------------------------------------------------------------

    def played_at(self, path: str) -> Learned | None:
        """Give what was played at a path when somebody last asked; None: nobody did, or nothing."""
        return self._played.get(path)

    def news(self, session: Session, path: str, learned: Learned | None) -> Learn | Leave | None:
        """Say what the store must be told after a session was served what it plays, if anything.

        ``learned`` None: it was served what does not play yet. Then it gives its places back: it is
        judged when it leaves pending (SPEC 8).
        """
        if not session.stored:
            return None
        now = self.settings.clock()
        if learned is None:
            holds = self.limits and session.kind is Kind.VIEWER and session.state is State.PENDING
            return Leave(session.key, now) if holds else None
        command = lifetime.news(self.lifetimes, session, learned, now)
        if command is not None:
            self._played.keep(path, learned, 512 + 4 * len(path))
        if command is None and session.state is State.PENDING:
            return Learn(session.key, now)
        return command

    def without_service(self, request: Request) -> str:
        """Give the client's path, percent-encoded, without the service."""
        if self._service is None:
            return request.client_path
        above, below = request.mount, request.client_path[len(request.mount) :]
        first, slash, rest = below.lstrip("/").partition("/")
        if slash and self._service.fullmatch(naming.unescape(first)):
            return f"{above}/{rest}"
        return request.client_path

    def raw_path(self, request: Request) -> str:
        """Give the path for the app, percent-encoded and without the service, below its prefix."""
        return self.without_service(request)[request.prefix :]

    def leads_to_us(self, location: str, carriage: Carriage) -> bool:
        """Tell whether a Location of the app names a path of ours."""
        try:
            path = resolve(carriage.base, location.partition("#")[0].partition("?")[0])
        except ValueError:
            return False
        return bool(self.is_ours(naming.unescape(path.removeprefix(carriage.mount))))

    # --- paths -------------------------------------------------------------------------------

    def _find_place(self, path: str) -> Place:
        service, below = self.take_service(path)
        resolved = naming.resolve(below)
        manifest = self._is_matched(below)
        link_path = resolved
        if not manifest:
            link_path = resolved.rpartition("/")[0] + "/"
        stream = self._stream(resolved, manifest=manifest)
        protocol = naming.protocol(resolved)
        return Place(resolved, service, stream, protocol, manifest, link_path)

    def _stream(self, resolved: str, *, manifest: bool) -> str | None:
        if self._stream_callable is not None:
            return None
        if self._stream_pattern is None:
            return naming.stream_name(resolved, manifest=manifest)
        found = self._stream_pattern.search("/" + resolved)
        return found["stream"] if found is not None else None


def _finds(pattern: re.Pattern[str], path: str) -> bool:
    """Tell whether a path matches, as it is or resolved: ``/a.m3u8/`` is served as ``/a.m3u8``."""
    if pattern.search(path):
        return True
    is_resolved = path[-1:] != "/" and "/." not in path and "//" not in path
    return not is_resolved and pattern.search("/" + naming.resolve(path)) is not None
