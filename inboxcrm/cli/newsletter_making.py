"""`inboxcrm newsletter new`, `edit`, `submit`, `approve` …: an issue from its first text to its approval.

Nothing goes out without that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inboxcrm.cli.context import fail, open_database, print_json, settings_of
from inboxcrm.cli.editor import edited
from inboxcrm.cli.newsletter_options import AudienceFields, IssueNumber, Json, Yes, audience_of, changing, press_of
from inboxcrm.cli.questions import be_sure
from inboxcrm.cli.when import instant
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from inboxcrm.model import Issue
    from inboxcrm.newsletter.editions import Text
    from inboxcrm.newsletter.press import Press

app = typer.Typer(add_completion=False)

_TEST_SHARE = 20
"""Percent of the recipients on whom several subjects are tried, unless a person says otherwise; the page offers the same."""
_FILES_HELP = _(
    "Texts: one file a language, like news.en.md and news.de.md, or .html. A file begins with “Subject: …”, then comes an empty line."
)
Files = Annotated[list[Path] | None, typer.Argument(metavar="[FILE]…", help=_FILES_HELP, show_default=False)]
From = Annotated[
    str, typer.Option("--from", help=_("Address of the account that it goes from; else the first that can send."))
]
Layout = Annotated[str | None, typer.Option("--layout", help=_("Its layout: letter, products, or one of your own."))]
Language = Annotated[
    str, typer.Option("--language", help=_("Language of the text, like de, where the file doesn't say."))
]
Fallback = Annotated[
    str | None,
    typer.Option("--fallback", help=_("Language for contacts whose own there is no text in; none leaves them out.")),
]
Attach = Annotated[
    list[str] | None,
    typer.Option("--attach", help=_("A picture or another file to go with it: a path, or the name of one kept.")),
]
Products = Annotated[
    Path | None, typer.Option("--products", help=_("A CSV list of products for {{ products }} in the text."))
]


@dataclass(frozen=True, slots=True)
class _Typed:
    """What was typed of an issue. None, "" and empty: nothing."""

    files: Sequence[Path] = ()
    language: str = ""
    sender: str = ""
    attach: Sequence[str] = ()
    products: Path | None = None
    audience: Sequence[str] = ()
    values: tuple[tuple[str, Any], ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to change."""
        said = (self.files, self.sender, self.attach, self.products, self.audience)
        return not any(said) and all(value is None for _field, value in self.values)


@app.command("new", help=_("Write an issue: from files, or in your editor when none is given. It stays a draft."))
def new_command(
    ctx: typer.Context,
    files: Files = None,
    *,
    name: Annotated[str, typer.Option("--name", help=_("What you call it; readers don't see it."))] = "",
    sender: From = "",
    layout: Layout = None,
    language: Language = "",
    fallback: Fallback = None,
    attach: Attach = None,
    products: Products = None,
    audience: AudienceFields = None,
    json: Json = False,
) -> None:
    """Prints the new issue."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415  SQLAlchemy takes a moment to load
    from inboxcrm.newsletter import issues  # noqa: PLC0415

    press = press_of(ctx)
    texts = _read(press, files or (), language) if files else [_from_editor(_first_text(language or "en"))]
    languages = [one.language for one in texts]
    first = "en" if "en" in languages else languages[0]
    typed = _Typed(attach=attach or (), products=products, audience=audience or ())

    def act(session: Session) -> Issue:
        made = issues.create(
            session,
            press,
            name=name or next((one for text in texts for one in text.subjects), ""),
            account_id=issues.account_id_of(session, press, sender),
            now=now(),
            by=person(),
            layout=layout or "letter",
            fallback_language=_fallback(fallback, first),
        )
        _change(session, press, made, typed)
        _write(session, made, texts)
        if any(len(one.subjects) > 1 for one in texts):
            issues.edit(session, press, made.id, test_share=_TEST_SHARE)
        return made

    changing(ctx, act, json=json)


@app.command("edit", help=_("Change an issue that is not approved: by files and options, or in your editor."))
def edit_command(
    ctx: typer.Context,
    issue: IssueNumber,
    files: Files = None,
    *,
    name: Annotated[str | None, typer.Option("--name", help=_("What you call it; readers don't see it."))] = None,
    sender: From = "",
    layout: Layout = None,
    language: Language = "",
    fallback: Fallback = None,
    drop: Annotated[list[str] | None, typer.Option("--drop", help=_("A language to take out."))] = None,
    attach: Attach = None,
    detach: Annotated[list[str] | None, typer.Option("--detach", help=_("A file that no longer goes with it."))] = None,
    products: Products = None,
    audience: AudienceFields = None,
    test_share: Annotated[
        int | None,
        typer.Option("--test-share", help=_("Percent of the recipients on whom subjects are tried; 0: no test.")),
    ] = None,
    test_hours: Annotated[
        int | None, typer.Option("--test-hours", help=_("Hours after which the better subject goes to the rest."))
    ] = None,
    count_clicks: Annotated[
        bool | None,
        typer.Option("--count-clicks/--no-count-clicks", help=_("Whether clicks are counted; the foot says so.")),
    ] = None,
    working_hours: Annotated[
        bool | None,
        typer.Option("--working-hours/--any-hour", help=_("Whether each recipient gets it in their working hours.")),
    ] = None,
    json: Json = False,
) -> None:
    """Prints the issue as it is then: a draft, also when it waited for approval before."""
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter import issues  # noqa: PLC0415

    press = press_of(ctx)
    texts = _read(press, files or (), language)
    typed = _Typed(
        files or (),
        language,
        sender,
        attach or (),
        products,
        audience or (),
        (
            ("name", name),
            ("layout", layout),
            ("fallback_language", None if fallback is None else _fallback(fallback, "")),
            ("test_share", test_share),
            ("test_hours", test_hours),
            ("count_clicks", count_clicks),
            ("working_hours", working_hours),
        ),
    )
    if typed.is_nothing and not drop and not detach:
        with looking(open_database(ctx)) as session:
            before = _text_of(issues.editable(session, issue), language)
        texts = [_from_editor(before)]

    def act(session: Session) -> Issue:
        found = issues.editable(session, issue)
        if detach:
            kept = [one for one in found.images if one not in detach]
            issues.edit(session, press, issue, images=kept)
        _change(session, press, found, typed)
        for one in drop or ():
            issues.drop_text(session, issue, one)
        _write(session, found, texts)
        return found

    changing(ctx, act, json=json)


@app.command("copy", help=_("Write another issue with the same texts and audience."))
def copy_command(
    ctx: typer.Context,
    issue: IssueNumber,
    *,
    name: Annotated[str, typer.Option("--name", help=_("What you call the new one."))],
    json: Json = False,
) -> None:
    """Prints the new issue."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.newsletter import issues  # noqa: PLC0415

    changing(ctx, lambda session: issues.copy(session, issue, name=name, now=now(), by=person()), json=json)


@app.command("remove", help=_("Delete an issue that was never approved."))
def remove_command(ctx: typer.Context, issue: IssueNumber, *, yes: Yes = False, json: Json = False) -> None:
    """Asks, and says which."""
    from inboxcrm.cli.shown import say  # noqa: PLC0415
    from inboxcrm.model.database import looking, writing  # noqa: PLC0415
    from inboxcrm.newsletter import issues  # noqa: PLC0415

    engine = open_database(ctx)
    with looking(engine) as session:
        name = issues.editable(session, issue).name
    be_sure(_("“{name}” and its texts are gone then, for good. Remove it?").format(name=name), yes=yes)
    with writing(engine) as session:
        issues.remove(session, issue)
    if json:
        print_json({"removed": issue})
    else:
        say(_("“{name}” is removed.").format(name=name))


@app.command("submit", help=_("Put a draft up for review, once the checks find nothing that keeps it."))
def submit_command(ctx: typer.Context, issue: IssueNumber, *, json: Json = False) -> None:
    """Prints the issue."""
    from inboxcrm.cli.shown import now  # noqa: PLC0415
    from inboxcrm.newsletter import approving, checks, issues  # noqa: PLC0415

    press = press_of(ctx)

    def act(session: Session) -> Issue:
        report = checks.check(session, issues.editable(session, issue), press, now())
        if not report.may_go:
            raise approving.NotReadyError(report)
        return issues.submit(session, issue)

    changing(ctx, act, json=json)


@app.command(
    "take-back", help=_("Make an issue a draft again, to change it: while it waits for approval, or hasn't begun yet.")
)
def take_back_command(ctx: typer.Context, issue: IssueNumber, *, json: Json = False) -> None:
    """Prints the issue."""
    from inboxcrm.newsletter import approving  # noqa: PLC0415

    changing(ctx, lambda session: approving.take_back(session, issue), json=json)


@app.command("approve", help=_("Let an issue in review go: at once, or at a chosen time."))
def approve_command(
    ctx: typer.Context,
    issue: IssueNumber,
    *,
    at: Annotated[str, typer.Option("--at", help=_("When: '2026-03-31 14:30' on your clock; now when left out."))] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help=_("Don't ask once more, however many recipients there are."))
    ] = False,
    json: Json = False,
) -> None:
    """Says how many get it, and asks; then prints the issue."""
    from inboxcrm.cli.shown import now, person  # noqa: PLC0415
    from inboxcrm.model import IssueState  # noqa: PLC0415
    from inboxcrm.model.database import looking  # noqa: PLC0415
    from inboxcrm.newsletter import approving, checks, issues  # noqa: PLC0415

    press = press_of(ctx)
    send_at = instant(at, settings_of(ctx).person.time_zone) if at else None
    seen = None
    if not yes:
        with looking(open_database(ctx)) as session:
            found = issues.get(session, issue)
            report = checks.check(session, found, press, now())
            seen = report.recipients
            words = _("“{name}” goes to {count} recipients. Approve it?").format(name=found.name, count=seen)
            may_go = report.may_go and found.state is IssueState.REVIEW
        # What can't be approved isn't asked about: approving says why.
        if may_go and not typer.confirm(words, err=json):
            fail(_("Nothing was approved."))

    def act(session: Session) -> Issue:
        approving.approve(session, press, issue, now(), by=person(), send_at=send_at, seen=seen)
        return issues.get(session, issue)

    changing(ctx, act, json=json)


# --- inside -----------------------------------------------------------------------------------------------------------


def _read(press: Press, files: Sequence[Path], language: str) -> list[Text]:
    from inboxcrm.newsletter import text_files  # noqa: PLC0415

    if language and len(files) > 1:
        fail(_("--language is for one file; let several say theirs in their names, like news.de.md."))
    texts = [text_files.read(one, language) for one in files]
    for file, text in zip(files, texts, strict=True):
        _take_along(press, text_files.pictures_beside(file, text.body))
    return texts


def _take_along(press: Press, pictures: Iterable[Path]) -> None:
    """Pictures that lie beside a text or a list of products go into the home folder, where mails take them from."""
    from inboxcrm.newsletter import files  # noqa: PLC0415

    for one in pictures:
        files.take_along(press.settings.home, one, press.settings.newsletter.kilobytes_of_files)


def _from_editor(before: Text) -> Text:
    from inboxcrm.newsletter import text_files  # noqa: PLC0415
    from inboxcrm.newsletter.markup import HTML  # noqa: PLC0415

    extension = ".html" if before.written_in == HTML else ".md"
    written = edited(text_files.written(before), extension)
    return text_files.parse(written, file=_("Your text"), language=before.language, written_in=before.written_in)


def _first_text(language: str) -> Text:
    from inboxcrm.newsletter.editions import Text  # noqa: PLC0415

    return Text(language, (), "{{ salutation }}\n\n\n\n{{ closing }}\n")


def _text_of(issue: Issue, language: str) -> Text:
    from inboxcrm.newsletter.editions import Text  # noqa: PLC0415

    wanted = language or issue.fallback_language
    found = next((one for one in issue.texts if one.language == wanted), None)
    if found is None and not language and issue.texts:
        found = issue.texts[0]
    if found is None:
        return _first_text(wanted or "en")
    return Text(found.language, tuple(found.subjects), found.body, found.format)


def _fallback(given: str | None, otherwise: str) -> str:
    if given is None:
        return otherwise
    return "" if given == "none" else given


def _write(session: Session, issue: Issue, texts: Sequence[Text]) -> None:
    from inboxcrm.newsletter import issues  # noqa: PLC0415

    for one in texts:
        issues.write_text(
            session, issue.id, one.language, subjects=one.subjects, body=one.body, written_in=one.written_in
        )


def _change(session: Session, press: Press, issue: Issue, typed: _Typed) -> None:
    from inboxcrm.newsletter import issues  # noqa: PLC0415
    from inboxcrm.newsletter.occasions import read_products  # noqa: PLC0415

    changes = {field: value for field, value in typed.values if value is not None}
    if typed.sender:
        changes["account_id"] = issues.account_id_of(session, press, typed.sender)
    if typed.attach:
        changes["images"] = [*issue.images, *(_kept(press, one) for one in typed.attach)]
    if typed.products is not None:
        if not typed.products.is_file():
            fail(_("There is no file {file}.").format(file=typed.products))
        listed = [one.as_json() for one in read_products(typed.products)]
        beside = [typed.products.parent / str(one["picture"]) for one in listed if one.get("picture")]
        _take_along(press, (one for one in beside if one.parent == typed.products.parent and one.is_file()))
        changes["variables"] = {**issue.variables, "products": listed}
    if typed.audience:
        changes["audience"] = audience_of(issue.audience, typed.audience)
    if changes:
        issues.edit(session, press, issue.id, **changes)


def _kept(press: Press, given: str) -> str:
    """The name under which a file goes with an issue; a file from elsewhere is copied into the home folder."""
    from inboxcrm.newsletter import files  # noqa: PLC0415

    home, path = press.settings.home, Path(given)
    if path.is_file():
        return files.keep(home, path.name, path.read_bytes(), press.settings.newsletter.kilobytes_of_files).name
    return files.find(home, given).name
