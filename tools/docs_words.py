"""The words of the generated parts of docs/, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What the generated parts say in one language."""

    language: str
    question_columns: str
    answer_columns: str
    preset_columns: str
    cost_columns: str
    default: str
    web: str
    files_of: str
    diagram: str
    # Where the site tells what a page of a bot's docs/ tells.
    pages_of_bots: Mapping[str, str]
    steps: str
    waiting: str


_PAGES = {"handoff.md": "../operate/people.md", "costs.md": "../costs.md"}

WORDS = {
    "pt-BR": Words(
        language="pt-BR",
        question_columns="| Pergunta | Padrão | O que é |",
        answer_columns="| Resposta | Arquivos | Dependências | Configurações | Endpoints |",
        preset_columns="| Resposta | Arquivos próprios | Frases avaliadas | Conversas avaliadas |",
        cost_columns=(
            "| Destino | Um mês sem um turno | 1.000 turnos pelo WebSocket | 1.000 turnos por REST"
            " | 1.000 turnos pelo WhatsApp |"
        ),
        default="(padrão)",
        web="websocket ou rest",
        files_of="Arquivos de {answer}",
        diagram="Diagrama",
        pages_of_bots=_PAGES,
        steps="Etapas",
        waiting="espera a pessoa",
    ),
    "en": Words(
        language="en",
        question_columns="| Question | Default | What it is |",
        answer_columns="| Answer | Files | Dependencies | Settings | Endpoints |",
        preset_columns="| Answer | Files of its own | Eval utterances | Eval conversations |",
        cost_columns=(
            "| Target | A month without a turn | 1,000 turns over WebSocket | 1,000 turns over REST"
            " | 1,000 turns over WhatsApp |"
        ),
        default="(default)",
        web="websocket or rest",
        files_of="Files of {answer}",
        diagram="Diagram",
        pages_of_bots=_PAGES,
        steps="Steps",
        waiting="waits for the person",
    ),
}
