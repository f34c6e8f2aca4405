#!/usr/bin/env python3
"""Answers questions about handwritten digits over HTTP, with a model that is named by link.

POST /predict  {"modelUrl": "https://.../model.json", "images": [[64 numbers from 0 to 16], ...]}
            -> {"digits": [...], "confidence": [...], "model": {"settings": {...}, "accuracy": 0.97}}
GET /healthz   {"status": "ok"}

It listens on $PORT (8000 if unset) of $HOST (127.0.0.1 if unset).
"""

import os
import signal
import sys
import threading

from json_http import JsonHandler, JsonServer, Refusal
from model import most_likely, normalise, probabilities
from model_cache import FetchError, ModelCache, name_of
from question import BadQuestion, parse_question


def predict(model, images):
    """The answer to one question."""
    chances = [probabilities(model["network"], normalise(image, model["normaliser"])) for image in images]
    return {"digits": [most_likely(each) for each in chances],
            "confidence": [round(max(each), 4) for each in chances],
            "model": {"settings": model["settings"], "accuracy": model["accuracy"]}}


class Handler(JsonHandler):
    def do_GET(self):
        # A body would stay unread here and be taken for the next request.
        if self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers:
            self.close_connection = True
        self.answer(self.health)

    do_HEAD = do_GET

    def do_POST(self):
        self.answer(self.prediction)

    def health(self):
        if self.route() == "/predict":
            raise Refusal(405, f"/predict answers POST, not {self.command}")
        if self.route() not in ("/", "/healthz"):
            raise Refusal(404, "there is no such path here: use POST /predict or GET /healthz")
        return {"status": "ok"}

    def prediction(self):
        body = self.body()
        if self.route() != "/predict":
            raise Refusal(404, "there is no such path here: use POST /predict")
        try:
            url, images = parse_question(body)
            self.note = f"images={len(images)}"
            return predict(self.server.models.get(url), images)
        except BadQuestion as error:
            raise Refusal(400, str(error)) from error
        except FetchError as error:
            raise Refusal(502, f"the model at {name_of(url)} cannot be used: {error}") from error


class Server(JsonServer):
    def __init__(self, address, models=None):
        self.models = models or ModelCache()
        super().__init__(address, Handler)


def port_from(text):
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        sys.exit(f"PORT must be a whole number from 0 to 65535, but it is {text!r}")
    return int(text)


def main():
    server = Server((os.environ.get("HOST") or "127.0.0.1", port_from(os.environ.get("PORT") or "8000")))
    # From a thread of its own: shutdown() waits for the loop below, which the signal interrupts.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    print("listening on http://{}:{}".format(*server.server_address), flush=True)
    server.serve_forever(poll_interval=0.1)
    server.leave()
    return 0


if __name__ == "__main__":
    sys.exit(main())
