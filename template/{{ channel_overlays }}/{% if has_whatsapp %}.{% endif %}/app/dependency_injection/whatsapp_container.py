"""The WhatsApp channel, wired to the table, the Graph API and the chat service."""

from dependency_injector import containers, providers

from app.core.config import Settings
from app.core.service.whatsapp.correspondence import Correspondence
from app.core.service.whatsapp.dispatcher import Dispatcher
from app.core.service.whatsapp.pseudonyms import Pseudonyms
from app.core.service.whatsapp.reply_delivery import ReplyDelivery
from app.core.service.whatsapp.whatsapp_chat_service import WhatsAppChatService
from app.core.service.whatsapp.whatsapp_service import GraphOptions, WhatsAppService
from app.core.service.whatsapp.whatsapp_turn import WhatsAppTurn
from infra.repositories.whatsapp_people_repository import WhatsAppPeopleRepository
from infra.repositories.whatsapp_repository import WhatsAppRepository


class WhatsAppContainer(containers.DeclarativeContainer):
    """Everything that only the WhatsApp channel has."""

    settings = providers.Dependency(instance_of=Settings)
    gateways = providers.DependenciesContainer()
    repositories = providers.DependenciesContainer()
    services = providers.DependenciesContainer()

    inbox = providers.Singleton(WhatsAppRepository, gateways.dynamodb_client)
    people = providers.Singleton(WhatsAppPeopleRepository, gateways.dynamodb_client)
    pseudonyms = providers.Singleton(
        Pseudonyms, settings.provided.whatsapp_app_secret.get_secret_value.call()
    )
    whatsapp_service = providers.Singleton(
        WhatsAppService,
        gateways.http_client,
        providers.Factory(
            GraphOptions,
            base_url=settings.provided.whatsapp_graph_url,
            phone_number_id=settings.provided.whatsapp_phone_number_id,
            access_token=settings.provided.whatsapp_access_token.get_secret_value.call(),
        ),
    )
    correspondence = providers.Singleton(
        Correspondence,
        inbox=inbox,
        people=people,
        turn=providers.Factory(WhatsAppTurn, services.chat_service, repositories.chat_repository),
        delivery=providers.Factory(ReplyDelivery, inbox, whatsapp_service, pseudonyms),
        whatsapp=whatsapp_service,
        pseudonyms=pseudonyms,
    )
    whatsapp_chat_service = providers.Singleton(
        WhatsAppChatService,
        inbox=inbox,
        people=people,
        dispatcher=providers.Factory(Dispatcher, correspondence, inbox),
        whatsapp=whatsapp_service,
        pseudonyms=pseudonyms,
    )
