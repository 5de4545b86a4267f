"""The `llm` profiler: AlignXplore+ through vLLM, or any OpenAI-compatible endpoint. Needs extra `llm`."""

from prosona.profiler.llm.endpoint import API_KEY_VARIABLE, LLMSettings, ServedModel
from prosona.profiler.llm.profiler import LLMProfiler

__all__ = ["API_KEY_VARIABLE", "LLMProfiler", "LLMSettings", "ServedModel"]
