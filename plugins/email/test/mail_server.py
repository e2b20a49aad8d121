"""A mail server that nodemailer's authors did not write: aiosmtpd on loopback.

Says its port on the first line of its output, then one line of JSON for each message: the envelope, and the message as
Python's own email package reads it. With a DKIM record as its argument it verifies the signature with dkimpy.
"""

import asyncio
import email
import email.policy
import json
import sys

from aiosmtpd.smtp import SMTP

RECORD = sys.argv[1].encode() if len(sys.argv) > 1 else None


def verified(content):
    if RECORD is None:
        return None
    import dkim

    return dkim.verify(content, dnsfunc=lambda name, timeout=5: RECORD)


def text_of(message, kind):
    part = message.get_body((kind,))
    return None if part is None else part.get_content().replace("\r\n", "\n")


class Handler:
    async def handle_DATA(self, server, session, envelope):
        content = envelope.original_content
        message = email.message_from_bytes(content, policy=email.policy.default)
        defects = [str(defect) for part in message.walk() for defect in part.defects]
        defects += [str(defect) for value in message.values() for defect in value.defects]
        print(
            json.dumps(
                {
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "headers": [[name, str(value)] for name, value in message.items()],
                    "recipients": [str(address.addr_spec) for address in message["To"].addresses],
                    "text": text_of(message, "plain"),
                    "html": text_of(message, "html"),
                    "defects": defects,
                    "dkim": verified(content),
                }
            ),
            flush=True,
        )
        return "250 2.0.0 taken"


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
