"""Run with: python3 -m unittest discover -s examples/digits"""

import contextlib
import http.client
import http.server
import io
import json
import os
import random
import signal
import subprocess
import sys
import threading
import unittest

import model
import model_cache
import serve

HERE = os.path.dirname(os.path.abspath(__file__))
BLANK = [0] * 64


def small_model():
    """An untrained model: what it answers is known from its weights."""
    return {"format": model.FORMAT, "settings": {"hidden": 2}, "accuracy": 0.5,
            "normaliser": {"mean": [0.0] * 64, "spread": [1.0] * 64},
            "network": model.new_network(2, random.Random(1))}


class ModelSite(http.server.BaseHTTPRequestHandler):
    """Stands in for the place where artifacts are kept; counts its fetches."""

    fetches = []

    def do_GET(self):
        self.fetches.append(self.path)
        found = self.path.startswith("/model.json")
        body = json.dumps(small_model()).encode() if found else b"[]"
        self.send_response(404 if self.path.startswith("/gone") else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start(server):
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    return server.server_address[1]


class Serving(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.log = io.StringIO()
        quiet = contextlib.redirect_stdout(cls.log)
        quiet.__enter__()
        cls.addClassCleanup(quiet.__exit__, None, None, None)
        cls.site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), ModelSite)
        cls.server = serve.Server(("127.0.0.1", 0))
        cls.site_url = f"http://127.0.0.1:{start(cls.site)}"
        cls.port = start(cls.server)
        for each in (cls.site, cls.server):
            cls.addClassCleanup(each.server_close)
            cls.addClassCleanup(each.shutdown)

    def setUp(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(self.connection.close)

    def send(self, method, path, body=None):
        """(status, JSON answer), always on the same connection."""
        self.connection.request(method, path, body)
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def ask(self, question):
        return self.send("POST", "/predict", json.dumps(question))

    def question(self, **changes):
        return {"modelUrl": f"{self.site_url}/model.json?sig=1", "images": [BLANK], **changes}

    def test_predicts_and_fetches_a_model_once(self):
        ModelSite.fetches.clear()
        images = [row[0] for row in model.load_rows()[:5]]
        known = small_model()
        chances = [model.probabilities(known["network"], model.normalise(image, known["normaliser"]))
                   for image in images]
        for signature in "12":
            url = f"{self.site_url}/model.json.once?sig={signature}"
            status, answer = self.ask(self.question(modelUrl=url, images=images))
            self.assertEqual(status, 200, answer)
            self.assertEqual(answer["digits"], [model.most_likely(each) for each in chances])
            self.assertAlmostEqual(answer["confidence"][0], max(chances[0]), places=3)
            self.assertEqual(answer["model"], {"settings": {"hidden": 2}, "accuracy": 0.5})
        self.assertEqual(len(ModelSite.fetches), 1)
        self.assertNotIn("sig=", self.log.getvalue())

    def test_bad_questions_get_a_400_that_says_why(self):
        cases = [
            ({"images": [BLANK]}, '"modelUrl" is missing'),
            (self.question(modelUrl=7), "but it is the number 7"),
            (self.question(modelUrl="file:///etc/hosts"), "http:// or https:// link"),
            (self.question(modelUrl="http://a b/"), "http:// or https:// link"),
            (self.question(images={}), "but it is an object"),
            (self.question(images=[]), "1 to 1000 images, but it is a list of 0"),
            (self.question(images=[BLANK, [1] * 63]), "images[1] must be a list of 64 numbers from 0 to 16"),
            (self.question(images=[[17] + [0] * 63]), "images[0][0] must be from 0 to 16, but it is the number 17"),
            (self.question(images=[[0] * 63 + [True]]), "images[0][63] must be a number from 0 to 16"),
            (self.question(images=[[0] * 63 + ["1"]]), 'but it is the text "1"'),
            (self.question(images=[[float("nan")] * 64]), "NaN is not a JSON number"),
            (self.question(images=[[10 ** 400] * 64]), "a huge number"),
            ([1], "the body must be an object"),
        ]
        for question, words in cases:
            with self.subTest(words):
                status, answer = self.ask(question)
                self.assertEqual(status, 400, answer)
                self.assertIn(words, answer["error"])
        self.assertIn("not JSON", self.send("POST", "/predict", "{")[1]["error"])

    def test_a_model_that_cannot_be_had_gets_a_502(self):
        for path, words in (("/gone?sig=1", "answered 404"), ("/other", "not a model.json")):
            status, answer = self.ask(self.question(modelUrl=self.site_url + path))
            self.assertEqual(status, 502, answer)
            self.assertIn(words, answer["error"])
            self.assertNotIn("sig", answer["error"])
        self.assertEqual(self.ask(self.question(modelUrl="http://127.0.0.1:1/model.json"))[0], 502)

    def test_too_large_a_body_gets_a_413(self):
        status, answer = self.send("POST", "/predict", b" " * (8 * 1024 * 1024 + 1))
        self.assertEqual(status, 413)
        self.assertIn("at most 8388608", answer["error"])

    def test_health_and_other_paths(self):
        for path in ("/", "/healthz", "/healthz?x=1"):
            self.assertEqual(self.send("GET", path), (200, {"status": "ok"}))
        self.assertEqual(self.send("GET", "/predict")[0], 405)
        self.assertEqual(self.send("POST", "/nowhere", "{}")[0], 404)
        self.assertEqual(self.send("BREW", "/")[0], 501)

    def test_leaves_on_sigterm(self):
        environment = {**os.environ, "PORT": "0"}
        command = [sys.executable, os.path.join(HERE, "serve.py")]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as child:
            self.assertIn("listening on http://127.0.0.1:", child.stdout.readline())
            child.send_signal(signal.SIGTERM)
            child.communicate(timeout=10)
        self.assertEqual(child.returncode, 0)


class Cache(unittest.TestCase):
    def test_keeps_the_latest_used(self):
        fetched = []

        def download(url):
            fetched.append(url)
            return json.dumps(small_model())
        cache = model_cache.ModelCache(2, download)
        for url in ("http://a/1?x", "http://a/2", "http://a/1?y", "http://a/3", "http://a/1", "http://a/2"):
            cache.get(url)
        self.assertEqual(fetched, ["http://a/1?x", "http://a/2", "http://a/3", "http://a/2"])

    def test_refuses_what_is_not_a_model(self):
        wrong = small_model()
        wrong["network"]["output"][3].pop()
        for text in ("", "[]", '{"format": "other"}', json.dumps(wrong)):
            with self.assertRaises(model_cache.FetchError):
                model_cache.parse_model(text)


if __name__ == "__main__":
    unittest.main()
