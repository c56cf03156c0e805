"""Bytes to a running web server as they are, and what comes back."""

import json
import socket
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def problem(self) -> str:
        assert self.headers["content-type"] == "application/problem+json"
        return str(json.loads(self.body)["type"])


# The server hung up without a word, which is its right where a request was no request.
NOTHING = Answer(0)


def send(url: str, raw: bytes, *, cut: bool = False, head_only: bool = False) -> Answer:
    """The answer to bytes as they are; `cut` ends our side of the line after them."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=120) as line:
        try:
            line.sendall(raw)
            if cut:
                line.shutdown(socket.SHUT_WR)
            return _answer(line, head_only)
        except (ConnectionResetError, BrokenPipeError):
            return NOTHING


def _answer(line: socket.socket, head_only: bool) -> Answer:
    received = b""
    while b"\r\n\r\n" not in received:
        part = line.recv(65536)
        if not part:
            assert not received, f"The line was closed after {received!r}"
            return NOTHING
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = dict(one.lower().split(": ", 1) for one in rest)
    while not head_only and len(body) < int(headers.get("content-length", 0)):
        body += line.recv(65536)
    return Answer(int(first.split()[1]), headers, body)


def request(method: str, path: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
