"""The two classes: one list of options, the same refusals, and what only ASGI can await."""

from __future__ import annotations

import inspect
import threading
from dataclasses import fields

import pytest

from parity.cases_tokens import ONE
from sessionware import ConfigurationError, Kind, Limit, MemoryStore, Settings, asgi, wsgi
from sessionware.store import Learn
from support.origin import Origin
from support.parity import SECRET, Case, Made, get
from support.site import site
from support.story import KnownStore, Story

BOTH = {module.__name__: module.StreamSessionMiddleware for module in (asgi, wsgi)}


def test_both_signatures_are_the_options_of_settings_with_their_defaults():
    ours, theirs = (list(inspect.signature(each).parameters.values()) for each in BOTH.values())
    settings = list(inspect.signature(Settings).parameters.values())
    assert [option.name for option in settings] == [option.name for option in fields(Settings)]
    assert ours[0].name == "app"
    assert ours == theirs
    assert ours[1:] == settings
    assert {option.kind for option in settings} == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("each", BOTH.values(), ids=BOTH)
def test_an_option_that_does_not_exist_is_a_type_error(each):
    with pytest.raises(TypeError, match="no_such_option"):
        each(site, no_such_option=1)


# One value for each option that can't work, and what else it needs.
WRONG = {
    "secret": "short",
    "store": "nosql:",
    "allow_split_memory": "no",
    "on_store_error": "panic",
    "match": "(",
    "track": "x?",
    "require_token": True,
    "exclude": 1,
    "stream": r"/(?P<name>.*)/",
    "classify": "viewer",
    "stream_info": "input",
    "trusted_proxies": ("10.0.0.0/33",),
    "parameter": "t k n",
    "aliases": ("tkn",),
    "cookie": "tkn",
    "read": ("header",),
    "write": ("body",),
    "trusted_header": "X CDN",
    "foreign_tokens": "maybe",
    "hints": ("ip",),
    "shared": "steal",
    "new_token": "uuid",
    "viewer": {"user"},
    "input": {"user"},
    "output": {"user"},
    "unspecified": {"user"},
    "ipv6_prefix": 129,
    "ip_privacy": "none",
    "handoff": "push",
    "redirect_status": 301,
    "announce": ("response",),
    "location": "absolute",
    "public_url": "tv.example",
    "service": "[",
    "service_parameter": "tkn",
    "carry_to": ("pages",),
    "carry_hosts": ("https://cdn.example/",),
    "dash_location": None,
    "strip_from_app": 1,
    "max_manifest": 0,
    "cors": "*",
    "expired_live_status": 399,
    "expired_vod_status": 600,
    "denied_status": 200,
    "ended_status": "410",
    "limit_status": 307,
    "live_timeout": -1,
    "vod_factor": 0,
    "vod_timeout": 0,
    "absolute_timeout": float("inf"),
    "revive_window": -1,
    "remember": None,
    "deny_for": "10 min",
    "watching_window": "15",
    "supersede": 0,
    "sweep_every": -1,
    "max_sessions": 0,
    "max_sessions_per_stream": Limit(5, over="evict"),
    "max_sessions_per_user": 2,
    "max_sessions_per_ip": "3",
    "admit": "yes",
    "admit_timeout": 0,
    "on_admit_error": "ask",
    "identify": "me",
    "on_event": "print",
    "clock": 0,
}


def test_every_option_has_a_value_that_is_refused():
    assert list(WRONG) == [option.name for option in fields(Settings)]


@pytest.mark.parametrize("option", WRONG)
def test_both_refuse_the_same_values_in_the_same_words(option):
    told = []
    for each in BOTH.values():
        with pytest.raises(ConfigurationError) as caught:
            each(site, **{option: WRONG[option]})
        fault = next(fault for fault in caught.value.faults if fault.option == option)
        assert fault.reason
        assert "=" in fault.example or "(" in fault.example
        wrong = WRONG[option]
        (named,) = wrong if isinstance(wrong, tuple) and wrong[0] == fault.value else (wrong,)
        assert (option == "secret") != (repr(named) in str(fault))
        told.append(str(caught.value))
    assert told[0] == told[1]


@pytest.mark.parametrize("each", BOTH.values(), ids=BOTH)
def test_all_faults_are_told_at_once(each):
    with pytest.raises(ConfigurationError) as caught:
        each(site, ipv6_prefix=0, handoff="inline", service="x", write=(), cors=1)
    assert {fault.option for fault in caught.value.faults} == {
        "ipv6_prefix",
        "handoff",
        "write",
        "cors",
    }


# --- what can be awaited -------------------------------------------------------------------------


class AwaitedStore:
    """A store whose answers are awaited."""

    shared = False

    def __init__(self) -> None:
        self.inner = KnownStore()
        self.asked = self.inner.asked

    async def execute(self, command):
        return self.inner.execute(command)

    async def close(self):
        pass


class BlockingStore(KnownStore):
    """A store that may block; it notes the threads in which it was asked."""

    blocking = True

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()

    def execute(self, command):
        self.threads.add(threading.get_ident())
        return super().execute(command)


class Hook:
    """An object to be called and awaited."""

    def __init__(self, heard):
        self.heard = heard

    async def __call__(self, event):
        self.heard.append(event)


def awaited(heard):
    async def hook(event):
        heard.append(event)

    return hook


PLAYS = [
    get(f"/a.m3u8?tkn={ONE}", session={"new": True}, asked=("Meta", "Touch", "Begin", "Learn")),
    get("/a.m3u8", status=307, location="/a.m3u8?tkn={a}", asked=()),
    get(f"/a.m3u8?tkn={ONE}", session={"requests": 2}, asked=("Touch",), counts={"watching": 1}),
]


def test_an_awaited_store_works_under_asgi():
    case = Case("awaited store", PLAYS, {"store": Made(lambda _: AwaitedStore())})
    Story(case, "asgi").play()


def test_a_blocking_store_is_asked_in_a_thread_under_asgi_and_at_once_under_wsgi():
    case = Case("blocking store", PLAYS, {"store": Made(lambda _: BlockingStore())})
    one, other = Story(case, "asgi"), Story(case, "wsgi")
    assert one.play() == other.play()
    assert threading.get_ident() not in one.store.threads
    assert other.store.threads == {threading.get_ident()}


@pytest.mark.parametrize("hook", [awaited, Hook], ids=["a function", "an object"])
def test_an_awaited_hook_hears_events_under_asgi(hook):
    broken = {"store": Made(lambda _: KnownStore(lambda command: isinstance(command, Learn)))}
    case = Case(
        "awaited hook",
        [get(f"/a.m3u8?tkn={ONE}", events=("StoreFailed",))],
        {**broken, "on_event": Made(lambda story: hook(story.events))},
    )
    Story(case, "asgi").play()


@pytest.mark.parametrize(
    ("option", "value"),
    [("store", AwaitedStore()), ("on_event", awaited([])), ("on_event", Hook([]))],
    ids=["a store", "a hook", "an object as a hook"],
)
def test_what_must_be_awaited_is_refused_under_wsgi_with_help(option, value):
    with pytest.raises(ConfigurationError, match="under WSGI nobody can") as caught:
        wsgi.StreamSessionMiddleware(site, **{option: value})
    (fault,) = caught.value.faults
    assert fault.option == option
    assert fault.example.startswith(f"{option}=")


@pytest.mark.parametrize("each", BOTH.values(), ids=BOTH)
def test_settings_that_were_made_before_make_the_same_middleware(each):
    settings = Settings(secret=SECRET, parameter="v", classify=lambda _: Kind.VIEWER)
    assert each.from_settings(site, settings).settings is settings
    assert each(Origin(site), secret=SECRET, store=MemoryStore()).settings.parameter == "tkn"
