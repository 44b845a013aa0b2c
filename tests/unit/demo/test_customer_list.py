"""The customer list of the demo is a file as people have them."""

import csv
import io

from inboxcrm.demo.cast import cast
from inboxcrm.demo.customer_list import customer_list


def rows():
    return list(csv.DictReader(io.StringIO(customer_list(cast(), "Lina"))))


def test_each_listed_contact_has_a_row_and_nobody_else():
    listed = {person.address for one in cast().companies if one.listed for person in one.people}
    assert {row["E-mail"] for row in rows()} == listed


def test_headers_are_english_and_chinese():
    headers = list(rows()[0])
    assert any(header.isascii() for header in headers)
    assert any(not header.isascii() for header in headers)


def test_customers_with_a_free_mail_address_have_no_domain():
    shared = [row for row in rows() if row["E-mail"].endswith("@correolibre.example")]
    assert len(shared) == 3
    assert all(not row["Domain"] for row in shared)
