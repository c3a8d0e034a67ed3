"""People who sign in with tokens of the stack's user pool."""

from app.core.settings.access import AuthMode
from app.core.settings_owner import OwnerSettings
from tests.infrastructure.conftest import MakeStack
from tests.support.cloudformation import REGION
from tests.support.tasks import container_of, settings_of


def test_without_a_user_pool_people_have_keys(make_stack: MakeStack) -> None:
    stack = make_stack(UserPool="no")

    assert list(stack.resources("AWS::Cognito::UserPool")) == []
    assert OwnerSettings.model_validate(settings_of(stack)).auth_mode is AuthMode.API_KEY


def test_with_a_user_pool_the_bot_takes_its_tokens_and_no_key(make_stack: MakeStack) -> None:
    stack = make_stack(UserPool="yes")
    settings = OwnerSettings.model_validate(settings_of(stack))
    issuer = f"https://cognito-idp.{REGION}.amazonaws.com/Users"

    assert settings.auth_mode is AuthMode.JWT
    assert settings.auth_jwt_issuer == issuer
    assert settings.auth_jwks_url == f"{issuer}/.well-known/jwks.json"
    assert settings.auth_jwt_audience == "UsersClient"
    assert "AUTH_API_KEYS" not in {entry["Name"] for entry in container_of(stack)["Secrets"]}


def test_nobody_signs_up_by_themselves_and_the_pool_outlives_the_stack(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(UserPool="yes")
    ((name, pool),) = stack.resources("AWS::Cognito::UserPool")

    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["DeletionProtection"] == "ACTIVE"
    assert stack.content["Resources"][name]["DeletionPolicy"] == "Retain"
