"""For tests: a profiler and an OpenAI-compatible endpoint that do what a script says."""

from prosona.profiler.testing.endpoint import Answer, Failure, Hangup, Raw, ScriptedEndpoint
from prosona.profiler.testing.scripted import ScriptedProfiler, rewording

__all__ = ["Answer", "Failure", "Hangup", "Raw", "ScriptedEndpoint", "ScriptedProfiler", "rewording"]
