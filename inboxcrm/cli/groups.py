"""Groups of commands that have one meaning when none of their commands is named."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class ShowByDefault(TyperGroup):
    """`log Acme` is `log show Acme`; a customer who is called like a command is asked for with `log show`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts the command in that was left out."""
        if args[0] not in self.commands and args[0] not in ctx.help_option_names if args else not self.no_args_is_help:
            args = ["show", *args]
        return super().parse_args(ctx, args)
