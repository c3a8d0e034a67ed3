"""How each command of the pages is executed: typed by a test of this folder, or run by another one."""

from dataclasses import dataclass

# What a page in Portuguese has in the place of a word of the English one; longer ones first.
TRANSLATED = {
    "O bot, como veio do template": "The bot, as it came from the template",
    "ARN_DA_FILA_DE_MENSAGENS_MORTAS": "ARN_OF_THE_DEAD_LETTER_QUEUE",
    "DONO@ID_DO_DONO/NOME@ID": "OWNER@OWNER_ID/NAME@ID",
    "ARN DA PRIMEIRA FILA": "ARN OF THE FIRST QUEUE",
    "group owner NOME": "group owner holidays",
    "group owner NAME": "group owner holidays",
    "Primeiro commit": "First commit",
    "SUA-ORGANIZACAO": "YOUR-ORGANISATION",
    "TOKEN_DE_ACESSO": "ACCESS_TOKEN",
    "data language=en": "data language=pt-BR",
    "GRUPO/PROJETO": "GROUP/PROJECT",
    "pessoa.jsonl": "person.jsonl",
    "Bearer teste": "Bearer try-me",
    "ID_DO_NUMERO": "PHONE_NUMBER_ID",
    "SEU-DOMINIO": "YOUR-DOMAIN",
    "ID_DA_CONTA": "ACCOUNT_ID",
    "modelo.gguf": "model.gguf",
    "chaves.txt": "keys.txt",
    "SUA-CHAVE": "YOUR-KEY",
    "ARQUIVO": "FILE",
    "meu-bot": "my-bot",
    "ANTIGA": "OLD",
    "Olá!": "Hello!",
}

_DELIVERY = (
    "aws cloudformation deploy --region us-east-1 --stack-name meu-chatbot-delivery{} --template-file "
    "cloudformation/delivery-role.yaml --capabilities CAPABILITY_NAMED_IAM --parameter-overrides {}"
)
_GITHUB, _GITLAB = "Repository=OWNER@OWNER_ID/NAME@ID", "Project=GROUP/PROJECT"
_DEPLOY = "uv run python -m scripts.deploy"

# What each test types, in this order.
TYPED: dict[str, tuple[str, ...]] = {
    "test_a_bot_is_started_and_talked_to": (
        'git init && git add -A && git commit -m "First commit"',
        "cp .env-template .env",
        "uv run python main.py",
        "curl http://localhost:8181/health",
        "curl -X POST http://localhost:8181/api/chats/completions -H 'Content-Type: application/json' "
        '-d \'{"user_id": "user1", "question": "Hello!"}\'',
        'curl http://localhost:8181/v1/chat/completions -H "Authorization: Bearer none" -H "Content-Type: '
        'application/json" -d \'{"model": "meu-chatbot", "messages": [{"role": "user", "content": '
        '"Hello!"}], "user": "user1"}\'',
        "npx wscat -c ws://localhost:8181/ws/chat/completions",
        'node clients/javascript/rest_client.mjs "Hello!"',
        'node clients/javascript/websocket_client.mjs "Hello!"',
        'uv run python clients/python/rest_client.py "Hello!"',
        'uv run python clients/python/websocket_client.py "Hello!"',
        "uv run python -m scripts.whatsapp",
        "uv run python -m scripts.chat",
        "curl -H 'Authorization: Bearer try-me' http://localhost:8181/operator/api/tickets",
        "uv run python -m evals.collect",
        "git diff evals/data/conversations.jsonl",
        "uv run python -m scripts.user_data export USER_ID --out person.jsonl",
        "uv run python -m scripts.user_data erase USER_ID",
        "uv run python -m scripts.user_data erase USER_ID --yes",
        'uv run python -c "from app.core.config import load_settings; from app.core.settings_owner import '
        "OwnerSettings; from infra.tracing.tracing_client import pseudonym_of; "
        "print(pseudonym_of('USER_ID', load_settings(OwnerSettings).langfuse_secret_key))\"",
        "python -m scripts.check_health",
    ),
    "test_what_the_readme_tells_on_windows": (
        "git init",
        "git add -A",
        'git commit -m "First commit"',
        "Copy-Item .env-template .env",
        '$env:AWS_ACCOUNT_ID = "123456789012"',
        '$env:AWS_REGION = "us-east-1"',
        '$env:ECR_REPO_NAME = "meu-chatbot"',
    ),
    "test_the_packages_are_installed_and_the_table_is_in_dynamodb_local": (
        "uv venv",
        "uv pip install --require-hashes -r pyproject.toml --group dev -c pins.txt",
        "uv pip install --require-hashes -r pyproject.toml -c pins.txt",
        "uv pip install --group owner -c pins.txt",
        "uv sync",
        "source .venv/bin/activate",
        "docker compose up -d",
        "python scripts/create_table.py",
        "python main.py",
        "uv run python scripts/create_table.py",
        "uv run --no-sync python main.py",
    ),
    "test_a_bot_is_checked_and_scored": (
        "uv run nox -s lint",
        "uv run nox -s imports",
        "uv run nox -s types",
        "uv run nox -s tests",
        "uv run nox -s evals",
        "uv run nox -s evals -- --only utterances --limit 10",
        "uv run nox -s evals -- --min-routing 0.9",
        "uv run nox -s evals -- --min-routing 0.9 --min-slots 0.8 --min-completion 0.8",
        "uv run nox -s evals -- --compare evals/results/2026-11-23T10-00-00Z-offline.json",
        "uv run python -m evals",
    ),
    "test_a_bot_is_updated": (
        "uv run nox -s template_update -- --dry-run",
        "uv run nox -s template_update",
        "uv run nox -s template_update -- --rollback",
        "uv run nox -s template_update -- --data language=pt-BR",
        "uv run nox -s template_update -- --finish",
        "nox -s template_update -- --data deployment=lambda",
        'git checkout HEAD -- "FILE"',
        "git status",
        "git config",
        "git reset --hard",
        "git clean",
        "uvx copier update",
        "copier recopy",
    ),
    "test_an_image_is_built_and_run": (
        "docker build --build-arg VERSION=$(git rev-parse HEAD) -t meu-chatbot .",
        "docker run --init --read-only --tmpfs /tmp -p 8181:8181 --env-file .env meu-chatbot",
        "export VERSION=$(git rev-parse HEAD)",
        "docker compose -f docker-compose.production.yml up -d --build",
        "docker compose -f docker-compose.production.yml ps",
        "docker stop --time 45",
        "export AWS_ACCOUNT_ID=123456789012",
        "export AWS_REGION=us-east-1",
        "export ECR_REPO_NAME=meu-chatbot",
    ),
    "test_aws_takes_what_the_pages_ask_of_it": (
        "aws configure",
        "aws configure sso",
        "aws sqs create-queue --queue-name meu-chatbot-dead.fifo --attributes "
        "FifoQueue=true,MessageRetentionPeriod=1209600",
        "aws sqs create-queue --queue-name meu-chatbot.fifo --attributes "
        '\'{ "FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": '
        '"perMessageGroupId", "ReceiveMessageWaitTimeSeconds": "20", "VisibilityTimeout": "30", '
        '"MessageRetentionPeriod": "691200", "RedrivePolicy": "{\\"deadLetterTargetArn\\": '
        '\\"ARN OF THE FIRST QUEUE\\", \\"maxReceiveCount\\": \\"50\\"}"}\'',
        "aws sqs start-message-move-task --source-arn ARN_OF_THE_DEAD_LETTER_QUEUE",
        "aws dynamodb query --table-name MeuChatbotTable --key-condition-expression "
        '"partition_key = :chat AND begins_with(sort_key, :audit)" --expression-attribute-values '
        '\'{":chat": {"S": "CHAT#chat_01a2…"}, ":audit": {"S": "AUDIT#"} }\'',
        "aws dynamodb restore-table-to-point-in-time --source-table-name OLD --target-table-name "
        "meu-chatbot-staging-restored --use-latest-restorable-time",
        "aws dynamodb update-time-to-live --table-name meu-chatbot-staging-restored "
        "--time-to-live-specification Enabled=true,AttributeName=expires_at",
        "aws dynamodb update-continuous-backups --table-name meu-chatbot-staging-restored "
        "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true",
        "aws dynamodb update-table --table-name meu-chatbot-staging-restored --deletion-protection-enabled",
        "aws cognito-idp admin-create-user --user-pool-id USER_POOL_ID --username ana@example.com",
        "aws iam list-open-id-connect-providers",
        "aws acm request-certificate --region us-east-1 --domain-name chat.example.com "
        "--validation-method DNS",
        "aws pricing get-products --region us-east-1 --service-code AmazonDynamoDB --filters "
        "Type=TERM_MATCH,Field=regionCode,Value=us-east-1",
        _DELIVERY.format("", _GITHUB),
        _DELIVERY.format("", _GITLAB),
        _DELIVERY.format("-staging", f"Environment=staging {_GITHUB}"),
        _DELIVERY.format("-staging", f"Environment=staging {_GITLAB}"),
        _DELIVERY.format(
            "-production", f"Environment=production {_GITHUB} ExistingProviderArn=ARN"
        ),
        _DELIVERY.format(
            "-production", f"Environment=production {_GITLAB} ExistingProviderArn=ARN"
        ),
    ),
    "test_programs_that_are_not_here_take_what_the_pages_ask_of_them": (
        'gh api "repos/{owner}/{repo}" --jq ".created_at, .owner.id, .id"',
        "gh secret set CHATBOT_TOKEN --env staging",
        "gh secret set CHATBOT_TOKEN --env production",
        "gh variable set AWS_ACCOUNT_ID --body 123456789012",
        "gh variable set PRODUCTION_HAS_REVIEWERS --body true",
        "gh workflow run deliver.yml --ref main",
        "gh workflow run deliver.yml --ref main -f production=true",
        "ollama pull qwen2.5:3b",
        "OLLAMA_CONTEXT_LENGTH=8192 ollama serve",
        "llama-server -m model.gguf --jinja --host 127.0.0.1 --port 8080 -c 8192",
        'curl -X POST https://graph.facebook.com/v26.0/PHONE_NUMBER_ID/register -H "Authorization: Bearer '
        'ACCESS_TOKEN" -H "Content-Type: application/json" -d '
        '\'{"messaging_product": "whatsapp", "pin": "123456"}\'',
        "curl -X POST https://graph.facebook.com/v26.0/ACCOUNT_ID/subscribed_apps -H "
        '"Authorization: Bearer ACCESS_TOKEN"',
        'python -c "import secrets; print(secrets.token_urlsafe(32))"',
        "uv run nox -s audit",
        "nox -s audit -- --ignore-vuln ID",
        "uv run nox -s studio",
    ),
    "test_the_demo_and_a_bot_are_made_from_the_readme": (
        "python3 -m venv .venv && .venv/bin/python -m pip install -q nox && .venv/bin/nox -s demo",
        '.venv/bin/nox -s demo -- my-bot -d language=en -d "channels=[websocket, rest, whatsapp]"',
        "py -m venv .venv; .venv\\Scripts\\python -m pip install -q nox; .venv\\Scripts\\nox -s demo",
        "uv run noxfile.py -s demo",
        "nox -s demo",
        "pip install uv",
        "uvx copier copy git+https://github.com/YOUR-ORGANISATION/chatbot-template.git my-bot",
        "cd my-bot",
        'git init && git add -A && git commit -m "The bot, as it came from the template"',
    ),
    "test_what_contributors_type": (
        "nox -l",
        'nox -s "variant(ID)"',
        "nox -s release -- 0.2.0",
        "nox -s variants",
        "nox -s variants -- whatsapp",
        "nox -s updates",
        "nox -s updates -- -k hops",
        "nox -s fire -- -k sockets",
    ),
    # In the order of the walks, each with those that no other test types.
    "test_the_walks_of_contributing_lead_somewhere": (
        "git switch -c shorter-questions",
        'nox -s "variant(rest-basic-docker-untraced-en)" -- build/bot',
        "nox -s variants -- rest-basic-docker-untraced-en",
        "git diff --stat tests/golden",
        "nox -s tests -- tests/test_questionnaire.py tests/test_other_answers.py",
        "nox -s tests -- tests/test_template_files.py",
        "nox -s variants -- toy",
        'nox -s "variant(websocket+rest-toy-docker-untraced-en)" -- build/toy',
    ),
    # The recipes of docs/customise.md.
    "test_a_recipe_does_what_it_says": (
        "uv run ruff check --fix",
        "uv run ruff format",
        "uv add --group owner holidays",
        "uv run python -m scripts.waiting_chats",
        "uv run nox -s evals -- --only utterances",
    ),
    "test_the_recipes_of_one_bot_go_together_and_pass_all_of_its_tests": ("uv run nox",),
}


@dataclass(frozen=True, slots=True)
class Run:
    """A test, or a workflow, that runs a command: where it stands, and words of the command in it."""

    where: str
    words: tuple[str, ...]


_OF_THE_CLOUD = (
    "tests/bots/test_emulated_cloud.py::test_the_stack_is_made_and_a_chat_is_held_over_its_apis"
)
_OF_A_DEPLOY = "bot: tests/deploy/test_deploy.py::"
_OF_SECRETS = "bot: tests/deploy/test_secrets.py::"
_OF_PROMPTS = "bot: tests/integration/test_prompts_script.py::"
_OF_MONITORING = "tests/bots/test_monitoring.py::"

_WITH_OPENTELEMETRY = (
    "tests/bots/test_opentelemetry.py::"
    "test_a_turn_is_a_trace_of_its_request_and_the_calls_of_the_table"
)

# tests/bots/test_image.py runs each of its lines.
_DOCKERFILE = "bot: Dockerfile"
_COMPILED = ("UV_COMPILE_BYTECODE=1", "uv pip install --require-hashes")
_PINNED = "--compile-bytecode --require-hashes -r pyproject.toml"

# What runs the others; a bot's own test, `bot: …`, runs in every variant that has it.
RUN: dict[str, Run] = {
    f"{_DEPLOY} deploy --environment staging --emulated": Run(
        _OF_THE_CLOUD, ("scripts.deploy", "deploy", "--environment", "staging", "--emulated")
    ),
    f"{_DEPLOY} plan --environment staging": Run(
        f"{_OF_A_DEPLOY}test_a_plan_of_a_new_stack_shows_what_is_added_and_leaves_nothing",
        ('cloud.run(capsys, "plan")',),
    ),
    f"{_DEPLOY} deploy --environment staging": Run(
        f"{_OF_A_DEPLOY}test_a_deploy_makes_both_stacks_and_shows_what_happens",
        ('cloud.run(capsys, "deploy")',),
    ),
    f"{_DEPLOY} rollback --environment production": Run(
        f"{_OF_A_DEPLOY}test_a_rollback_brings_the_artifact_of_the_deploy_before",
        ('cloud.run(capsys, "rollback")',),
    ),
    f"{_DEPLOY} destroy --environment staging": Run(
        f"{_OF_A_DEPLOY}test_destroying_asks_for_the_name_of_the_stack",
        ('cloud.run(capsys, "destroy")',),
    ),
    f"{_DEPLOY} secrets --environment staging": Run(
        f"{_OF_SECRETS}test_what_is_typed_is_stored_and_enter_keeps_what_was_there",
        ('cloud.run(capsys, "secrets")',),
    ),
    f"{_DEPLOY} secrets --environment production --generate OPERATOR_API_KEYS=rita --keys-file keys.txt": Run(
        f"{_OF_SECRETS}test_generated_keys_are_added_and_written_to_a_new_file",
        ("--generate", "OPERATOR_API_KEYS=", "--keys-file"),
    ),
    f"{_DEPLOY} smoke --environment staging": Run(
        "bot: tests/deploy/test_smoke.py::"
        "test_a_bot_that_is_alive_and_ready_is_asked_what_its_channels_promise",
        ("smoke",),
    ),
    f"{_DEPLOY} smoke --environment staging --token YOUR-KEY": Run(
        _OF_THE_CLOUD, ("--token", "key")
    ),
    "uv run python -m scripts.check_whatsapp": Run(
        "bot: tests/integration/test_check_whatsapp.py::"
        "test_the_script_says_what_is_missing_and_fails",
        ("scripts.check_whatsapp",),
    ),
    "uv run python -m scripts.check_whatsapp --url https://YOUR-DOMAIN": Run(
        "bot: tests/integration/test_check_whatsapp.py::"
        "test_with_the_stand_in_the_webhook_alone_is_asked",
        ("check_whatsapp.main", "--url"),
    ),
    "uv run nox -s evals -- --upload": Run(
        "bot: tests/evals/test_upload.py::"
        "test_a_case_is_a_trace_with_scores_in_the_session_of_its_run",
        ("upload",),
    ),
    "uv run python -m evals.upload evals/results/2026-11-23T10-00-00Z-offline.json": Run(
        "bot: tests/evals/test_upload.py::test_langfuse_away_or_without_keys_is_told_in_one_sentence",
        ("evals.upload",),
    ),
    "uv run python -m scripts.pin_base_image": Run(
        "bot: tests/integration/test_pin_base_image.py::"
        "test_every_from_line_gets_the_digest_of_its_tag",
        ("scripts.pin_base_image",),
    ),
    "python -m awslambdaric": Run(
        "bot: tests/integration/test_environment.py::test_the_images_command_serves_events",
        ('"-m", "awslambdaric"',),
    ),
    "uv run nox -s sbom": Run(
        "tests/bots/test_supply_chain.py::"
        "test_the_bill_of_materials_names_the_packages_of_the_image_as_they_are_pinned",
        ('_session(bot, "sbom")',),
    ),
    "uv run nox -s secrets": Run(
        "tests/bots/test_supply_chain.py::test_there_is_no_secret_until_one_is_planted",
        ('_session(bot, "secrets")',),
    ),
    "./push_image_ecr.sh": Run(
        "tests/test_push_image.py::test_the_image_of_the_commit_is_pushed_and_its_digest_printed",
        ('"push_image_ecr.sh"',),
    ),
    ".\\push_image_ecr.ps1": Run(
        "tests/test_push_image.py::test_the_script_for_windows_says_and_calls_the_same",
        ("push_image_ecr.", "ps1"),
    ),
    "python3 -m venv .venv && .venv/bin/python -m pip install -q nox && .venv/bin/nox": Run(
        ".ci/run", ("-m venv", "-m pip install", 'bin/nox" 2>&1')
    ),
    "uv venv image-packages": Run(_DOCKERFILE, ("uv venv",)),
    f"uv pip install --python image-packages {_PINNED} -c pins.txt": Run(
        _DOCKERFILE, (*_COMPILED, "-r pyproject.toml -c pins.txt")
    ),
    f"uv pip install --python image-packages {_PINNED} --group image -c pins.txt": Run(
        _DOCKERFILE, (*_COMPILED, "-r pyproject.toml --group image -c pins.txt")
    ),
    "uv pip install --compile-bytecode": Run(_DOCKERFILE, _COMPILED),
    "uv run python -m scripts.slim_packages image-packages": Run(
        _DOCKERFILE, ("-m scripts.slim_packages",)
    ),
    "python -m scripts.slim_packages FOLDER": Run(_DOCKERFILE, ("-m scripts.slim_packages",)),
    "nox -s commands": Run(
        ".github/workflows/ci.yml", ("commands, docs]", "run: nox -s ${{ matrix.session }}")
    ),
    "nox -s stopwatch": Run(".github/workflows/weekly.yml", ("run: nox -s stopwatch",)),
    "nox -s cold_start": Run(".github/workflows/weekly.yml", ("run: nox -s cold_start",)),
    "nox -s pins": Run(".github/workflows/weekly.yml", ("nox -s pins",)),
    "nox -s fire": Run(".github/workflows/weekly.yml", ("run: nox -s fire",)),
    "nox -s audit": Run(".github/workflows/weekly.yml", ("run: nox -s audit",)),
    "nox -s lint tests": Run(
        ".github/workflows/ci.yml", ("session: [lint, tests,", "run: nox -s ${{ matrix.session }}")
    ),
    "nox -s bench": Run(
        "tests/bots/test_bench.py::test_a_short_run_measures_everything",
        ('"tools.bench", "--short"',),
    ),
    "python -m tools.publish --dry-run": Run(
        "tests/test_publish.py::test_github_makes_the_tag_and_the_release_of_that_very_commit",
        ('"publish", "--dry-run"', "main()"),
    ),
    # Its packages are those of requirements/opentelemetry.txt, as that test makes sure.
    "uv add --group owner opentelemetry-distro opentelemetry-exporter-otlp-proto-http "
    "opentelemetry-instrumentation-fastapi opentelemetry-instrumentation-botocore "
    "opentelemetry-instrumentation-httpx": Run(_WITH_OPENTELEMETRY, ("uv add --group owner",)),
    "uv run --env-file .env opentelemetry-instrument python main.py": Run(
        _WITH_OPENTELEMETRY, ("uv run --env-file", "command.split()")
    ),
    f"{_DEPLOY} status --environment production": Run(
        f"{_OF_A_DEPLOY}test_the_status_shows_the_outputs_and_the_last_events",
        ('cloud.run(capsys, "status")',),
    ),
    "uv run python -m scripts.prompts diff": Run(
        f"{_OF_PROMPTS}test_new_prompts_are_in_use_at_once_and_pushed_once", ('main(["diff"])',)
    ),
    "uv run python -m scripts.prompts push": Run(
        f"{_OF_PROMPTS}test_new_prompts_are_in_use_at_once_and_pushed_once", ('main(["push"])',)
    ),
    "uv run python -m scripts.prompts push --promote": Run(
        f"{_OF_PROMPTS}test_what_somebody_edited_stays_in_use_until_the_files_text_is_promoted",
        ('main(["push", "--promote"])',),
    ),
    "prometheus --config.file=monitoring/prometheus.yml": Run(
        f"{_OF_MONITORING}test_every_expression_finds_its_data_in_a_busy_bot",
        ("running_prometheus(",),
    ),
    "promtool check rules monitoring/alerts.yml": Run(
        f"{_OF_MONITORING}test_prometheus_and_grafana_understand_the_files_of_every_kind_of_bot",
        ('promtool("check", ',),
    ),
    # The version is that of the bot's own group of development.
    "pip install openai": Run(
        "bot: tests/e2e/test_openai_api.py::test_the_client_without_async_does_as_well",
        ("from openai import ",),
    ),
    "nox -s docs": Run(
        "tests/browser/test_site.py::test_a_page_asks_no_other_host_and_fits_on_a_phone",
        ('"mkdocs"', '"build"', '"--strict"'),
    ),
    "nox -s pages": Run(
        "tests/test_site.py::test_what_follows_from_the_template_is_as_it_makes_it_now",
        ("static_parts(",),
    ),
    "nox -s bots": Run(".github/workflows/ci.yml", ("bots",)),
    "nox -s golden": Run(
        "tests/every_variant/test_golden.py::test_what_is_written_down_is_all_there_is",
        ("golden_files", "contents(bots)"),
    ),
}

# What a sentence abbreviates: a command that is executed has it in it.
SPOKEN_OF = {
    "aws cloudformation deploy": _DELIVERY.format("", _GITHUB),
    "copier copy": "uvx copier copy git+https://github.com/YOUR-ORGANISATION/chatbot-template.git my-bot",
    "copier update": "uvx copier update",
    "docker stop": "docker stop --time 45",
    "nox": "python3 -m venv .venv && .venv/bin/python -m pip install -q nox && .venv/bin/nox",
    "nox -s secrets": "uv run nox -s secrets",
    "python -m evals.collect": "uv run python -m evals.collect",
    "python -m scripts.prompts diff": "uv run python -m scripts.prompts diff",
    "nox -s sbom": "uv run nox -s sbom",
    "uv run": "uv run python main.py",
}
