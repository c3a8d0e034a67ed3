"""What the deploy script says to the person at the terminal."""

# --- The command line ---

ABOUT = "Brings the bot into AWS, tests it there, goes back, and takes it away again."
COMMAND = "COMMAND"
ABOUT_PLAN = "show what a deploy would change, and change nothing"
ABOUT_DEPLOY = "deploy this commit, test it, and go back if it fails"
ABOUT_SECRETS = "set the secret settings"
ABOUT_SMOKE = "test the deployed bot from outside"
ABOUT_ROLLBACK = "go back to the artifact of the deploy before"
ABOUT_DESTROY = "delete the environment; the table stays"
ABOUT_STATUS = "show the stack, its outputs and what happened last"
OPTION_ENVIRONMENT = "which environment"
OPTION_REGION = "AWS region (%(default)s)"
OPTION_PROFILE = "profile of the AWS credentials"
OPTION_PARAMETER = "a parameter of the stack, before cloudformation/parameters; may be repeated"
OPTION_YES = "answer every question with yes"
OPTION_REPLACEMENT = "allow that what holds data is replaced or removed"
OPTION_ARTIFACT = "what another deploy wrote with --output-file, instead of building"
OPTION_OUTPUT_FILE = "a file to which artifact=... is added: what was deployed"
OPTION_SERVICE_ROLE = "ARN of a role by whose rights CloudFormation makes the changes"
OPTION_FROM_FILE = "lines KEY=VALUE instead of questions"
OPTION_GENERATE = "add a new key for somebody: OPERATOR_API_KEYS=maria; or a value: NAME"
OPTION_KEYS_FILE = "where the generated keys are written, a new file"
OPTION_DELETE_DATA = "delete the table and the secret too"
REGION_FORM = "{given} is no AWS region; type one such as us-east-1"
ERROR = "Error:"
INTERRUPTED = "Interrupted. What AWS has begun it goes on with; the command status shows it."
YES_OR_NO = "[y/N]"
YES_ANSWERS = ("y", "yes")
NOBODY_TO_ASK = "Nobody is there to answer: {question} Use --yes, or run this in a terminal."
NOTHING_DONE = "Nothing was done."

# --- Access to AWS ---

PROFILE_NOT_FOUND = "{error}. See the profiles with `aws configure list-profiles`."
NO_CREDENTIALS = "No AWS credentials ({error}). Sign in with `aws sso login` or `aws configure`, or use --profile."
CREDENTIALS_EXPIRED = "The AWS credentials have expired. Sign in again, for instance with `aws sso login`, and repeat."
CREDENTIALS_INVALID = (
    "AWS does not accept the credentials in {region}. Check the key, and whether the account has"
    " that region enabled; --region names another."
)
NOT_ALLOWED = (
    "The credentials may not do {operation}: {message} Ask whoever manages the account for it."
)
AWS_OUT_OF_REACH = (
    "AWS cannot be reached in {region} ({error}). Check the region's name and the network."
)
AWS_TOO_SLOW = "AWS did not answer in time ({error}). Run the command again; it is safe to repeat."
AWS_REFUSED = "AWS refused {operation} ({code}): {message}"
AWS_FAILED = "The call to AWS failed: {error}"
MODEL_UNKNOWN = (
    "{region} has no model {model}. Write one that it has as BedrockModelId in"
    " cloudformation/parameters, or use --region."
)
NO_MODEL_ACCESS = (
    "The account has no access to {model} in {region}. Grant it in the Bedrock console under"
    " Model access, and deploy again."
)
MODEL_NOT_CHECKED = "Access to {model} could not be checked ({error}); going on."

# --- Files and parameters ---

GIT_MISSING = "git is not installed."
NO_COMMIT = (
    "This folder is no git repository with a commit. Run `git init`, add the files and commit."
)
NOT_COMMITTED = "{path} has changes without a commit. Commit them first: a deploy names a commit."
FILE_MISSING = "{path} is missing. Run this in the bot's folder."
FILE_UNREADABLE = "{path} cannot be read: {error}"
TEMPLATE_WRONG = "CloudFormation finds a fault in {path}: {reason}"
TEMPLATE_TOO_LONG = "{path} has more than the {limit} bytes that CloudFormation takes."
PARAMETERS_UNREADABLE = "{path} is not JSON: {error}"
PARAMETERS_NOT_FLAT = '{path} has to be one JSON object of texts, such as {{"AlarmEmail": ""}}.'
PARAMETER_FORM = "--parameter {given}: write Key=Value."
PARAMETER_UNKNOWN = "The stack has no parameter {name}. It has: {known}."
PARAMETER_MISSING = (
    "The stack needs {name}. Write it in cloudformation/parameters, or use --parameter Key=Value."
)

# --- Secret settings ---

SECRETS_DESCRIPTION = "Secret settings of {project}"
SECRETS_HOW = "What you type is not shown. Enter keeps a value, - removes it."
SECRETS_NOT_ASKED = "Nobody is there to answer. Use --from-file, or run this in a terminal."
SECRETS_STORED = "Stored in {name}:"
SECRETS_NEED_DEPLOY = "The bot reads them after the next deploy --environment {environment}."
IS_SET = "set"
IS_EMPTY = "empty"
SECRETS_UNKNOWN = "{name} is no secret setting of this bot. There are: {known}."
SECRETS_UNREADABLE = "The secret {name} is no JSON object. Delete it, or repair it in the console."
SECRETS_DELETED = (
    "The secret {name} is being deleted. Bring it back with"
    " `aws secretsmanager restore-secret --secret-id {name}`."
)
NAMED_KEYS_FORM = "{name} has to be key:name,key:name, each key with 16 characters or more."
LINE_WITHOUT_EQUALS = "{path}, line {number}: write KEY=VALUE."
GENERATE_FORM = (
    "--generate {given}: write NAME=WHO for a setting of keys, for each person one, or else NAME."
)
KEYS_FILE_NEEDED = "--generate needs --keys-file, because a key is never shown."
KEYS_FILE_REFUSED = "{path} could not be made as a new file: {error}"
KEYS_WRITTEN = "The generated keys are in {path}. Hand them over safely and delete the file."
NO_SECRETS = "There are no secret settings yet. Run first: secrets --environment {environment}"
SECRETS_MISSING = (
    "Secret settings are missing: {names}. Run first: secrets --environment {environment}"
)

# --- Changes ---

CHANGE_WIDTH = 11
CHANGE_ADD = "add"
CHANGE_REMOVE = "remove"
CHANGE_IMPORT = "import"
CHANGE_MODIFY = "change"
CHANGE_REPLACE = "REPLACE"
CHANGE_MAY_REPLACE = "MAY REPLACE"
DANGER_DATA = "<- DANGER: it holds data"
DANGER_ADDRESS = "<- the bot's address changes"
PLAN = "A deploy would change in {stack}:"
PLAN_WITHOUT_SECRETS = (
    "There are no secret settings yet; before the deploy run secrets --environment {environment}"
)
PLAN_IS_WITHOUT_ARTIFACT = "The bot's own code is not built for a plan: a deploy brings it as well."
CHANGES = "Changing {stack}:"
NOTHING_TO_CHANGE = "{stack}: nothing to change."
CANNOT_PLAN = "{stack} is in the state {status}; the command deploy says what can be done."
CHANGE_SET_REFUSED = "CloudFormation refuses the changes to {stack}: {reason}"
CHANGE_SET_TOO_SLOW = "CloudFormation has not worked out the changes in {minutes} minutes. Repeat."
REPLACE_DATA = "Something that holds data would be replaced or removed. Really?"
REPLACEMENT_REFUSED = (
    "Nothing was changed, because data could be lost. --allow-replacement allows it."
)
CREATION_FAILED = (
    "{stack} could not be made, and AWS has removed what there was of it.{reasons}\n"
    "Remove the cause and deploy again."
)
UPDATE_FAILED = (
    "The change of {stack} failed, and AWS has brought back what was before.{reasons}\n"
    "Remove the cause and deploy again."
)
STACK_LEFT_HALF = (
    "The change of {stack} failed and left it in the state {status}.{reasons}\n"
    "Remove the cause and deploy again, which says what can be done."
)
REMOVING_KEPT = "Removing {part}, which was made for it and is empty"
TABLE_EXISTS = (
    "To go on with a table that is there already, use --parameter ExistingTableName=NAME."
)
STACK_TOO_SLOW = "{stack} is still busy after {minutes} minutes. The command status shows it."
STACK_BUSY = "{stack} is in the state {status}. Wait until that is over, and run the command again."

# --- What was left half ---

HALF_REVIEW = "{stack} ({status}) has only a plan that nobody carried out, and no parts."
HALF_ROLLED_BACK = (
    "{stack} ({status}) was once to be made and failed; it cannot be changed any more."
)
HALF_DELETED = "{stack} ({status}) was to be deleted, and a part of it remained."
HALF_UPDATED = "{stack} ({status}): a change failed, and so did the way back."
HALF_WITH_DATA = (
    "{stack} has the table {table} with data, so it is not removed. Delete the stack in the console"
    " and keep the table there; then deploy with --parameter ExistingTableName={table}"
)
REMOVE_HALF = "Remove what there is of {stack}?"
CONTINUE_ROLLBACK = "Have AWS go on with the way back of {stack}?"
ROLLBACK_STUCK = "{stack} is still in the state {status}. The events in the console say which part is in the way."
NOT_DELETED = "{stack} could not be deleted ({status}).{reasons}"

# --- The image ---

DOCKER_MISSING = "docker is not installed; the image is built with it. Install it and repeat."
DOCKER_SILENT = "docker's engine does not answer. Start Docker, and repeat."
DOCKER_TOO_SLOW = "docker {command} took more than {minutes} minutes."
DOCKER_FAILED = "docker {command} failed; what it said is above."
IMAGE_BUILDING = "Building the image"
IMAGE_PUSHING = "Pushing the image"
IMAGE_THERE = "The image of commit {commit} is there already"
IMAGE_NOT_THERE = "{image} was pushed, but the registry does not know it. Repeat."
SCAN_FINDINGS = "Findings of the scan: {findings}"
SCAN_CLEAN = "none"
SCAN_UNFINISHED = "The scan has given no result; look at it in the console."
SCAN_CRITICAL = (
    "The scan found something critical in {repository}@{digest}. Look at it in the console; when it"
    " does not concern the bot, set ALLOW_CRITICAL_FINDINGS=true."
)

# --- Deploy, test, go back ---

DEPLOYED = "{stack} is deployed: {commit}."
HISTORY_DESCRIPTION = "Artifacts of {project} that were deployed and passed their test"
LAST_EVENTS = "What happened last:"
NO_STACK = "There is no {stack} in {region}. Check --region and --environment, or deploy first."
SMOKE = "Testing the bot from outside:"
SMOKE_FAILED = "The bot did not pass the test."
CHECK_PASSED = "ok    "
CHECK_FAILED = "FAILED"
CHECK_REFUSES = "{where} refuses who does not prove who they are"
NOT_REFUSED = "answered {status} instead of a refusal"
ANSWERED = "answered {status}: {body}"
NO_ANSWER = "no answer ({error})"
GOING_BACK = "The bot did not pass the test; going back to what was before."
WENT_BACK = (
    "The deploy was undone, because the bot did not pass the test. It runs again: {artifact}"
)
WENT_BACK_AND_FAILED = (
    "The deploy was undone, because the bot did not pass the test, but it does not pass with what"
    " was before either ({artifact}). Look at the logs and at `status`."
)
FIRST_DEPLOY_FAILED = (
    "{stack} is there, but the bot did not pass the test, and there is nothing before to go back to."
    " Look at its logs, then deploy again, or take it away: destroy --environment {environment}"
)
UNCHANGED_AND_FAILED = (
    "The bot did not pass the test, though nothing was changed in {stack}. Look at its logs."
)
NOTHING_TO_GO_BACK_TO = "No deploy of {stack} is known before the one that runs."
GOING_BACK_TO = "Going back to {artifact}"
ROLLED_BACK = "It runs again: {artifact}"
ROLLED_BACK_AND_FAILED = (
    "{stack} has the artifact of the deploy before, and the bot does not pass the test with it"
    " either. Look at the logs and at `status`."
)

# --- Taking away ---

DELETES = "This goes for good:"
STAYS = "This stays:"
SECRETS_GOES = "the secret {name}, which can be restored for seven days"
SECRETS_STAYS = "the secret {name}"
ARTIFACTS_STAY = "the stack {stack}, which all environments share"
TYPE_NAME = "Type {stack} to delete it: "
DESTROYED = "{stack} is deleted."
TABLE_STAYS = "To use the table again: deploy --parameter ExistingTableName={table}"
