"""A customer list comes in whole or not at all, however it was written, and a second time without doubling."""

from __future__ import annotations

import contextlib
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from inboxcrm.customers import file
from inboxcrm.customers.columns import COLUMNS, folded, is_known, read_rows
from inboxcrm.customers.importing import Report, import_customers
from inboxcrm.customers.provenance import sources
from inboxcrm.customers.table import Table, TableError, decoded, read_table
from inboxcrm.journal.search import search
from inboxcrm.model import Contact, ContactAddress, Customer, CustomerDomain, Grade, Status
from inboxcrm.model.database import looking, writing
from tests.cast import ANNA, BY_LINA, UNKNOWN, Office, mail


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def imported(office: Office, path: Path, **how: bool) -> Report:
    with writing(office.engine) as session:
        return import_customers(session, path, BY_LINA, **how)


def written(folder: Path, text: str, encoding: str = "utf-8", name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def everyone(office: Office) -> dict[str, tuple[str, list[str], list[str]]]:
    with looking(office.engine) as session:
        return {
            one.name: (
                one.country,
                sorted(known.domain for known in one.domains),
                sorted(address.written for contact in one.contacts for address in contact.addresses),
            )
            for one in session.scalars(select(Customer))
        }


def test_the_plain_list_of_company_domain_country_emails(office: Office, tmp_path: Path) -> None:
    path = written(
        tmp_path, "company,domain,country,emails\nNordlicht GmbH,nordlicht.de,DE,anna@nordlicht.de;max@nordlicht.de\n"
    )
    report = imported(office, path)
    assert (report.is_done, report.created, report.contacts, report.addresses) == (True, 1, 2, 2)
    assert everyone(office) == {"Nordlicht GmbH": ("DE", ["nordlicht.de"], ["anna@nordlicht.de", "max@nordlicht.de"])}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_chinese_headers_in_any_encoding_and_with_any_delimiter(
    office: Office, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    rows = [
        ["邮箱", "客户等级", "公司名称", "国家", "合作状态", "联系人", "标签"],
        ["anna@nordlicht.de", "A级", "北光照明", "德国", "跟进中", "安娜", "展会、重点"],
    ]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    report = imported(office, written(tmp_path, text, encoding))
    assert report.problems == []
    with looking(office.engine) as session:
        customer = session.scalars(select(Customer)).one()
        assert (customer.name, customer.country, customer.grade, customer.status) == (
            "北光照明",
            "DE",
            Grade.A,
            Status.FOLLOWING,
        )
        assert customer.tags == ["展会", "重点"]
        assert [contact.name for contact in customer.contacts] == ["安娜"]
        assert [hit.name for hit in search(session, "照明").customers] == ["北光照明"]


def test_a_western_file_from_an_old_program_keeps_its_umlauts(office: Office, tmp_path: Path) -> None:
    imported(office, written(tmp_path, "Company;Country;City\nMöbel Grün KG;Österreich;Köln\n", "cp1252"))
    assert everyone(office)["Möbel Grün KG"][0] == "AT"


def test_a_spreadsheet_with_numbers_and_empty_rows(office: Office, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Company Name", "Phone", "E-mail", "Founded"],
        [],
        ["Acme", 4940123456, "joe@acme.com", 1999],
        [None] * 4,
    ):
        sheet.append(row)
    book.save(tmp_path / "list.xlsx")
    imported(office, tmp_path / "list.xlsx")
    with looking(office.engine) as session:
        customer = session.scalars(select(Customer)).one()
        assert (customer.phones, customer.founded) == (["4940123456"], "1999")


def test_every_bad_line_is_named_and_nothing_is_half_imported(office: Office, tmp_path: Path) -> None:
    text = "company,country,email,grade\nGood,DE,a@good.de,A\n,FR,b@b.fr,\nBad,Atlantis,x@@y,Q\nMore,DE,c@more.de,A,extra\n"
    path = written(tmp_path, text)
    report = imported(office, path)
    assert [(one.line, one.column, one.value) for one in report.problems] == [
        (3, "company", ""),
        (4, "country", "Atlantis"),
        (4, "email", "x@@y"),
        (4, "grade", "Q"),
        (5, "5", "extra"),
    ]
    assert everyone(office) == {}
    assert imported(office, path, skip_bad=True).created == 1
    assert list(everyone(office)) == ["Good"]


def test_a_line_number_counts_lines_of_the_file_even_after_cells_with_line_breaks(
    office: Office, tmp_path: Path
) -> None:
    path = written(tmp_path, 'company,notes,country\nA,"one\ntwo",DE\nB,x,Nowhere\n')
    assert [problem.line for problem in imported(office, path).problems] == [4]


def test_a_list_without_company_column_is_refused_in_words(office: Office, tmp_path: Path) -> None:
    report = imported(office, written(tmp_path, "colour,size\nred,5\n"))
    assert "公司名称" in report.problems[0].expected


@pytest.mark.parametrize("name", ["list.pdf", "empty.csv", "missing.csv", "broken.xlsx"])
def test_a_file_that_is_no_table_is_named(office: Office, tmp_path: Path, name: str) -> None:
    if name != "missing.csv":
        written(tmp_path, "" if name == "empty.csv" else "no zip file", name=name)
    with pytest.raises(TableError, match=name):
        imported(office, tmp_path / name)


def test_the_same_list_again_changes_nothing(office: Office, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "company,domain,country,emails,contact,notes\nA,a.de,DE,x@a.de;y@a.de,Xaver,hi\nB,b.fr,FR,z@b.fr,Zoe,\n",
    )
    imported(office, path)
    before = everyone(office)
    report = imported(office, path)
    assert (report.created, report.updated, report.unchanged, report.contacts, report.addresses) == (0, 0, 2, 0, 0)
    assert everyone(office) == before


def test_a_newer_list_updates_by_name_address_or_domain(office: Office, tmp_path: Path) -> None:
    imported(
        office, written(tmp_path, "company,domain,email,country\nAcme,acme.com,joe@acme.com,\nBeta Ltd,beta.co.uk,,\n")
    )
    report = imported(
        office,
        written(
            tmp_path,
            "company,domain,email,country\nACME Inc,,joe@acme.com,US\nBeta Limited,beta.co.uk,new@beta.co.uk,GB\n",
        ),
    )
    assert (report.created, report.updated) == (0, 2)
    assert everyone(office) == {
        "ACME Inc": ("US", ["acme.com"], ["joe@acme.com"]),
        "Beta Limited": ("GB", ["beta.co.uk"], ["new@beta.co.uk"]),
    }


def test_another_company_of_the_same_group_domain_is_not_mixed_up(office: Office, tmp_path: Path) -> None:
    imported(office, written(tmp_path, "company,domain\nSiemer Pumps,group.com\n"))
    assert imported(office, written(tmp_path, "company,domain\nHolzer Valves,group.com\n")).created == 1
    assert len(everyone(office)) == 2


def test_what_a_person_wrote_is_kept_and_reported(office: Office, tmp_path: Path) -> None:
    path = written(tmp_path, "company,industry,size\nAcme,Shoes,50\n")
    with writing(office.engine) as session:
        file.create_customer(session, "Acme", BY_LINA, {"industry": "Valves"})
    report = imported(office, path)
    assert [(one.column, one.value) for one in report.kept] == [("industry", "Shoes")]
    with looking(office.engine) as session:
        customer = session.scalars(select(Customer)).one()
        assert (customer.industry, customer.size) == ("Valves", "50")
        assert sources(session, customer)["size"].by == "lina (list.csv)"


def test_several_lines_of_one_company_are_one_customer_with_several_contacts(office: Office, tmp_path: Path) -> None:
    imported(
        office, written(tmp_path, "公司名称,联系人,邮箱,职位\nAcme,Joe,joe@acme.com,CEO\nacme,Ann,ann@acme.com,Buyer\n")
    )
    with looking(office.engine) as session:
        people = session.execute(select(Contact.name, Contact.title, ContactAddress.written).join(ContactAddress)).all()
    assert set(people) == {("Joe", "CEO", "joe@acme.com"), ("Ann", "Buyer", "ann@acme.com")}
    assert list(everyone(office)) == ["Acme"]


def test_a_free_mail_domain_is_left_out_with_a_note(office: Office, tmp_path: Path) -> None:
    report = imported(office, written(tmp_path, "company,domain,email\nSam,gmail.com,sam@gmail.com\n"))
    assert [note.value for note in report.notes] == ["gmail.com"]
    with looking(office.engine) as session:
        assert session.scalar(select(func.count()).select_from(CustomerDomain)) == 0


def test_an_unknown_column_becomes_a_custom_field(office: Office, tmp_path: Path) -> None:
    imported(office, written(tmp_path, "company,WeChat ID\nAcme,acme_joe\n"))
    with looking(office.engine) as session:
        assert session.scalars(select(Customer.custom)).one() == {"WeChat ID": "acme_joe"}


def test_a_dry_run_tells_the_same_and_writes_nothing(office: Office, tmp_path: Path) -> None:
    path = written(tmp_path, "company,email\nAcme,joe@acme.com\nBeta,z@b.fr\n")
    told = imported(office, path, dry_run=True)
    assert everyone(office) == {}
    done = imported(office, path)
    assert (told.created, told.contacts, told.addresses) == (done.created, done.contacts, done.addresses)
    assert (told.is_done, done.is_done) == (False, True)


def test_older_mails_enter_the_log_with_the_import(office: Office, tmp_path: Path) -> None:
    office.take(mail(UNKNOWN, subject="Old"), mail("max@nordlicht.de", subject="By domain"))
    path = written(tmp_path, f"company,email,domain\nNewcomer,{UNKNOWN},\nNordlicht,{ANNA},nordlicht.de\n")
    assert len(imported(office, path).recorded.entries) == 2


def test_no_header_means_two_things() -> None:
    meaning: dict[str, str] = {}
    for key, names in COLUMNS.items():
        for name in names.split(","):
            assert meaning.setdefault(folded(name), key) == key


@given(
    st.lists(
        st.sampled_from(["company", "邮箱", "country", "domain", "?", "contact", "grade", ""]), min_size=1, max_size=6
    ),
    st.lists(st.lists(st.text(max_size=12), max_size=7), max_size=6),
)
def test_any_table_is_read_or_explained(headers: list[str], rows: list[list[str]]) -> None:
    table = Table(tuple(headers), tuple((line, tuple(cells)) for line, cells in enumerate(rows, 2)))
    found = read_rows(table)
    assert all(row.name for row in found.rows)
    assert all(str(problem) for problem in found.problems)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_table_error(tmp_path: Path, raw: bytes) -> None:
    decoded(raw)
    path = tmp_path / "any.csv"
    path.write_bytes(raw)
    with contextlib.suppress(TableError):
        read_rows(read_table(path, is_known))
