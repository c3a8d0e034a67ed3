"""The offline model's words: what it listens for, and what it says."""

# The rest of a phrase, and the part of it that is about one thing.
_REST = r"[^,.;!?\n]*"
_PART = r"[^,.;!?\n]*?(?=[,.;!?\n]|\b(?:e|mas|porque)\b|$)"

DEVICE = r"\b(?:celular|notebook|computador|(?<!do )roteador|tv|tablet|videogame|todos(?: os aparelhos)?)\b"
PROBLEM = r"\blent\w+|\bca(?:i|iu|em|indo)\b|sem internet|n[aã]o conecta|sem sinal|trava"
SYMPTOM = rf"luz{_REST}|à noite|longe{_REST}|todos os aparelhos|s[oó] (?:no|na|em){_REST}|depois de{_REST}|senha{_REST}"
TRIED = rf"(?:reinici|resete)\w*{_PART}|troquei{_PART}|desliguei{_PART}"
# A device that is named here is not the one of the problem.
ASIDE = rf"(?:roteador{_REST}?)?\bluz{_PART}|{TRIED}"

QUESTIONS = {
    "device": "Em qual aparelho isso acontece: celular, notebook, TV, ou em todos?",
    "problem": "O que acontece: a internet está lenta, cai, ou não conecta?",
    "symptoms": "O que mais você notou? Por exemplo, uma luz do roteador, ou a hora em que acontece.",
}
AFTER_REPORT = (
    "Espero que ajude. Se ainda não funcionar, diga o que nota agora, ou peça um atendente."
)

KNOWN = "**O que sei**"
CAUSES = "**Causas prováveis**"
FAILED = "Não consegui consultar as causas agora. Tente de novo em alguns minutos."
NOTHING = "Nenhuma causa conhecida corresponde. Fale com o suporte da sua operadora."
