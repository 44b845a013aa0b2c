"""Asks the person at the terminal, or, when nobody is there, says which option would have been the answer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import typer

from inboxcrm.cli.context import fail
from inboxcrm.i18n import _


def someone_is_there() -> bool:
    """Whether a person at a terminal can answer."""
    return sys.stdin.isatty()


def be_sure(question: str, *, yes: bool) -> None:
    """Asks before something is removed for good, unless `yes` was said beforehand. Ends the command when the answer is no, or when
    nobody is there to answer.
    """
    if yes:
        return
    if not someone_is_there():
        fail(
            _("Nobody is there to answer “{question}”; give the option {option}.").format(
                question=question, option="--yes"
            )
        )
    # The error output: what is printed with --json stays one document.
    if not typer.confirm(question, err=True):
        fail(_("Nothing was removed."))


@dataclass(frozen=True, slots=True)
class Questions:
    """`attended`: somebody can answer. Each question names the `option` that answers it beforehand."""

    attended: bool

    def text(self, option: str, question: str, default: str = "") -> str:
        """One line of text, not empty."""
        if not self.attended:
            return default or self._unanswered(option, question)
        answer: str = typer.prompt(question, default=default or None)
        return answer.strip()

    def hidden(self, option: str, question: str, *, twice: bool = False) -> str:
        """A password; it is not shown while it is typed."""
        if not self.attended:
            self._unanswered(option, question)
        answer: str = typer.prompt(question, hide_input=True, confirmation_prompt=twice)
        return answer

    def one_of(self, option: str, question: str, choices: Sequence[str], default: str = "") -> str:
        """One of `choices`, by its text or its number in the list that is shown."""
        if not self.attended:
            return default or self._unanswered(option, f"{question} ({', '.join(choices)})")
        for number, choice in enumerate(choices, 1):
            typer.echo(f"  {number}. {choice}")
        by_number = {str(number): choice for number, choice in enumerate(choices, 1)}
        while True:
            answer: str = typer.prompt(question, default=default or None).strip()
            if answer in choices:
                return answer
            if answer in by_number:
                return by_number[answer]
            typer.echo(_("Answer with one of the numbers."))

    def agreed(self, question: str, *, unattended: bool) -> bool:
        """Yes or no; `unattended` is the answer when nobody is there."""
        return typer.confirm(question, default=True) if self.attended else unattended

    def _unanswered(self, option: str, question: str) -> str:
        message = _("Nobody is there to answer “{question}”; give the option {option}.")
        fail(message.format(question=question, option=option))
