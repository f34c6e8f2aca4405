"""How the network learns: gradient descent on small batches, with plain lists for matrices."""

import math

from model import dot, hidden_values, most_likely, output_values

# Keeps log() away from 0 where the network is sure of a wrong answer.
TINY = 1e-12


def errors_of(network, columns, values, digit):
    """One example's (hidden output, output errors, hidden errors, loss, whether it was right)."""
    hidden = hidden_values(network, values)
    chances = output_values(network, hidden)
    loss = -math.log(max(chances[digit], TINY))
    right = most_likely(chances) == digit
    # For softmax with cross-entropy the error at the output is just "probability minus truth".
    chances[digit] -= 1.0
    back = [dot(column, chances) if value > 0.0 else 0.0 for column, value in zip(columns, hidden)]
    return hidden, chances, back, loss, right


def descend(layer, errors, inputs, step):
    """Moves the weights of every unit that has an error against that error."""
    for unit, error in enumerate(errors):
        # About half of the hidden units are silent for an image and have nothing to learn from it.
        if error:
            change = step * error
            layer[unit] = [weight - change * value for weight, value in zip(layer[unit], inputs)]


def train_batch(network, batch, rate):
    """One step on the batch's mean gradient. Gives the batch's (summed loss, right answers)."""
    # The output weights by hidden unit; the last column is the biases', which have nothing behind them.
    columns = list(zip(*network["output"]))[:-1]
    # All errors first, with the weights as they are; only then the weights move.
    found = [errors_of(network, columns, values, digit) for values, digit in batch]
    step = rate / len(batch)
    for (values, _), (hidden, out, back, _, _) in zip(batch, found):
        descend(network["output"], out, hidden, step)
        descend(network["hidden"], back, values, step)
    return sum(item[3] for item in found), sum(item[4] for item in found)


def train_epoch(network, examples, rng, settings, rate, after_batch):
    """Shows every example once, in a new order. Gives the epoch's (mean loss, share of right answers).

    Both are taken while the network learns, so they lag a little behind what it can do at the end.
    after_batch(share done) is called after every batch and may raise to leave the epoch.
    """
    order = list(range(len(examples)))
    rng.shuffle(order)
    loss = right = 0
    for start in range(0, len(order), settings["batch"]):
        numbers = order[start:start + settings["batch"]]
        more_loss, more_right = train_batch(network, [examples[number] for number in numbers], rate)
        loss, right = loss + more_loss, right + more_right
        after_batch((start + len(numbers)) / len(order))
    return loss / len(order), right / len(order)
