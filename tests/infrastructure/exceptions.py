"""What checkov may find, each with the reason: a check's id and a resource's logical id."""

FUNCTIONS = ("HttpFunction", "SocketFunction", "TurnFunction", "InboxFunction")

EXCEPTIONS = {
    ("CKV_AWS_111", "ServiceRole"): (
        "networks, services and alarms have no name before they exist, so no policy can name them"
    ),
    ("CKV_AWS_119", "Table"): (
        "the table is encrypted with the key that AWS manages for DynamoDB; a key of one's own"
        " costs a monthly fee and a request for each read, and protects from the same people"
    ),
    ("CKV_AWS_136", "Repository"): (
        "images hold no secret, and ECR encrypts them with AES-256; a key of one's own would have to"
        " be shared with every role that starts a task"
    ),
    **{
        ("CKV_AWS_158", log): "CloudWatch encrypts every log; no line holds what people wrote"
        for log in ("Log", "AccessLog")
    },
    ("CKV_AWS_158", "LogGroup"): (
        "CloudWatch encrypts every log; no line holds what people wrote, nor a secret"
    ),
    ("CKV_AWS_158", "FlowLogGroup"): (
        "CloudWatch encrypts every log; these lines hold addresses and ports"
    ),
    ("CKV_AWS_26", "AlarmTopic"): (
        "CloudWatch may not publish to a topic under the key that AWS manages, and the messages"
        " hold names of alarms"
    ),
    ("CKV_AWS_27", "Queue"): "SqsManagedSseEnabled encrypts it, which this check does not know",
    ("CKV_AWS_27", "DeadLetterQueue"): (
        "SqsManagedSseEnabled encrypts it, which this check does not know"
    ),
    ("CKV_AWS_2", "HttpListener"): (
        "it redirects to HTTPS; without a certificate, never in production, it serves one network"
    ),
    ("CKV_AWS_103", "HttpListener"): (
        "it redirects to HTTPS; without a certificate, never in production, it serves one network"
    ),
    ("CKV_AWS_260", "LoadBalancerSecurityGroup"): (
        "port 80 is open for the redirect; a rule of the template refuses to open it to everybody"
        " without a certificate"
    ),
    ("CKV_AWS_23", "LoadBalancerSecurityGroup"): (
        "every rule has a description; the check does not look into Fn::If"
    ),
    ("CKV_AWS_91", "LoadBalancer"): (
        "access logs need a bucket of the owner's, which the parameter AccessLogsBucket names"
    ),
    **{
        ("CKV_AWS_115", function): (
            "what is reserved for a function is taken from all others of the account, and more than"
            " that is refused; the parameter RequestsPerSecond bounds what comes in"
        )
        for function in FUNCTIONS
    },
    **{
        ("CKV_AWS_116", function): "its caller waits for the answer; Lambda keeps no event of it"
        for function in ("HttpFunction", "SocketFunction")
    },
    (
        "CKV_AWS_116",
        "InboxFunction",
    ): "what it cannot do goes from its queue to that of dead letters",
    ("CKV_AWS_116", "TurnFunction"): (
        "an answer that comes later finds nobody; an alarm counts turns that were given up"
    ),
    **{
        ("CKV_AWS_117", function): (
            "nothing can open a connection to a function; in a network of one's own it would need"
            " NAT gateways to reach AWS"
        )
        for function in FUNCTIONS
    },
    **{
        ("CKV_AWS_173", function): (
            "Lambda encrypts the variables with its own key, and none of them is a secret"
        )
        for function in FUNCTIONS
    },
    ("CKV_AWS_95", "SocketStage"): (
        "a WebSocket API writes access logs only with a role that is set for the whole account; the"
        " function logs what it refuses"
    ),
    ("CKV_AWS_174", "Distribution"): (
        "with a certificate TLS 1.2 is the least, which the check does not find in Fn::If; with"
        " CloudFront's own there is no choice"
    ),
    ("CKV_AWS_68", "Distribution"): (
        "a web ACL costs a monthly fee, and its rules depend on who calls; API Gateway bounds the"
        " requests"
    ),
    ("CKV_AWS_86", "Distribution"): (
        "its access logs need a bucket of the owner's; the HTTP API behind it logs its requests"
    ),
    ("CKV_AWS_18", "Bucket"): (
        "it holds packages of the bot's code, which the account's own deployments alone read; access"
        " logs need another bucket"
    ),
}
