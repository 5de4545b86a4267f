"""The profiler that asks a language model, by the protocol of AlignXplore+."""

from __future__ import annotations

from prosona.profiler.checks import check_script
from prosona.profiler.llm.endpoint import Endpoint, PromptTooLongError, ServedModel
from prosona.profiler.llm.fitting import fit
from prosona.profiler.llm.output import summary_of
from prosona.profiler.llm.settings import LLMSettings
from prosona.profiler.llm.wire import PromptTemplate
from prosona.profiler.seam import FoldRequest, FoldResult
from prosona.profiles_db import OutputRejectedError, ProfilerError

_REMEASURED = 3
"""How often a prompt that the endpoint found too long is made shorter."""
_TIGHTER = 0.75


class LLMProfiler:
    """Folds by one model call each, at any OpenAI-compatible endpoint. Its memory is the summary alone.

    Raises `InvalidInputError` at once for settings or a template that cannot be used.
    """

    def __init__(self, settings: LLMSettings) -> None:
        self._settings = settings
        self._template = PromptTemplate(settings.template)
        self._endpoint = Endpoint(settings)
        self._tightness = 1.0

    @property
    def name(self) -> str:
        """`llm`, with the model's name once the endpoint has told it."""
        model = self._settings.model
        return f"llm:{model}" if model else "llm"

    @property
    def stateful(self) -> bool:
        """Never: the past summary is all it knows."""
        return False

    async def served(self) -> ServedModel:
        """The model behind the endpoint. Errors: `ProfilerError`."""
        return await self._endpoint.served()

    async def fold(self, request: FoldRequest) -> FoldResult:
        """A summary of the past one and as many pending interactions as the context holds."""
        served = await self._endpoint.served()
        context = served.context_tokens or self._settings.context_tokens
        # A small context is shared: half of it must be left to read with.
        output_tokens = min(self._settings.max_output_tokens, context // 2)
        for _ in range(_REMEASURED):
            limit = int((context - output_tokens) * self._tightness)
            prompt = await fit(request, self._template, limit, self._endpoint.count)
            try:
                completion = await self._endpoint.complete(prompt.messages, output_tokens, request.usage)
            except PromptTooLongError:
                self._tightness *= _TIGHTER
                continue
            must_think = self._settings.must_think
            if must_think is None:
                must_think = "alignxplore" in served.name.casefold()
            summary = summary_of(completion, must_think=must_think, max_tokens=request.max_tokens)
            if problems := check_script(summary, request):
                raise OutputRejectedError(problems)
            return FoldResult(summary=summary, folded=prompt.folded)
        raise ProfilerError(
            f"the endpoint finds even shortened prompts too long: its context is below {context} tokens"
        )

    async def aclose(self) -> None:
        """Lets go of its connections."""
        await self._endpoint.aclose()
