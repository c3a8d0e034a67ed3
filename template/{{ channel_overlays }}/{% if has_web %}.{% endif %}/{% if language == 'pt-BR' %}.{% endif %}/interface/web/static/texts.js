// What the page says while it runs; its fixed words are in index.html.

export const texts = {
  answering: { none: "", person: "Você está falando com uma pessoa.", assistant: "O assistente voltou a responder." },
  authors: {
    user: "Você",
    assistant: "Assistente",
    operator: "Atendente",
  },
  connection: {
    connecting: "Conectando…",
    online: "Conectado",
    offline: "Reconectando…",
    refused: "Acesso recusado",
  },
  errors: {
    cancelled: "Resposta interrompida a seu pedido.",
    chat_not_found: "Não encontramos mais esta conversa. A próxima mensagem começa uma nova.",
    connection_lost: "A conexão caiu antes do fim da resposta. A sua pergunta continua aqui.",
    rate_limited: "Foram muitas mensagens em pouco tempo. Espere um minuto e tente de novo.",
    turn_in_progress: "A resposta anterior ainda está a caminho. Espere um instante e tente de novo.",
    unauthorized: "O acesso foi recusado. Confira o seu token e tente de novo.",
    unknown: "Algo deu errado do nosso lado. Tente de novo em instantes.",
  },
  chatsFailed: "Não foi possível carregar as suas conversas.",
  commentSent: "Obrigado, o seu comentário foi enviado.",
  copied: "Mensagem copiada",
  noAnswer: "O assistente não respondeu a esta mensagem.",
  noChats: "As suas conversas aparecem aqui.",
  opened: (title) => `Conversa aberta: ${title}`,
  rated: {
    good: "Avaliada como boa. Você pode acrescentar um comentário.",
    bad: "Avaliada como ruim. Você pode acrescentar um comentário.",
  },
  ratingLost: "A conexão caiu antes de a sua avaliação ser gravada. Tente de novo em instantes.",
  ratingTakenBack: "A sua avaliação foi retirada.",
  rename: (title) => `Renomear a conversa “${title}”`,
  tokenRefused: "Este token não foi aceito. Confira e tente de novo.",
  untitled: "Conversa sem título",
};
