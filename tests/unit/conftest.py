"""Hypothesis without a stopwatch: no test here is about time."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unit", deadline=None, database=None)
settings.load_profile("unit")
