"""What the bot tells people when it does not answer by itself."""

ERROR_MESSAGES = {
    "chat_not_found": "Não encontrei essa conversa. Comece uma nova ou escolha outra.",
    "message_not_found": "Não encontrei essa resposta nesta conversa.",
    "comment_too_long": "O comentário é longo demais. Escreva no máximo {limit} caracteres.",
    "question_empty": "Escreva uma mensagem antes de enviar.",
    "question_too_long": "Sua mensagem é longa demais. Envie até {limit} caracteres por vez.",
    "invalid_text": "Sua mensagem tem caracteres inválidos. Revise o texto e envie de novo.",
    "invalid_id": "O campo {field} deve ter de 1 a {limit} caracteres válidos.",
    "rate_limited": "Você enviou muitas mensagens em pouco tempo. Aguarde um minuto e tente de novo.",
    "chat_budget_spent": "Esta conversa ficou muito longa. Comece uma nova para continuar.",
    "user_budget_spent": "Você chegou ao limite de mensagens de hoje. Volte amanhã, por favor.",
    "turn_in_progress": "Ainda estou respondendo às mensagens anteriores. Aguarde a resposta.",
    "shutting_down": "O serviço está sendo reiniciado. Tente de novo em alguns instantes.",
    "model_throttled": "Estamos com muitas conversas agora. Tente de novo em alguns instantes.",
    "model_timeout": "A resposta demorou demais. Tente de novo.",
    "model_refused": "Não consigo responder agora por um problema de configuração. Já fomos avisados.",
    "model_interrupted": "A resposta foi interrompida no meio. Tente de novo.",
    "model_unavailable": "Não consigo responder agora. Tente de novo em alguns instantes.",
    "answer_too_long": "A resposta ficou longa demais para ser guardada. Peça uma mais curta.",
    "storage_unavailable": "Não consegui gravar a conversa agora. Tente de novo em alguns instantes.",
    "internal_error": "Algo deu errado do nosso lado. Tente de novo em alguns instantes.",
}

# Why a person goes on with a chat, and what the user is told then.
HANDED_OVER = {
    "asked_for_human": (
        "Passei esta conversa para a nossa equipe (protocolo {ticket}). Uma pessoa vai responder aqui mesmo; enquanto isso, pode continuar escrevendo."
    ),
    "complaint": (
        "Sinto muito por isso. Passei a sua reclamação para a nossa equipe (protocolo {ticket}). Uma pessoa vai responder aqui mesmo; enquanto isso, pode continuar escrevendo."
    ),
}

# In place of an answer that begins to tell the system prompt.
INSTRUCTIONS_WITHHELD = "As minhas instruções ficam comigo. Em que posso ajudar?"
