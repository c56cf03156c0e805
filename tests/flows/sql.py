"""Rows of a database that another process works on, without Django: plain questions, on both databases."""

import sqlite3
from contextlib import closing
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import psycopg

from tests.kpitracker.run.starting import Start


def url_of(start: Start) -> str:
    return start.environment.get("DATABASE_URL") or f"sqlite:///{start.folder / 'kpitracker.sqlite3'}"


def connect(url: str) -> Any:
    """Each statement is a transaction of its own."""
    if url.startswith("sqlite:///"):
        return closing(sqlite3.connect(unquote(url.removeprefix("sqlite:///")), timeout=30, isolation_level=None))
    return psycopg.connect(url, autocommit=True)


def asked(url: str, statement: str) -> list[tuple[Any, ...]]:
    """What a statement returns; of an UPDATE with RETURNING, what it changed."""
    with connect(url) as connection:
        return list(connection.execute(statement).fetchall())


def number(url: str, statement: str) -> int:
    return int(asked(url, statement)[0][0])


def ids(url: str, statement: str) -> set[UUID]:
    """SQLite keeps them as 32 letters."""
    return {UUID(str(row[0])) for row in asked(url, statement)}
