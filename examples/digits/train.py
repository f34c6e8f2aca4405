#!/usr/bin/env python3
"""Trains a small neural network to read handwritten digits, with the standard library alone.

It writes model.json, metrics.json and learning-curve.svg, and a checkpoint after every epoch. Started
again with the same settings, it goes on from the checkpoint and ends with the same model as a training
that was never interrupted.
"""

import argparse
import json
import os
import sys

from loop import STOPPED, Stop, Stopped, begin, say, train_to_the_end
from model import fit_normaliser, load_split, normalise
from report import describe, metrics_of, write_results


def number(kind, low, high):
    """An argparse type: a number of this kind from low to high."""
    def parse(text):
        value = kind(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not allowed: use a number from {low} to {high}")
        return value
    parse.__name__ = "whole number" if kind is int else "number"
    return parse


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Results go to $SCALABLE_JOB_ARTIFACTS_DIR, else ./out; "
               "the checkpoint to $SCALABLE_JOB_CHECKPOINT_DIR, else ./out/checkpoint.")

    def add(flag, kind, low, high, default, words):
        parser.add_argument(flag, type=number(kind, low, high), default=default, metavar="N",
                            help=f"{words} ({low} to {high}; without it {default})")
    add("--hidden", int, 1, 512, 32, "hidden units: more can learn more, and take longer")
    add("--epochs", int, 1, 1000, 12, "how often every training image is shown")
    add("--rate", float, 0, 10, 0.1, "learning rate: the size of each step")
    add("--decay", float, 0.1, 1, 0.95, "what the rate is multiplied with after every epoch")
    add("--batch", int, 1, 256, 8, "images per step")
    add("--seed", int, 0, 2**31, 1, "where the random numbers begin; the same seed gives the same model")
    parser.add_argument("--fresh", action="store_true", help="begin anew even where a checkpoint is")
    parser.add_argument("--print-heldout", type=number(int, 1, 300), metavar="N",
                        help="only print N held-out images with their digits, as JSON")
    return parser.parse_args(arguments)


def load_examples():
    """(training examples, held-out examples, normaliser), the images already normalised."""
    train, held_out = load_split()
    normaliser = fit_normaliser([image for image, _ in train])
    train, held_out = ([(normalise(image, normaliser), digit) for image, digit in rows]
                       for rows in (train, held_out))
    return train, held_out, normaliser


def run_training(settings, artifacts, checkpoints, fresh=False):
    """The whole training; gives the exit status."""
    stop = Stop()
    train, held_out, normaliser = load_examples()
    say(f"{len(train)} training images, {len(held_out)} held out; {describe(settings)}")
    state = begin(settings, checkpoints, fresh)
    resumed_from = state["epoch"] or None
    if resumed_from == settings["epochs"]:
        say("every epoch is already trained; to train anew, add --fresh")
    try:
        train_to_the_end(state, train, held_out, checkpoints, stop)
    except Stopped:
        say(f"stopped; the checkpoint of epoch {state['epoch']} is kept" if state["epoch"]
            else "stopped before the end of the first epoch")
        return STOPPED
    metrics = metrics_of(state, train, held_out, resumed_from)
    paths = write_results(artifacts, state, normaliser, metrics)
    say(f"held-out accuracy {100 * metrics['accuracy']:.1f} % after {state['epoch']} epochs, "
        f"{state['seconds']:.1f} s of training; wrote {', '.join(map(os.path.basename, paths))}")
    return 0


def print_heldout(count):
    _, held_out = load_split()
    print(json.dumps([{"image": image, "digit": digit} for image, digit in held_out[:count]]))


def main(arguments=None):
    options = vars(parse_arguments(arguments))
    count, fresh = options.pop("print_heldout"), options.pop("fresh")
    if count:
        print_heldout(count)
        return 0
    artifacts = os.environ.get("SCALABLE_JOB_ARTIFACTS_DIR") or "out"
    checkpoints = os.environ.get("SCALABLE_JOB_CHECKPOINT_DIR") or os.path.join("out", "checkpoint")
    return run_training(options, artifacts, checkpoints, fresh)


if __name__ == "__main__":
    sys.exit(main())
