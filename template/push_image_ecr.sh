#!/usr/bin/env bash
# Builds the image of the current commit, pushes it to Amazon ECR and has it scanned; safe to repeat.
#
#   AWS_ACCOUNT_ID=123456789012 AWS_REGION=us-east-1 ECR_REPO_NAME=my-bot ./push_image_ecr.sh
#
# Needs git, docker and the AWS CLI with credentials. Optional:
#   IMAGE_PLATFORM=linux/amd64       what it is built for
#   SCAN_SECONDS=300                 how long to wait for the scan; 0 does not wait
#   ALLOW_CRITICAL_FINDINGS=true     goes on when the scan finds something critical
# The last line it prints is the image's address with its digest. Exit code 3: a critical finding.
set -euo pipefail

CRITICAL_FINDINGS=3
SCAN_POLL_SECONDS=5

say() {
    echo "$1" >&2
}

fail() {
    local message="$1"
    say "push_image_ecr: $message"
    exit "${2:-1}"
}

for name in AWS_ACCOUNT_ID AWS_REGION ECR_REPO_NAME; do
    [[ -n "${!name:-}" ]] || fail "set $name; the first lines of this script show how"
done
[[ "$AWS_ACCOUNT_ID" =~ ^[0-9]{12}$ ]] || fail "AWS_ACCOUNT_ID has 12 digits"
scan_seconds="${SCAN_SECONDS:-300}"
[[ "$scan_seconds" =~ ^[0-9]{1,5}$ ]] || fail "SCAN_SECONDS is a number of seconds"
for command in git docker aws; do
    command -v "$command" >/dev/null || fail "$command is not installed"
done

cd "$(dirname "${BASH_SOURCE[0]}")"
# Attestations would make the image an index, which not every service of AWS runs.
export BUILDX_NO_DEFAULT_ATTESTATIONS=1
commit=$(git rev-parse --verify HEAD) || fail "this is not a git repository with a commit"
[[ -z "$(git status --porcelain)" ]] || fail "commit your changes first: the tag names a commit"
# A tag may come to stand for another image.
if grep '^FROM ' Dockerfile | grep -qv '@sha256:'; then
    say "The base image is named by its tag alone; pin it: uv run python -m scripts.pin_base_image"
fi

registry="$AWS_ACCOUNT_ID.dkr.ecr.$AWS_REGION.amazonaws.com"
image="$registry/$ECR_REPO_NAME"

ecr() {
    aws ecr "$1" --region "$AWS_REGION" "${@:2}"
}

# The digest of this commit's image in the repository; fails while there is none.
pushed_digest() {
    ecr describe-images --repository-name "$ECR_REPO_NAME" \
        --image-ids "imageTag=$commit" --query 'imageDetails[0].imageDigest' --output text
}

# One line: the scan's status, then how many findings there are of each severity.
scan_result() {
    local counts="imageScanFindings.findingSeverityCounts"
    ecr describe-image-scan-findings --repository-name "$ECR_REPO_NAME" \
        --image-id "imageDigest=$digest" --output text --query \
        "[imageScanStatus.status,$counts.CRITICAL,$counts.HIGH,$counts.MEDIUM,$counts.LOW,$counts.INFORMATIONAL,$counts.UNDEFINED]"
}

if ! ecr describe-repositories --repository-names "$ECR_REPO_NAME" >/dev/null 2>&1; then
    say "Creating the repository $ECR_REPO_NAME"
    ecr create-repository --repository-name "$ECR_REPO_NAME" \
        --image-tag-mutability IMMUTABLE --image-scanning-configuration scanOnPush=true \
        --encryption-configuration encryptionType=AES256 >/dev/null ||
        fail "the repository $ECR_REPO_NAME could not be created"
fi

if digest=$(pushed_digest 2>/dev/null); then
    say "The image of commit $commit is there already"
else
    ecr get-login-password |
        docker login --username AWS --password-stdin "$registry" >&2 || fail "docker login failed"
    # Attestations would make the image an index, which not every service of AWS runs.
    BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker build --platform "${IMAGE_PLATFORM:-linux/amd64}" \
        --build-arg "VERSION=$commit" --tag "$image:$commit" . >&2 ||
        fail "docker build failed"
    docker push "$image:$commit" >&2 || fail "docker push failed"
    digest=$(pushed_digest) || fail "the image was pushed, but the repository does not know it"
fi

status="" critical="" high="" medium="" low="" informational="" undefined=""
deadline=$((SECONDS + scan_seconds))
while ((SECONDS < deadline)); do
    # A scan that has not begun is not found.
    result=$(scan_result 2>/dev/null) || result="PENDING"
    read -r status critical high medium low informational undefined <<<"$result"
    [[ "$status" == PENDING || "$status" == IN_PROGRESS ]] || break
    sleep "$SCAN_POLL_SECONDS"
done

# ACTIVE is what enhanced scanning says when it is through.
if [[ "$status" == COMPLETE || "$status" == ACTIVE ]]; then
    found=""
    for finding in "CRITICAL $critical" "HIGH $high" "MEDIUM $medium" "LOW $low" \
        "INFORMATIONAL $informational" "UNDEFINED $undefined"; do
        [[ "$finding" == *" None" || "$finding" == *" 0" ]] || found="$found, $finding"
    done
    found="${found#, }"
    [[ -n "$found" ]] || found=none
    say "Findings of the scan: $found"
    if [[ "$found" == "CRITICAL "* && "${ALLOW_CRITICAL_FINDINGS:-}" != true ]]; then
        fail "the scan found something critical in $image@$digest" "$CRITICAL_FINDINGS"
    fi
else
    say "The scan has given no result; look at it in the console"
fi
echo "$image@$digest"
