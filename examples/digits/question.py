"""Reads the body of a POST /predict, and says exactly what is wrong with one that is not as it should be."""

import json
from urllib.parse import urlsplit

from model import BRIGHTEST, PIXELS

MOST_IMAGES = 1000
SHAPE = '{"modelUrl": "https://.../model.json", "images": [[64 numbers from 0 to 16], ...]}'
IMAGE = f"{PIXELS} numbers from 0 to {BRIGHTEST} (8 rows of 8 pixels, row by row)"
NAMES = {dict: "an object", bool: "true or false", type(None): "null"}


class BadQuestion(Exception):
    """The request is not one that can be answered; the text says why."""


def what(value):
    """A value's kind and size, in words."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        return f"the text {json.dumps(value[:40])}" + (" (shortened)" if len(value) > 40 else "")
    if type(value) in (int, float):
        # A number of many digits would make the message unreadable.
        return f"the number {value:g}" if abs(value) < 1e300 else "a huge number"
    return NAMES[type(value)]


def _check_url(url):
    if not isinstance(url, str):
        raise BadQuestion(f'"modelUrl" must be a text with the link to a model.json, but it is {what(url)}')
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    # A link with a space or a control character would be refused much later and less clearly.
    if not good or not url.isascii() or not url.isprintable() or " " in url:
        raise BadQuestion('"modelUrl" must be an http:// or https:// link to a model.json, with every letter '
                          f"outside ASCII %-encoded, but it is {what(url)}")


def _check_image(image, name):
    if not isinstance(image, list) or len(image) != PIXELS:
        raise BadQuestion(f"{name} must be a list of {IMAGE}, but it is {what(image)}")
    for index, value in enumerate(image):
        # type() and not isinstance(): true and false count as numbers in Python.
        if type(value) not in (int, float):
            raise BadQuestion(f"{name}[{index}] must be a number from 0 to {BRIGHTEST}, but it is {what(value)}")
        if not 0 <= value <= BRIGHTEST:
            raise BadQuestion(f"{name}[{index}] must be from 0 to {BRIGHTEST}, but it is {what(value)}")


def _check_images(images):
    if not isinstance(images, list):
        raise BadQuestion(f'"images" must be a list of images, each {IMAGE}, but it is {what(images)}')
    if not 1 <= len(images) <= MOST_IMAGES:
        raise BadQuestion(f'"images" must hold 1 to {MOST_IMAGES} images, but it is {what(images)}')
    for index, image in enumerate(images):
        _check_image(image, f"images[{index}]")


def _no_constant(name):
    # Python reads NaN and Infinity, JSON does not have them.
    raise ValueError(f"{name} is not a JSON number")


def parse_question(body):
    """(model link, images) of a request's body."""
    try:
        question = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadQuestion(f"the body is not JSON ({error}); it must be {SHAPE}") from error
    if not isinstance(question, dict):
        raise BadQuestion(f"the body must be an object {SHAPE}, but it is {what(question)}")
    for key in ("modelUrl", "images"):
        if key not in question:
            there = ", ".join(json.dumps(name[:40]) for name in list(question)[:10]) or "nothing"
            raise BadQuestion(f'"{key}" is missing; the body must be {SHAPE}, and it holds {there}')
    _check_url(question["modelUrl"])
    _check_images(question["images"])
    return question["modelUrl"], question["images"]
