"""What training and serving share: the data, its split, and a small network's forward pass.

The network has one hidden layer: 64 pixels -> hidden units (ReLU) -> 10 digits (softmax). Every layer
is a list of rows, one row of weights per unit, whose last weight is the unit's bias; so an input gets
a constant 1.0 appended, and a unit's value is one dot product.
"""

import csv
import math
import os
import random
from operator import mul

PIXELS = 64
DIGITS = 10
BRIGHTEST = 16
FORMAT = "digits-mlp-1"
HELD_OUT_SHARE = 0.2
# Not the --seed of a training: every training, whatever its seed, is judged on the same images.
SPLIT_SEED = 1998
DATA_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "digits.csv")


def _dot(left, right):
    return sum(map(mul, left, right))


# Python 3.12 and later have it built in.
dot = getattr(math, "sumprod", _dot)


def load_rows(path=DATA_FILE):
    """Every row of the data as (pixels, digit)."""
    with open(path, newline="") as file:
        numbers = [[int(value) for value in row] for row in csv.reader(file)]
    return [(row[:PIXELS], row[PIXELS]) for row in numbers]


def split_rows(rows):
    """Two lists of row numbers, training and held out, with every digit in both in the same share."""
    rng = random.Random(SPLIT_SEED)
    train, held_out = [], []
    for digit in range(DIGITS):
        numbers = [number for number, row in enumerate(rows) if row[1] == digit]
        rng.shuffle(numbers)
        cut = round(len(numbers) * HELD_OUT_SHARE)
        held_out += numbers[:cut]
        train += numbers[cut:]
    # Mixed, so that the first few held-out images are not all zeros.
    rng.shuffle(held_out)
    return sorted(train), held_out


def load_split():
    """The rows themselves: (training rows, held-out rows)."""
    rows = load_rows()
    train, held_out = split_rows(rows)
    return [rows[number] for number in train], [rows[number] for number in held_out]


def fit_normaliser(images):
    """Each pixel's mean and spread. Give it training images only: the held-out ones must stay unseen."""
    mean, spread = [], []
    for values in zip(*images):
        middle = math.fsum(values) / len(values)
        variance = math.fsum((value - middle) ** 2 for value in values) / len(values)
        mean.append(middle)
        # At least one grey step: a pixel that is nearly always blank must not be blown up.
        spread.append(max(math.sqrt(variance), 1.0))
    return {"mean": mean, "spread": spread}


def normalise(image, normaliser):
    """The network's input for one image: centred, scaled, with the constant for the bias at its end."""
    triples = zip(image, normaliser["mean"], normaliser["spread"])
    return [(value - mean) / spread for value, mean, spread in triples] + [1.0]


def new_network(hidden, rng):
    """Small random weights, so that the units begin different from each other; biases begin at 0."""
    def layer(units, inputs):
        scale = math.sqrt(2.0 / inputs)
        return [[rng.gauss(0.0, scale) for _ in range(inputs)] + [0.0] for _ in range(units)]
    return {"hidden": layer(hidden, PIXELS), "output": layer(DIGITS, hidden)}


def hidden_values(network, values):
    """The hidden layer's output for one normalised image, with the constant for the next bias."""
    sums = [dot(weights, values) for weights in network["hidden"]]
    return [total if total > 0.0 else 0.0 for total in sums] + [1.0]


def softmax(scores):
    # Less the highest score: exp() of a large number would overflow.
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def output_values(network, hidden):
    """The ten digits' probabilities, from the hidden layer's output."""
    return softmax([dot(weights, hidden) for weights in network["output"]])


def probabilities(network, values):
    """The ten digits' probabilities for one normalised image."""
    return output_values(network, hidden_values(network, values))


def most_likely(chances):
    return chances.index(max(chances))


def confusion(network, examples):
    """Counts of (normalised image, digit) examples: row = the true digit, column = the answer."""
    table = [[0] * DIGITS for _ in range(DIGITS)]
    for values, digit in examples:
        table[digit][most_likely(probabilities(network, values))] += 1
    return table


def accuracy_of(table):
    """The share of right answers in a confusion table."""
    total = sum(map(sum, table))
    return sum(table[digit][digit] for digit in range(DIGITS)) / total if total else 0.0
