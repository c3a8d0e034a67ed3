"""What the deploy script says to the person at the terminal."""

# --- The command line ---

ABOUT = "Leva o bot para a AWS, testa-o lá, volta atrás e o remove de novo."
COMMAND = "COMANDO"
ABOUT_PLAN = "mostra o que uma implantação mudaria, sem mudar nada"
ABOUT_DEPLOY = "implanta este commit, testa e volta atrás se falhar"
ABOUT_SECRETS = "define as configurações secretas"
ABOUT_SMOKE = "testa de fora o bot implantado"
ABOUT_ROLLBACK = "volta ao artefato da implantação anterior"
ABOUT_DESTROY = "apaga o ambiente; a tabela fica"
ABOUT_STATUS = "mostra a pilha, suas saídas e o que aconteceu por último"
OPTION_ENVIRONMENT = "qual ambiente"
OPTION_REGION = "região da AWS (%(default)s)"
OPTION_PROFILE = "perfil das credenciais da AWS"
OPTION_PARAMETER = (
    "um parâmetro da pilha, com precedência sobre cloudformation/parameters; pode ser repetido"
)
OPTION_YES = "responde sim a toda pergunta"
OPTION_REPLACEMENT = "permite substituir ou remover o que guarda dados"
OPTION_ARTIFACT = "o que outra implantação gravou com --output-file, em vez de montar"
OPTION_OUTPUT_FILE = "um arquivo a que se acrescenta artifact=...: o que foi implantado"
OPTION_SERVICE_ROLE = "ARN de uma função com cujas permissões o CloudFormation faz as mudanças"
OPTION_FROM_FILE = "linhas CHAVE=VALOR em vez de perguntas"
OPTION_GENERATE = (
    "acrescenta uma chave nova para alguém: OPERATOR_API_KEYS=maria; ou um valor: NOME"
)
OPTION_KEYS_FILE = "onde gravar as chaves geradas, um arquivo novo"
OPTION_DELETE_DATA = "apaga também a tabela e o segredo"
REGION_FORM = "{given} não é uma região da AWS; digite uma como sa-east-1"
ERROR = "Erro:"
INTERRUPTED = "Interrompido. O que a AWS começou ela continua; o comando status mostra."
YES_OR_NO = "[s/N]"
YES_ANSWERS = ("s", "sim")
NOBODY_TO_ASK = "Não há quem responda: {question} Use --yes ou execute em um terminal."
NOTHING_DONE = "Nada foi feito."

# --- Access to AWS ---

PROFILE_NOT_FOUND = "{error}. Veja os perfis com `aws configure list-profiles`."
NO_CREDENTIALS = "Sem credenciais da AWS ({error}). Entre com `aws sso login` ou `aws configure`, ou use --profile."
CREDENTIALS_EXPIRED = (
    "As credenciais da AWS expiraram. Entre de novo, por exemplo com `aws sso login`, e repita."
)
CREDENTIALS_INVALID = (
    "A AWS não aceita as credenciais em {region}. Confira a chave e se a conta tem essa região"
    " habilitada; --region indica outra."
)
NOT_ALLOWED = (
    "As credenciais não permitem {operation}: {message} Peça a permissão a quem administra a conta."
)
AWS_OUT_OF_REACH = (
    "Não foi possível alcançar a AWS em {region} ({error}). Confira o nome da região e a rede."
)
AWS_TOO_SLOW = (
    "A AWS não respondeu a tempo ({error}). Execute de novo; o comando pode ser repetido."
)
AWS_REFUSED = "A AWS recusou {operation} ({code}): {message}"
AWS_FAILED = "A chamada à AWS falhou: {error}"
MODEL_UNKNOWN = (
    "Em {region} não existe o modelo {model}. Escreva um que exista como BedrockModelId em"
    " cloudformation/parameters, ou use --region."
)
NO_MODEL_ACCESS = (
    "A conta não tem acesso a {model} em {region}. Conceda-o no console do Bedrock, em Model access,"
    " e implante de novo."
)
MODEL_NOT_CHECKED = "Não foi possível verificar o acesso a {model} ({error}); continuando."

# --- Files and parameters ---

GIT_MISSING = "O git não está instalado."
NO_COMMIT = (
    "Esta pasta não é um repositório git com um commit. Execute `git init`, adicione os arquivos e"
    " faça um commit."
)
NOT_COMMITTED = (
    "{path} tem alterações sem commit. Faça um commit antes: uma implantação é de um commit."
)
FILE_MISSING = "Falta {path}. Execute na pasta do bot."
FILE_UNREADABLE = "Não foi possível ler {path}: {error}"
TEMPLATE_WRONG = "O CloudFormation encontrou um erro em {path}: {reason}"
TEMPLATE_TOO_LONG = "{path} tem mais do que os {limit} bytes que o CloudFormation aceita."
PARAMETERS_UNREADABLE = "{path} não é JSON: {error}"
PARAMETERS_NOT_FLAT = '{path} precisa ser um só objeto JSON de textos, como {{"AlarmEmail": ""}}.'
PARAMETER_FORM = "--parameter {given}: escreva Chave=Valor."
PARAMETER_UNKNOWN = "A pilha não tem o parâmetro {name}. Ela tem: {known}."
PARAMETER_MISSING = (
    "A pilha precisa de {name}. Escreva-o em cloudformation/parameters ou use"
    " --parameter Chave=Valor."
)

# --- Secret settings ---

SECRETS_DESCRIPTION = "Secret settings of {project}"
SECRETS_HOW = "O que você digita não aparece. Enter mantém um valor, - o remove."
SECRETS_NOT_ASKED = "Não há quem responda. Use --from-file ou execute em um terminal."
SECRETS_STORED = "Gravado em {name}:"
SECRETS_NEED_DEPLOY = "O bot as lê depois do próximo deploy --environment {environment}."
IS_SET = "definida"
IS_EMPTY = "vazia"
SECRETS_UNKNOWN = "{name} não é uma configuração secreta deste bot. Existem: {known}."
SECRETS_UNREADABLE = "O segredo {name} não é um objeto JSON. Apague-o ou corrija-o no console."
SECRETS_DELETED = (
    "O segredo {name} está sendo apagado. Traga-o de volta com"
    " `aws secretsmanager restore-secret --secret-id {name}`."
)
NAMED_KEYS_FORM = "{name} precisa ser chave:nome,chave:nome, cada chave com 16 caracteres ou mais."
LINE_WITHOUT_EQUALS = "{path}, linha {number}: escreva CHAVE=VALOR."
GENERATE_FORM = (
    "--generate {given}: escreva NOME=QUEM para uma configuração de chaves, uma para cada pessoa,"
    " ou então NOME."
)
KEYS_FILE_NEEDED = "--generate precisa de --keys-file, porque uma chave nunca é mostrada."
KEYS_FILE_REFUSED = "Não foi possível criar {path} como arquivo novo: {error}"
KEYS_WRITTEN = "As chaves geradas estão em {path}. Entregue-as com segurança e apague o arquivo."
NO_SECRETS = (
    "Ainda não há configurações secretas. Execute antes: secrets --environment {environment}"
)
SECRETS_MISSING = (
    "Faltam configurações secretas: {names}. Execute antes: secrets --environment {environment}"
)

# --- Changes ---

CHANGE_WIDTH = 16
CHANGE_ADD = "cria"
CHANGE_REMOVE = "remove"
CHANGE_IMPORT = "importa"
CHANGE_MODIFY = "altera"
CHANGE_REPLACE = "SUBSTITUI"
CHANGE_MAY_REPLACE = "TALVEZ SUBSTITUA"
DANGER_DATA = "<- PERIGO: guarda dados"
DANGER_ADDRESS = "<- o endereço do bot muda"
PLAN = "Uma implantação mudaria em {stack}:"
PLAN_WITHOUT_SECRETS = (
    "Ainda não há configurações secretas; antes de implantar, execute"
    " secrets --environment {environment}"
)
PLAN_IS_WITHOUT_ARTIFACT = (
    "O código do próprio bot não é montado para um plano: uma implantação o leva também."
)
CHANGES = "Mudando {stack}:"
NOTHING_TO_CHANGE = "{stack}: nada a mudar."
CANNOT_PLAN = "{stack} está no estado {status}; o comando deploy diz o que pode ser feito."
CHANGE_SET_REFUSED = "O CloudFormation recusa as mudanças em {stack}: {reason}"
CHANGE_SET_TOO_SLOW = "O CloudFormation não calculou as mudanças em {minutes} minutos. Repita."
REPLACE_DATA = "Algo que guarda dados seria substituído ou removido. Quer mesmo?"
REPLACEMENT_REFUSED = (
    "Nada foi mudado, porque dados poderiam se perder. --allow-replacement permite."
)
CREATION_FAILED = (
    "Não foi possível criar {stack}, e a AWS removeu o que havia dela.{reasons}\n"
    "Elimine a causa e implante de novo."
)
UPDATE_FAILED = (
    "A mudança de {stack} falhou, e a AWS trouxe de volta o que havia antes.{reasons}\n"
    "Elimine a causa e implante de novo."
)
STACK_LEFT_HALF = (
    "A mudança de {stack} falhou e a deixou no estado {status}.{reasons}\n"
    "Elimine a causa e implante de novo, que diz o que pode ser feito."
)
REMOVING_KEPT = "Removendo {part}, que foi criado para ela e está vazio"
TABLE_EXISTS = (
    "Para continuar com uma tabela que já existe, use --parameter ExistingTableName=NOME."
)
STACK_TOO_SLOW = "{stack} ainda está ocupada depois de {minutes} minutos. O comando status mostra."
STACK_BUSY = (
    "{stack} está no estado {status}. Espere até isso terminar e execute o comando de novo."
)

# --- What was left half ---

HALF_REVIEW = "{stack} ({status}) só tem um plano que ninguém executou, e nenhuma parte."
HALF_ROLLED_BACK = "{stack} ({status}) ia ser criada e falhou; não pode mais ser alterada."
HALF_DELETED = "{stack} ({status}) ia ser apagada, e uma parte dela ficou."
HALF_UPDATED = "{stack} ({status}): uma mudança falhou, e a volta também."
HALF_WITH_DATA = (
    "{stack} tem a tabela {table} com dados, por isso não é removida. Apague a pilha no console e"
    " mantenha lá a tabela; depois implante com --parameter ExistingTableName={table}"
)
REMOVE_HALF = "Remover o que existe de {stack}?"
CONTINUE_ROLLBACK = "Pedir à AWS que continue a volta de {stack}?"
ROLLBACK_STUCK = (
    "{stack} continua no estado {status}. Os eventos no console dizem qual parte está no caminho."
)
NOT_DELETED = "Não foi possível apagar {stack} ({status}).{reasons}"

# --- The image ---

DOCKER_MISSING = "O docker não está instalado; a imagem é montada com ele. Instale-o e repita."
DOCKER_SILENT = "O motor do docker não responde. Inicie o Docker e repita."
DOCKER_TOO_SLOW = "docker {command} levou mais de {minutes} minutos."
DOCKER_FAILED = "docker {command} falhou; o que ele disse está acima."
IMAGE_BUILDING = "Montando a imagem"
IMAGE_PUSHING = "Enviando a imagem"
IMAGE_THERE = "A imagem do commit {commit} já está lá"
IMAGE_NOT_THERE = "{image} foi enviada, mas o registro não a conhece. Repita."
SCAN_FINDINGS = "Achados da varredura: {findings}"
SCAN_CLEAN = "nenhum"
SCAN_UNFINISHED = "A varredura não deu resultado; veja-a no console."
SCAN_CRITICAL = (
    "A varredura achou algo crítico em {repository}@{digest}. Veja no console; se não diz respeito"
    " ao bot, defina ALLOW_CRITICAL_FINDINGS=true."
)

# --- Deploy, test, go back ---

DEPLOYED = "{stack} está implantada: {commit}."
HISTORY_DESCRIPTION = "Artifacts of {project} that were deployed and passed their test"
LAST_EVENTS = "O que aconteceu por último:"
NO_STACK = "Não existe {stack} em {region}. Confira --region e --environment, ou implante antes."
SMOKE = "Testando o bot de fora:"
SMOKE_FAILED = "O bot não passou no teste."
CHECK_PASSED = "ok    "
CHECK_FAILED = "FALHOU"
CHECK_REFUSES = "{where} recusa quem não prova quem é"
NOT_REFUSED = "respondeu {status} em vez de recusar"
ANSWERED = "respondeu {status}: {body}"
NO_ANSWER = "sem resposta ({error})"
GOING_BACK = "O bot não passou no teste; voltando ao que havia antes."
WENT_BACK = "A implantação foi desfeita, porque o bot não passou no teste. Roda de novo: {artifact}"
WENT_BACK_AND_FAILED = (
    "A implantação foi desfeita, porque o bot não passou no teste, mas com o que havia antes ele"
    " também não passa ({artifact}). Veja os logs e `status`."
)
FIRST_DEPLOY_FAILED = (
    "{stack} existe, mas o bot não passou no teste, e não há nada anterior a que voltar. Veja os logs"
    " e implante de novo, ou remova: destroy --environment {environment}"
)
UNCHANGED_AND_FAILED = (
    "O bot não passou no teste, embora nada tenha mudado em {stack}. Veja os logs dele."
)
NOTHING_TO_GO_BACK_TO = "Não se conhece implantação de {stack} anterior à que roda."
GOING_BACK_TO = "Voltando a {artifact}"
ROLLED_BACK = "Roda de novo: {artifact}"
ROLLED_BACK_AND_FAILED = (
    "{stack} tem o artefato da implantação anterior, e com ele o bot também não passa no teste. Veja"
    " os logs e `status`."
)

# --- Taking away ---

DELETES = "Isto some para sempre:"
STAYS = "Isto fica:"
SECRETS_GOES = "o segredo {name}, que pode ser restaurado por sete dias"
SECRETS_STAYS = "o segredo {name}"
ARTIFACTS_STAY = "a pilha {stack}, que todos os ambientes compartilham"
TYPE_NAME = "Digite {stack} para apagar: "
DESTROYED = "{stack} foi apagada."
TABLE_STAYS = "Para usar a tabela de novo: deploy --parameter ExistingTableName={table}"
