"""Training: whole runs, stepped ones, threads, and a Ctrl-C."""

import signal
from concurrent.futures import ThreadPoolExecutor

import eqprop
import numpy as np
import pytest
from eqprop import _call


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def test_a_run_learns_and_leaves_nothing(digits, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert digits.test_accuracy > 0.8
    assert [report["epoch"] for report in digits.history] == [1]
    assert digits.weights["w.input.hidden"].shape == (48, 64)
    eqprop.train("xor", epochs=2, progress=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_keeps_what_the_command_writes(tmp_path):
    run = eqprop.train("xor", epochs=2, out=tmp_path, progress=False)
    assert (tmp_path / "train.jsonl").is_file()
    assert same(run.weights, eqprop.load_weights(run.report["weights"]))


def test_steps_of_any_size_give_the_bits_of_a_whole_run():
    whole = eqprop.train("digits", epochs=2, samples=None, progress=False)
    trainer = eqprop.Trainer("digits", epochs=2)
    trainer.step(100)
    assert trainer.position == (0, 100)
    trainer.epoch()
    while not trainer.finished:
        trainer.step(333)
    assert same(trainer.weights, whole.weights)
    timeless = lambda history: [{k: v for k, v in line.items() if k != "samples_per_second"} for line in history]
    assert timeless(trainer.history) == timeless(whole.history)
    assert trainer.test()["accuracy"] == whole.test_accuracy


def test_arrays_train_like_the_file_that_holds_them(tmp_path):
    rng = np.random.default_rng(1)
    x = rng.random((40, 4))
    y = (x[:, 0] > x[:, 1]).astype(int)
    network = eqprop.Network(name="two", layers=[4, 6, 2], learning={"epochs": 3})
    np.savez(tmp_path / "samples.npz", x=x, y=y)
    file = eqprop.train(network, data=tmp_path / "samples.npz", progress=False)
    # Any layout, byte order and width that numpy has.
    for like in (x, np.asfortranarray(x), x.astype(">f8"), np.repeat(x, 2, axis=0)[::2]):
        assert same(eqprop.train(network, like, y, progress=False).weights, file.weights)


def test_two_threads_train_like_one():
    train = lambda seed: eqprop.train("xor", epochs=20, seed=seed, progress=False).weights
    alone = [train(1), train(2)]
    with ThreadPoolExecutor(2) as pool:
        assert all(map(same, pool.map(train, [1, 2]), alone))


def interrupts(*_):
    signal.raise_signal(signal.SIGINT)


def test_a_ctrl_c_saves_and_a_resumed_run_ends_with_the_same_bits(tmp_path, monkeypatch):
    whole = eqprop.train("digits", epochs=30, progress=False)
    with monkeypatch.context() as patched:
        interrupts.close = lambda: None
        patched.setattr(_call, "bar", lambda _: interrupts)
        with pytest.raises(KeyboardInterrupt, match="resume"):
            eqprop.train("digits", epochs=30, out=tmp_path)
    resumed = eqprop.train("digits", epochs=30, out=tmp_path, resume=True, progress=False)
    assert same(resumed.weights, whole.weights)
    assert (tmp_path / "train.jsonl").read_text().count("\n") == 30


def test_a_ctrl_c_ends_a_stepped_run_where_it_was(monkeypatch):
    trainer = eqprop.Trainer("digits", epochs=1000)
    with monkeypatch.context() as patched:
        interrupts.close = lambda: None
        patched.setattr(_call, "bar", lambda _: interrupts)
        with pytest.raises(KeyboardInterrupt):
            trainer.step(1_000_000)
    assert trainer.position == (0, 0)
    trainer.step(64)
    assert trainer.position == (0, 64)
