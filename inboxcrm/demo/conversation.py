"""A story put to a customer: keeps who said what, and writes the next mail as that person's mail program would."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from inboxcrm.demo.cast import Cast, Company, Person, dice
from inboxcrm.demo.hours import in_working_hours, utc
from inboxcrm.demo.letters import INBOX, SENT, Envelope, Letter, build, new_message_id
from inboxcrm.demo.papers import paper
from inboxcrm.demo.phrases import greeting_to_customer, greeting_to_lina, lina_signs_off, phrases, sign_off
from inboxcrm.demo.programs import Body, Quoted, lay_out, paragraphs, quote_marks
from inboxcrm.demo.slots import Deal, fill
from inboxcrm.demo.stories import Step, Story

_FORWARDER = Person("Mei Tang", "f", "Operations", "ops@blueheron-forwarding.example", "+86 574 5550 0301", known=False)
_PREFIX = re.compile(r"^(?:re|aw|回复|sv)\s*[::]\s*", re.IGNORECASE)
_PREFIXES = {("outlook", "de"): "AW: ", ("qq", "zh"): "回复:", ("outlook", "es"): "RE: ", ("outlook", "fr"): "RE: "}
_DEEPEST_QUOTE = 3


@dataclass(frozen=True, slots=True)
class _Said:
    """A mail of the conversation, as it will be quoted."""

    writer: Person
    to: Person
    at: datetime
    subject: str
    message_id: str
    body: Body
    top: Body
    depth: int
    said: str


class Conversation:
    """One story with one company. `write` must be called in the order of time; what it makes depends on `key` alone."""

    def __init__(
        self, cast: Cast, story: Story, deal: Deal, key: str, times: tuple[datetime, ...], *, warm: bool
    ) -> None:
        """`times` are the planned moments (aware UTC) of the steps; `warm`: they know each other already."""
        self.story = story
        self.company: Company = deal.company
        self.key = key
        self._cast = cast
        self._deal = deal
        self._times = times
        self._warm = warm
        self._chance = dice("conversation", key)
        self._mails: list[_Said] = []
        self._thread_start = 0

    @property
    def planned(self) -> datetime | None:
        """When the next mail is due; None when everything is said."""
        return self._times[len(self._mails)] if len(self._mails) < len(self._times) else None

    @property
    def last_at(self) -> datetime | None:
        """When the last mail was written; None before the first."""
        return self._mails[-1].at if self._mails else None

    def write(self, at: datetime) -> Letter:
        """The next mail, written at `at` (aware UTC).

        Raises IndexError when everything is said.
        """
        step = self.story.steps[len(self._mails)]
        if step.subject:
            self._thread_start = len(self._mails)
        thread = self._mails[self._thread_start :]
        last = thread[-1] if thread else None
        language = step.language or self.story.language
        writer, to, cc = self._people(step)
        ours = step.by == "us"
        zone = ZoneInfo(self._cast.seller.zone if ours else self.company.zone)
        local = at.astimezone(zone)
        program = "foxmail" if ours else "outlook" if step.by == "forwarder" else self.company.mail_program

        core = fill(step.text, self._deal, language, local, self._chance)
        text, signature = self._clothed(step, core, language, writer, to)
        quoted = _quote(last, zone) if last else None
        if step.inline and last and quoted:
            answers = [fill(one, self._deal, language, local, self._chance) for one in step.inline]
            body = _inline(f"{text}\n\n{signature}", answers, last.said, _lead(language, quoted))
            core = "\n".join((core, *answers))
        else:
            body = lay_out(program, language, text, signature, quoted)
        subject = self._subject(step, last, program, language, local)
        message_id = new_message_id(writer.domain, self.key, len(self._mails), at.isoformat())
        files = [paper(step.attach, self._deal, ours=ours, language=language)] if step.attach else []
        html_only = not ours and program == "outlook" and not step.inline and self._chance.random() < 0.4
        envelope = Envelope(writer, (to,), local, subject, cc=cc, references=tuple(one.message_id for one in thread))
        raw = build(
            envelope, body, message_id, self._cast.seller, program=program, language=language, papers=files,
            plain=not html_only,
        )  # fmt: skip
        top = lay_out(program, language, text, signature, None)
        depth = last.depth + 1 if last else 0
        self._mails.append(_Said(writer, to, at, subject, message_id, body, top, depth, core))
        return Letter(
            SENT if ours else INBOX, utc(at), raw, message_id, writer, (to, *cc),
            subject, core, language, self.company.key, "talk",
        )  # fmt: skip

    def _people(self, step: Step) -> tuple[Person, Person, tuple[Person, ...]]:
        """Who writes, to whom, and who gets a copy."""
        lina = self._cast.seller.person
        people = self.company.people
        if step.by != "us":
            writer = {
                "them": people[0],
                "them2": people[1] if len(people) > 1 else people[0],
                "colleague": self.company.unknown or people[0],
                "forwarder": _FORWARDER,
            }[step.by]
            sales = Person(lina.name, "f", "", self._cast.seller.aliases[0], "")
            to = sales if not self._mails and not self._warm and self._chance.random() < 0.4 else lina
            return writer, to, (people[0],) if writer is not people[0] else ()
        spoke = [one.writer for one in self._mails if one.writer.address != lina.address]
        to = spoke[-1] if spoke else people[0]
        return lina, to, (people[0],) if to is not people[0] else ()

    def _clothed(self, step: Step, core: str, language: str, writer: Person, to: Person) -> tuple[str, str]:
        """The text with greeting and closing, and the signature."""
        if step.by == "us":
            greeting = greeting_to_customer(to, language, self._chance, friendly=self._warm)
            closing, signature = lina_signs_off(self._cast.seller, language, self._chance)
        else:
            greeting = greeting_to_lina(language, self._chance)
            closing, signature = sign_off(writer, self.company, language, self._chance)
            if step.by == "forwarder":
                closing, signature = phrases(language).bye[0], f"{writer.name}\nBlue Heron Forwarding\n{writer.phone}"
        if step.bare:
            return core, ""
        return f"{greeting}\n\n{core}\n\n{closing}", signature

    def _subject(self, step: Step, last: _Said | None, program: str, language: str, local: datetime) -> str:
        if last is None:
            return fill(step.subject or self.story.subject, self._deal, language, local, self._chance)
        return _PREFIXES.get((program, language), "Re: ") + _PREFIX.sub("", last.subject)


def _quote(mail: _Said, zone: ZoneInfo) -> Quoted:
    body = mail.body if mail.depth < _DEEPEST_QUOTE else mail.top
    return Quoted(
        mail.writer.name, mail.writer.address, mail.to.name, mail.to.address, mail.at.astimezone(zone), mail.subject,
        body.plain, body.html or paragraphs(body.plain, ""),
    )  # fmt: skip


def _lead(language: str, quoted: Quoted) -> str:
    """The line that introduces a quoted mail in plain text."""
    return lay_out("thunderbird", language, "", "", quoted).plain.split("\n", 1)[0]


def _inline(text: str, answers: list[str], asked: str, lead: str) -> Body:
    """A mail that answers between the lines of the mail before, in plain text: the greeting and first words of `text`, the
    paragraphs of `asked`, each with its answer, and the rest of `text`.
    """
    greeting, first, rest = text.split("\n\n", 2)
    parts = [part for part in asked.split("\n\n") if part]
    blocks = [greeting, first, lead]
    for number, part in enumerate(parts):
        blocks.append(quote_marks(part))
        blocks += answers[number:] if number == len(parts) - 1 else answers[number : number + 1]
    return Body("\n\n".join((*blocks, rest)).rstrip(), "")


def plan_times(
    story: Story, company: Company, seller_zone: str, chance: random.Random, *, starts: datetime
) -> tuple[datetime, ...]:
    """The moments (aware UTC) of a story's mails, from `starts` on, each in its writer's working hours."""
    times: list[datetime] = []
    at = starts
    for step in story.steps:
        at += timedelta(days=step.after * chance.uniform(0.85, 1.2), minutes=chance.randrange(11, 70))
        zone, country = (seller_zone, "CN") if step.by == "us" else (company.zone, company.country)
        at = in_working_hours(at, zone, country, chance, always=step.bare)
        at = utc(at)
        times.append(at)
    return tuple(times)
