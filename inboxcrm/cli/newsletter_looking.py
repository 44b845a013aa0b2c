"""`inboxcrm newsletter audience`, `check`, `preview`, `test-send`: what is looked at before an issue may go.

Nothing goes out from here but a mail to oneself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inboxcrm.cli.context import fail, home_of, open_database, print_json, settings_of
from inboxcrm.cli.newsletter_options import AudienceFields, IssueNumber, Json, audience_of, press_of
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inboxcrm.newsletter.candidates import Overview
    from inboxcrm.newsletter.checks import Report
    from inboxcrm.newsletter.choosing import Choice

app = typer.Typer(add_completion=False)

Contact = Annotated[
    str, typer.Option("--for", metavar="CONTACT", help=_("Number or address of a contact; else an invented customer."))
]
InLanguage = Annotated[str, typer.Option("--language", help=_("The text in this language, like de."))]
Subject = Annotated[
    int, typer.Option("--subject", min=1, help=_("Which of the subjects that are tried against each other."))
]


@app.command("audience", help=_("Show who gets an issue and who is left out, and why."))
def audience_command(
    ctx: typer.Context,
    issue: IssueNumber,
    *,
    audience: AudienceFields = None,
    out: Annotated[bool, typer.Option("--out", help=_("Name those who are left out instead."))] = False,
    why: Annotated[
        str, typer.Option("--why", help=_("Name only those who are left out for this, like suppressed or grade."))
    ] = "",
    after: Annotated[int, typer.Option("--after", help=_("Go on behind this number of a contact."))] = 0,
    limit: Annotated[int, typer.Option("--limit", min=0, max=100_000, help=_("So many names at the most."))] = 50,
    json: Json = False,
) -> None:
    """Prints numbers and names. `--audience` tries another audience without keeping it."""
    from dataclasses import replace  # noqa: PLC0415

    from inboxcrm.cli.shown import now  # noqa: PLC0415  SQLAlchemy takes a moment to load
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter import candidates, issues  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import choice_json, overview_json  # noqa: PLC0415
    from inboxcrm.newsletter.reasons import Why  # noqa: PLC0415

    if why and why not in list(Why):
        fail(_("{why!r} is no reason; reasons are {known}.").format(why=why, known=", ".join(Why)))
    press, at = press_of(ctx), now()
    with looking(open_database(ctx)) as session:
        found = issues.get(session, issue)
        selection = candidates.Selection.of(found, press.own)
        if audience:
            selection = replace(selection, audience=audience_of(found.audience, audience))
        seen = candidates.seen(
            session, selection, at, chosen=not (out or why), why=Why(why) if why else None, after=after, limit=limit
        )
    if json:
        print_json(
            {
                "audience": selection.audience.packed(),
                **overview_json(seen.numbers),
                "contacts": [choice_json(one) for one in seen.contacts],
            }
        )
    else:
        _say_audience(seen.numbers, seen.contacts)


@app.command("check", help=_("Check an issue: variables, links, size, way out, our domain, audience."))
def check_command(ctx: typer.Context, issue: IssueNumber, *, json: Json = False) -> None:
    """Prints what was found; ends with 1 when something keeps the issue from being approved."""
    from inboxcrm.cli.shown import now  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter import checks, issues  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import report_json  # noqa: PLC0415

    press = press_of(ctx)
    with looking(open_database(ctx)) as session:
        report = checks.check(session, issues.get(session, issue), press, now())
    if json:
        print_json(report_json(report))
    else:
        _say_report(report)
    if not report.may_go:
        raise typer.Exit(1)


@app.command("preview", help=_("Show the mail as a contact would see it."))
def preview_command(
    ctx: typer.Context,
    issue: IssueNumber,
    *,
    contact: Contact = "",
    language: InLanguage = "",
    subject: Subject = 1,
    html: Annotated[
        Path | None,
        typer.Option("--html", dir_okay=False, help=_("Write the HTML to this file, to open in a browser.")),
    ] = None,
    json: Json = False,
) -> None:
    """Prints subject and text part."""
    from inboxcrm.cli.shown import now, say  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter import previews  # noqa: PLC0415
    from inboxcrm.newsletter.as_json import shown_json  # noqa: PLC0415

    press = press_of(ctx)
    with looking(open_database(ctx)) as session:
        shown = previews.preview(
            session,
            press,
            issue,
            now(),
            contact_id=previews.contact_of(session, contact),
            language=language,
            subject=subject - 1,
        )
    if html is not None:
        html.write_text(shown.html, encoding="utf-8")
    if json:
        print_json(shown_json(shown))
        return
    say(_("Subject: {subject}").format(subject=shown.subject))
    size = _("{language}, HTML {html} kB, mail {mail} kB")
    say(size.format(language=shown.language, html=round(shown.size / 1000), mail=round(shown.mail / 1000)))
    say(f"\n{shown.text}", as_it_is=True)


@app.command("test-send", help=_("Send the mail to yourself, once and at once."))
def try_out_command(
    ctx: typer.Context,
    issue: IssueNumber,
    *,
    to: Annotated[
        str, typer.Option("--to", help=_("An address of yours; else that of the account the issue goes from."))
    ] = "",
    contact: Contact = "",
    language: InLanguage = "",
    subject: Subject = 1,
    json: Json = False,
) -> None:
    """Says where it went."""
    from inboxcrm.cli.shown import now, say  # noqa: PLC0415
    from inboxcrm.model import Account  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter import issues, previews  # noqa: PLC0415
    from inboxcrm.web.own_mail import to_server  # noqa: PLC0415

    press = press_of(ctx)
    hand = to_server(home_of(ctx), settings_of(ctx).sync.timeout_seconds)
    with looking(open_database(ctx)) as session:
        address = session.get_one(Account, issues.get(session, issue).account_id).address
        account = press.account(address)
        to = to or account.address
        mail = previews.try_out(
            session,
            press,
            issue,
            now(),
            to=to,
            send=lambda sender, recipients, data: hand(account, sender, recipients, data),
            contact_id=previews.contact_of(session, contact),
            language=language,
            subject=subject - 1,
        )
    if json:
        print_json({"to": to, "bytes": len(mail)})
    else:
        say(_("A mail of {size} kB is on its way to {address}.").format(size=round(len(mail) / 1000), address=to))


# --- inside -----------------------------------------------------------------------------------------------------------


def _say_audience(overview: Overview, named: Sequence[Choice]) -> None:
    from inboxcrm.cli.shown import add_row, grade_word, print_table, say, table  # noqa: PLC0415
    from inboxcrm.web.words import label  # noqa: PLC0415

    languages = ", ".join(f"{code} {count}" for code, count in overview.languages.most_common())
    said = _("{count} get it").format(count=overview.chosen)
    say(f"{said}: {languages}" if languages else said)
    say(_("{count} are left out (some for several reasons):").format(count=overview.out) if overview.out else "")
    for why, count in overview.left_out.most_common():
        say(f"  {count}  {label(why)} ({why.value})")
    drawn = table(
        _("Contact"), _("Name"), _("Company"), _("Country"), _("Grade"), _("Address"), _("Language"), _("Why")
    )
    for one in named:
        why_not = "; ".join(one.words)
        grade = grade_word(one.grade.value)
        add_row(drawn, one.contact_id, one.name, one.customer, one.country, grade, one.written, one.language, why_not)
    if named:
        say("")
        print_table(drawn, empty="")


def _say_report(report: Report) -> None:
    from inboxcrm.cli.shown import say  # noqa: PLC0415
    from inboxcrm.newsletter.checks import Severity  # noqa: PLC0415

    words = {Severity.ERROR: _("Error"), Severity.WARNING: _("Look at this"), Severity.NOTE: _("Good to know")}
    say(_("{count} recipients").format(count=report.recipients))
    for one in report.findings:
        place = " ".join(part for part in (one.language, str(one.line) if one.line else "") if part)
        say(f"{words[one.severity]}{f' ({place})' if place else ''}: {one.what}")
        if one.concerned:
            more = one.count - len(one.concerned)
            others = _(" and {count} more").format(count=more) if more > 0 else ""
            say(f"    {', '.join(one.concerned)}{others}")
    say(_("Nothing keeps it from being approved.") if report.may_go else _("It can't be approved like this."))
