"""`inboxcrm templates`: which texts there are, how they read, and which can't be written, with file, line and variable."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from inboxcrm.cli import application
from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.model import FollowUp
from inboxcrm.model.database import writing
from inboxcrm.model.followup import Action
from tests.cast import Office
from tests.servers.tables import new_sqlite

NUMBER = "Subject: x\n\n{{ salutation }}\n\nQuotation {{ quote.number }}.\n"


def run(home: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and everything printed."""
    result = CliRunner().invoke(application(), ["--home", str(home), "templates", *arguments])
    return result.exit_code, result.output


def own(home: Path, name: str, language: str, text: str) -> Path:
    path = home / "templates" / "followup" / name / f"{language}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return new_sqlite(tmp_path / "inboxcrm.db")


def test_the_shipped_texts_can_all_be_written_for_anybody(tmp_path: Path, engine: Engine) -> None:
    Office(engine).customer()
    assert run(tmp_path, "check") == (0, "Every text can be written.\n")


def test_a_mistake_is_named_with_file_line_and_variable(tmp_path: Path) -> None:
    path = own(tmp_path, "quoted", "de", "Subject: x\n\n{{ custommer.name }}\n")
    code, output = run(tmp_path, "check", "--customers", "0")
    assert code == 1
    assert f"{path}, line 3: custommer.name: there is no such variable\n" in output


def test_a_text_that_not_everybody_can_get_is_noted_with_the_customers(tmp_path: Path, engine: Engine) -> None:
    office = Office(engine)
    office.customer("Nordlicht")
    office.customer("Andina", ["carlos@andina.mx"])
    path = own(tmp_path, "quoted", "en", NUMBER)
    code, output = run(tmp_path, "check")
    assert code == 0
    assert f"{path}, line 5: quote.number isn't known here" in output
    assert "(Nordlicht and 1 more customer)" in output


def test_a_planned_mail_that_can_not_be_written_is_serious(tmp_path: Path, engine: Engine) -> None:
    customer = Office(engine).customer("Nordlicht")
    own(tmp_path, "quoted", "en", NUMBER)
    with writing(engine) as session:
        session.add(
            FollowUp(
                customer_id=customer,
                anchor="hand:1",
                stage="quoted",
                step=1,
                action=Action.MAIL,
                template="quoted",
                due_at=datetime.now(UTC) + timedelta(days=3),
                reasons=[],
                created_at=datetime.now(UTC),
            )
        )
    code, output = run(tmp_path, "check", "--json")
    assert code == 1
    (first, *_rest) = json.loads(output)
    assert (first["line"], first["name"], first["serious"]) == (5, "quote.number", True)
    assert first["customers"] == ["Nordlicht"]


def test_templates_are_listed_with_their_languages(tmp_path: Path) -> None:
    own(tmp_path, "price_rise", "nl", NUMBER)
    _code, output = run(tmp_path, "list", "--json")
    found = {one["name"]: one["languages"] for one in json.loads(output)}
    assert [one["language"] for one in found["sample_sent"]] == list(LANGUAGES)
    assert found["sample_sent"][0]["texts"] >= 3
    assert found["price_rise"][0]["own"] is True
    code, output = run(tmp_path, "list")
    assert code == 0
    assert "price_rise" in output


def test_a_template_is_shown_as_a_customer_would_read_it(tmp_path: Path, engine: Engine) -> None:
    Office(engine).customer("Nordlicht")
    code, output = run(tmp_path, "show", "quoted", "de")
    assert code == 0
    assert "Sehr geehrte Frau Dr. Schmidt," in output
    _code, output = run(tmp_path, "show", "quoted", "de", "--customer", "Nordlicht", "--json")
    assert json.loads(output)[0]["body"].startswith("Guten Tag Anna,")
    _code, output = run(tmp_path, "show", "quoted", "de", "--source")
    assert output.startswith("Subject: ")
    code, _output = run(tmp_path, "show", "quoted", "nl")
    assert code == 1
