"""Your own settings: add fields here, the template never changes this class."""

from app.core.config import Settings


class OwnerSettings(Settings):
    """The settings of the template and yours; a field `crm_url: str` reads CRM_URL."""
