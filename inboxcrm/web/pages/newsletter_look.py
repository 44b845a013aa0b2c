"""The second step of an issue: its layout, the pictures and files that travel with it, the products that stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import Issue
from inboxcrm.model.database import writing
from inboxcrm.newsletter import files, issues
from inboxcrm.web import flash
from inboxcrm.web.flash import Notice
from inboxcrm.web.issue_steps import following, found, locked, path_of, step_page, told
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
) -> Response:
    """Keeps what was chosen."""
    try:
        with writing(site.engine) as writer:
            issue = issues.editable(writer, issue_id)
            products = products_of(form, [one.language for one in issue.texts])
            values: dict[str, Any] = {"layout": form.get("layout", issue.layout), "images": attached or []}
            if products or "products" in issue.variables:
                values["variables"] = {**issue.variables, "products": products}
            different = {name: value for name, value in values.items() if value != getattr(issue, name)}
            if different:
                issues.edit(writer, site.press(), issue_id, **different)
    except InboxcrmError as error:
        issue = found(session, issue_id)
        return locked(request, issue) or _look_page(
            request, site, issue, form=form, attached=attached or [], problem=str(error)
        )
    told(site, issue_id)
    if form.get("act") == "next":
        return flash.redirect(request, path_of(issue_id, following(_STEP)))
    return flash.redirect(request, path_of(issue_id, _STEP), Notice(_("Saved.")))


@router.post("/newsletters/{issue_id:int}/files")
def upload(
    request: Request,
    *,
    site: TheSite,
    session: Looking,
    issue_id: int,
    upload: Annotated[UploadFile, File()],
) -> Response:
    """Puts a file into the folder of newsletters."""
    issue = found(session, issue_id)
    try:
        kept = files.keep(
            site.settings.home,
            upload.filename or "",
            upload.file.read(),
            site.settings.newsletter.kilobytes_of_files,
        )
    except InboxcrmError as error:
        return flash.redirect(request, path_of(issue.id, _STEP) + "#files", Notice(str(error), kind="error"))
    text = _("“{name}” is there. Choose it below, or write ![words]({name}) in the text.").format(name=kept.name)
    return flash.redirect(request, path_of(issue.id, _STEP) + "#files", Notice(text))


def products_of(form: Mapping[str, str], languages: list[str]) -> list[dict[str, Any]]:
    """The products of the form, those without a name left out. A value that is the same in every language is kept once."""
    found = []
    for number in range(_MOST_PRODUCTS):
        if f"p{number}-link" not in form:
            continue
        one: dict[str, Any] = {
            "name": _by_language(form, f"p{number}-name", languages),
            "text": _by_language(form, f"p{number}-text", languages),
            "picture": form.get(f"p{number}-picture", ""),
            "link": form[f"p{number}-link"].strip(),
        }
        if one["name"]:
            found.append(one)
    return found


def _by_language(form: Mapping[str, str], field: str, languages: list[str]) -> str | dict[str, str]:
    values = {code: " ".join(form.get(f"{field}-{code}", "").split()) for code in languages}
    written = {code: value for code, value in values.items() if value}
    if len(set(values.values())) == 1:
        return next(iter(values.values()))
    return written


def _look_page(
    request: Request,
    site: Site,
    issue: Issue,
    *,
    form: Mapping[str, str] | None = None,
    attached: list[str] | None = None,
    problem: str = "",
) -> Response:
    there = files.all_of(site.settings.home)
    languages = [one.language for one in issue.texts]
    if form is not None:
        products: list[Mapping[str, Any]] = list(products_of(form, languages))
    else:
        listed = issue.variables.get("products", [])
        products = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
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
        places_products=[one.language for one in issue.texts if "{{ products }}" in one.body],
    )


def written(value: Any, language: str) -> str:
    """A value of a product in a language: one that is the same in all stands in each."""
    if isinstance(value, dict):
        return str(value.get(language, ""))
    return str(value or "")
