"""Bedrock's wire in a process of its own, until its input ends: python -m tests.bench.model PAUSE

In the process that measures it would take the time that the many chats there need.
"""

import sys

from tests.support.bedrock_fake import BedrockFake, Reply

PIECES = tuple(f"{number:02}-" for number in range(30))
ANSWER = "".join(PIECES)


def main(pause: str) -> None:
    """Answer every request with PIECES, PAUSE seconds before each."""
    bedrock = BedrockFake()
    bedrock.always(Reply(text=PIECES, pause=float(pause)))
    print(bedrock.url, flush=True)
    sys.stdin.read()
    bedrock.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
