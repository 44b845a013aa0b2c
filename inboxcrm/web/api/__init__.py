"""The JSON API under `/api/v1`: the same use cases as the pages, for programs. One module a noun.

It asks for the same log-in as the pages; what changes something brings the token of `GET /api/v1/session` in the header
`X-CSRF-Token`. Field names are an interface: add to them, never rename.
"""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/api/v1")
