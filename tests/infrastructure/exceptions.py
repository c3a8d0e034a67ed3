"""What checkov may find, each with the reason: a check's id and a resource's logical id."""

_FUNCTIONS = ("HttpFunction", "InboxFunction", "SocketFunction", "TurnFunction")

EXCEPTIONS = {
    ("CKV_AWS_119", "Table"): (
        "the table is encrypted with the key that AWS manages for DynamoDB; a key of one's own"
        " costs a monthly fee and a request for each read, and protects from the same people"
    ),
    ("CKV_AWS_136", "Repository"): (
        "images hold no secret, and ECR encrypts them with AES-256; a key of one's own would have to"
        " be shared with every role that starts a task"
    ),
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
    # --- Lambda ---
    **{
        ("CKV_AWS_115", function): (
            "a reserved share would be taken from the account's other functions; what calls them is"
            " throttled before them"
        )
        for function in _FUNCTIONS
    },
    **{
        ("CKV_AWS_116", function): (
            "nothing is lost without a queue of its own: a caller waits for the answer, the client"
            " is told, or the message goes to the dead letters of the inbox"
        )
        for function in _FUNCTIONS
    },
    **{
        ("CKV_AWS_117", function): (
            "they call AWS and others over TLS and use nothing inside a network, where they would"
            " need a NAT gateway"
        )
        for function in _FUNCTIONS
    },
    **{
        ("CKV_AWS_173", function): (
            "the variables hold no secret, and Lambda encrypts them with a key of its own"
        )
        for function in _FUNCTIONS
    },
    ("CKV_AWS_158", "Log"): (
        "CloudWatch encrypts every log; no line holds what people wrote, nor a secret"
    ),
    ("CKV_AWS_158", "AccessLog"): (
        "CloudWatch encrypts every log; these lines hold routes and times"
    ),
    ("CKV_AWS_95", "SocketStage"): (
        "a WebSocket API logs by a role that is set for the whole account, which no stack may"
        " decide; the functions log what they are asked"
    ),
    ("CKV_AWS_68", "Distribution"): (
        "there is no AWS WAF, as the documentation says; the bot limits each user's requests"
    ),
    ("CKV_AWS_86", "Distribution"): "access logs would need a bucket of the owner's",
    ("CKV_AWS_174", "Distribution"): (
        "with a name of one's own it is TLS 1.2 of 2021, which the check does not see in Fn::If;"
        " CloudFront's own certificate leaves no choice"
    ),
    ("CKV_AWS_18", "Bucket"): "the bucket holds packages of the bot's code, and is private",
    # --- Delivery ---
    ("CKV_AWS_111", "ServiceRole"): (
        "these services give their parts no names before they are made; roles stay within the"
        " boundary"
    ),
}
