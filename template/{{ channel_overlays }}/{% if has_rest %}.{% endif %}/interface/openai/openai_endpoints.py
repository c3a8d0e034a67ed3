"""OpenAI's chat completions API, so that what was made for it talks to the bot."""

import time
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from fastapi.responses import JSONResponse

from app.core.errors import business_error
from app.core.service.chat.conversation_resuming import ConversationResuming
from app.core.service.chat.question_check import MAX_ID_CHARACTERS, is_valid_id
from app.core.settings.access import AuthMode
from app.dependency_injection.conversations import conversation_resuming
from interface.api.parameters import Caller, TheChatStorage
from interface.dependencies import Container, TheChatService, TheSettings
from interface.openai import texts
from interface.openai.completion_answer import CompletionBody, ModelBody, ModelsBody
from interface.openai.completion_request import CompletionRequestBody
from interface.openai.conversation import Conversation
from interface.openai.errors import error_response, error_responses
from interface.openai.model import MODEL_ID
from interface.openai.turn_answer import streamed_answer, whole_answer

# Whose the chats are with AUTH_MODE=none, where the client names nobody.
DEFAULT_USER = "local"

_STARTED_AT = int(time.time())
_EVENT = {
    "type": "object",
    "properties": {
        "data": {
            "type": "string",
            "description": "The JSON of a `chat.completion.chunk`, or of an error; last `[DONE]`",
        }
    },
    "required": ["data"],
}

router = APIRouter(
    prefix="/v1",
    tags=["openai"],
    # With "4XX" FastAPI does not tell of its own 422, which nobody gets here.
    responses=error_responses(400, 401, 403, 404, 409, 413, 429, "4XX", 500, 502, 503, 504),
)


async def _conversation_resuming(container: Container) -> ConversationResuming:
    return conversation_resuming(container)


TheConversationResuming = Annotated[ConversationResuming, Depends(_conversation_resuming)]
ChatIdHeader = Annotated[str | None, Header(description="As `chat_id` in the body")]
ModelId = Annotated[str, Path(max_length=MAX_ID_CHARACTERS)]
UserIdHeader = Annotated[str | None, Header(description="As `user` in the body")]


@router.post(
    "/chat/completions",
    response_model=CompletionBody,
    responses={200: {"content": {"text/event-stream": {"schema": _EVENT}}}},
)
async def create_completion(
    body: CompletionRequestBody,
    request: Request,
    caller: Caller,
    settings: TheSettings,
    chat_service: TheChatService,
    storage: TheChatStorage,
    resuming: TheConversationResuming,
    x_chat_id: ChatIdHeader = None,
    x_user_id: UserIdHeader = None,
) -> Response:
    """Answer the last message of a conversation: whole, or with `stream` in pieces (SSE)."""
    requested = body.user or x_user_id
    if requested is None and settings.auth_mode is AuthMode.NONE:
        requested = DEFAULT_USER
    if requested is None and caller.user_id is None:
        return error_response(
            "user_id_required", texts.USER_REQUIRED, HTTPStatus.BAD_REQUEST, param="user"
        )
    user_id = caller.user_for(requested)
    refusal = body.refusal()
    if refusal is not None:
        return error_response(
            "unsupported_parameter",
            refusal.message,
            HTTPStatus.BAD_REQUEST,
            param=refusal.param,
        )
    chat_id = body.chat_id or x_chat_id
    if chat_id is not None and not is_valid_id(chat_id):
        raise business_error("invalid_id", field="chat_id", limit=MAX_ID_CHARACTERS)
    conversation = await Conversation.of(body, user_id, chat_id, resuming, storage)
    events = chat_service.run(conversation.request, conversation.known_session)
    if body.stream:
        includes_usage = body.includes_usage
        return await streamed_answer(events, conversation, includes_usage=includes_usage)
    return await whole_answer(events, request, conversation)


@router.get("/models")
async def list_models(caller: Caller) -> ModelsBody:
    """List the one model there is: the bot."""
    return ModelsBody(data=[_bot()])


@router.get("/models/{model}", response_model=ModelBody)
async def retrieve_model(model: ModelId, caller: Caller) -> Response:
    """Describe the bot."""
    if model == MODEL_ID:
        return JSONResponse(_bot().model_dump())
    message = texts.MODEL_NOT_FOUND.format(model=MODEL_ID)
    return error_response("model_not_found", message, HTTPStatus.NOT_FOUND, param="model")


@router.api_route(
    "/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
)
async def unknown(path: str) -> Response:
    """Say what there is to whoever looks for the rest of OpenAI's API."""
    return error_response("unknown_url", texts.UNKNOWN_URL, HTTPStatus.NOT_FOUND)


def _bot() -> ModelBody:
    return ModelBody(created=_STARTED_AT)
