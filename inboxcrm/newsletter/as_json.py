"""Issues, audiences, checks, recipients and series as plain values, for the commands and the JSON API alike. The names are an
interface: add to them, never rename. It reads and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from inboxcrm.model import Account, Issue, Newsletter, Recipient, Suppression
from inboxcrm.newsletter import issues
from inboxcrm.newsletter.candidates import Overview
from inboxcrm.newsletter.checks import Report
from inboxcrm.newsletter.choosing import Choice
from inboxcrm.newsletter.composing import Shown
from inboxcrm.newsletter.mailing import progress
from inboxcrm.newsletter.series import Drafted


def issue_json(session: Session, issue: Issue) -> dict[str, Any]:
    """An issue with its texts, what is wrong in them, and how far it is."""
    return {
        **issue_head(session, issue),
        "audience": issue.audience,
        "images": issue.images,
        "variables": issue.variables,
        "test_share": issue.test_share,
        "test_hours": issue.test_hours,
        "winner": issue.winner,
        "count_clicks": issue.count_clicks,
        "working_hours": issue.working_hours,
        "texts": [
            {
                "language": one.language,
                "subjects": one.subjects,
                "format": one.format,
                "body": one.body,
                "problems": [problem.words for problem in issues.problems(issue, one.language)],
            }
            for one in issue.texts
        ],
        "progress": progress(session, issue.id).as_json(),
    }


def issue_head(session: Session, issue: Issue) -> dict[str, Any]:
    """What a list tells of an issue. `from`: the address of the account that it goes from."""
    return {
        "id": issue.id,
        "name": issue.name,
        "state": issue.state.value,
        "series": issue.newsletter_id,
        "from": session.get_one(Account, issue.account_id).address,
        "layout": issue.layout,
        "languages": [one.language for one in issue.texts],
        "fallback_language": issue.fallback_language,
        "created_at": _instant(issue.created_at),
        "created_by": issue.created_by,
        "send_at": _instant(issue.send_at),
        "approved_at": _instant(issue.approved_at),
        "approved_by": issue.approved_by,
        "started_at": _instant(issue.started_at),
        "ended_at": _instant(issue.ended_at),
        "paused_because": issue.paused_because,
        "resume_at": _instant(issue.resume_at),
    }


def overview_json(overview: Overview) -> dict[str, Any]:
    """The numbers of an audience. Who is left out for several reasons counts in each of them."""
    return {
        "chosen": overview.chosen,
        "languages": dict(overview.languages.most_common()),
        "out": overview.out,
        "left_out": {why.value: count for why, count in overview.left_out.most_common()},
    }


def choice_json(choice: Choice) -> dict[str, Any]:
    """A contact who is in, or is left out with every reason."""
    return {
        "contact_id": choice.contact_id,
        "customer_id": choice.customer_id,
        "name": choice.name,
        "customer": choice.customer,
        "country": choice.country,
        "grade": choice.grade.value,
        "in": choice.is_in,
        "address": choice.written,
        "language": choice.language,
        "reasons": [
            {"why": reason.why.value, "words": words}
            for reason, words in zip(choice.reasons, choice.words, strict=True)
        ],
    }


def report_json(report: Report) -> dict[str, Any]:
    """What the checks found."""
    return {
        "may_go": report.may_go,
        "recipients": report.recipients,
        "sizes": report.sizes,
        "findings": [
            {
                "severity": one.severity.value,
                "kind": one.kind,
                "what": one.what,
                "language": one.language,
                "line": one.line or None,
                "concerned": list(one.concerned),
                "count": one.count,
            }
            for one in report.findings
        ],
    }


def shown_json(shown: Shown) -> dict[str, Any]:
    """A mail as its reader sees it; sizes in bytes."""
    return {
        "language": shown.language,
        "subject": shown.subject,
        "text": shown.text,
        "html": shown.html,
        "html_size": shown.size,
        "mail_size": shown.mail,
    }


def recipient_json(recipient: Recipient, customer: str = "") -> dict[str, Any]:
    """A recipient; `customer`: the company's name, "" when it is gone. `error`: the server's words, or why it was left out."""
    return {
        "id": recipient.id,
        "issue": recipient.issue_id,
        "contact_id": recipient.contact_id,
        "customer_id": recipient.customer_id,
        "customer": customer,
        "name": recipient.name,
        "address": recipient.written,
        "language": recipient.language,
        "subject": recipient.subject,
        "in_test": recipient.in_test,
        "message_id": recipient.message_id,
        "state": recipient.state.value,
        "due_at": _instant(recipient.due_at),
        "attempts": recipient.attempts,
        "sent_at": _instant(recipient.sent_at),
        "error": recipient.error,
        "bounced": recipient.bounced,
        "bounced_at": _instant(recipient.bounced_at),
        "answered_at": _instant(recipient.answered_at),
        "left_at": _instant(recipient.left_at),
    }


def series_json(session: Session, series: Newsletter) -> dict[str, Any]:
    """A series. `next_at`: when its next issue is drafted."""
    return {
        "id": series.id,
        "name": series.name,
        "active": series.active,
        "from": session.get_one(Account, series.account_id).address,
        "template": series.template,
        "layout": series.layout,
        "languages": series.languages,
        "fallback_language": series.fallback_language,
        "every_months": series.every_months,
        "day": series.day,
        "next_at": _instant(series.next_at),
        "audience": series.audience,
        "created_at": _instant(series.created_at),
        "created_by": series.created_by,
    }


def drafted_json(drafted: Drafted) -> dict[str, Any]:
    """What became of a series that should draft its next issue."""
    return {
        "series": drafted.newsletter_id,
        "name": drafted.name,
        "issue": drafted.issue_id,
        "why_not": drafted.why_not,
    }


def suppression_json(row: Suppression, customers: Sequence[tuple[int, str]] = ()) -> dict[str, Any]:
    """A suppression with its proof; `customers`: (id, name) of those to whom the address belongs."""
    return {
        "id": row.id,
        "kind": row.kind.value,
        "value": row.value,
        "scope": row.scope.value,
        "reason": row.reason.value,
        "proof": row.proof,
        "at": _instant(row.at),
        "by": row.by,
        "note": row.note,
        "lifted_at": _instant(row.lifted_at),
        "lifted_by": row.lifted_by,
        "customers": [{"id": number, "name": name} for number, name in customers],
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
