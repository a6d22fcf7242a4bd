"""From what the files of a scenario say to the scenario.

What has been checked is put together by `model_construct`, which checks nothing again: it would cost each command a
tenth of its start.
"""

from __future__ import annotations

import re

from sim.catalogue import WAYS
from sim.scenario.draft import Draft
from sim.scenario.file_format import FileEvent
from sim.scenario.model import Belief, Change, Event, Question, Scenario


def resolved(draft: Draft, *, name: str | None = None) -> Scenario:
    """Return the scenario that a checked draft states.

    Parameters
    ----------
    name: what to call it; else the name of the file that was read, as a slug.
    """
    header = {key: value for key, (value, _) in draft.header.items()}
    return Scenario.model_construct(
        **header,
        name=name or _slug(draft.chain[0].path.stem),
        parameters={
            parameter: Belief.model_construct(prior=belief.prior, source=belief.source)
            for parameter, (belief, _) in draft.beliefs.items()
        },
        events=tuple(_event(event) for event, _ in draft.events),
        questions=tuple(
            Question.model_construct(**vars(question)) for question, _ in draft.questions.values()
        ),
        chain=tuple(source.path.name for source in draft.chain),
    )


def _event(stated: FileEvent) -> Event:
    changes = tuple(
        Change.model_construct(
            quantity=quantity, how=how, value=value if isinstance(value, str) else float(value)
        )
        for how in WAYS
        for quantity, value in getattr(stated, how).items()
    )
    return Event.model_construct(date=stated.date, until=stated.until, changes=changes, source=stated.source)


def _slug(stem: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:80] or "scenario"
