"""LlamaIndex: agents and chat engines that share the profile of their user."""

from __future__ import annotations

from prosona.llama_index.block import ProfileMemoryBlock
from prosona.llama_index.memory import ProfileMemory
from prosona.llama_index.tools import ProfileToolSpec

__all__ = ["ProfileMemory", "ProfileMemoryBlock", "ProfileToolSpec"]
