"""Asks the bot on this machine whether it is alive; the exit code tells: `python -m scripts.check_health`."""

import http.client
import os
import sys

_TIMEOUT_SECONDS = 4


def main() -> None:
    # Not through urllib, which would ask a configured proxy for this very machine.
    port = int(os.environ.get("PORT") or 8181)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/health")
        status = connection.getresponse().status
    except OSError as error:
        sys.exit(f"No answer on port {port}: {error}")
    finally:
        connection.close()
    if status != http.HTTPStatus.OK:
        sys.exit(f"/health answered {status}")


if __name__ == "__main__":
    main()
