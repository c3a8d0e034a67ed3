"""Who traces the turns, and whose prompts they are asked with."""

import httpx

from app.core.config import Settings
from app.core.ports.prompts import Prompts
from app.core.ports.tracing import Tracing
from app.core.settings.core import GRAPH_PRESET, LANGUAGE
from app.core.settings.tracing import PROMPT_FOLDER
from infra.tracing.file_prompts import FilePrompts
from infra.tracing.no_tracing import NoTracing

# What is imported inside the functions is so only where it is used: Langfuse's SDK takes as long as
# the web server and the table together.


def tracing_of(settings: Settings, prompts: Prompts) -> Tracing:
    """Return the client of Langfuse, or one that does nothing where the keys are not set."""
    if not settings.sends_traces:
        return NoTracing()
    from infra.tracing.langfuse_project import LangfuseProject
    from infra.tracing.tracing_client import TracingClient, TracingOptions

    tags = [f"preset:{GRAPH_PRESET}", f"language:{LANGUAGE}"]
    if settings.langfuse_release:
        tags.append(f"release:{settings.langfuse_release}")
    return TracingClient(
        LangfuseProject(
            host=settings.langfuse_host,
            public_key=settings.langfuse_public_key,
            secret_key=settings.langfuse_secret_key,
            environment=settings.app_env,
            release=settings.langfuse_release,
        ),
        TracingOptions(
            tags=tags,
            sample_rate=settings.langfuse_sample_rate,
            sends_content=settings.langfuse_content,
        ),
        price_of=settings.price_of,
        prompts=prompts,
    )


def prompts_of(settings: Settings, http_client: httpx.AsyncClient) -> Prompts:
    """Return the prompts that are managed at Langfuse, or those of the file without that setting."""
    if not settings.langfuse_prompts:
        return FilePrompts()
    from langfuse.api import AsyncLangfuseAPI

    from app.core.service.llm.graph import prompts
    from app.core.service.llm.managed_prompts import ManagedPrompts
    from domain.prompt_text import file_prompts
    from infra.tracing.prompt_catalog import PromptCatalog

    known = file_prompts(vars(prompts))
    catalog = PromptCatalog(
        AsyncLangfuseAPI(
            base_url=settings.langfuse_host,
            username=settings.langfuse_public_key,
            password=settings.langfuse_secret_key.get_secret_value(),
            httpx_client=http_client,
        ),
        folder=PROMPT_FOLDER,
        label=settings.langfuse_prompt_label,
        placeholders={prompt.name: prompt.placeholders for prompt in known},
    )
    return ManagedPrompts(known, catalog)
