"""What the deploy script says about the zip package and the emulated AWS."""

OPTION_EMULATED = "deploy to an emulated AWS on this machine, and keep it until Ctrl-C"
UV_MISSING = "uv is not installed; the package is built with it. Install the group dev, and repeat."
PACKAGE_INSTALLING = "Building the package for Python {python}"
PACKAGE_TOO_SLOW = "Installing the package's contents took more than {minutes} minutes. Repeat."
PACKAGE_NOT_INSTALLED = "uv could not install what the package needs:\n{error}"
PACKAGE_TOO_LARGE = (
    "The package has {size} unpacked, and Lambda takes {limit}. The largest parts: {largest}. Leave"
    " something out, or use --parameter Packaging=image."
)
PACKAGE_UPLOADING = "Uploading the package: {packed}, unpacked {unpacked}"
PACKAGE_THERE = "The package is there already: {packed}, unpacked {unpacked}"
STARTING_EMULATED = "Starting an emulated AWS on this machine"
WORKING_COPY = "this folder as it is"
EMULATED = "The emulated AWS is at {url}; nothing of it leaves this machine."
KEY_OF_LOCAL = "The key of local in {name}: {key}"
UNTIL_INTERRUPTED = "Ctrl-C ends it, and everything in it is gone then."
