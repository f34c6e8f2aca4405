"""Fetches models by link and keeps the latest used ones, so that most questions need no fetch."""

import json
import math
import socket
import threading
import time
import urllib.error
import urllib.request
from collections import OrderedDict
from urllib.parse import urlsplit

from model import DIGITS, FORMAT, PIXELS

FETCH_SECONDS = 10
LARGEST_MODEL = 16 * 1024 * 1024
KEPT_MODELS = 8
CHUNK = 64 * 1024


class FetchError(Exception):
    """No usable model could be had from the link; the text says why, for the one who asked."""


def name_of(url):
    """The link without its query: a signed link's query is new each time, and is a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _opener():
    """Speaks http and https and nothing else, after a redirect too: no files, no ftp."""
    opener = urllib.request.OpenerDirector()
    for handler in (urllib.request.ProxyHandler, urllib.request.HTTPHandler, urllib.request.HTTPSHandler,
                    urllib.request.HTTPDefaultErrorHandler, urllib.request.HTTPErrorProcessor,
                    urllib.request.HTTPRedirectHandler, urllib.request.UnknownHandler):
        opener.add_handler(handler())
    return opener


def _read_all(response, deadline):
    """The answer's body. The socket's own timeout is per read, so a slow trickle is ended here."""
    body = b""
    while True:
        chunk = response.read1(CHUNK)
        if not chunk:
            return body
        body += chunk
        if len(body) > LARGEST_MODEL:
            raise FetchError(f"it is larger than {LARGEST_MODEL} bytes")
        if time.monotonic() > deadline:
            raise socket.timeout


def _download(url):
    deadline = time.monotonic() + FETCH_SECONDS
    too_slow = f"it took longer than {FETCH_SECONDS} seconds"
    try:
        with _opener().open(url, timeout=FETCH_SECONDS) as response:
            return _read_all(response, deadline)
    except FetchError:
        raise
    except urllib.error.HTTPError as error:
        error.close()
        raise FetchError(f"its server answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        slow = isinstance(error.reason, socket.timeout)
        raise FetchError(too_slow if slow else f"its server cannot be reached: {error.reason}") from error
    except socket.timeout as error:
        raise FetchError(too_slow) from error
    except Exception as error:  # http.client raises several kinds for a server that talks nonsense
        raise FetchError(f"{type(error).__name__}: {error}") from error


def _is_table(rows, count, width):
    """A list of `count` rows (None: any number) of `width` finite numbers each."""
    return (isinstance(rows, list) and bool(rows) and (count is None or len(rows) == count)
            and all(isinstance(row, list) and len(row) == width
                    and all(type(value) in (int, float) and math.isfinite(value) for value in row)
                    for row in rows))


def parse_model(text):
    """The model in a model.json; what is not one is refused here and not in the middle of an answer."""
    try:
        model = json.loads(text)
        if not isinstance(model, dict) or model.get("format") != FORMAT:
            raise ValueError(f'it has no "format": "{FORMAT}"')
        hidden, output = model["network"]["hidden"], model["network"]["output"]
        whole = (_is_table(hidden, None, PIXELS + 1) and _is_table(output, DIGITS, len(hidden) + 1)
                 and _is_table([model["normaliser"]["mean"], model["normaliser"]["spread"]], 2, PIXELS)
                 and all(model["normaliser"]["spread"]))
        if not whole:
            raise ValueError("its weights do not have the shape of a digits model")
        return {**model, "settings": model["settings"], "accuracy": model["accuracy"]}
    except KeyError as error:
        raise FetchError(f"it is not a model.json of this example: {error} is missing") from error
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise FetchError(f"it is not a model.json of this example: {error}") from error


class ModelCache:
    """The latest used models, by link without query."""

    def __init__(self, kept=KEPT_MODELS, download=_download):
        self._kept, self._download = kept, download
        self._models, self._lock = OrderedDict(), threading.Lock()

    def get(self, url):
        name = name_of(url)
        with self._lock:
            if name in self._models:
                self._models.move_to_end(name)
                return self._models[name]
        # Not under the lock: a slow link must not hold up questions to other models. Two first questions
        # at the same time may both fetch; that costs little and harms nothing.
        model = parse_model(self._download(url))
        with self._lock:
            self._models[name] = model
            self._models.move_to_end(name)
            while len(self._models) > self._kept:
                self._models.popitem(last=False)
        return model
