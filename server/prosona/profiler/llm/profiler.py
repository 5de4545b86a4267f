"""The profiler that asks a language model, by the protocol of AlignXplore+."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from prosona.core.consequence import consequence_of
from prosona.core.errors import ProfilerError
from prosona.core.words import Line
from prosona.profiler.alignment import align, supported, without_restated
from prosona.profiler.llm.endpoint import Endpoint, LLMSettings, ServedModel
from prosona.profiler.llm.output import sentences_of
from prosona.profiler.llm.patience import PromptTooLongError
from prosona.profiler.llm.prompt import PromptTemplate, fit
from prosona.profiler.seam import FoldRequest, FoldResult

__all__ = ["LLMProfiler"]

_REMEASURED = 4
"""How often a prompt is measured and sent: an endpoint of 2,048 tokens that was taken for one of 16,384 takes
four, each half as long as the one before."""


class LLMProfiler:
    """Folds by one model call each, at any OpenAI-compatible endpoint. Its memory is the lines alone.

    Raises `InvalidInputError` at once for settings or a template that cannot be used.
    """

    memory_version: str | None = None
    """None: the past lines are all it knows."""
    writes_prose = True
    """A model's own words, which are checked."""

    def __init__(self, settings: LLMSettings) -> None:
        self._settings = settings
        self._template = PromptTemplate(settings.template)
        self._endpoint = Endpoint(settings)

    @property
    def name(self) -> str:
        """`llm`, with the model's name if one was set."""
        model = self._settings.model
        return f"llm:{model}" if model else "llm"

    async def served(self) -> ServedModel:
        """The model behind the endpoint. Errors: `ProfilerError`."""
        return await self._endpoint.served()

    async def fold(self, request: FoldRequest) -> FoldResult:
        """Lines from the past ones and as many pending interactions as the context holds.

        Those that reword a past line have its id; those that say again what is the owner's own, or what
        the owner took out and nothing newer speaks for, are left out.
        """
        served = await self._endpoint.served()
        context = served.context_tokens or self._settings.context_tokens
        for _ in range(_REMEASURED):
            # A small context is shared: half of it must be left to read with.
            output_tokens = min(self._settings.max_output_tokens, context // 2)
            prompt = await fit(request, self._template, context - output_tokens, self._endpoint.count)
            try:
                completion = await self._endpoint.complete(prompt.messages, output_tokens, request.usage)
            except PromptTooLongError:
                # For this prompt alone: the next may be of another script, or the endpoint another one.
                context //= 2
                continue
            must_think = self._settings.must_think
            if must_think is None:
                must_think = "alignxplore" in served.name.casefold()
            sentences = sentences_of(completion, must_think=must_think)
            # Off the event loop: sixty-four long interactions take a tenth of a second to look through.
            lines = await asyncio.to_thread(self._lines, sentences, request, prompt.folded)
            return FoldResult(lines=tuple(lines), folded=prompt.folded)
        raise ProfilerError(
            f"the endpoint finds even shortened prompts too long: its context is below {context * 2} tokens"
        )

    async def aclose(self) -> None:
        """Lets go of its connections."""
        await self._endpoint.aclose()

    def _lines(self, sentences: Sequence[str], request: FoldRequest, folded: int) -> list[Line]:
        before = {line.text: line.consequence for line in request.inferred}
        written = [
            Line(
                text=text,
                consequence=before.get(text) or consequence_of(text, usual="taste"),
                actor=self.name,
            )
            for text in sentences
        ]
        given = replace(request, interactions=request.interactions[:folded])
        kept, _ = without_restated(align(request.inferred, written), given)
        return supported(kept, given.interactions)
