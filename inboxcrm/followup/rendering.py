"""Templates of mails, filled in: sandboxed, in the customer's language, and strict. What isn't known may be asked for with `{% if %}`,
but never leaves a gap: writing it raises `UnfilledError` with the line and the name.

Only text, `{{ }}`, `{% if %}` and comments are allowed: no loops, calls, includes or assignments, so a template can't take long, reach
anything, or surprise who reads it.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, UndefinedError, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import filters
from inboxcrm.followup.variables import Money, Quantity, Variables, names
from inboxcrm.i18n import _

FILTERS = {
    "date": "{{ quote.sent | date }}: 5 May; with the year where it isn't this one's.",
    "money": "{{ quote.amount | money }}: USD 12,500.",
    "quantity": "{{ sample.quantity | quantity }}: 500 pcs, 500 Stück.",
    "name": "{{ contact.name | name }}: SCHMIDT, ANNA becomes Anna Schmidt.",
    "salutation": "{{ contact | salutation }}: the same line as {{ salutation }}.",
    "list": "{{ customer.products | list }}: ball valves and gate valves.",
    "capitalize": "{{ product | capitalize }}: the first letter large, the others as they are.",
    "default": '{{ contact.first_name | default("all") }}: something else where it isn\'t known.',
}
"""The filters that a template may use, each with an example."""

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.CondExpr, nodes.Name, nodes.Getattr, nodes.Const, nodes.Filter,
    nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat,
)  # fmt: skip
_GROUPS_AND_NAMES = tuple(field.name for field in fields(Variables))
_TESTS = frozenset({"defined", "undefined"})
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a template: where (`line`, 1-based, of the file), with which variable or filter ("" for neither), and what."""

    line: int
    name: str
    what: str


class TextError(InboxcrmError):
    """No mail can be made of a template for this customer. `file`, `line` and `name` say where and about what."""

    def __init__(self, file: str, line: int, name: str, what: str) -> None:
        """All four are shown."""
        self.file, self.line, self.name, self.what = file, line, name, what
        super().__init__(_("{file}, line {line}: {what}").format(file=file, line=line, what=what))


class UnfilledError(TextError):
    """The text writes what isn't known of this customer."""

    def __init__(self, file: str, line: int, name: str) -> None:
        """`name`: the variable."""
        what = _("{name} isn't known here; give the text an alternative with {{% if {name} %}}").format(name=name)
        super().__init__(file, line, name, what)


class Missing(StrictUndefined):
    """Something that isn't known: false when asked for, an error when written. What belongs to it isn't known either."""

    def __bool__(self) -> bool:  # type: ignore[override]  # it may be asked for; StrictUndefined says that this never returns
        return False

    @property
    def dotted(self) -> str:
        """Its whole name: "quote.amount"."""
        return str(self._undefined_name or "")


class _Environment(ImmutableSandboxedEnvironment):
    """`getattr` gives Missing for None and "", so that nothing empty is ever written."""

    def __init__(self, language: str, *, markup: bool) -> None:
        super().__init__(
            undefined=Missing,
            autoescape=markup,  # plain text is escaped by the pages and the composer
            lstrip_blocks=True,
            keep_trailing_newline=True,
            finalize=_written_in(language),
        )
        self.globals = {}
        self.filters = _filters(language)
        self.tests = {name: test for name, test in self.tests.items() if name in _TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An attribute of one of our facts."""
        if isinstance(obj, Missing):
            return Missing(name=f"{obj.dotted}.{attribute}")
        if isinstance(obj, _Known):
            return obj.of(attribute)
        msg = f"nothing is known about {attribute!r} here"
        raise SecurityError(msg)


class _Known:
    """A group of facts with its name in the template."""

    __slots__ = ("_facts", "_name")

    def __init__(self, name: str, facts: Any) -> None:
        self._name, self._facts = name, facts

    @property
    def facts(self) -> Any:
        return self._facts

    def of(self, attribute: str) -> Any:
        value = getattr(self._facts, attribute) if attribute in self._facts.__slots__ else None
        return Missing(name=f"{self._name}.{attribute}") if value in (None, "", ()) else value


def fill(source: str, variables: Variables, language: str, file: str, further: Mapping[str, str] | None = None) -> str:
    """The template `source` with everything written in. Line numbers in errors are those of `source`; `file` names it there. `further`:
    more values, by name.

    Raises UnfilledError for what isn't known, another TextError for what can't be worked out (a date compared with a number).
    """
    return tidy(render(_compiled(source, language), variables, file, further))


def compiled(source: str, language: str, *, markup: bool = False) -> Template:
    """A template ready to be rendered many times. `markup`: it is HTML, in which values are escaped. Raises TextError with its line."""
    try:
        return _environment(language, markup=markup).from_string(source)
    except TemplateSyntaxError as error:
        raise TextError(str(error.filename or ""), error.lineno, "", str(error.message)) from error


def render(template: Template, variables: Variables, file: str, further: Mapping[str, str] | None = None) -> str:
    """The template with everything written in, exactly as it comes out. `further`: more values, by name. Raises what `fill` raises."""
    return render_known(template, context_of(variables), file, further)


def context_of(variables: Variables) -> dict[str, Any]:
    """What templates are given of `variables`, for `render_known`."""
    return {
        name: _of(name, value)
        for name in _GROUPS_AND_NAMES
        if (value := getattr(variables, name)) is not None and value != ""
    }


def render_known(
    template: Template, context: Mapping[str, Any], file: str, further: Mapping[str, str] | None = None
) -> str:
    """As `render`, for several templates with the same variables."""
    try:
        return template.render({**context, **further} if further else context)
    except UndefinedError as error:
        raise UnfilledError(file, _line_of(error), _name_of(error)) from error
    except (TemplateError, TypeError) as error:
        raise TextError(file, _line_of(error), "", str(error)) from error


def tidy(text: str) -> str:
    """No blanks at the ends of lines, no two empty lines, none at the ends."""
    text = "\n".join([line.rstrip(" \t") for line in text.split("\n")])
    return (_BLANK_LINES.sub("\n\n", text) if "\n\n\n" in text else text).strip()


def problems(source: str, known: Mapping[str, type[Any] | None] | None = None) -> list[Problem]:
    """What keeps a template from being used, by its text alone: mistakes of syntax, unknown names, what isn't allowed. `known`: what it
    may speak of, as `inboxcrm.followup.variables.names` tells it; None: of everything.
    """
    try:
        tree = _environment("en").parse(source)
    except TemplateSyntaxError as error:
        return [Problem(error.lineno, "", str(error.message))]
    found = set(_walk(tree, names() if known is None else known))
    return sorted(found, key=lambda one: (one.line, one.name, one.what))


def _walk(node: nodes.Node, known: Mapping[str, type[Any] | None]) -> Iterator[Problem]:
    if isinstance(node, nodes.Getattr):
        dotted = _dotted(node)
        if dotted not in known:
            yield Problem(node.lineno, dotted, _("there is no such variable"))
        return
    if isinstance(node, nodes.Name) and node.name not in known:
        yield Problem(node.lineno, node.name, _("there is no such variable"))
        return
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        yield Problem(node.lineno, node.name, _("there is no such filter"))
    elif isinstance(node, nodes.Filter) and node.args and node.name != "default":
        yield Problem(node.lineno, node.name, _("this filter takes nothing in brackets"))
    elif isinstance(node, nodes.Test) and node.name not in _TESTS:
        yield Problem(node.lineno, node.name, _("only 'defined' can be asked for with 'is'"))
    elif not isinstance(node, _ALLOWED):
        what = _("'{what}' isn't allowed; a template may hold text, {{{{ }}}} and {{% if %}}").format(
            what=type(node).__name__.lower()
        )
        yield Problem(node.lineno, "", what)
        return
    if isinstance(node, nodes.Output):
        yield from _whole_groups(node, known)
    for child in node.iter_child_nodes():
        yield from _walk(child, known)


def _whole_groups(node: nodes.Output, known: Mapping[str, type[Any] | None]) -> Iterator[Problem]:
    """`{{ quote }}` writes nothing that makes sense."""
    for child in node.nodes:
        if isinstance(child, nodes.Name) and known.get(child.name) is not None:
            what = _("this is a group; write one of its parts, like {name}.{part}").format(
                name=child.name, part=next(one for one in known if one.startswith(f"{child.name}.")).partition(".")[2]
            )
            yield Problem(child.lineno, child.name, what)


def _dotted(node: nodes.Expr) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_dotted(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "?"


def _of(name: str, value: Any) -> Any:
    return _Known(name, value) if is_dataclass(value) and not isinstance(value, (Money, Quantity)) else value


@cache
def _environment(language: str, *, markup: bool = False) -> _Environment:
    return _Environment(language, markup=markup)


@cache
def _compiled(source: str, language: str) -> Template:
    return _environment(language).from_string(source)


def _written_in(language: str) -> Any:
    @pass_context
    def written(context: Context, value: Any) -> Any:
        """A value as it is written where no filter says how."""
        if isinstance(value, str):
            return value
        if isinstance(value, date):
            return filters.day(value, language, context["today"])
        if isinstance(value, Money):
            return filters.money(value, language)
        if isinstance(value, Quantity):
            return filters.quantity(value, language)
        if isinstance(value, tuple):
            return filters.listed(value, language)
        return value

    return written


def _filters(language: str) -> dict[str, Any]:
    written = _written_in(language)

    @pass_context
    def typed(context: Context, value: Any) -> Any:
        return written(context, _given(value))

    @pass_context
    def salutation(context: Context, value: Any) -> Any:
        _given(value)
        return _given(context.resolve("salutation"))

    return {
        "date": typed,
        "money": typed,
        "quantity": typed,
        "list": typed,
        "name": lambda value: filters.name(str(_given(value))),
        "salutation": salutation,
        "capitalize": lambda value: str(_given(value))[:1].upper() + str(value)[1:],
        "default": lambda value, instead: instead if isinstance(value, Undefined) else value,
    }


def _given(value: Any) -> Any:
    if isinstance(value, Undefined):
        str(value)  # raises UndefinedError with its name
    return value


def _line_of(error: Exception) -> int:
    """jinja2 rewrites the traceback so that it names the lines of the template."""
    lines = [one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == "<template>"]
    return lines[-1] or 0 if lines else 0


def _name_of(error: UndefinedError) -> str:
    found = re.search(r"'([\w.]+)'", str(error))
    return found[1] if found else "?"
