"""Run with: python3 -m unittest discover -s examples/digits"""

import contextlib
import copy
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import learn
import model
import train

HERE = os.path.dirname(os.path.abspath(__file__))
FAST = ["--hidden", "6", "--rate", "0.05"]


def run_train(folder, *flags):
    """Runs a training in this process; gives (exit status, log, model, metrics), None for what is not there."""
    places = {"SCALABLE_JOB_ARTIFACTS_DIR": os.path.join(folder, "artifacts"),
              "SCALABLE_JOB_CHECKPOINT_DIR": os.path.join(folder, "checkpoint")}
    log = io.StringIO()
    before = signal.getsignal(signal.SIGTERM)
    try:
        with mock.patch.dict(os.environ, places), contextlib.redirect_stdout(log):
            status = train.main(list(flags))
    finally:
        signal.signal(signal.SIGTERM, before)
    return (status, log.getvalue(), *(read(folder, "artifacts", name) for name in ("model.json", "metrics.json")))


def read(*path):
    try:
        with open(os.path.join(*path), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


class InFolder(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = holder.name


class Data(unittest.TestCase):
    def test_split_is_disjoint_complete_and_has_every_digit(self):
        rows = model.load_rows()
        training, held_out = model.split_rows(rows)
        self.assertEqual(len(rows), 1797)
        self.assertEqual(sorted(training + held_out), list(range(1797)))
        self.assertEqual({rows[number][1] for number in held_out}, set(range(10)))
        # Not only other rows: no image of one part stands in the other.
        images = [{tuple(rows[number][0]) for number in part} for part in (training, held_out)]
        self.assertFalse(images[0] & images[1])

    def test_normaliser_makes_pixels_comparable(self):
        normaliser = model.fit_normaliser([[0] * 64, [8] * 64])
        self.assertEqual(model.normalise([8] * 64, normaliser), [1.0] * 65)

    def test_held_out_samples(self):
        log = io.StringIO()
        with contextlib.redirect_stdout(log):
            train.main(["--print-heldout", "10"])
        samples = json.loads(log.getvalue())
        held_out = model.load_split()[1]
        self.assertEqual([(each["image"], each["digit"]) for each in samples], held_out[:10])


class Learning(unittest.TestCase):
    def test_step_follows_the_gradient(self):
        rng = random.Random(5)
        network = model.new_network(4, rng)
        batch = [([rng.gauss(0, 1) for _ in range(64)] + [1.0], digit) for digit in (3, 8, 0)]

        def loss(changed):
            return learn.train_batch(copy.deepcopy(changed), batch, 0.0)[0] / len(batch)
        moved = copy.deepcopy(network)
        learn.train_batch(moved, batch, 1.0)
        for layer, unit, weight in (("hidden", 0, 5), ("hidden", 2, 64), ("output", 3, 1), ("output", 7, 4)):
            slope = []
            for nudge in (1e-5, -1e-5):
                nudged = copy.deepcopy(network)
                nudged[layer][unit][weight] += nudge
                slope.append(loss(nudged))
            expected = (slope[0] - slope[1]) / 2e-5
            actual = network[layer][unit][weight] - moved[layer][unit][weight]
            self.assertAlmostEqual(actual, expected, places=6, msg=f"{layer} {unit} {weight}")


class Training(InFolder):
    def test_resumed_is_the_same_as_uninterrupted(self):
        other = os.path.join(self.folder, "other")
        _, _, whole, whole_metrics = run_train(self.folder, *FAST, "--epochs", "3")
        run_train(other, *FAST, "--epochs", "1")
        _, log, resumed, metrics = run_train(other, *FAST, "--epochs", "3")
        self.assertIn("resumed from the checkpoint of epoch 1", log)
        self.assertEqual(resumed, whole)
        self.assertEqual((metrics["resumedFromEpoch"], whole_metrics["resumedFromEpoch"]), (1, None))
        self.assertEqual(metrics["history"], whole_metrics["history"])

    def test_results_are_complete_and_right(self):
        status, log, _, metrics = run_train(self.folder, *FAST, "--epochs", "4")
        self.assertEqual(status, 0)
        self.assertGreater(metrics["accuracy"], 0.85)
        self.assertEqual(metrics["rows"], {"total": 1797, "train": 1438, "heldOut": 359})
        self.assertEqual(sum(map(sum, metrics["confusion"])), 359)
        self.assertIn("[progress] 0.500 epoch 2 of 4", log)
        with open(os.path.join(self.folder, "artifacts", "learning-curve.svg"), encoding="utf-8") as file:
            self.assertIn("held-out accuracy", file.read())

    def test_broken_or_other_checkpoint_begins_anew(self):
        run_train(self.folder, *FAST, "--epochs", "1")
        self.assertIn("other settings", run_train(self.folder, *FAST, "--epochs", "1", "--seed", "2")[1])
        with open(os.path.join(self.folder, "checkpoint", "checkpoint.json"), "w", encoding="utf-8") as file:
            file.write('{"settings":')
        status, log, _, metrics = run_train(self.folder, *FAST, "--epochs", "1")
        self.assertIn("beginning anew", log)
        self.assertEqual((status, metrics["resumedFromEpoch"]), (0, None))

    def test_a_rate_too_high_is_named(self):
        with self.assertRaisesRegex(SystemExit, "--rate 10 is too high"):
            run_train(self.folder, "--rate", "10", "--epochs", "2")

    def test_stop_keeps_the_checkpoint_and_says_143(self):
        places = {"SCALABLE_JOB_ARTIFACTS_DIR": self.folder, "SCALABLE_JOB_CHECKPOINT_DIR": self.folder}
        command = [sys.executable, os.path.join(HERE, "train.py"), "--epochs", "1000"]
        with subprocess.Popen(command, env={**os.environ, **places}, stdout=subprocess.PIPE, text=True) as child:
            for line in child.stdout:
                if line.startswith("[progress]"):
                    child.terminate()
                    break
            self.assertIn("is kept", child.stdout.read())
        self.assertEqual(child.returncode, 143)
        self.assertGreaterEqual(read(self.folder, "checkpoint.json")["epoch"], 1)
        self.assertIsNone(read(self.folder, "model.json"))


if __name__ == "__main__":
    unittest.main()
