"""Conversations with the offline model, held in a rendered bot, for the pages of the presets."""

import json
import os
import re
import subprocess
from pathlib import Path

from tools.docs_words import Words

# What the person says, by preset and language: each conversation walks several branches of its graph.
SAID = {
    "basic": {
        "pt-BR": ["Olá! O que você sabe fazer?", "E agora?", "Quero falar com uma pessoa."],
        "en": ["Hello! What can you do?", "And now?", "I want to talk to a person."],
    },
    "intent_routing": {
        "pt-BR": ["Qual é o prazo de entrega?", "Quanto custa o moedor?", "Obrigado!"],
        "en": ["How long does delivery take?", "What does the grinder cost?", "Thanks!"],
    },
    "customer_support": {
        "pt-BR": [
            "Onde está o meu pedido?",
            "É o 1001",
            "E o frete, quanto é?",
            "O pacote chegou com um item quebrado, quero reclamar!",
        ],
        "en": [
            "Where is my order?",
            "It is 1001",
            "And what does shipping cost?",
            "The parcel came with a broken item, I want to complain!",
        ],
    },
    "sales": {
        "pt-BR": ["Quero um moedor", "Não é caro?", "Gostei, como compro?"],
        "en": ["I want a grinder", "Is that not expensive?", "I'll take it, how do I buy it?"],
    },
    "diagnosis": {
        "pt-BR": [
            "A minha internet está lenta",
            "No celular",
            "Só no quarto, longe do roteador. Já reiniciei o roteador",
        ],
        "en": [
            "My internet is slow",
            "On the phone",
            "Only in the bedroom, far from the router. I restarted the router",
        ],
    },
}
LIMIT_SECONDS = 120

_IN_THE_BOT = Path(__file__).with_name("converse_in_bot.py")
# It differs with every run.
_TICKET = re.compile(r"\b\d{8}-[A-Z0-9]{6}\b")
_SOME_TICKET = "20270115-K7MPQX"


def transcript(bot: Path, preset: str, words: Words, python: Path) -> str:
    """Hold the conversation of a preset in a bot of it, and return it as Markdown."""
    done = subprocess.run(
        [str(python), str(_IN_THE_BOT)],
        cwd=bot,
        env=os.environ | {"PYTHONPATH": str(bot)},
        input=json.dumps(SAID[preset][words.language]),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        timeout=LIMIT_SECONDS,
        check=True,
    )
    return "\n\n".join(
        f'<div class="said" markdown>\n\n{turn["said"]}\n\n</div>\n\n'
        f'<div class="answered" markdown>\n\n{_TICKET.sub(_SOME_TICKET, turn["answer"])}\n\n</div>\n\n'
        f'<div class="steps" markdown>\n\n{_steps(turn, words)}\n\n</div>'
        for turn in json.loads(done.stdout)
    )


def _steps(turn: dict[str, str | list[str]], words: Words) -> str:
    steps = " → ".join(f"`{name}`" for name in turn["steps"])
    return f"{words.steps}: {steps}" + (f" ({words.waiting})" if turn["is_waiting"] else "")
