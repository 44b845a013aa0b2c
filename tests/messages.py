"""Collects the texts that people read from code and pages, and brings the catalogues of translations up to date with them.

`python -m tests.messages` rewrites inboxcrm/locale/*/inboxcrm.po: new texts come in untranslated, unused ones go. Nothing is guessed.
The files name where a text stands, but no line, so that they change only when a text does.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

PROJECT = Path(__file__).resolve().parent.parent
LOCALES = PROJECT / "inboxcrm" / "locale"

HEADER = """\
# Texts of inboxcrm. Translate msgstr; `make messages` does the rest.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def collected() -> Catalog:
    """Every text of code and pages, with the files where it stands, untranslated."""
    mappings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    catalogue = Catalog()
    texts = extract_from_dir(
        PROJECT,
        method_map=[(one["pattern"], one["method"]) for one in mappings],
        options_map={
            one["pattern"]: {key: value for key, value in one.items() if key not in ("pattern", "method")}
            for one in mappings
        },
        keywords={**DEFAULT_KEYWORDS, "mark": None},
        comment_tags=["Translators:"],
        strip_comment_tags=True,
    )
    for file, _line, text, comments, context in texts:
        catalogue.add(text, None, [(Path(file).as_posix(), 0)], auto_comments=comments, context=context)
    return catalogue


def translated(language: str) -> Catalog:
    """The catalogue of `language` as it stands in its file."""
    with (LOCALES / language / "inboxcrm.po").open("rb") as source:
        return read_po(source, locale=language)


def update(language: str) -> None:
    """Rewrites the catalogue of `language`: the texts in use, each with the translation that it has so far."""
    catalogue = translated(language)
    catalogue.update(collected(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    for message in catalogue:
        message.locations = sorted(set(message.locations))
        message.flags.discard("fuzzy")
    with (LOCALES / language / "inboxcrm.po").open("wb") as target:
        target.write(HEADER.format(language=language, plural_forms=catalogue.plural_forms).encode())
        write_po(target, catalogue, width=120, omit_header=True, include_lineno=False, sort_by_file=True)


if __name__ == "__main__":
    for folder in sorted(LOCALES.iterdir()):
        update(folder.name)
