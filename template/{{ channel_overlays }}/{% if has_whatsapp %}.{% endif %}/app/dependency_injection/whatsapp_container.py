"""The WhatsApp channel, wired to the table, the Graph API and the chat service."""

from dependency_injector import containers, providers

from app.core.config import Settings
from app.core.observability.queue_reading import QueueReading
from app.core.observability.readings import BacklogReading
from app.core.observability.whatsapp_metrics import WhatsAppMetrics
from app.core.service.whatsapp.correspondence import Correspondence
from app.core.service.whatsapp.deliveries_first import DeliveriesFirst
from app.core.service.whatsapp.dispatcher import Dispatcher
from app.core.service.whatsapp.leftovers import Leftovers
from app.core.service.whatsapp.pseudonyms import Pseudonyms
from app.core.service.whatsapp.queue_dispatcher import QueueDispatcher
from app.core.service.whatsapp.reactions import Reactions
from app.core.service.whatsapp.reply_delivery import ReplyDelivery
from app.core.service.whatsapp.undelivered import UndeliveredMessages
from app.core.service.whatsapp.wake_handler import WakeHandler
from app.core.service.whatsapp.whatsapp_chat_service import WhatsAppChatService
from app.core.service.whatsapp.whatsapp_service import GraphOptions, WhatsAppService
from app.core.service.whatsapp.whatsapp_turn import WhatsAppTurn
from infra.repositories.whatsapp_people_repository import WhatsAppPeopleRepository
from infra.repositories.whatsapp_repository import WhatsAppRepository
from infra.repositories.whatsapp_sent_repository import WhatsAppSentRepository
from infra.sqs.sqs_person_queue import QueueOptions, SqsPersonQueue

# Whoever is in the queue is answered without it: it is for what was never put there, or set aside.
# While many are in the queue, who waits is most likely among them.
_SWEEP_SECONDS = 60.0
_GRACE_SECONDS = 60.0


class WhatsAppContainer(containers.DeclarativeContainer):
    """Everything that only the WhatsApp channel has."""

    settings = providers.Dependency(instance_of=Settings)
    gateways = providers.DependenciesContainer()
    repositories = providers.DependenciesContainer()
    services = providers.DependenciesContainer()

    metrics = providers.Singleton(WhatsAppMetrics, services.metrics)
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
            version=settings.provided.whatsapp_graph_version,
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
    answering = providers.Singleton(DeliveriesFirst, correspondence)
    person_queue = providers.Singleton(
        SqsPersonQueue,
        gateways.aws_connection,
        providers.Factory(
            QueueOptions,
            url=settings.provided.whatsapp_queue_url,
            endpoint_url=settings.provided.aws_endpoint_url_sqs,
        ),
    )
    wake_handler = providers.Singleton(WakeHandler, answering)
    leftovers = providers.Singleton(
        Leftovers,
        inbox,
        person_queue.provided.send_once_in_a_while,
        every_seconds=_SWEEP_SECONDS,
        grace_seconds=_GRACE_SECONDS,
        has_room=person_queue.provided.is_short,
    )
    inbox_reading = providers.Singleton(
        BacklogReading,
        services.metrics,
        "chatbot_whatsapp_people_waiting",
        "chatbot_whatsapp_oldest_wait_seconds",
        inbox.provided.backlog,
    )
    readings = providers.Selector(
        settings.provided.whatsapp_waking,
        in_process=providers.List(inbox_reading),
        queue=providers.List(
            inbox_reading, providers.Singleton(QueueReading, metrics, person_queue)
        ),
    )
    waking = providers.Selector(
        settings.provided.whatsapp_waking,
        in_process=providers.Singleton(Dispatcher, answering, inbox),
        queue=providers.Singleton(
            QueueDispatcher, person_queue, wake_handler, answering, leftovers
        ),
    )
    undelivered = providers.Singleton(
        UndeliveredMessages,
        providers.Singleton(WhatsAppSentRepository, gateways.dynamodb_client),
        repositories.ticket_repository,
        metrics,
        pseudonyms,
    )
    whatsapp_chat_service = providers.Singleton(
        WhatsAppChatService,
        inbox=inbox,
        people=people,
        waking=waking,
        answering=answering,
        whatsapp=whatsapp_service,
        undelivered=undelivered,
        reactions=providers.Singleton(Reactions, people, services.feedback_service, pseudonyms),
    )
