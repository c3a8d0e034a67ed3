"""What the deploy script says about the zip package and the emulated AWS."""

OPTION_EMULATED = "implanta em uma AWS emulada nesta máquina e a mantém até Ctrl-C"
UV_MISSING = "O uv não está instalado; o pacote é montado com ele. Instale o grupo dev e repita."
PACKAGE_INSTALLING = "Montando o pacote para Python {python}"
PACKAGE_TOO_SLOW = "Instalar o conteúdo do pacote levou mais de {minutes} minutos. Repita."
PACKAGE_NOT_INSTALLED = "O uv não conseguiu instalar o que o pacote precisa:\n{error}"
PACKAGE_TOO_LARGE = (
    "O pacote tem {size} descompactado, e o Lambda aceita {limit}. As maiores partes: {largest}."
    " Deixe algo de fora ou use --parameter Packaging=image."
)
PACKAGE_UPLOADING = "Enviando o pacote: {packed}, descompactado {unpacked}"
PACKAGE_THERE = "O pacote já está lá: {packed}, descompactado {unpacked}"
STARTING_EMULATED = "Iniciando uma AWS emulada nesta máquina"
WORKING_COPY = "esta pasta como está"
EMULATED = "A AWS emulada está em {url}; nada dela sai desta máquina."
KEY_OF_LOCAL = "A chave de local em {name}: {key}"
UNTIL_INTERRUPTED = "Ctrl-C a encerra, e tudo o que há nela some."
