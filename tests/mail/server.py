"""A mail server that keeps what it is given, as the standard library of Python reads it.

Prints one JSON line for `serving`, with host and port, and one for each mail: its envelope, its headers as they were
written and as they are read, and its parts. A command that is refused is a line of its own.

Options: --rcpt, --data: an answer in the place of "250 OK", like "450 4.2.0 later" or "550 5.1.1 no such user";
--only: refuse only readers whose address holds this; --hang: never answer this command; --cert and --key: speak TLS,
by STARTTLS, or at once with --implicit; --login user:password: nothing without signing on.
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

STRICT = email.policy.default.clone(raise_on_defect=True)


def say(**line):
    print(json.dumps(line), flush=True)


def read(raw):
    """A mail as its reader has it; a defect in it is an error."""
    mail = email.message_from_bytes(raw, policy=STRICT)
    parts = {
        part.get_content_type(): part.get_content().replace("\r\n", "\n")
        for part in mail.walk()
        if not part.is_multipart()
    }
    return {
        "headers": [[name.lower(), str(value)] for name, value in mail.items()],
        "raw_headers": raw.split(b"\r\n\r\n", 1)[0].decode("ascii"),
        "type": mail.get_content_type(),
        "parts": parts,
    }


class Handler:
    """Takes, refuses or hangs, as the options say."""

    def __init__(self, options):
        self.options = options

    async def may_hang(self, command):
        if self.options.hang == command:
            await asyncio.Event().wait()

    async def handle_RCPT(self, server, session, envelope, address, options):
        await self.may_hang("RCPT")
        refusal = self.options.rcpt
        if refusal and (self.options.only or "") in address:
            say(event="refused", reader=address, answer=refusal)
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        await self.may_hang("DATA")
        if self.options.data:
            say(event="refused", answer=self.options.data)
            return self.options.data
        try:
            read_mail = read(envelope.original_content)
        except Exception as error:  # noqa: BLE001: whatever is wrong with it is what we want to know
            say(event="malformed", why=repr(error))
            return "554 5.6.0 malformed"
        say(event="mail", sender=envelope.mail_from, readers=envelope.rcpt_tos, hello=session.host_name,
            tls=session.ssl is not None or self.options.implicit, user=getattr(session, "auth_data", None), **read_mail)
        return "250 2.0.0 queued"


def sign_on(wanted):
    """Takes just this user and password."""

    def check(server, session, envelope, mechanism, data):
        given = f"{data.login.decode()}:{data.password.decode()}"
        return AuthResult(success=given == wanted, handled=True, auth_data=data.login.decode())

    return check


def speaker(options):
    """What makes a conversation of each connection, and the TLS from its first byte, if any."""
    context = None
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
    more = {}
    if options.login:
        by_starttls = context is not None and not options.implicit
        more = {"authenticator": sign_on(options.login), "auth_required": True, "auth_require_tls": by_starttls}
    if context and not options.implicit:
        more |= {"tls_context": context, "require_starttls": True}
    return lambda: SMTP(Handler(options), **more), context if options.implicit else None


def arguments(given=None):
    parser = argparse.ArgumentParser()
    for name in ("rcpt", "data", "only", "hang", "cert", "key", "login"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--implicit", action="store_true")
    return parser.parse_args(given)


async def serve(options):
    loop = asyncio.get_running_loop()
    talk, context = speaker(options)
    server = await loop.create_server(talk, "127.0.0.1", 0, ssl=context)
    host, port = server.sockets[0].getsockname()
    say(event="serving", host=host, port=port)
    # It ends with whoever started it.
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(arguments()))
