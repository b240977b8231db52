"""A text that a wipe tool wrote is a deletion, and any other text is an edit."""

import pytest

from reddit_archive.history import overwrites
from tests.support.histories import DELETED, comment, merge

REDACT = "*This post was mass deleted and anonymized with [Redact](https://redact.dev/home)*"
LONG = "I kept the third loaf, and it was the best of all."


@pytest.mark.parametrize(
    "text",
    [
        f"market school yoke pet attempt bells nine file birds plant\n\n{REDACT}",
        f"{REDACT}\n\nchubby insurance salt literate imagine squash consider employ elastic busy",
        "ripe sable shy market fade `this message was mass deleted/edited with redact.dev`",
        "long capable subtract cautious existence forgetful divide grandiose run fear",
        "Edited with [Power Delete Suite](https://github.com/j0be/PowerDeleteSuite)",
        "I have been Shreddited for privacy!",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
        "This comment has been overwritten by an open source script to protect this user.",
        "deleted ^^^^^^^^^^^^^^^^0.8683 [What is this?](https://pastebin.com/FcrFs94k/21467)",
        "[Comment removed by user]",
        ".",
    ],
)
def test_overwritten__is_a_deletion(text: str) -> None:
    merged = merge([comment(body=LONG)], [comment(body=text)]).comments["a"]
    assert (merged.body, merged.deletion_status, merged.is_preserved) == (
        LONG,
        "overwritten",
        True,
    )


@pytest.mark.parametrize(
    "text",
    [
        f"{LONG} EDIT: spelling.",
        "EDIT: it was the fourth loaf, not the third.",
        "new york pizza is the best pizza",
        "never use redact, it is a scam",
        "Thanks!",
        "flour, water, salt, yeast, time, heat, patience",
        "I used Power BI to delete this suite of dashboards.",
        "preheat oven, fold dough twice",
        f"{LONG}\n\nEdit: the comment below was deleted with Power Delete Suite.",
        f"I kept the third loaf, it was the best of all, that is. Its answer: {REDACT}",
        f"> {REDACT}\n\nWhat is that, which I see everywhere?",
        "thanks everyone great advice really appreciate all",
    ],
)
def test_overwritten__not_an_edit(text: str) -> None:
    merged = merge([comment(body=LONG)], [comment(body=text)]).comments["a"]
    assert (merged.body, merged.deletion_status) == (text, None)


@pytest.mark.parametrize(
    ("previous", "text"),
    [
        (
            "Je pense que c'est la meilleure recette.",
            "tout monde devrait essayer cela une fois avant mourir",
        ),
        (
            "Ich habe es nie so richtig verstanden.",
            "vielleicht sollten wir das einfach mal zusammen ausprobieren",
        ),
        (
            "La migliore che abbia mai mangiato.",
            "forse tutti dicono quello perche sembra meglio adesso",
        ),
        (
            "No me gusta, no entiendo por qué lo dicen.",
            "creo que todos deberian probarlo alguna vez antes",
        ),
        ("Ik begrijp er echt niets van.", "snap niet waarom iedereen dat toch zoveel beter vindt"),
        ("Não é tão bom assim.", "nunca entendi direito essa coisa mas obrigado mesmo"),
        ("Det smakar ingenting alls.", "fattar inte varfor alla gillar det har just nufortiden"),
        ("Enaknya biasa saja menurutku.", "saya tidak tahu kenapa harus begitu tapi sudah selesai"),
        ("Masarap naman po ito.", "hindi alam kung bakit ganito ang nangyari dito kanina"),
        ("Bahut accha laga yaar.", "mujhe nahi pata yeh kaise hota hai bhai abhi"),
        ("Tuzu biraz çok olmuş.", "bilmiyorum neden herkes bunu kadar seviyor yine"),
        ("Nem rossz, de nem is jó.", "szerintem mindenki szereti ezt mert nagyon finom kenyer"),
        ("Sijui kwa nini mnasema hivyo.", "nadhani watu wengi wanapenda chakula hiki sana leo"),
    ],
)
def test_overwritten__not_an_edit_in_another_language(previous: str, text: str) -> None:
    merged = merge([comment(body=previous)], [comment(body=text)]).comments["a"]
    assert (merged.body, merged.deletion_status) == (text, None)


def test_overwritten__not_a_text_about_a_tool() -> None:
    previous = "Does Power Delete Suite still work?"
    text = "Does it? Edit: see, this was edited with Power Delete Suite, so yes."
    assert merge([comment(body=previous)], [comment(body=text)]).comments["a"].body == text


def test_overwritten__not_without_a_previous_text() -> None:
    merged = merge([comment(body="Lorem ipsum dolor sit amet")]).comments["a"]
    assert (merged.body, merged.deletion_status) == ("Lorem ipsum dolor sit amet", None)


def test_overwritten__then_deleted() -> None:
    merged = merge(
        [comment(body=LONG)], [comment(body=f"x {REDACT}")], [comment(**DELETED)]
    ).comments["a"]
    assert (merged.body, merged.deletion_status) == (LONG, "deleted")


def test_overwritten__fault_judges_other_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overwrites, "MIN_COMMON_SHARE", 0)
    with pytest.raises(AssertionError):
        test_overwritten__not_an_edit_in_another_language(
            "La migliore che abbia mai mangiato.",
            "forse tutti dicono quello perche sembra meglio adesso",
        )
