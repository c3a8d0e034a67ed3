"""What the pages of the protocols' reference say in each language.

What the bot itself says of its socket, it says in its own language, and it is taken from there.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language's."""

    socket_title: str
    socket_lead: str
    taken: str
    told: str
    rest_title: str
    rest_lead: str
    parameters: str
    body: str
    answer: str
    items: str
    errors: str
    error_lead: str
    columns: tuple[str, str, str, str]
    code_columns: tuple[str, str]
    status_columns: tuple[str, str, str]
    needed: tuple[str, str]
    operations: dict[str, str]
    fields: dict[str, str]


PORTUGUESE = Words(
    socket_title="WebSocket: referência",
    socket_lead="Esta página é gerada da descrição AsyncAPI que um bot publica em `/asyncapi.json` fora da produção.",
    taken="O que o cliente envia",
    told="O que o bot envia",
    rest_title="REST: referência",
    rest_lead="Esta página é gerada da descrição OpenAPI que um bot publica em `/openapi.json` fora da produção.",
    parameters="Parâmetros:",
    body="O corpo do pedido:",
    answer="A resposta:",
    items="Cada um de `items`:",
    errors="Códigos de erro",
    error_lead="Os códigos nunca mudam; as frases, no idioma do bot, são para pessoas.",
    columns=("Campo", "Tipo", "Obrigatório", "O que é"),
    code_columns=("Código", "Frase"),
    status_columns=("Código", "Status", "Frase"),
    needed=("sim", "não"),
    operations={
        "GET /api/chats/": "Lista os chats do usuário, do mais novo ao mais antigo, se nada for pedido.",
        "GET /api/chats/{chat_id}/messages": "Lista as mensagens de um chat, da mais antiga à mais nova, se nada for pedido.",
        "GET /api/chats/{chat_id}/sessions": "Lista as sessões de um chat, da mais antiga à mais nova, se nada for pedido.",
        "PATCH /api/chats/{chat_id}/title": "Dá um título a um chat; daí em diante o bot não o muda mais.",
        "POST /api/chats/{chat_id}/messages/{message_id}/feedback": "Grava o que o usuário acha de uma resposta, no lugar do que achava antes.",
        "POST /api/chats/completions": "Responde a uma pergunta: com um objeto JSON ou, com `stream`, com os eventos do turno (SSE).",
        "GET /health": "Diz que o processo está vivo; não faz entrada nem saída.",
        "GET /ready": "Diz se novos turnos dariam certo: a tabela responde e o bot não está parando.",
        "POST /v1/chat/completions": "Responde à última mensagem de uma conversa no formato da OpenAI: inteira ou, com `stream`, em pedaços (SSE).",
        "GET /v1/models": "Lista o único modelo que há: o bot.",
        "GET /v1/models/{model}": "Descreve o bot como um modelo.",
    },
    fields={
        "after": "a mensagem mais nova do chat que o cliente tem",
        "audio": "recusado",
        "chat_id": "o chat",
        "choices": "a resposta, em `message.content` da primeira e única escolha",
        "content": "o texto",
        "created": "quando, em segundos desde 1970",
        "created_at": "quando foi criado, em UTC",
        "cursor": "o `next_cursor` da página anterior",
        "data": "os modelos",
        "ended_at": "quando terminou, em UTC; nulo enquanto não terminou",
        "full_text": "a resposta inteira; vazia enquanto o chat está com uma pessoa",
        "functions": "recusado, se houver alguma",
        "handoff": "uma pessoa continua o chat",
        "id": "o id; de uma resposta, o da mensagem",
        "is_active": "se ainda não terminou",
        "items": "os itens desta página",
        "limit": "quantos itens no máximo",
        "logprobs": "recusado, se verdadeiro",
        "message_id": "a mensagem",
        "messages": "a conversa; a última mensagem é a pergunta",
        "modalities": "só texto",
        "model": "o modelo: qualquer nome no pedido, o do bot na resposta",
        "n": "só 1",
        "next_cursor": "pede o que vem depois; nulo no fim",
        "object": "o tipo do objeto, como na OpenAI",
        "order": "`asc` ou `desc`",
        "owned_by": "o bot",
        "preview": "o começo da última resposta",
        "question": "o que o usuário diz",
        "response_format": "só texto",
        "role": "`user`, `assistant` ou `operator`",
        "session_id": "a sessão, uma visita ao chat",
        "started_at": "quando começou, em UTC",
        "stream": "se a resposta vem em pedaços",
        "stream_options": "`include_usage`: um último pedaço com `usage`",
        "title": "o título",
        "rating": "a opinião: `good`, `bad`, ou nulo para tirá-la",
        "rated_at": "quando ela foi dada",
        "comment": "o que a pessoa diz sobre a resposta",
        "tools": "recusado, se houver alguma",
        "top_logprobs": "recusado",
        "trace_id": "o que procurar nos logs e traces",
        "updated_at": "quando foi respondido pela última vez, em UTC",
        "usage": "os tokens de todas as chamadas ao modelo no turno",
        "user": "o usuário, quando a credencial não o identifica",
        "user_id": "o usuário, quando a credencial não o identifica",
        "x-chat-id": "como `chat_id` no corpo",
        "x-user-id": "como `user` no corpo",
    },
)

ENGLISH = Words(
    socket_title="WebSocket: reference",
    socket_lead="This page is generated from the AsyncAPI description that a bot publishes at `/asyncapi.json` outside production.",
    taken="What the client sends",
    told="What the bot sends",
    rest_title="REST: reference",
    rest_lead="This page is generated from the OpenAPI description that a bot publishes at `/openapi.json` outside production.",
    parameters="Parameters:",
    body="The body of the request:",
    answer="The answer:",
    items="Each of `items`:",
    errors="Error codes",
    error_lead="The codes never change; the sentences, in the bot's language, are for people.",
    columns=("Field", "Type", "Required", "What it is"),
    code_columns=("Code", "Sentence"),
    status_columns=("Code", "Status", "Sentence"),
    needed=("yes", "no"),
    operations={
        "GET /api/chats/": "Lists the user's chats, the newest first unless asked otherwise.",
        "GET /api/chats/{chat_id}/messages": "Lists the messages of a chat, the oldest first unless asked otherwise.",
        "GET /api/chats/{chat_id}/sessions": "Lists the sessions of a chat, the oldest first unless asked otherwise.",
        "PATCH /api/chats/{chat_id}/title": "Gives a chat a title; from then on the bot never changes it.",
        "POST /api/chats/{chat_id}/messages/{message_id}/feedback": "Keeps what the user thinks of an answer, in place of what they thought before.",
        "POST /api/chats/completions": "Answers a question: with one JSON object or, with `stream`, with the events of the turn (SSE).",
        "GET /health": "Tells that the process is alive; does no input or output.",
        "GET /ready": "Tells whether new turns would succeed: the table answers and the bot is not stopping.",
        "POST /v1/chat/completions": "Answers the last message of a conversation in OpenAI's format: whole or, with `stream`, in pieces (SSE).",
        "GET /v1/models": "Lists the one model there is: the bot.",
        "GET /v1/models/{model}": "Describes the bot as a model.",
    },
    fields={
        "after": "the newest message the client has of the chat",
        "audio": "refused",
        "chat_id": "the chat",
        "choices": "the answer, in `message.content` of the first and only choice",
        "content": "the text",
        "created": "when, in seconds since 1970",
        "created_at": "when it was made, in UTC",
        "cursor": "the `next_cursor` of the page before",
        "data": "the models",
        "ended_at": "when it ended, in UTC; null while it has not",
        "full_text": "the whole answer; empty while a person has the chat",
        "functions": "refused, if there are any",
        "handoff": "a person goes on with the chat",
        "id": "the id; of an answer, its message's",
        "is_active": "whether it has not ended yet",
        "items": "the items of this page",
        "limit": "most items to return",
        "logprobs": "refused, if true",
        "message_id": "the message",
        "messages": "the conversation; the last message is the question",
        "modalities": "text only",
        "model": "the model: any name in a request, the bot's in an answer",
        "n": "only 1",
        "next_cursor": "asks for what follows; null at the end",
        "object": "the kind of object, as with OpenAI",
        "order": "`asc` or `desc`",
        "owned_by": "the bot",
        "preview": "the beginning of the last answer",
        "question": "what the user says",
        "response_format": "text only",
        "role": "`user`, `assistant` or `operator`",
        "session_id": "the session, one visit to the chat",
        "started_at": "when it began, in UTC",
        "stream": "whether the answer comes in pieces",
        "stream_options": "`include_usage`: a last piece with `usage`",
        "title": "the title",
        "rating": "the opinion: `good`, `bad`, or null to take it back",
        "rated_at": "when it was given",
        "comment": "what the person says of the answer",
        "tools": "refused, if there are any",
        "top_logprobs": "refused",
        "trace_id": "what to look for in the logs and traces",
        "updated_at": "when it was last answered, in UTC",
        "usage": "the tokens of all model calls of the turn",
        "user": "the user, where the credential does not name one",
        "user_id": "the user, where the credential does not name one",
        "x-chat-id": "as `chat_id` in the body",
        "x-user-id": "as `user` in the body",
    },
)
