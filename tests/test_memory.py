"""Nothing of a history stays in memory once it was lived: whoever learns lives thousands."""

import gc
import weakref

import numpy as np

from sim.model import AlignmentModel


def test_a_dismissed_model_is_gone():
    model = AlignmentModel("march-2023", seed=1, members=3)
    model.step()
    watched = [weakref.ref(model.between), weakref.ref(model.conditions), weakref.ref(model)]
    array = weakref.ref(np.asarray(model.between.lean).base)
    model.dismiss()
    del model
    gc.collect()
    assert [seen() for seen in watched] == [None, None, None]
    assert array() is None
