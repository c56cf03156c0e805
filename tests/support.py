"""What tests of the API share: a caller with a key, speaking JSON through the whole stack."""

import json
from collections.abc import Sequence
from typing import Any

from django.test import Client

from indicators.models import Department
from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Scope, system_actor
from tests.openapi_contract import assert_documented


class Answer:
    """Status, headers and the decoded body of one answer."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers = response.headers
        self.raw: bytes = response.getvalue() if response.streaming else response.content
        media = response.headers.get("Content-Type", "")
        lines = media == "application/x-ndjson"
        self.json: Any = json.loads(self.raw) if media.endswith("json") and not lines and self.raw else None

    @property
    def slug(self) -> str:
        return str(self.json["type"]).removeprefix("/problems/")

    @property
    def pointers(self) -> list[tuple[str, str]]:
        return [(error["pointer"], error["slug"]) for error in self.json.get("errors", [])]

    def ok(self, status: int = 200) -> Any:
        assert self.status == status, (self.status, self.json)
        return self.json

    def problem(self, status: int, slug: str) -> Any:
        assert (self.status, self.slug) == (status, slug), (self.status, self.json)
        assert self.headers["Content-Type"] == "application/problem+json"
        return self.json


class Api:
    """One key's view of the service. Without a key: a stranger."""

    base = "/api/v1/"

    def __init__(self, secret: str | None = None, language: str = "en") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Accept-Language": language}
        if secret:
            self.headers["Authorization"] = f"Bearer {secret}"

    def call(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Answer:
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        media = sent.pop("Content-Type", "application/json")
        url = path if path.startswith("/") else self.base + path
        answer = Answer(self.client.generic(method, url, content, content_type=media, headers=sent))
        assert_documented(method, url, answer.status, answer.headers.get("Content-Type", ""), answer.raw)
        return answer

    def get(self, path: str, **headers: Any) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: Any) -> Answer:
        return self.call("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: Any) -> Answer:
        return self.call("PATCH", path, body, **headers)

    def put(self, path: str, body: Any, **headers: Any) -> Answer:
        return self.call("PUT", path, body, **headers)

    def delete(self, path: str, **headers: Any) -> Answer:
        return self.call("DELETE", path, **headers)

    def rows(self, path: str) -> list[dict[str, Any]]:
        """All rows of a list, page by page."""
        results: list[dict[str, Any]] = []
        page = self.get(path).ok()
        while True:
            results += page["results"]
            if page["next"] is None:
                return results
            page = self.get(page["next"].partition("http://testserver")[2]).ok()


def api_of(department: str | None = None, scopes: Sequence[str] = (), rate: int = 0) -> Api:
    """A caller with a fresh key, with every scope it may have: of a department, else of the whole organisation."""
    scopes = scopes or sorted(ALL_SCOPES - {Scope.ADMIN} if department else ALL_SCOPES)
    issued = api_keys.issue_key(
        scopes=scopes,
        by=system_actor("tests"),
        now=clock.now(),
        department=Department.objects.get(code=department) if department else None,
        rate=rate,
    )
    return Api(issued.secret)
