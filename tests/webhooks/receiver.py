"""A tool that takes webhooks and checks them by the official library of the Standard Webhooks scheme.

Prints one JSON line for `serving`, with its address, and one for each webhook: `verified` with its id, type and body,
or `refused` with the reason. What was verified must be refused once a byte of it is changed, and by another secret:
if it is not, the line says `unsound`, and the exit status is 1 in the end.

SECRETS: secrets separated by spaces, one of which has signed. ANSWERS: statuses to give in turn, then 204.
"""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

STRANGER = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
LONGEST = 1 << 20


class Receiver(ThreadingHTTPServer):
    """Checks what comes, and says so."""

    daemon_threads = True

    def __init__(self, secrets, answers, out=sys.stdout):
        super().__init__(("127.0.0.1", 0), Handler)
        self.secrets, self.answers, self.out = secrets, list(answers), out
        self.lock, self.unsound = threading.Lock(), False

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hooks/allclear"

    def say(self, **line):
        with self.lock:
            print(json.dumps(line), file=self.out, flush=True)

    def answer(self):
        with self.lock:
            return self.answers.pop(0) if self.answers else 204

    def judge(self, headers, body):
        """Whether it is good, as a line to print."""
        good, reason = [], "no secret"
        for secret in self.secrets:
            why = refusal(secret, headers, body)
            if why is None:
                good.append(secret)
            else:
                reason = why
        if not good:
            return {"event": "refused", "reason": reason}
        unsound = [name for name, (secret, changed, kept) in self.changes(good[0], headers, body).items()
                   if refusal(secret, changed, kept) is None]
        if unsound:
            self.unsound = True
            return {"event": "unsound", "taken": unsound}
        said = json.loads(body)
        signatures = len(headers["webhook-signature"].split(" "))
        return {"event": "verified", "id": headers["webhook-id"], "type": said["type"], "secrets": len(good),
                "signatures": signatures, "body": said}

    @staticmethod
    def changes(secret, headers, body):
        """The same, but for one thing: nobody may take it."""
        middle = len(body) // 2
        byte = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1:]
        timestamp = int(headers["webhook-timestamp"])
        return {
            "a changed byte": (secret, headers, byte),
            "another id": (secret, headers | {"webhook-id": headers["webhook-id"] + "x"}, body),
            "a later timestamp": (secret, headers | {"webhook-timestamp": str(timestamp + 1)}, body),
            "an old timestamp": (secret, headers | {"webhook-timestamp": str(timestamp - 3600)}, body),
            "another secret": (STRANGER, headers, body),
        }


def refusal(secret, headers, body):
    """Why the library refuses it; None where it does not."""
    try:
        Webhook(secret).verify(body, headers)
    except (WebhookVerificationError, ValueError) as error:
        return str(error) or type(error).__name__
    return None


class Handler(BaseHTTPRequestHandler):
    """One webhook."""

    def do_POST(self):
        length = min(int(self.headers.get("content-length", 0)), LONGEST)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        line = self.server.judge(headers, body)
        status = self.server.answer() if line["event"] == "verified" else 400
        # Whoever has the answer finds the line.
        self.server.say(**line, status=status)
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Standard output is for the lines."""


def main():
    secrets = os.environ["SECRETS"].split()
    answers = [int(status) for status in os.environ.get("ANSWERS", "").split()]
    with Receiver(secrets, answers) as server:
        server.say(event="serving", url=server.url)
        # It ends with whoever started it.
        threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
        server.serve_forever(poll_interval=0.1)
        sys.exit(server.unsound)


if __name__ == "__main__":
    main()
