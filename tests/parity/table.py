"""The table of all cases."""

from __future__ import annotations

from parity import (
    cases_admission,
    cases_caching,
    cases_cdn,
    cases_clients,
    cases_cors,
    cases_handoff,
    cases_hostile,
    cases_inline,
    cases_kinds,
    cases_life,
    cases_links,
    cases_paths,
    cases_sessions,
    cases_stores,
    cases_streams,
    cases_tokens,
    cases_watch,
)

CASES = [
    *cases_admission.CASES,
    *cases_caching.CASES,
    *cases_cdn.CASES,
    *cases_clients.CASES,
    *cases_cors.CASES,
    *cases_handoff.CASES,
    *cases_hostile.CASES,
    *cases_inline.CASES,
    *cases_kinds.CASES,
    *cases_life.CASES,
    *cases_links.CASES,
    *cases_paths.CASES,
    *cases_sessions.CASES,
    *cases_stores.CASES,
    *cases_streams.CASES,
    *cases_tokens.CASES,
    *cases_watch.CASES,
]
