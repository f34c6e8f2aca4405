"""The training loop: epoch after epoch, each with a log line, a progress line and a checkpoint."""

import math
import random
import signal
import sys
import time

import checkpoint
from learn import train_epoch
from model import accuracy_of, confusion, new_network

# A stop is answered after the epoch at hand if that takes no longer than this; the checkpoint of that
# epoch is then kept too. Otherwise at once, with the checkpoint of the epoch before.
QUICK_SECONDS = 1.5
STOPPED = 128 + signal.SIGTERM


class Stopped(Exception):
    """The training was asked to stop and leaves in the middle of an epoch."""


class Stop:
    """Remembers that a SIGTERM came."""

    def __init__(self):
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, *_):
        self.asked = True

    def watch(self):
        """A function to call during an epoch with the share done; raises when the rest would take long."""
        began = time.monotonic()

        def after_batch(share):
            if self.asked and (time.monotonic() - began) * (1 - share) / share > QUICK_SECONDS:
                raise Stopped
        return after_batch


def say(*words):
    # At once: the log is read while the training runs.
    print(*words, flush=True)


def begin(settings, folder, fresh=False):
    """The state to train on from: the checkpoint's, or a new one. The log says which."""
    state, why_not = (None, None) if fresh else checkpoint.load(folder, settings)
    if why_not:
        say(f"beginning anew; the checkpoint is left aside: {why_not}")
    if state:
        say(f"resumed from the checkpoint of epoch {state['epoch']}")
        return state
    rng = random.Random(settings["seed"])
    return checkpoint.start_state(settings, new_network(settings["hidden"], rng), rng)


def check_finite(state, loss):
    """Ends a training whose numbers have run away: nothing useful can come of it any more."""
    weights = [value for layer in state["network"].values() for row in layer for value in row]
    if not all(map(math.isfinite, weights + [loss])):
        sys.exit(f"the training ran away in epoch {state['epoch']} (its numbers got too large): "
                 f"--rate {state['settings']['rate']:g} is too high, try a tenth of it")


def one_epoch(state, rng, train, held_out, stop):
    """Moves the state one epoch on; the held-out images are only looked at, never learned from."""
    began = time.monotonic()
    settings = state["settings"]
    rate = settings["rate"] * settings["decay"] ** state["epoch"]
    loss, right = train_epoch(state["network"], train, rng, settings, rate, stop.watch())
    state["epoch"] += 1
    check_finite(state, loss)
    accuracy = accuracy_of(confusion(state["network"], held_out))
    took = time.monotonic() - began
    state["history"].append({"epoch": state["epoch"], "loss": loss, "trainAccuracy": right,
                             "heldOutAccuracy": accuracy})
    state["seconds"] += took
    state["random"] = rng.getstate()
    say(f"epoch {state['epoch']:3d} of {settings['epochs']}   loss {loss:.4f}   training {100 * right:5.1f} %"
        f"   held-out {100 * accuracy:5.1f} %   {took:.2f} s")


def train_to_the_end(state, train, held_out, folder, stop):
    """Every epoch that is left, each with its checkpoint. Raises Stopped when asked to stop."""
    rng = random.Random()
    rng.setstate(state["random"])
    epochs = state["settings"]["epochs"]
    while state["epoch"] < epochs:
        if stop.asked:
            raise Stopped
        one_epoch(state, rng, train, held_out, stop)
        checkpoint.save(folder, state)
        say(f"[progress] {state['epoch'] / epochs:.3f} epoch {state['epoch']} of {epochs}, "
            f"held-out {100 * state['history'][-1]['heldOutAccuracy']:.1f} %")
