"""What `python -m scripts.check_whatsapp` says."""

DESCRIPTION = (
    "Verifica a configuração do WhatsApp: o que a Meta sabe do bot e o que o bot responde."
)
HELP_URL = "o endereço público do bot, por exemplo https://bot.example.com"
HELP_APP_ID = "o ID do app da Meta, se o token não o informar"

WELL, NOTE, WRONG = "ok", "atenção", "ERRO"
ALL_WELL = "Tudo o que foi verificado está em ordem."
SOMETHING_WRONG = "Há algo errado; docs/whatsapp.md explica cada passo."

SETTINGS = "Configuração: {reason}"
SETTING_MISSING = "{name} está vazio: defina-o no .env; docs/whatsapp.md diz onde está o valor."
STAND_IN = "WHATSAPP_GRAPH_URL é {url}, o substituto local: a Meta não foi consultada. Para a verificação real, apague essa linha do .env."
NO_URL = "O webhook não foi consultado: acrescente --url com o endereço público do bot."

META_AWAY = "A Meta não respondeu ({reason}): verifique a rede, o proxy e WHATSAPP_GRAPH_URL."
META_REFUSED = "A Meta recusou uma consulta ({reason}): dê ao usuário do sistema controle total da conta do WhatsApp e, ao token, as duas permissões."
VERSION_ENDED = "A Meta respondeu com a versão {served} em vez da {asked}: essa versão foi encerrada; atualize o bot a partir do template."

ACCESS_WELL = "O token de acesso é válido, não expira e tem as permissões necessárias."
ACCESS_REFUSED = (
    "WHATSAPP_ACCESS_TOKEN foi recusado ({reason}): gere um novo para o usuário do sistema."
)
ACCESS_NOT_SHOWN = "A Meta não informa a validade nem as permissões do token ({reason}); o resto é verificado mesmo assim."
ACCESS_EXPIRES = (
    "O token de acesso expira em {until}: use o de um usuário do sistema, com expiração Nunca."
)
PERMISSION_MISSING = "Falta ao token de acesso a permissão {permission}: gere um que a tenha."

APP_KEY_WELL = "O segredo do app pertence ao app do token."
APP_KEY_WRONG = "WHATSAPP_APP_SECRET não é do app do token: copie-o de Configurações do app > Básico e confira se o token foi gerado para o mesmo app."

NUMBER_WELL = "O número {phone} ({name}) está conectado."
NUMBER_NOT_FOUND = "WHATSAPP_PHONE_NUMBER_ID {id} não foi encontrado ({reason}): copie o ID do número, não o número, e dê a conta do WhatsApp ao usuário do sistema."
NUMBER_NOT_CONNECTED = "O número {phone} ({name}) está com o status {status}, não CONNECTED: registre-o como docs/whatsapp.md explica ou consulte o Gerenciador do WhatsApp."
QUALITY = "A qualidade do número é {rating}: pessoas o bloqueiam ou denunciam; veja os Insights no Gerenciador do WhatsApp."
NAME_REFUSED = "O nome de exibição {name} está {status}: troque-o no Gerenciador do WhatsApp e registre o número de novo."
HEALTH = "A Meta limita o item {kind} ({status}): {reason}"

ACCOUNT_UNKNOWN = "A conta do WhatsApp do número não é conhecida, e a assinatura dela não foi verificada: o token precisa de whatsapp_business_management."
ACCOUNT_SUBSCRIBED = "O app assina a conta do WhatsApp {account}."
ACCOUNT_NOT_SUBSCRIBED = "O app não assina a conta do WhatsApp {account}, e nada é entregue: envie o POST para subscribed_apps de docs/whatsapp.md."
APP_UNKNOWN = (
    "O webhook do app não foi verificado: para isso são precisos WHATSAPP_APP_SECRET e --app-id."
)
APP_REFUSED = "A Meta recusa o app {app} com WHATSAPP_APP_SECRET (código {code}): copie os dois de Configurações do app > Básico."
APP_SUBSCRIBED = "O app entrega as mensagens em {url}."
APP_NOT_SUBSCRIBED = (
    "O app não tem webhook ativo: informe o endereço e o token de verificação em Configuração."
)
MESSAGES_NOT_SUBSCRIBED = "O webhook não assina o campo messages: ative-o em Configuração."
DELIVERED_ELSEWHERE = "A Meta entrega em {where}, não em {url}: troque o endereço em Configuração ou verifique o outro."

NOT_HTTPS = "O endereço não é https: a Meta só entrega em https."
WEBHOOK_AWAY = "{url} não respondeu ({reason}): o bot está rodando, acessível de fora e com certificado válido?"
CHALLENGE_ECHOED = "O webhook prova à Meta que é seu."
CHALLENGE_NOT_ECHOED = "O webhook não devolve o desafio (status {status}): dê ao bot desse endereço o mesmo WHATSAPP_VERIFY_TOKEN."
STRANGER_VERIFIED = "O webhook devolve o desafio a um token de verificação errado: quem responde nesse endereço não é o bot."
UNSIGNED_ACCEPTED = (
    "O webhook aceita entregas sem assinatura: quem responde nesse endereço não é o bot."
)
SIGNATURE_WELL = "O webhook aceita o que o segredo do app assinou e recusa o que ninguém assinou."
SIGNED_REFUSED = "O webhook recusa uma entrega assinada com WHATSAPP_APP_SECRET: dê ao bot desse endereço o mesmo segredo."
SIGNED_NOT_ACCEPTED = (
    "O webhook responde a uma entrega assinada com o status {status}: veja o log do bot."
)
