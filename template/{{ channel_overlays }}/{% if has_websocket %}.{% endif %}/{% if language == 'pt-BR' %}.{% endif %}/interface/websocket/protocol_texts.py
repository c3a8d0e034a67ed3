"""The words of the socket's documentation."""

from typing import Any

PROTOCOL = (
    "Uma conversa com o bot por um WebSocket, em mensagens de texto com JSON. `connected` vem primeiro."
    " Um turno é `start` e depois `agent_response` e `end`, ou um único `error`; nada mais vem com esse"
    " `message_id`. Há um turno por vez. Campos podem ser acrescentados; ignore os que não conhece."
)
CHANNEL = "Uma conexão de um cliente."
TAKE = "O que o cliente envia."
TELL = "O que o bot envia."
CREDENTIAL = (
    "Uma chave de API ou um JSON Web Token, conforme AUTH_MODE: no cabeçalho Authorization ou, em"
    " navegadores, como o subprotocolo `bearer.<token>`, que é devolvido."
)
MESSAGES = {
    "question": "Uma pergunta; abre um chat ou continua o de `chat_id`.",
    "cancel": "Interrompe a resposta em andamento.",
    "follow": "Pede para receber o que pessoas da equipe escrevem neste chat.",
    "feedback": "Diz o que o usuário acha de uma resposta, no lugar do que achava antes.",
    "connected": "A conexão está aberta. É o primeiro evento, uma só vez.",
    "start": "A pergunta foi aceita e guardada.",
    "token": "Um pedaço da resposta, só se a pergunta tem `stream`; juntos eles são `full_text`.",
    "agent_response": "A resposta inteira.",
    "end": "O turno foi guardado e terminou.",
    "error": "O turno falhou, ou o que o cliente enviou foi recusado. A conexão continua aberta.",
    "following": "O chat é acompanhado a partir daqui.",
    "operator_message": "Uma pessoa da equipe escreveu ao usuário.",
    "handoff_ended": "O bot volta a responder neste chat.",
    "feedback_recorded": "O que o usuário acha da resposta foi guardado.",
}
FIELDS = {
    "type": "Qual mensagem é esta.",
    "user_id": "O usuário; necessário quando a credencial não o identifica.",
    "question": "O que o usuário diz; são respondidos no máximo 16.000 caracteres.",
    "chat_id": "O chat. Se for nulo ou faltar em uma pergunta, um novo é aberto.",
    "session_id": "A visita ao chat. Se for nula, faltar ou já tiver terminado, uma nova começa.",
    "stream": "Se a resposta também é enviada em pedaços enquanto é escrita.",
    "after": "A mensagem mais nova do chat que o cliente tem; o que veio depois é enviado primeiro.",
    "message": "Uma frase para pessoas, no idioma do bot.",
    "message_id": "O id da resposta; em `operator_message`, o dessa mensagem.",
    "trace_id": "O que procurar nos logs e traces do turno.",
    "delta": "O próximo pedaço da resposta.",
    "content": "O texto inteiro.",
    "full_text": "A resposta inteira; vazia enquanto o chat está com uma pessoa.",
    "handoff": "Uma pessoa continua o chat, e nele o bot fica em silêncio.",
    "code": "Qual falha é esta; nunca muda.",
    "created_at": "Quando foi escrita, em UTC.",
    "rating": "`good` ou `bad`; nulo retira a opinião.",
    "comment": "O porquê, nas palavras do usuário; no máximo 1.000 caracteres.",
    "request": "`feedback` se foi ele o recusado; um turno em andamento continua.",
}
_IDS = {
    "message_id": "msg_0198c0de4b2a7f3e8a1b2c3d4e5f6071",
    "session_id": "sess_0198c0de4b2a70018a1b2c3d4e5f6072",
    "chat_id": "chat_0198c0de4b2a70028a1b2c3d4e5f6073",
}
_CHAT = {"chat_id": _IDS["chat_id"]}
_MESSAGE = {"message_id": _IDS["message_id"]}
_TRACE = {"trace_id": "0af7651916cd43dd8448eb211c80319c"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "question": {"user_id": "user_123", "question": "Olá!", "stream": True},
    "cancel": {"type": "cancel"},
    "follow": {"type": "follow", "user_id": "user_123", **_CHAT},
    "feedback": {
        "type": "feedback",
        "user_id": "user_123",
        **_CHAT,
        **_MESSAGE,
        "rating": "good",
        "comment": "Era o que eu queria.",
    },
    "connected": {"type": "connected", "message": "Conexão estabelecida."},
    "start": {"type": "start", **_IDS, **_TRACE},
    "token": {"type": "token", **_MESSAGE, "delta": "Bom "},
    "agent_response": {"type": "agent_response", **_MESSAGE, "content": "Bom dia!"},
    "end": {"type": "end", **_IDS, "full_text": "Bom dia!", **_TRACE},
    "error": {
        "type": "error",
        "code": "rate_limited",
        "message": "Você enviou muitas mensagens em pouco tempo. Aguarde um minuto e tente de novo.",
        **_MESSAGE,
        **_TRACE,
    },
    "following": {"type": "following", **_CHAT, "handoff": True},
    "operator_message": {
        "type": "operator_message",
        **_CHAT,
        **_MESSAGE,
        "content": "Olá, aqui é a Rita. Como posso ajudar?",
        "created_at": "2026-11-20T12:00:00.000000Z",
    },
    "handoff_ended": {"type": "handoff_ended", **_CHAT},
    "feedback_recorded": {"type": "feedback_recorded", **_CHAT, **_MESSAGE, "rating": "good"},
}
