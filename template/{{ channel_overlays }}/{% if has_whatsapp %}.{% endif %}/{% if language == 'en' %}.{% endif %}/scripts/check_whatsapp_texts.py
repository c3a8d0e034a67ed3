"""What `python -m scripts.check_whatsapp` says."""

DESCRIPTION = "Check the WhatsApp set-up: what Meta knows of the bot, and what the bot answers."
HELP_URL = "the bot's public address, for example https://bot.example.com"
HELP_APP_ID = "the Meta app's id, if the token does not tell it"

WELL, NOTE, WRONG = "ok", "note", "WRONG"
ALL_WELL = "Everything that was checked is in order."
SOMETHING_WRONG = "Something is wrong; docs/whatsapp.md tells each step."

SETTINGS = "Settings: {reason}"
SETTING_MISSING = "{name} is empty: set it in .env; docs/whatsapp.md tells where the value is."
STAND_IN = "WHATSAPP_GRAPH_URL is {url}, the local stand-in: Meta was not asked. For the real check delete that line in .env."
NO_URL = "The webhook was not asked: add --url with the bot's public address."

META_AWAY = "Meta gave no answer ({reason}): check the network, the proxy and WHATSAPP_GRAPH_URL."
META_REFUSED = "Meta refused a question ({reason}): give the system user full control of the WhatsApp account, and the token both permissions."
VERSION_ENDED = "Meta answered with version {served} instead of {asked}: that version has ended; update the bot from its template."

ACCESS_WELL = "The access token is valid, does not expire and has the permissions it needs."
ACCESS_REFUSED = (
    "WHATSAPP_ACCESS_TOKEN is refused ({reason}): generate a new one for the system user."
)
ACCESS_NOT_SHOWN = (
    "Meta does not say how long the token holds and what it may ({reason}); the rest is checked."
)
ACCESS_EXPIRES = (
    "The access token expires at {until}: take one of a system user, with expiry Never."
)
PERMISSION_MISSING = "The access token lacks the permission {permission}: generate one that has it."

APP_KEY_WELL = "The app secret belongs to the token's app."
APP_KEY_WRONG = "WHATSAPP_APP_SECRET is not that of the token's app: copy it from App settings > Basic, and see that the token was generated for the same app."

NUMBER_WELL = "The number {phone} ({name}) is connected."
NUMBER_NOT_FOUND = "WHATSAPP_PHONE_NUMBER_ID {id} is not found ({reason}): copy the number's id, not the number, and give the system user the WhatsApp account."
NUMBER_NOT_CONNECTED = "The number {phone} ({name}) has the status {status}, not CONNECTED: register it as docs/whatsapp.md tells, or look into WhatsApp Manager."
QUALITY = (
    "The number's quality is {rating}: people block or report it; see Insights in WhatsApp Manager."
)
NAME_REFUSED = "The display name {name} is {status}: change it in WhatsApp Manager, then register the number again."
HEALTH = "Meta limits the {kind} ({status}): {reason}"

ACCOUNT_UNKNOWN = "The WhatsApp account of the number is not known, so its subscription was not checked: the token needs whatsapp_business_management."
ACCOUNT_SUBSCRIBED = "The app is subscribed to the WhatsApp account {account}."
ACCOUNT_NOT_SUBSCRIBED = "The app is not subscribed to the WhatsApp account {account}, so nothing is delivered: send the POST to subscribed_apps of docs/whatsapp.md."
APP_UNKNOWN = "The app's webhook was not checked: it needs WHATSAPP_APP_SECRET and --app-id."
APP_REFUSED = "Meta refuses the app {app} with WHATSAPP_APP_SECRET (code {code}): copy both from App settings > Basic."
APP_SUBSCRIBED = "The app delivers messages to {url}."
APP_NOT_SUBSCRIBED = (
    "The app has no active webhook: enter address and verify token under Configuration."
)
MESSAGES_NOT_SUBSCRIBED = (
    "The webhook is not subscribed to the field messages: switch it on under Configuration."
)
DELIVERED_ELSEWHERE = "Meta delivers to {where}, not to {url}: change the address under Configuration, or check the other one."

NOT_HTTPS = "The address is not https: Meta delivers to https alone."
WEBHOOK_AWAY = "No answer from {url} ({reason}): is the bot running, reachable from outside and its certificate valid?"
CHALLENGE_ECHOED = "The webhook proves to Meta that it is yours."
CHALLENGE_NOT_ECHOED = "The webhook does not echo the challenge (status {status}): give the bot at that address the same WHATSAPP_VERIFY_TOKEN."
STRANGER_VERIFIED = "The webhook echoes the challenge to a wrong verify token: something other than the bot answers there."
UNSIGNED_ACCEPTED = (
    "The webhook accepts unsigned deliveries: something other than the bot answers there."
)
SIGNATURE_WELL = "The webhook accepts what the app secret signed, and refuses what nobody signed."
SIGNED_REFUSED = "The webhook refuses a delivery signed with WHATSAPP_APP_SECRET: give the bot at that address the same secret."
SIGNED_NOT_ACCEPTED = (
    "The webhook answers a signed delivery with status {status}: look into the bot's log."
)
