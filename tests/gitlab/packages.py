# SPDX-License-Identifier: GPL-3.0-or-later
"""GitLab's generic packages, as far as the examples use them: a file put with the job's token is there to get with it.
usage: packages.py FOLDER TOKEN      prints "port N" and the requests; ends after half an hour"""
import http.server
import os
import re
import sys
import threading

FOLDER, TOKEN = sys.argv[1:]
PATH = re.compile(r"/api/v4/projects/(\d+)/packages/generic/([\w.-]+)/([\w.-]+)/([\w.-]+)")
LIMIT_BYTES = 1 << 24


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def place(self):
        named = PATH.fullmatch(self.path)
        if self.headers["JOB-TOKEN"] != TOKEN or not named:
            self.answer(404)
            return None
        return os.path.join(FOLDER, "-".join(named.groups()))

    def do_PUT(self):
        n_bytes = int(self.headers["Content-Length"])
        body = self.rfile.read(n_bytes) if n_bytes <= LIMIT_BYTES else b""
        if place := self.place():
            with open(place, "wb") as file:
                file.write(body)
            self.answer(201, b'{"message": "201 Created"}')

    def do_GET(self):
        if place := self.place():
            if not os.path.exists(place):
                self.answer(404)
                return
            with open(place, "rb") as file:
                self.answer(200, file.read())

    def log_message(self, form, *arguments):
        print(form % arguments)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Timer(1800, os._exit, [1]).start()
print(f"serving at port {server.server_port} now")
server.serve_forever()
