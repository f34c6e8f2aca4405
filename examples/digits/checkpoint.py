"""The state of a training in one file, so that a later attempt goes on as if nothing had happened."""

import json
import os

FILE = "checkpoint.json"


def write_atomically(folder, name, text):
    """All of the file or none of it: the folder may be copied at any moment."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    unfinished = path + ".unfinished"
    with open(unfinished, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
    return path


def start_state(settings, network, rng):
    """The state of a training that has not seen an image yet."""
    return {"settings": settings, "epoch": 0, "network": network, "history": [], "seconds": 0.0,
            "random": rng.getstate()}


def save(folder, state):
    # JSON keeps every bit: Python writes a float so that reading it gives the same float.
    return write_atomically(folder, FILE, json.dumps(state))


def _same_training(settings, saved):
    """Epochs may differ: a longer training begins exactly like a shorter one."""
    return {**settings, "epochs": None} == {**saved, "epochs": None}


def _unusable(state, settings):
    """Why a checkpoint cannot be continued, or None."""
    if not _same_training(settings, state["settings"]):
        return "it is of a training with other settings"
    if state["epoch"] > settings["epochs"]:
        return f"it is of epoch {state['epoch']}, beyond --epochs {settings['epochs']}"
    return None


def load(folder, settings):
    """(state, None) from the folder's checkpoint, (None, why not) if it is of no use, else (None, None)."""
    try:
        with open(os.path.join(folder, FILE), encoding="utf-8") as file:
            state = json.load(file)
        why_not = _unusable(state, settings)
        if why_not:
            return None, why_not
        version, numbers, spare = state["random"]
        # setstate() wants tuples, and JSON has lists only.
        return {**state, "random": (version, tuple(numbers), spare), "settings": settings}, None
    except FileNotFoundError:
        return None, None
    except (OSError, ValueError, KeyError, TypeError) as error:
        return None, f"it cannot be read: {type(error).__name__}: {error}"
