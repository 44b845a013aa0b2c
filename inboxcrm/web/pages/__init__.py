"""One module a page. To add a page, copy one, put its router into `ROUTERS` and its link into `templates/base.html`."""

from __future__ import annotations

from fastapi import APIRouter

from inboxcrm.web.pages import customer, health, log_in, preferences, today

ROUTERS: tuple[APIRouter, ...] = (log_in.router, preferences.router, today.router, health.router, customer.router)
