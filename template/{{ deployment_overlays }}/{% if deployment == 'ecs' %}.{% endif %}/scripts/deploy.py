"""Brings the bot into AWS: `python -m scripts.deploy plan --environment staging`."""

from scripts.deployment.account import connect
from scripts.deployment.command_line import deploy_options, exit_with_one_message, parser, run
from scripts.deployment.console import Console


def main() -> None:
    options = parser(deploy_options()).parse_args()

    def command() -> None:
        account = connect(options.region, options.profile)
        run(options, account, Console(assume_yes=options.yes))

    exit_with_one_message(command, options.region)


if __name__ == "__main__":
    main()
