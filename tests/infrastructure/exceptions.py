"""What checkov may find, each with the reason: a check's id and a resource's logical id."""

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
}
