"""What a finished training leaves behind: model.json, metrics.json and learning-curve.svg."""

import json

from chart import learning_curve
from checkpoint import write_atomically
from model import DIGITS, FORMAT, accuracy_of, confusion


def per_digit(table):
    """The share of right answers for each true digit."""
    return {str(digit): table[digit][digit] / max(1, sum(table[digit])) for digit in range(DIGITS)}


def metrics_of(state, train, held_out, resumed_from):
    """Everything measured; train and held_out are lists of (normalised image, digit)."""
    table = confusion(state["network"], held_out)
    return {
        "accuracy": accuracy_of(table),
        "trainAccuracy": accuracy_of(confusion(state["network"], train)),
        "perDigitAccuracy": per_digit(table),
        "confusion": table,
        "confusionMeaning": "row: the true digit, column: the model's answer, for held-out images",
        "epochs": state["epoch"],
        "resumedFromEpoch": resumed_from,
        "seconds": round(state["seconds"], 2),
        "settings": state["settings"],
        "rows": {"total": len(train) + len(held_out), "train": len(train), "heldOut": len(held_out)},
        "history": state["history"],
    }


def model_of(state, normaliser, accuracy):
    """All that serving needs, in one file."""
    return {"format": FORMAT, "settings": state["settings"], "accuracy": accuracy,
            "normaliser": normaliser, "network": state["network"]}


def describe(settings):
    return (f"{settings['hidden']} hidden units, rate {settings['rate']:g}, "
            f"batch {settings['batch']}, seed {settings['seed']}")


def write_results(folder, state, normaliser, metrics):
    """Writes the three files and gives their paths."""
    model = model_of(state, normaliser, metrics["accuracy"])
    title = f"Handwritten digits: {describe(state['settings'])}"
    return [
        write_atomically(folder, "model.json", json.dumps(model)),
        write_atomically(folder, "metrics.json", json.dumps(metrics, indent=2) + "\n"),
        write_atomically(folder, "learning-curve.svg", learning_curve(state["history"], title)),
    ]
