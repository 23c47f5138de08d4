#!/usr/bin/env python3
"""hostile_server.py FOLDER LOG [ELSEWHERE]: serves FOLDER on loopback, on a port that it prints, and does wrong where it is told.

http://127.0.0.1:PORT/KIND~PART/FILE is FOLDER/FILE; KIND happens to files whose path has PART in it (all when PART is empty):

  plain     nothing wrong                      error       500
  truncate  half of the body, then the end     short       half of the body, and a length that says so
  endless   zeros without a length             boundless   zeros after a length of 1 TB
  drip      one byte a second                  slow        the body after 0.2 s
  away      redirected to ELSEWHERE            local       redirected to the file: URL
  around    redirected within this server      cut         the first time half of the body, then the end
  range     a range that nobody asked for      shifted     another range than was asked for
  unsaid    a part, and not a word of which        busy       503, and again in two hours
  page      a page with 200, and for whatever is not there
  insteadof a page with 200
  held      the body once LOG.go is there
  forbidden 403                                hidden      403 instead of 404 for what is not there

LOG gets a line "KIND~PART FILE OFFSET" for every request. Nothing goes on for longer than a minute."""
import http.server, os, sys, threading, time

folder, log = sys.argv[1:3]
elsewhere = sys.argv[3] if len(sys.argv) > 3 else ""
lock = threading.Lock()
seen = set()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def head(self, status, **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), str(value))
        self.end_headers()

    def end(self):
        self.close_connection = True

    def endless(self):
        deadline = time.time() + 60
        while time.time() < deadline:
            self.wfile.write(bytes(1 << 16))

    def do_GET(self):
        try:
            self.answer()
        except (BrokenPipeError, ConnectionResetError):
            self.end()

    def answer(self):
        case, _, name = self.path.lstrip("/").partition("/")
        kind, _, part = case.partition("~")
        given = self.headers.get("Range", "bytes=0-")
        offset = int(given.removeprefix("bytes=").rstrip("-"))
        with lock, open(log, "a") as out:
            out.write(f"{case} {name} {offset}\n")
        if part not in name:
            kind = "plain"
        if kind == "error":
            return self.head(500, Content_Length=0)
        if kind in ("endless", "boundless"):
            self.head(200, **({"Content_Length": 10**12} if kind == "boundless" else {"Connection": "close"}))
            self.end()
            return self.endless()
        path = os.path.join(folder, name)
        missing = ".." in name or not os.path.isfile(path)
        if kind == "busy":
            return self.head(503, Retry_After=7200, Content_Length=0)
        if kind in ("page", "insteadof") or (missing and case.startswith("page")):
            page = b"<!DOCTYPE html>\n<title>Not here</title>\n"
            self.head(200, Content_Type="text/html", Content_Length=len(page))
            return self.wfile.write(page)
        if kind == "forbidden" or (missing and kind == "hidden"):
            return self.head(403, Content_Length=0)
        if missing:
            return self.head(404, Content_Length=0)
        if kind in ("away", "local", "around"):
            to = {"away": elsewhere + "/plain~/" + name, "local": "file://" + path, "around": "/plain~/" + name}[kind]
            return self.head(302, Location=to, Content_Length=0)
        with open(path, "rb") as file:
            body = file.read()
        if kind == "cut":
            with lock:
                again = (case, name) in seen
                seen.add((case, name))
            kind = "plain" if again else "truncate"
        if kind == "shifted" and offset == 0:
            kind = "plain"
        if kind in ("range", "shifted"):
            self.head(206, Content_Range=f"bytes {offset + 7}-{len(body) - 1}/{len(body)}", Content_Length=len(body) - offset)
            return self.wfile.write(body[offset:])
        if kind == "unsaid":
            self.head(206, Content_Length=len(body) - offset)
            return self.wfile.write(body[offset:])
        rest = body[offset:]
        sent = rest[: len(rest) // 2] if kind in ("truncate", "short") else rest
        extra = {"Content_Range": f"bytes {offset}-{len(body) - 1}/{len(body)}"} if offset else {}
        if kind == "slow":
            time.sleep(0.2)
        deadline = time.time() + 60
        while kind == "held" and not os.path.exists(log + ".go") and time.time() < deadline:
            time.sleep(0.05)
        self.head(206 if offset else 200, Content_Length=len(sent if kind == "short" else rest), **extra)
        if kind == "drip":
            for byte in rest[:60]:
                self.wfile.write(bytes([byte]))
                time.sleep(1)
            return self.end()
        self.wfile.write(sent)
        if kind == "truncate":
            self.end()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


server = Server(("127.0.0.1", 0), Handler)
print(f"serving on port {server.server_address[1]} now", flush=True)
server.serve_forever()
