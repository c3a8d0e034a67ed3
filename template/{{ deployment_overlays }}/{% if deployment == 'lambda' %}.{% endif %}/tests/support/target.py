"""What is particular to Lambda: the functions' roles, and the other services that they call."""

from collections.abc import Mapping
from typing import Any

from tests.support.cloudformation import Template
from tests.support.needs import Need, need


def roles_of_the_bot(template: Template) -> list[str]:
    """Return the names of the roles that the bot's own code has."""
    arns = [function["Role"] for _, function in template.resources("AWS::Lambda::Function")]
    return sorted({str(arn).rpartition(":")[2] for arn in arns})


def other_need(service: str, operation: str, params: Mapping[str, Any]) -> Need:
    """Return what a call of another service needs."""
    match service:
        case "secretsmanager":
            return Need(f"secretsmanager:{operation}", frozenset({str(params["SecretId"])}))
        case "lambda":
            return need("lambda:InvokeFunction", "lambda", f"function:{params['FunctionName']}")
        case "apigatewaymanagementapi":
            method = {"PostToConnection": "POST", "DeleteConnection": "DELETE"}[operation]
            connection = f"SocketApi/chat/{method}/@connections/{params['ConnectionId']}"
            return need("execute-api:ManageConnections", "execute-api", connection)
        case _:
            raise AssertionError(f"nobody said which permission {service}:{operation} needs")
