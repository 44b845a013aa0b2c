"""What a match counts where it stands, and what of a mail is shown as evidence."""

from __future__ import annotations

import pytest

from inboxcrm.engagement.signals import THRESHOLD, Kind, Side
from tests.unit.engagement.rules_of import found, rule

ASK = rule("{ask} * {sample}")
ORDER = rule("we order", "order")


def test_the_evidence_is_the_sentence_as_it_was_written() -> None:
    [signal] = found(ASK, "Hello.\nPLEASE send us a  Sample of  DN25, thanks.\nRegards")
    assert signal.evidence == "PLEASE send us a  Sample of  DN25, thanks."
    assert (signal.kind, signal.rule, signal.place, signal.start) == (Kind.SAMPLE_REQUEST, "en.one", "text", 7)


def test_of_a_long_sentence_the_evidence_is_the_part_that_tells() -> None:
    [signal] = found(
        ASK, "we talked about it at great length in the office, " * 5 + "please send a sample, " + "and so on, " * 9
    )
    assert signal.evidence == "please send a sample"


def test_a_hard_wrapped_line_is_one_sentence() -> None:
    text = "After we had talked to our customers about it, could you\nsend us samples?"
    assert found(ASK, text)[0].evidence == text


def test_a_not_takes_back_what_follows_in_its_clause() -> None:
    needs = rule("need * {sample}")
    assert not found(needs, "We do not need the samples.")
    assert found(needs, "We do not need the price but need samples.")
    assert found(needs, "Not only do we need samples.")


def test_a_second_match_counts_where_the_first_is_taken_back() -> None:
    assert found(rule("need {sample}"), "We don't need samples of A, but of B we need samples.")


def test_what_must_be_meant_is_only_a_suggestion_after_an_if_or_in_a_question() -> None:
    assert found(ORDER, "We order 500.")[0].confidence >= THRESHOLD
    assert found(ORDER, "If it is good, we order 500.")[0].confidence < THRESHOLD
    assert found(ORDER, "May we order 500?")[0].confidence < THRESHOLD
    assert found(ORDER, "We order 500, if possible by air.")[0].confidence >= THRESHOLD
    assert found(ORDER, "Could you note that we order 500?")[0].confidence >= THRESHOLD


def test_a_request_that_is_put_off_is_only_a_suggestion() -> None:
    needs = rule("need {sample}")
    assert found(needs, "We need samples.")[0].confidence >= THRESHOLD
    assert found(needs, "Next year we need samples.")[0].confidence < THRESHOLD


def test_neighbours_must_stand_or_must_not() -> None:
    near = rule("{sample}", more='near = ["send"]\nunless = ["plan"]\nunless_mail = ["thank you for"]')
    assert found(near, "Send samples.")
    assert not found(near, "Samples.")
    assert not found(near, "Send the plan for samples.")
    assert not found(near, "Send samples. Thank you for nothing.")


def test_a_subject_counts_a_little_less_and_a_text_is_the_better_evidence() -> None:
    [signal] = found(rule("{sample}"), "Regards", subject="Sample DN25")
    assert (signal.place, signal.evidence) == ("subject", "Sample DN25")
    assert signal.confidence == pytest.approx(0.81)
    assert found(rule("{sample}"), "A sample.", subject="Sample DN25")[0].place == "text"


def test_a_rule_can_leave_subjects_alone() -> None:
    assert not found(rule("{sample}", more="subject = false"), "", subject="Sample DN25")


def test_a_slip_of_the_finger_is_forgiven_and_the_evidence_stays_as_written() -> None:
    for written in ("smaple", "sampple", "smple"):
        assert found(ASK, f"Please, one {written} of DN25!")[0].evidence == f"Please, one {written} of DN25!"
    assert not found(ASK, "Please, one simple thing.")


def test_rules_for_our_mail_are_not_applied_to_the_customers() -> None:
    sent = rule("{sample} sent", "sample_sent")
    assert found(sent, "Samples sent.", side=Side.US)
    assert not found(sent, "Samples sent.")


def test_in_a_pitch_nothing_counts_but_the_wish_to_get_no_more_mail() -> None:
    rules = ASK + '[[rule]]\nid = "two"\nkind = "pitch"\nany = ["seo"]\nexamples = ["-"]\n'
    rules += '[[rule]]\nid = "three"\nkind = "unsubscribe"\nany = ["unsubscribe"]\nexamples = ["-"]\n'
    kinds = {
        one.kind for one in found(rules, "We do SEO. Please send a sample. Unsubscribe.") if one.confidence >= THRESHOLD
    }
    assert kinds == {Kind.UNSUBSCRIBE}


def test_rules_that_agree_make_each_other_surer() -> None:
    two = ASK + rule("of each colour").replace('"one"', '"two"')
    assert found(two, "Please, samples of each colour.")[0].confidence > found(ASK, "Please, samples.")[0].confidence


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("Please send us:\n- the price\n- two samples of DN25", "two samples of DN25"),
        ("Please send us the following: 1. price list for Spain 2. two samples 3. the drawing.", "two samples"),
        ("Please prepare: the price list of the whole range and all colours, free samples", "free samples"),
        ("Please send\n\n* price\n\n* samples", "samples"),
    ],
)
def test_an_item_of_a_list_is_read_together_with_its_heading(text: str, evidence: str) -> None:
    assert found(ASK, text)[0].evidence == evidence


def test_a_not_in_the_heading_takes_back_the_items() -> None:
    assert not found(rule("need * {sample}"), "We do not need:\n- samples\n- a catalogue")


def test_what_ends_a_list_has_no_heading() -> None:
    assert not found(ASK, "Please confirm:\n- the address\n\nThe matter of the samples is closed.")


def test_excluded_neighbours_take_back_only_what_is_said_with_them() -> None:
    unless = rule("{ask} * {sample}", more='unless = ["invoice"]')
    assert not found(unless, "Please send the sample invoice.")
    assert found(unless, "The invoice is wrong, but please send the samples.")


def test_a_question_behind_a_statement_asks_for_something_else() -> None:
    assert found(ORDER, "We order 500, when do you ship?")[0].confidence >= THRESHOLD
    assert found(ORDER, "Shall we order 500, dear Lina?")[0].confidence < THRESHOLD


def test_a_mail_that_has_only_a_subject_says_it_as_surely_as_a_text() -> None:
    asks = rule("{sample}")
    assert (
        found(asks, "", subject="Sample DN25")[0].confidence > found(asks, "Hi.", subject="Sample DN25")[0].confidence
    )


def test_mail_addresses_and_links_hold_no_words() -> None:
    assert not found(ASK, "Please write to lina@sample.example or look at https://sample.example/sample.")
