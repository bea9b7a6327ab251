"""The assistant of the platform as a stand-in: canned replies, with knobs for latency and errors, and a list of its calls.

POST /reply {"text": …} -> {"text": …}
PUT /knobs {"latency": seconds, "fail_next": status, "error_rate": share of the replies that fail, evenly spread}
GET /calls -> [text, …]
"""

import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

lock = threading.Lock()
knobs = {"latency": 0.05, "fail_next": None, "error_rate": 0.0}
owed = 0.0
calls: list[str] = []


class Assistant(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def read(self) -> dict:
        return json.loads(self.rfile.read(int(self.headers["content-length"])))

    def do_GET(self) -> None:
        self.answer(200, calls)

    def do_PUT(self) -> None:
        with lock:
            knobs.update(self.read())
        self.answer(200, knobs)

    def do_POST(self) -> None:
        global owed
        text = self.read()["text"]
        with lock:
            calls.append(text)
            status, knobs["fail_next"] = knobs["fail_next"], None
            owed += knobs["error_rate"]
            if owed >= 1:
                status, owed = 500, owed - 1
        time.sleep(knobs["latency"])
        if status:
            self.answer(status, {"error": "the assistant is unwell"})
        else:
            self.answer(200, {"text": f"You said: {text}"})

    def log_message(self, *_: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Assistant).serve_forever()
