"""One HTTP request under one deadline, with everything bounded.

The other side may be anything: a stranger, a liar, a server about to die. So
one connection serves one request and is aborted afterwards, redirects and
compressed bodies are refused, sizes are capped before anything is read, and
the clock runs from connecting to the last byte. Proxies of the environment
are not asked: the connection is made here. A door that can is made to prove
that it knows the token, before it is sent the token and the question.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from bridge.agreed import proof
from bridge.client import faults
from bridge.client.faults import FaultError

if TYPE_CHECKING:
    import h11

_READ_BYTES: Final = 256 * 1024
_MAX_HEAD_BYTES: Final = 32 * 1024
_FIRST_BYTES: Final = b"HTTP/1."


@dataclass(slots=True)
class Exchange:
    """A POST of JSON to ``url`` + ``path`` and its answer. ``stage`` says how far it came.

    ``budget_ms`` is what a time-out tells: all that the caller gave, of which a part may have
    passed before the exchange began. None: the exchange's own. ``proof`` is the scheme by which the
    door said that it proves itself; empty: it did not.
    """

    url: str
    path: str
    token: str
    max_answer_bytes: int
    proof: str = ""
    budget_ms: int | None = None
    stage: str = field(default="connecting", init=False)

    async def post(self, body: Mapping[str, Any], seconds: float) -> Any:
        """The JSON that was answered. Raises `FaultError`, whatever goes wrong."""
        milliseconds = round(seconds * 1000) if self.budget_ms is None else self.budget_ms
        try:
            async with asyncio.timeout(seconds):
                raw = await self._post(json.dumps(body).encode())
        except TimeoutError:
            raise FaultError(faults.timed_out(milliseconds, self.stage)) from None
        except ConnectionRefusedError:
            raise FaultError(faults.refused(self.url)) from None
        except ssl.SSLError as error:
            raise FaultError(faults.nonsense(f"no TLS ({error.reason})")) from None
        except OSError as error:
            if self.stage == "connecting" and not isinstance(error, ConnectionError):
                raise FaultError(faults.refused(f"{self.url} ({error.strerror})")) from None
            raise FaultError(faults.reset(self.stage)) from None
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            raise FaultError(faults.nonsense("the body is no JSON")) from None

    async def _post(self, body: bytes) -> bytes:
        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        # Not "localhost": looking that up goes through a thread and may find an address nobody serves.
        host = "127.0.0.1" if parts.hostname == "localhost" else str(parts.hostname)
        reader, writer = await asyncio.open_connection(
            host, port, ssl=ssl.create_default_context() if secure else None
        )
        try:
            self.stage = "sending the request"
            return await self._talk(reader, writer, f"{parts.netloc}", body)
        finally:
            writer.transport.abort()

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, body: bytes
    ) -> bytes:
        import h11

        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD_BYTES)
        if self.proof:
            await self._proved(h11, connection, reader, writer, host)
        headers = [
            ("Host", host),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Accept", "application/json"),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
        ]
        if self.token:
            headers.append(("Authorization", f"Bearer {self.token}"))
        self.stage = "sending the request"
        request = h11.Request(method="POST", target=self.path, headers=headers)
        writer.write(connection.send(request) or b"")
        writer.write(connection.send(h11.Data(data=body)) or b"")
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        self.stage = "waiting for an answer"
        try:
            return await self._answer(h11, connection, reader, self.max_answer_bytes)
        except h11.RemoteProtocolError:
            what = "the body ended early" if self.stage == "reading the answer" else "this is no HTTP"
            raise FaultError(faults.nonsense(what)) from None

    async def _proved(
        self,
        h11: Any,
        connection: h11.Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        host: str,
    ) -> None:
        """Have the other side prove that it knows the token; the connection can be used on."""
        if self.proof != proof.SCHEME:
            raise FaultError(faults.another_proof(self.proof))
        challenge = proof.new_challenge()
        request = h11.Request(method="GET", target=proof.target(challenge), headers=[("Host", host)])
        writer.write(connection.send(request) or b"")
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        self.stage = "waiting for its proof"
        try:
            told = await self._answer(h11, connection, reader, proof.MAX_ANSWER_BYTES)
        except h11.RemoteProtocolError:
            raise FaultError(faults.unproved(self.url, "this is no HTTP")) from None
        except FaultError as error:
            if error.fault.kind == "reset":
                raise
            raise FaultError(faults.unproved(self.url, error.fault.reason)) from None
        if not proof.fits(told, self.token, writer.get_extra_info("peername"), challenge):
            raise FaultError(faults.unproved(self.url, "its proof is wrong"))
        if connection.their_state is not h11.DONE:
            raise FaultError(faults.reset(self.stage))  # it is about to end, and said so
        connection.start_next_cycle()

    async def _answer(
        self, h11: Any, connection: h11.Connection, reader: asyncio.StreamReader, most: int
    ) -> bytes:
        taken = bytearray()
        began = b""
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                data = await reader.read(_READ_BYTES)
                if len(began) < len(_FIRST_BYTES):
                    began += data[: len(_FIRST_BYTES)]
                    _check_begin(began, ended=not data)
                connection.receive_data(data)
            elif isinstance(event, h11.Response):
                self.stage = "reading the answer"
                self._check_head(event.status_code, _plain(event.headers))
            elif isinstance(event, h11.Data):
                taken += event.data
                if len(taken) > most:
                    raise FaultError(faults.nonsense(f"more than {most:,} bytes"))
            elif isinstance(event, h11.EndOfMessage):
                return bytes(taken)

    def _check_head(self, status: int, headers: Mapping[str, str]) -> None:
        if status != 200:
            raise FaultError(faults.status(status, headers.get("location", "")))
        encoding = headers.get("content-encoding", "identity").lower()
        if encoding != "identity":
            raise FaultError(faults.nonsense(f"a compressed body ({encoding:.20}) that was not asked for"))
        kind = headers.get("content-type", "none").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise FaultError(faults.nonsense(f"content type {kind:.40}"))
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self.max_answer_bytes:
            raise FaultError(faults.nonsense(f"a body of {int(length):,} bytes"))


def _check_begin(began: bytes, *, ended: bool) -> None:
    """Known by its first bytes: a stranger is not waited for."""
    if ended and not began:
        raise FaultError(faults.reset("waiting for an answer"))
    if not _FIRST_BYTES.startswith(began[: len(_FIRST_BYTES)]):
        shown = began.decode("ascii", "replace") if began.isascii() and began.decode().isprintable() else ""
        raise FaultError(faults.nonsense("this is no HTTP" + (f" ({shown}…)" if shown else "")))


def _plain(headers: Any) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
