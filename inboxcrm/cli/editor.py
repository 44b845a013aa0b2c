"""Lets a person change a text in the editor of this machine."""

from __future__ import annotations

import click

from inboxcrm.cli.context import fail
from inboxcrm.i18n import _


def edited(text: str, extension: str) -> str:
    """The text as it was saved. Ends the command when it wasn't, or when no editor can be started."""
    try:
        changed = click.edit(text, extension=extension)
    except click.ClickException as error:  # of an editor that can't run here, for example without a terminal
        fail(_("The editor can't be used ({reason}). Give files or options instead.").format(reason=error.message))
    if changed is None:
        fail(_("Nothing was changed."))
    return changed
