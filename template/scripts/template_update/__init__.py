"""Takes over the template's newest release: `uv run nox -s template_update`.

Copier merges the release into this folder. It neither fails on conflicts nor tells which files
with changes of yours the release deletes; this does, and it can go back:

    uv run nox -s template_update -- --dry-run         say what would happen, change nothing
    uv run nox -s template_update                      merge, and say what is left to do
    uv run nox -s template_update -- --data ci=none    the same, with another answer
    uv run nox -s template_update -- --finish          commit the result
    uv run nox -s template_update -- --rollback        back to how it was before

It ends with 0 if nothing is left to settle, else with 1.
"""
