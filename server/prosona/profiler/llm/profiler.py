"""The profiler that asks a language model: AlignXplore+ in the form it was trained on, any other for changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from prosona.core.errors import ProfilerError
from prosona.core.words import Line
from prosona.profiler.alignment import supported, without_restated
from prosona.profiler.llm.changes import ChangesForm
from prosona.profiler.llm.endpoint import Endpoint, LLMSettings, ServedModel
from prosona.profiler.llm.form import Form, SummaryForm
from prosona.profiler.llm.output import Completion
from prosona.profiler.llm.patience import PromptTooLongError
from prosona.profiler.llm.prompt import PromptTemplate, fit
from prosona.profiler.seam import FoldRequest, FoldResult

__all__ = ["LLMProfiler"]

_FORMS = ("alignxplore", "changes")
"""The forms that can be named in place of a template file."""
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
        self._form_named = str(settings.template or "")
        # Read at once, so that a file that cannot be used is told when the server starts.
        file = None if self._form_named in ("", *_FORMS) else settings.template
        self._summary = PromptTemplate(file)
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
        the owner took out and nothing newer speaks for, are left out. Where no interaction is worth asking
        about, the lines stay and the model is not called.
        """
        served = await self._endpoint.served()
        form = self._form(served)
        worth = await asyncio.to_thread(form.worth_asking, request.interactions)
        if not worth:
            return FoldResult(request.inferred, folded=len(request.interactions), nothing_lasts=True)
        asked = replace(request, interactions=tuple(worth))
        context = served.context_tokens or self._settings.context_tokens
        for _ in range(_REMEASURED):
            # A small context is shared: half of it must be left to read with.
            longest = form.longest_answer(asked) or self._settings.max_output_tokens
            output_tokens = min(longest, self._settings.max_output_tokens, context // 2)
            prompt = await fit(asked, form, context - output_tokens, self._endpoint.count)
            try:
                completion = await self._endpoint.complete(
                    prompt.messages, output_tokens, request.usage, greedy=form.greedy
                )
            except PromptTooLongError:
                # For this prompt alone: the next may be of another script, or the endpoint another one.
                context //= 2
                continue
            shown = replace(request, interactions=prompt.shown)
            # Off the event loop: sixty-four long interactions take a tenth of a second to look through.
            lines = await asyncio.to_thread(_lines, form, completion, shown)
            folded = _folded(request, asked, len(prompt.shown))
            # An answer that says nothing was refused before: what it said stands already, or does not last.
            return FoldResult(tuple(lines), folded, nothing_lasts=not lines)
        raise ProfilerError(
            f"the endpoint finds even shortened prompts too long: its context is below {context * 2} tokens"
        )

    async def aclose(self) -> None:
        """Lets go of its connections."""
        await self._endpoint.aclose()

    def _form(self, served: ServedModel) -> Form:
        """A template's summary if one was named or the model was trained for it, else changes."""
        trained = "alignxplore" in served.name.casefold()
        if self._form_named == "changes" or not (self._form_named or trained):
            return ChangesForm(name=self.name)
        must_think = self._settings.must_think
        return SummaryForm(
            self._summary, must_think=trained if must_think is None else must_think, name=self.name
        )


def _lines(form: Form, completion: Completion, shown: FoldRequest) -> list[Line]:
    kept, _ = without_restated(form.lines(completion, shown), shown)
    return supported(kept, shown.interactions)


def _folded(request: FoldRequest, asked: FoldRequest, shown: int) -> int:
    """How many of the request's interactions are accounted for: all up to the first that was worth asking about
    and is not in the prompt."""
    if shown == len(asked.interactions):
        return len(request.interactions)
    left = asked.interactions[shown].seq
    return sum(item.seq < left for item in request.interactions)
