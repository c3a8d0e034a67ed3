"""The offline model's words: what it listens for, and what it says."""

DEVICE = r"\b(?:celular|notebook|computador|(?<!do )roteador|tv|tablet|videogame|todos(?: os aparelhos)?)\b"
PROBLEM = r"\blent\w+|\bca(?:i|iu|em|indo)\b|sem internet|n[aã]o conecta|sem sinal|trava"
SYMPTOM = r"luz[^,.;]*|à noite|longe[^,.;]*|todos os aparelhos|s[oó] (?:no|na|em)[^,.;]*|depois de[^,.;]*|senha[^,.;]*"
TRIED = r"reinici\w*[^,.;]*|troquei[^,.;]*|desliguei[^,.;]*"

QUESTIONS = {
    "device": "Em qual aparelho isso acontece: celular, notebook, TV, ou em todos?",
    "problem": "O que acontece: a internet está lenta, cai, ou não conecta?",
    "symptoms": "O que mais você notou? Por exemplo, uma luz do roteador, ou a hora em que acontece.",
}

KNOWN = "**O que sei**"
CAUSES = "**Causas prováveis**"
FAILED = "Não consegui consultar as causas agora. Tente de novo em alguns minutos."
NOTHING = "Nenhuma causa conhecida corresponde. Fale com o suporte da sua operadora."
