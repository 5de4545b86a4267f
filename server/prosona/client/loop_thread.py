"""An event loop on a thread of its own, for programs that have none."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for any thread. A daemon: a program that forgets to stop it can still end."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="prosona-client", daemon=True)
        self._thread.start()

    def run(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The outcome of `call()`, awaited on the loop. Raises `RuntimeError` once stopped."""
        if self._loop.is_closed():
            raise RuntimeError("this client is closed")
        future = asyncio.run_coroutine_threadsafe(call(), self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # Of use when it was the wait that was interrupted.
            raise

    def stop(self) -> None:
        """Ends the loop and waits for its thread. May be called twice."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.get_loop().run_forever()
