"""The rules that a reader changes for a session, driven by Streamlit's own test runner."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dashboard.settings import Settings


def _page() -> None:
    """A page with nothing on it but the form and what it gives."""
    import streamlit as st

    from dashboard.components.rules import rules_form, rules_of_session
    from dashboard.settings import TriggerRule

    authority = (TriggerRule(episodes=3, days=90), TriggerRule(kind="overnight"))
    st.text(", ".join(rule.name for rule in rules_of_session(authority)))
    rules_form(authority)


def _opened() -> AppTest:
    app = AppTest.from_function(_page).run()
    assert not app.exception
    return app


def _pressed(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception
    return app


def test_the_authoritys_rules_come_first() -> None:
    """Before anything is changed the form shows the authority's rules, with an empty line for one more, and says nothing."""
    app = _opened()
    assert app.text[0].value == "3 in 90 days, overnight"
    assert [field.value for field in app.number_input] == [3, 90, None, None]
    assert [box.value for box in app.checkbox] == [False, True]
    assert not app.caption


def test_changed_rules_last_for_the_session() -> None:
    """What the reader sets holds from then on, is said to be the reader's own, and stands in no link."""
    app = _opened()
    app.number_input[2].set_value(5)
    app.number_input[3].set_value(30)
    app.checkbox[0].check()
    app.checkbox[1].uncheck()
    _pressed(app, "Use in this session")
    assert app.text[0].value == "3 in 90 days, 5 in 30 days, over 24 hours"
    assert "your own rules" in app.caption[0].value
    assert [field.value for field in app.number_input] == [3, 90, 5, 30, None, None]
    assert not app.query_params
    assert app.run().text[0].value == "3 in 90 days, 5 in 30 days, over 24 hours"


def test_a_line_half_filled_is_no_rule() -> None:
    """A line without days is left out, and the same rule twice is one."""
    app = _opened()
    app.number_input[2].set_value(5)
    _pressed(app, "Use in this session")
    assert app.text[0].value == "3 in 90 days, overnight"
    assert [field.value for field in app.number_input] == [3, 90, None, None]
    app.number_input[2].set_value(3)
    app.number_input[3].set_value(90)
    _pressed(app, "Use in this session")
    assert app.text[0].value == "3 in 90 days, overnight"


def test_back_to_the_authoritys_rules() -> None:
    """One button brings the authority's rules back, in the fields too."""
    app = _opened()
    app.number_input[0].set_value(4)
    _pressed(app, "Use in this session")
    assert app.text[0].value == "4 in 90 days, overnight"
    _pressed(app, "Back to the authority’s rules")
    assert app.text[0].value == "3 in 90 days, overnight"
    assert [field.value for field in app.number_input] == [3, 90, None, None]
    assert not app.caption


def test_every_usual_rule_can_be_said_in_the_form() -> None:
    """The form gives back each of the usual rules as it was, so that pressing its button unchanged changes nothing."""
    assert all(rule.days is not None or (rule.episodes, rule.kind) in ((1, "over_24h"), (1, "overnight")) for rule in Settings().triggers)
