import sys

# An image is for Linux, and is built and started with what Linux has; so is Prometheus, which thinks the
# same of its files everywhere.
collect_ignore = [] if sys.platform == "linux" else ["test_image.py", "test_monitoring.py"]
