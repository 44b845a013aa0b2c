"""The same mail gives the same signals with the same evidence in every process, however Python orders its sets there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

_LOOK = """
import json
from inboxcrm.engagement.finder import Letter
from inboxcrm.engagement.rulebook import rulebook
from inboxcrm.reading.language import detect
from tests.signals import labels
found = []
for language in ("en", "ar"):
    for mail in labels.load(language)[:40]:
        signals = rulebook().finder.find(Letter(mail.subject, mail.text, detect(mail.text), mail.side))
        found.append([mail.id, [(one.kind, one.evidence, one.rule, round(one.confidence, 6)) for one in signals]])
print(json.dumps(found))
"""


def looked(project: Path, seed: str) -> list[object]:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run([sys.executable, "-c", _LOOK], cwd=project, env=environment, capture_output=True, check=True)
    found: list[object] = json.loads(done.stdout)
    return found


def test_the_order_of_sets_decides_nothing(project: Path) -> None:
    assert looked(project, "1") == looked(project, "2")
