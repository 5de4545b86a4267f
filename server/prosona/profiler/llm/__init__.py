"""The `llm` profiler: AlignXplore+ through vLLM, or any OpenAI-compatible endpoint. Needs extra `llm`."""

from prosona.profiler.llm.endpoint import ServedModel
from prosona.profiler.llm.profiler import LLMProfiler
from prosona.profiler.llm.settings import API_KEY_VARIABLE, LLMSettings

__all__ = ["API_KEY_VARIABLE", "LLMProfiler", "LLMSettings", "ServedModel"]
