"""The second step of an issue: its layout, the pictures and files that travel with it, the products that stand in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import Issue
from inboxcrm.model.database import writing
from inboxcrm.newsletter import files, issues, used_files
from inboxcrm.newsletter.occasions import PRODUCTS_FILE
from inboxcrm.web import flash
from inboxcrm.web.flash import Notice
from inboxcrm.web.issue_steps import following, found, locked, ordered, path_of, step_page, told
from inboxcrm.web.site import Looking, Site, TheForm, TheSite

router = APIRouter(include_in_schema=False)

_STEP = "look"
_EMPTY_ROWS = 2
_MOST_PRODUCTS = 40


@router.get("/newsletters/{issue_id:int}/look")
def show_look(request: Request, site: TheSite, session: Looking, issue_id: int) -> Response:
    """Layout, files, products."""
    issue = found(session, issue_id)
    return locked(request, issue) or _look_page(request, site, issue)


@router.post("/newsletters/{issue_id:int}/look")
def keep_look(
    request: Request,
    *,
    site: TheSite,
    session: Looking,
    issue_id: int,
    form: TheForm,
    attached: Annotated[list[str] | None, Form()] = None,
    upload: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Keeps what was chosen; puts a file that comes along into the folder of newsletters, and takes one out of it."""
    attached = attached or []
    words = _("Saved.")
    try:
        if upload is not None and upload.filename:
            if upload.filename.casefold() == PRODUCTS_FILE:
                what = _("{name} is what the list of products is called; give the file another name.")
                raise files.FileError(what.format(name=upload.filename))
            kept = files.keep(
                site.settings.home,
                upload.filename,
                upload.file.read(),
                site.settings.newsletter.kilobytes_of_files,
            )
            words = _(
                "“{name}” is there now. Choose it for a product, attach it, or show it in the text: {mark}"
            ).format(name=kept.name, mark=f"![…]({kept.name})")
        elif form.get("act") == "upload":
            raise files.FileError(_("Choose a file first."))
        with writing(site.engine) as writer:
            _keep(site, writer, issue_id, form, attached)
            if removed := form.get("remove", ""):
                used_files.remove(writer, site.press(), removed)
                words = _("“{name}” is removed.").format(name=removed)
    except InboxcrmError as error:
        issue = found(session, issue_id)
        return locked(request, issue) or _look_page(
            request, site, issue, form=form, attached=attached, problem=str(error)
        )
    told(site, issue_id)
    if form.get("act") == "next":
        return flash.redirect(request, path_of(issue_id, following(_STEP)))
    return flash.redirect(request, path_of(issue_id, _STEP), Notice(words))


def _keep(site: Site, session: Session, issue_id: int, form: Mapping[str, str], attached: list[str]) -> None:
    issue = issues.editable(session, issue_id)
    products = products_of(form, [one.language for one in issue.texts], _listed(issue))
    values: dict[str, Any] = {"layout": form.get("layout", issue.layout), "images": attached}
    if products or "products" in issue.variables:
        values["variables"] = {**issue.variables, "products": products}
    different = {name: value for name, value in values.items() if value != getattr(issue, name)}
    if different:
        issues.edit(session, site.press(), issue_id, **different)


def products_of(
    form: Mapping[str, str], languages: Sequence[str], before: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """The products of the form, those without a name left out. A value that is the same in every language is kept once; what `before`
    says in other languages stays.
    """
    found = []
    for number in range(_MOST_PRODUCTS):
        if f"p{number}-link" not in form:
            continue
        was = form.get(f"p{number}-was", "")
        old = before[int(was)] if was.isdecimal() and int(was) < len(before) else {}
        one: dict[str, Any] = {
            "name": _by_language(form, f"p{number}-name", languages, old.get("name")),
            "text": _by_language(form, f"p{number}-text", languages, old.get("text")),
            "picture": form.get(f"p{number}-picture", ""),
            "link": form[f"p{number}-link"].strip(),
        }
        if one["name"]:
            found.append(one)
    return found


def _by_language(form: Mapping[str, str], field: str, languages: Sequence[str], old: Any) -> str | dict[str, str]:
    values = {code: " ".join(form.get(f"{field}-{code}", "").split()) for code in languages}
    others = {code: one for code, one in old.items() if code and code not in languages} if isinstance(old, dict) else {}
    if not any(values.values()):
        return ""
    if not others and len(set(values.values())) == 1:
        return next(iter(values.values()))
    return {**others, **{code: value for code, value in values.items() if value}}


def _listed(issue: Issue) -> list[dict[str, Any]]:
    listed = issue.variables.get("products", [])
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _look_page(
    request: Request,
    site: Site,
    issue: Issue,
    *,
    form: Mapping[str, str] | None = None,
    attached: list[str] | None = None,
    problem: str = "",
) -> Response:
    there = [one for one in files.all_of(site.settings.home) if one.name != PRODUCTS_FILE]
    languages = [one.language for one in ordered(issue)]
    products: list[dict[str, Any]] = [{**one, "was": number} for number, one in enumerate(_listed(issue))]
    if form is not None:
        products = list(products_of(form, languages, _listed(issue)))
    return step_page(
        request,
        issue,
        _STEP,
        status=422 if problem else 200,
        problem=problem,
        layouts=site.press().layouts.names(),
        layout=(form or {}).get("layout", issue.layout),
        files=there,
        pictures=[one.name for one in there if one.type in files.SHOWN],
        attached=attached if attached is not None else issue.images,
        missing=[name for name in issue.images if name not in {one.name for one in there}],
        most_kilobytes=site.settings.newsletter.kilobytes_of_files,
        languages_of_texts=languages,
        products=[*products, *[{} for _row in range(_EMPTY_ROWS)]][:_MOST_PRODUCTS],
        written=written,
    )


def written(value: Any, language: str) -> str:
    """A value of a product in a language: one that is the same in all stands in each."""
    if isinstance(value, dict):
        return str(value.get(language) or value.get("") or "")
    return str(value or "")
