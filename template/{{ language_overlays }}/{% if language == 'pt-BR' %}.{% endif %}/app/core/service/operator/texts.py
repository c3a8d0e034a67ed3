"""What operators are told when something cannot be done."""

UNAUTHORIZED = "Esta chave de atendente não é válida."
CROSS_SITE = "Pedidos vindos de outros sites são recusados."
TICKET_NOT_FOUND = "Esta conversa não está mais aberta: já foi devolvida ao bot."
INVALID_TEXT = "Escreva uma mensagem de 1 a {limit} caracteres."
INVALID_DAYS = "Escolha o primeiro e o último dia, com no máximo {limit} dias ao todo."
INVALID_CURSOR = "O cursor não é desta lista. Comece de novo sem ele."
