"""py3langid's model, loaded for the languages of the trade alone and without ever being in memory twice.

The library's own loader holds the 42 MB of transitions twice for a moment and the weights of all its 140 languages for good, in every
process that reads mails. It decides nothing; `inboxcrm.reading.language` does.
"""

from __future__ import annotations

import lzma
import shutil
import tempfile
import zipfile
from array import array
from collections.abc import Collection
from typing import IO

import numpy as np
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # no py.typed

_PIECE = 1 << 20


def load(languages: Collection[str]) -> LanguageIdentifier:
    """An identifier that knows `languages` (ISO 639-1) only. Its file is an .npz inside LZMA (`py3langid.modelio`)."""
    with tempfile.TemporaryFile() as plain:
        with lzma.open(MODEL_DIR / MODEL_FILE) as packed:
            shutil.copyfileobj(packed, plain, _PIECE)
        plain.seek(0)
        with np.load(plain, allow_pickle=False) as data, zipfile.ZipFile(plain) as members:
            classes = data["classes"].tolist()
            places = [place for place, code in enumerate(classes) if code in languages]
            return LanguageIdentifier(
                data["ptc"][:, places],
                data["pc"][places],
                [classes[place] for place in places],
                _integers(members, "nextmove"),
                data["out_feat"].tolist(),
                norm_probs=True,
                tk_row=_integers(members, "nextmove_row"),
            )


def _integers(members: zipfile.ZipFile, name: str) -> array[int]:
    """A one-dimensional array of unsigned integers, read piece by piece into what the library looks up fastest."""
    with members.open(f"{name}.npy") as member:
        found: array[int] = array({2: "H", 4: "I"}[_item_size(member)])
        while piece := member.read(_PIECE):
            found.frombytes(piece)
        return found


def _item_size(member: IO[bytes]) -> int:
    np.lib.format.read_magic(member)
    _shape, _order, kind = np.lib.format.read_array_header_1_0(member)
    return int(kind.itemsize)
