"""Brings the bot into AWS: `python -m scripts.deploy plan --environment staging`."""

from functools import partial

from scripts.deployment import package_texts
from scripts.deployment.account import connect
from scripts.deployment.addresses import reachable
from scripts.deployment.command_line import deploy_options, exit_with_one_message, parser, run
from scripts.deployment.console import Console
from scripts.deployment.emulation import deploy_emulated


def main() -> None:
    deploy = deploy_options()
    deploy.add_argument("--emulated", action="store_true", help=package_texts.OPTION_EMULATED)
    options = parser(deploy).parse_args()
    console = Console(assume_yes=options.yes)

    def command() -> None:
        if options.command == "deploy" and options.emulated:
            deploy_emulated(console, options.environment, options.region, options.parameter)
            return
        account = connect(options.region, options.profile)
        url = account.emulator_url
        run(options, account, console, partial(reachable, emulator_url=url) if url else dict)

    exit_with_one_message(command, options.region)


if __name__ == "__main__":
    main()
