"""Hooks: a host that calls them shows the profile and has prompts observed without asking its model.

A host starts a hook for every prompt and waits for it. So a hook gets by on the standard library:
what takes the rest of the house, it leaves to a process of its own.
"""

from __future__ import annotations

from prosona.hooks.run import main

__all__ = ["main"]
