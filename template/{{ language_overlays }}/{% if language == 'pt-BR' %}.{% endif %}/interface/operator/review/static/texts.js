// What the review page says while it runs; its fixed words are in index.html.

export const texts = {
  authors: { user: "Usuário", assistant: "Bot", operator: "Atendente" },
  collected: "Adicionada às avaliações",
  collectedLong: "A conversa até esta resposta foi adicionada às avaliações. Você pode baixar a linha.",
  commentSaved: "Comentário gravado.",
  found: (count) => (count === 0 ? "Nenhuma conversa encontrada." : count === 1 ? "1 conversa" : `${count} conversas`),
  foundAmong: (count, among) => `${count} encontradas entre ${among} conversas`,
  handedOver: "Passada a uma pessoa",
  milliseconds: (count) => `${count} ms`,
  opening: "Abrindo a conversa…",
  rated: { good: "Avaliada como boa.", bad: "Avaliada como ruim." },
  ratingTakenBack: "A avaliação foi retirada.",
  searching: "Buscando…",
  since: (time) => `desde ${time}`,
  steps: (count, milliseconds) => `${count === 1 ? "1 etapa" : `${count} etapas`} · ${milliseconds} ms`,
  tokens: (input, output) => `${input} tokens de entrada, ${output} de saída`,
  tools: (names) => `Ferramentas: ${names}`,
  trace: (id) => `Trace ${id}`,
  unanswered: (code) => `Sem resposta: ${code}`,
  untitled: "Conversa sem título",
  userRated: { good: "O usuário avaliou como boa.", bad: "O usuário avaliou como ruim." },
};
