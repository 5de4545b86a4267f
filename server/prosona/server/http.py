"""Serving any number of clients over streamable HTTP, on this machine only."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import sys
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from prosona.core.errors import InvalidInputError, ProsonaError
from prosona.server.app import ProsonaServer, build_server
from prosona.server.logs import log_to_stderr
from prosona.service import ProfileService

if TYPE_CHECKING:
    from prosona.server.guard import GuardedProtocol
    from prosona.server.metrics import FoldMetrics

__all__ = [
    "HEALTH_PATH",
    "MCP_PATH",
    "METRICS_PATH",
    "address_of",
    "http_app",
    "open_listener",
    "run_http",
    "serve_http",
]

MCP_PATH = "/mcp"
HEALTH_PATH = "/healthz"
METRICS_PATH = "/metrics"

_BACKLOG = 256
_GRACE_SECONDS = 2
"""How long requests in flight may go on after a signal to stop."""


def serve_http(
    service: ProfileService, host: str = "127.0.0.1", port: int = 8765, user_id: str | None = None
) -> None:
    """Serves `service` at http://host:port/mcp until SIGINT or SIGTERM; then the service is closed.

    `host` is a loopback address; port 0 takes a free one. The address is printed on stderr.
    Raises `InvalidInputError` for a host that other machines could reach, a port in use or a bad
    `user_id`, and `StoreError` if the store does not answer.
    """
    log_to_stderr()
    with open_listener(host, port) as listener:
        asyncio.run(_serve(service, listener, user_id))


async def _serve(service: ProfileService, listener: socket.socket, user_id: str | None) -> None:
    try:
        await service.users(limit=1)
        service.start()
        await run_http(build_server(service, user_id=user_id), listener)
    finally:
        await service.aclose()


async def run_http(server: ProsonaServer, listener: socket.socket) -> None:
    """Serves any number of clients on `listener` until SIGINT or SIGTERM, and says so on stderr."""
    sys.stderr.write(f"prosona: serving at {address_of(listener)}{MCP_PATH}\n")
    sys.stderr.flush()
    await web_server(server, listener).serve(sockets=[listener])


def web_server(
    server: ProsonaServer, listener: socket.socket, protocol: type[GuardedProtocol] | None = None
) -> uvicorn.Server:
    """uvicorn for `server`, ready to serve `listener`; `protocol` may have another patience."""
    # Imported here: a stdio server does not wait for it.
    from prosona.server.guard import ACCEPTED_AT_ONCE, GuardedProtocol, WholeRequests

    config = uvicorn.Config(
        WholeRequests(http_app(server, listener)),
        # h11: httptools does not trim header values as HTTP asks, and a conforming client may pad them.
        http=protocol or GuardedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        backlog=ACCEPTED_AT_ONCE,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return _WebServer(config, server)


def http_app(server: ProsonaServer, listener: socket.socket) -> Starlette:
    """`server` as an ASGI application for `listener`, with `/healthz` beside `/mcp`.

    Refuses requests whose Host or Origin header names anything but this machine, so that no web
    page can reach it through a visitor's browser.
    """
    own = address_of(listener)
    names = ["127.0.0.1", "localhost", "[::1]"]
    security = TransportSecuritySettings(
        allowed_hosts=[own.removeprefix("http://"), *(h for name in names for h in (name, f"{name}:*"))],
        allowed_origins=[own, *(o for name in names for o in (f"http://{name}", f"http://{name}:*"))],
    )
    guard = TransportSecurityMiddleware(security)

    async def health(request: Request) -> Response:
        refusal = await guard.validate_request(request)
        if refusal is not None:
            return refusal
        try:
            await server.service.users(limit=1)
        except ProsonaError as error:
            return JSONResponse({"status": "failing", "reason": str(error)}, status_code=503)
        return JSONResponse({"status": "ok", "version": server.version})

    # With the extra `metrics` installed; imported here, so that nobody else waits for it.
    fold_metrics = _metrics()
    counted = fold_metrics(server.service) if fold_metrics else None

    async def metrics(request: Request) -> Response:
        refusal = await guard.validate_request(request)
        if refusal is not None:
            return refusal
        if counted is None:
            return PlainTextResponse("install prosona[metrics] to have metrics here\n", status_code=501)
        try:
            return Response(await counted.render(), media_type="text/plain; version=0.0.4")
        except ProsonaError as error:
            return PlainTextResponse(f"{error}\n", status_code=503)

    app = server.streamable_http_app(streamable_http_path=MCP_PATH, transport_security=security)
    app.router.routes.append(Route(HEALTH_PATH, health, methods=["GET"]))
    app.router.routes.append(Route(METRICS_PATH, metrics, methods=["GET"]))
    return app


def _metrics() -> type[FoldMetrics] | None:
    """The class that counts folds, where the package it needs is installed."""
    try:
        from prosona.server.metrics import FoldMetrics
    except ModuleNotFoundError:
        return None
    return FoldMetrics


def open_listener(host: str, port: int) -> socket.socket:
    """A listening socket on a loopback address.

    Raises `InvalidInputError` if other machines could reach `host`, or the port is taken.
    """
    numeric = "127.0.0.1" if host.lower() == "localhost" else host.strip("[]")
    try:
        address = ipaddress.ip_address(numeric)
    except ValueError:
        raise InvalidInputError(
            f"host {host[:60]!r} is not a loopback address; use 127.0.0.1, ::1 or localhost"
        ) from None
    if not address.is_loopback:
        raise InvalidInputError(
            f"host {host} can be reached from other machines, and Prosona's HTTP server has no access control"
            " yet; use 127.0.0.1, ::1 or localhost"
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # Named as TCP, so that asyncio sends answers at once: for a socket of protocol 0, which is what
    # `socket.create_server` makes, it leaves Nagle's algorithm on, and that costs 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((str(address), port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidInputError(
            f"cannot listen on {host} port {port}: {reason}; choose another port"
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """The URL, without a path, under which `listener` is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"


class _WebServer(uvicorn.Server):
    """uvicorn, which on a signal ends the open notification streams instead of waiting for them."""

    def __init__(self, config: uvicorn.Config, server: ProsonaServer) -> None:
        super().__init__(config)
        self._prosona = server

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn would raise the signal again once stopped, before the service could be closed.
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            # asyncio has made its own bound the system's, too; a burst of clients may wait there.
            listener.listen(_BACKLOG)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._prosona.changes.close_streams()
        await super().shutdown(sockets)
