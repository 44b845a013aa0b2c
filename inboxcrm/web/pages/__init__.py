"""One module a page. To add a page, copy one, put its router into `ROUTERS` and its link into `templates/base.html`."""

from __future__ import annotations

from fastapi import APIRouter

from inboxcrm.web.pages import (
    calendar,
    customer,
    customers,
    drafts,
    entries,
    file,
    grades,
    health,
    log_in,
    newsletter_audience,
    newsletter_check,
    newsletter_look,
    newsletter_preview,
    newsletter_progress,
    newsletter_results,
    newsletter_text,
    newsletters,
    original,
    plan,
    preferences,
    records,
    search,
    series,
    signals,
    suppressions,
    today,
    unmatched,
)

ROUTERS: tuple[APIRouter, ...] = (
    log_in.router,
    preferences.router,
    calendar.router,
    today.router,
    drafts.router,
    plan.router,
    customers.router,
    file.router,  # before `customer`: /customers/new is no number
    customer.router,
    entries.router,
    grades.router,
    signals.router,
    records.router,
    newsletters.router,
    newsletter_check.router,
    newsletter_text.router,
    newsletter_look.router,
    newsletter_audience.router,
    newsletter_preview.router,
    newsletter_progress.router,
    newsletter_results.router,
    series.router,
    suppressions.router,
    unmatched.router,
    original.router,
    search.router,
    health.router,
)
"""In the order in which paths are tried."""
