"""The customer list of the demo, as a salesperson would bring it along: a CSV file with English and Chinese headers."""

from __future__ import annotations

import csv
import io

from inboxcrm.demo.cast import Cast, Company

FILE_NAME = "customers.csv"

_HEADERS = (
    "Company",
    "本地名称",
    "国家",
    "City",
    "Website",
    "Domain",
    "联系人",
    "职位",
    "E-mail",
    "电话",
    "Language",
    "合作状态",
    "客户等级",
    "Source",
    "Industry",
    "Products",
    "负责人",
)


def customer_list(cast: Cast, owner: str) -> str:
    """The file's text: a row for each contact of every listed customer; the good customers are `owner`'s. Who is left out of it
    is found in the mailbox.
    """
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(_HEADERS)
    for company in cast.companies:
        if not company.listed:
            continue
        products = "; ".join(cast.products[code].names["en"] for code in company.products)
        shared = company.people[0].domain != company.domain or _is_shared(cast, company.domain)
        for person in company.people:
            rows.writerow(
                (
                    company.english,
                    company.local_name if company.english == company.name else _both(company),
                    company.country,
                    company.city,
                    "" if shared else f"https://www.{company.domain}",
                    "" if shared else company.domain,
                    person.name,
                    person.title,
                    person.address,
                    person.phone,
                    company.language,
                    company.status,
                    company.grade,
                    company.source,
                    company.industry,
                    products,
                    owner if company.grade in {"A", "B"} else "",
                )
            )
    return out.getvalue()


def _is_shared(cast: Cast, domain: str) -> bool:
    """Whether several companies have their addresses there, as with a free-mail provider."""
    return sum(one.domain == domain for one in cast.companies) > 1


def _both(company: Company) -> str:
    """The name in the company's own script, and the Chinese one where that is another."""
    return company.name if company.language == "zh" else f"{company.name} {company.local_name}"
