#!/usr/bin/env bash
# Builds the image of the current commit and pushes it to Amazon ECR; safe to repeat.
#
#   AWS_ACCOUNT_ID=123456789012 AWS_REGION=us-east-1 ECR_REPO_NAME=my-bot ./push_image_ecr.sh
#
# Needs git, docker and the AWS CLI with credentials. IMAGE_PLATFORM (linux/amd64) is optional.
# The last line it prints is the image's address with its digest.
set -euo pipefail

fail() {
    echo "push_image_ecr.sh: $1" >&2
    exit 1
}

for name in AWS_ACCOUNT_ID AWS_REGION ECR_REPO_NAME; do
    [[ -n "${!name:-}" ]] || fail "set $name, for example: export $name=..."
done
[[ "$AWS_ACCOUNT_ID" =~ ^[0-9]{12}$ ]] || fail "AWS_ACCOUNT_ID has 12 digits"
for command in git docker aws; do
    command -v "$command" >/dev/null || fail "$command is not installed"
done

cd "$(dirname "${BASH_SOURCE[0]}")"
# Attestations would make the image an index, which AWS Lambda does not run.
export BUILDX_NO_DEFAULT_ATTESTATIONS=1
commit=$(git rev-parse HEAD) || fail "this is not a git repository with a commit"
[[ -z "$(git status --porcelain)" ]] || fail "commit your changes first: the tag names a commit"

registry="$AWS_ACCOUNT_ID.dkr.ecr.$AWS_REGION.amazonaws.com"
image="$registry/$ECR_REPO_NAME"

# The digest of this commit's image in the repository; fails while there is none.
pushed_digest() {
    aws ecr describe-images --region "$AWS_REGION" --repository-name "$ECR_REPO_NAME" \
        --image-ids "imageTag=$commit" --query 'imageDetails[0].imageDigest' --output text
}

if ! aws ecr describe-repositories --region "$AWS_REGION" \
    --repository-names "$ECR_REPO_NAME" >/dev/null 2>&1; then
    echo "Creating the repository $ECR_REPO_NAME" >&2
    aws ecr create-repository --region "$AWS_REGION" --repository-name "$ECR_REPO_NAME" \
        --image-tag-mutability IMMUTABLE --image-scanning-configuration scanOnPush=true \
        --encryption-configuration encryptionType=AES256 >/dev/null
fi

if digest=$(pushed_digest 2>/dev/null); then
    echo "The image of commit $commit is there already" >&2
else
    aws ecr get-login-password --region "$AWS_REGION" |
        docker login --username AWS --password-stdin "$registry" >&2
    docker build --platform "${IMAGE_PLATFORM:-linux/amd64}" --tag "$image:$commit" . >&2
    docker push "$image:$commit" >&2
    digest=$(pushed_digest)
fi
echo "$image@$digest"
