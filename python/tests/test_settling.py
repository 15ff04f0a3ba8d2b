"""States of every sweep, against Equilibrium Propagation written anew in numpy."""

import eqprop
import numpy as np
import pytest

NETWORK = dict(name="loop", layers=[5, 7, 4, 3], dynamics={"k": 1}, phases={"beta": 0.25, "nudging": "symmetric"})


def step(layer, states, weights, biases, strength, target, k):
    """The next states of a layer: each moves by 2^−k of the way to what drives it."""
    drive = weights[layer - 1] @ states[layer - 1] + biases[layer - 1]
    if layer < len(weights):
        drive = drive + weights[layer].T @ states[layer + 1]
    force = drive - states[layer]
    if layer == len(weights):
        force = force + strength * (target - states[layer])
    return np.clip(states[layer] + 2.0**-k * force, 0, 1)


@pytest.mark.parametrize("nudging", ["positive", "random_sign", "symmetric"])
def test_every_sweep_is_within_half_a_step_of_a_loop_in_numpy(nudging):
    network = eqprop.Network(**{**NETWORK, "phases": {"beta": 0.25, "nudging": nudging}})
    weights = network.initial_weights(seed=3)
    rng = np.random.default_rng(2)
    x, y = rng.random((6, 5)), rng.random((6, 3))
    w = [weights[name].astype(float) for name in network.blocks]
    b = [weights[name].astype(float) for name in weights if name.startswith("b.")]
    half = 0.5 * 2.0 ** -network.config["formats"]["state_fraction"]
    signs = set()
    for one in eqprop.settle(network, weights, x, y):
        cut = lambda row: [one.input, *(row[place] for place in network.slices.values())]
        signs.add(one.sign)
        rest = np.zeros(14)
        for phase, sign in (("free", 0), ("nudged", one.sign), ("nudged_minus", -1)):
            states = getattr(one, phase)
            if phase == "nudged_minus" and nudging != "symmetric":
                assert states is None
                continue
            now = cut(rest)
            for after in map(cut, states):
                # Layer after layer; each rounds once, and the next one hears what was rounded.
                for layer in (1, 2, 3):
                    expected = step(layer, now, w, b, sign * 0.25, one.target, k=1)
                    assert np.abs(after[layer] - expected).max() <= half
                    now[layer] = after[layer]
            rest = one.free[-1]
    assert signs == ({-1, 1} if nudging == "random_sign" else {1})


def test_the_golden_model_is_the_loop_itself():
    network = eqprop.Network(**NETWORK)
    weights = network.initial_weights()
    w = [weights[name].astype(float) for name in network.blocks]
    b = [weights[name].astype(float) for name in weights if name.startswith("b.")]
    (one,) = eqprop.settle(network, weights, np.linspace(0, 1, 5), backend="golden")
    states = [one.input, *(np.zeros(units) for units in (7, 4, 3))]
    for found in one.free:
        for layer in (1, 2, 3):
            states[layer] = step(layer, states, w, b, 0, 0, k=1)
        np.testing.assert_allclose(found, np.concatenate(states[1:]), atol=1e-12)
    assert one.nudged is None and one.sign == 0


def test_the_rest_is_what_predict_answers(digits):
    rows = np.arange(3 * 64).reshape(3, 64) % 17
    rest = [one.of("output")[-1] for one in eqprop.settle("digits", digits.weights, rows)]
    predicted = eqprop.predict("digits", digits.weights, rows, progress=False)
    np.testing.assert_array_equal(rest, predicted.outputs)
    assert list(predicted.answers) == [outputs.argmax() for outputs in rest]
    assert predicted.settled.dtype == bool and len(predicted) == 3


def test_all_backends_answer_alike(digits):
    rows = np.arange(2 * 64).reshape(2, 64) % 17
    golden = eqprop.predict("digits", digits.weights, rows, backend="golden", progress=False)
    bittrue = eqprop.predict("digits", digits.weights, rows, progress=False)
    np.testing.assert_allclose(golden.outputs, bittrue.outputs, atol=0.01)
    quality = eqprop.test("digits", digits.weights, progress=False)
    assert quality["accuracy"] == digits.test_accuracy and quality["samples"] == 360
