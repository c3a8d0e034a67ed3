// What the page says while it runs; its fixed words are in index.html.

export const texts = {
  answered: "respondida",
  authors: { user: "Usuário", assistant: "Bot", operator: "Atendente" },
  closed: "Esta conversa foi devolvida ao bot. O que você escreveu continua aqui, mas não pode mais ser enviado.",
  errors: {
    unanswered: "O servidor não respondeu. Veja se já foi feito antes de tentar de novo; o que você escreveu continua aqui.",
    unknown: "Algo deu errado do nosso lado. Tente de novo em instantes.",
    unreachable: "O servidor não está respondendo.",
  },
  keyCharacters: "Uma chave não tem espaços nem acentos. Confira e tente de novo.",
  left: (count) => (count === 1 ? "resta 1 caractere" : `restam ${count} caracteres`),
  loading: "Carregando…",
  newTickets: (count) => (count === 1 ? "Há uma nova conversa à espera." : `Há ${count} novas conversas à espera.`),
  noSummary: "Sem resumo",
  noTickets: "Ninguém está à espera de uma pessoa.",
  opening: "Abrindo a conversa…",
  reasons: { asked_for_human: "Pediu uma pessoa", complaint: "Reclamação" },
  released: "A conversa foi devolvida ao bot.",
  sent: "Mensagem enviada.",
  signIn: "Entrar",
  signingIn: "Entrando…",
  since: (time) => `desde ${time}`,
  ticket: (number) => `Protocolo ${number}`,
  tooLong: (count) => (count === 1 ? "1 caractere a mais" : `${count} caracteres a mais`),
  waiting: (time) => `espera há ${time}`,
  waitingBriefly: "acabou de escrever",
};
