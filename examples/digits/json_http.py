"""A small HTTP server for JSON: bodies with a limit, refusals with a reason, a clean way to leave."""

import contextlib
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LARGEST_BODY = 8 * 1024 * 1024
# A body that is too large is still read up to here, so that its sender gets to see the answer.
LARGEST_SKIPPED = 8 * LARGEST_BODY
LEAVE_SECONDS = 5


class Refusal(Exception):
    """A request that ends with an error status; `close` when its body was left unread."""

    def __init__(self, status, message, close=False):
        super().__init__(message)
        self.status, self.close = status, close


class JsonHandler(BaseHTTPRequestHandler):
    """Reads requests and sends answers; what to answer is for a subclass to say."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "digits", ""
    # Head and body of an answer leave together.
    wbufsize = -1
    disable_nagle_algorithm = True
    # A connection that stays silent for this long is closed.
    timeout = 75
    # What the log line of the request says besides path, status and time.
    note = ""

    def route(self):
        return self.path.partition("?")[0]

    def body(self):
        """The request's body; refuses one without a length, too large or cut short."""
        text = self.headers.get("Content-Length")
        if text is None or "Transfer-Encoding" in self.headers:
            raise Refusal(411, "the request must say the length of its body in Content-Length", close=True)
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise Refusal(400, "Content-Length must be a whole number", close=True)
        length = int(text)
        if length > LARGEST_BODY:
            self._skip(min(length, LARGEST_SKIPPED))
            raise Refusal(413, f"the body has {length} bytes; at most {LARGEST_BODY} are allowed", close=True)
        body = self.rfile.read(length)
        if len(body) < length:
            raise Refusal(400, f"the body ended after {len(body)} of {length} bytes", close=True)
        return body

    def _skip(self, left):
        while left > 0:
            chunk = self.rfile.read(min(left, 65536))
            left = left - len(chunk) if chunk else 0

    def answer(self, work):
        """Runs the work, sends what it gives or why it was refused, and logs one line."""
        began, self.note = time.monotonic(), ""
        with self.server.busy():
            status, content = self._outcome(work)
            self.send_json(status, content)
            self.wfile.flush()
        took = 1000 * (time.monotonic() - began)
        path = "".join(letter if letter.isprintable() else "?" for letter in self.route()[:80])
        note = json.loads(content).get("error", self.note)
        print(f"{self.command} {path} {status} {took:.1f} ms {note}".rstrip(), flush=True)

    def _outcome(self, work):
        try:
            # NaN is not JSON; better an error here than an answer that nobody can read.
            return 200, json.dumps(work(), allow_nan=False)
        except Refusal as error:
            self.close_connection = self.close_connection or error.close
            return error.status, json.dumps({"error": str(error)})
        except OSError:
            # The client is gone or silent: there is nobody to answer.
            raise
        except Exception as error:
            return 500, json.dumps({"error": f"unexpected {type(error).__name__}: {error}"})

    def send_json(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code, message=None, explain=None):
        """What the base class refuses itself, such as an unknown method: JSON here too."""
        self.close_connection = True
        self.send_json(code, json.dumps({"error": message or self.responses.get(code, ("refused",))[0]}))

    def log_message(self, *_):
        """Nothing: answer() prints the one line of a request."""


class JsonServer(ThreadingHTTPServer):
    """Counts the requests at hand, so that leaving can wait for them."""

    request_queue_size = 64

    def __init__(self, address, handler):
        self._at_hand, self._changed = 0, threading.Condition()
        super().__init__(address, handler)

    @contextlib.contextmanager
    def busy(self):
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, change):
        with self._changed:
            self._at_hand += change
            self._changed.notify_all()

    def leave(self):
        """Takes no new connection, and gives the requests at hand a moment to end."""
        self.server_close()
        with self._changed:
            self._changed.wait_for(lambda: self._at_hand == 0, LEAVE_SECONDS)

    def handle_error(self, request, client_address):
        """One line and no traceback; mostly it is a client that went away."""
        error = sys.exc_info()[1]
        print(f"a connection broke off: {type(error).__name__}: {error}", flush=True)
