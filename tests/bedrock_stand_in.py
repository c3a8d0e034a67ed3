"""Run by a bot's Python in the bot's folder: Bedrock's wire, answering until the input ends."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from tests.support.bedrock_fake import BedrockFake, Reply

bedrock = BedrockFake()
bedrock.always(Reply(text=("Good ", "day ", "from Bedrock.")))
print(bedrock.url, flush=True)
sys.stdin.read()
print(len(bedrock.requests), flush=True)
bedrock.close()
