"""Schemas that strangers wrote."""

from __future__ import annotations

import time

from ai_interaction_module_flask.argument_check import problem_with


def test_what_does_not_fit_is_named() -> None:
    schema = {"type": "object", "properties": {"day": {"type": "string", "pattern": "^[a-z]+$"}}, "required": ["day"]}
    assert problem_with({"day": "friday"}, schema) == ""
    assert problem_with({}, schema) == "'day' is a required property"
    assert problem_with({"day": "13"}, schema).startswith("day: ")


def test_a_pattern_that_takes_for_ever_takes_no_time() -> None:
    schema = {"properties": {"day": {"pattern": "^(a+)+$"}}}
    began = time.process_time()
    assert problem_with({"day": "a" * 40 + "!"}, schema)
    assert time.process_time() - began < 1
    assert problem_with({"day": "x"}, {"properties": {"day": {"pattern": "(?=x)x"}}})


def test_nothing_is_fetched_and_nothing_breaks() -> None:
    for schema in (
        {"$ref": "http://127.0.0.1:9/schema.json"},
        {"$ref": "#/nowhere"},
        {"$ref": "#"},
        {"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False},
        {"type": 7},
        {"properties": 3},
    ):
        assert problem_with({"day": "x"}, schema), schema
