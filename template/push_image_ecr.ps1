# Builds the image of the current commit, pushes it to Amazon ECR and has it scanned; safe to repeat.
# What push_image_ecr.sh does, for Windows PowerShell 5.1 and PowerShell 7:
#
#   $env:AWS_ACCOUNT_ID = "123456789012"; $env:AWS_REGION = "us-east-1"; $env:ECR_REPO_NAME = "my-bot"
#   powershell -ExecutionPolicy Bypass -File push_image_ecr.ps1
#
# Needs git, docker and the AWS CLI with credentials. Optional:
#   $env:IMAGE_PLATFORM = "linux/amd64"       what it is built for
#   $env:SCAN_SECONDS = "300"                 how long to wait for the scan; 0 does not wait
#   $env:ALLOW_CRITICAL_FINDINGS = "true"     goes on when the scan finds something critical
# The last line it prints is the image's address with its digest. Exit code 3: a critical finding.
Set-StrictMode -Version 3.0
# Not Stop: Windows PowerShell 5.1 would take each line of a program's standard error for a failure.
$ErrorActionPreference = "Continue"
$PSNativeCommandUseErrorActionPreference = $false

$CriticalFindings = 3
$ScanPollSeconds = 5
# A key is piped from one program to another; a byte order mark in front of it would spoil it.
$OutputEncoding = New-Object System.Text.ASCIIEncoding

function Say($message) {
    [Console]::Error.WriteLine($message)
}

function Fail($message, $code = 1) {
    Say "push_image_ecr: $message"
    exit $code
}

foreach ($name in "AWS_ACCOUNT_ID", "AWS_REGION", "ECR_REPO_NAME") {
    if (-not [Environment]::GetEnvironmentVariable($name)) {
        Fail "set $name; the first lines of this script show how"
    }
}
if ($env:AWS_ACCOUNT_ID -notmatch '^[0-9]{12}$') { Fail "AWS_ACCOUNT_ID has 12 digits" }
$scanSeconds = if ($env:SCAN_SECONDS) { $env:SCAN_SECONDS } else { "300" }
if ($scanSeconds -notmatch '^[0-9]{1,5}$') { Fail "SCAN_SECONDS is a number of seconds" }
foreach ($command in "git", "docker", "aws") {
    if (-not (Get-Command $command -CommandType Application -ErrorAction SilentlyContinue)) {
        Fail "$command is not installed"
    }
}

Set-Location $PSScriptRoot
# Attestations would make the image an index, which not every service of AWS runs.
$env:BUILDX_NO_DEFAULT_ATTESTATIONS = "1"
$commit = git rev-parse --verify HEAD
if ($LASTEXITCODE -ne 0) { Fail "this is not a git repository with a commit" }
if (git status --porcelain) { Fail "commit your changes first: the tag names a commit" }

# A tag may come to stand for another image.
if (Select-String -Path Dockerfile -Pattern "^FROM (?!.*@sha256:)" -Quiet) {
    Say "The base image is named by its tag alone; pin it: uv run python -m scripts.pin_base_image"
}

$registry = "$($env:AWS_ACCOUNT_ID).dkr.ecr.$($env:AWS_REGION).amazonaws.com"
$image = "$registry/$($env:ECR_REPO_NAME)"
$platform = if ($env:IMAGE_PLATFORM) { $env:IMAGE_PLATFORM } else { "linux/amd64" }

function Ecr($operation) {
    aws ecr $operation --region $env:AWS_REGION @args
}

# The digest of this commit's image in the repository; fails while there is none.
function PushedDigest {
    Ecr describe-images --repository-name $env:ECR_REPO_NAME `
        --image-ids "imageTag=$commit" --query 'imageDetails[0].imageDigest' --output text
}

# One line: the scan's status, then how many findings there are of each severity.
function ScanResult {
    $counts = "imageScanFindings.findingSeverityCounts"
    Ecr describe-image-scan-findings --repository-name $env:ECR_REPO_NAME `
        --image-id "imageDigest=$digest" --output text --query `
        "[imageScanStatus.status,$counts.CRITICAL,$counts.HIGH,$counts.MEDIUM,$counts.LOW,$counts.INFORMATIONAL,$counts.UNDEFINED]"
}

Ecr describe-repositories --repository-names $env:ECR_REPO_NAME 2>$null | Out-Null
if ($LASTEXITCODE -ne 0) {
    Say "Creating the repository $($env:ECR_REPO_NAME)"
    Ecr create-repository --repository-name $env:ECR_REPO_NAME `
        --image-tag-mutability IMMUTABLE --image-scanning-configuration scanOnPush=true `
        --encryption-configuration encryptionType=AES256 | Out-Null
    if ($LASTEXITCODE -ne 0) { Fail "the repository $($env:ECR_REPO_NAME) could not be created" }
}

$digest = PushedDigest 2>$null
if ($LASTEXITCODE -eq 0) {
    Say "The image of commit $commit is there already"
} else {
    $password = Ecr get-login-password
    if ($LASTEXITCODE -ne 0) { Fail "docker login failed" }
    $password | docker login --username AWS --password-stdin $registry | ForEach-Object { Say $_ }
    if ($LASTEXITCODE -ne 0) { Fail "docker login failed" }
    # Attestations would make the image an index, which not every service of AWS runs.
    $env:BUILDX_NO_DEFAULT_ATTESTATIONS = "1"
    docker build --platform $platform --build-arg "VERSION=$commit" --tag "${image}:$commit" . |
        ForEach-Object { Say $_ }
    if ($LASTEXITCODE -ne 0) { Fail "docker build failed" }
    docker push "${image}:$commit" | ForEach-Object { Say $_ }
    if ($LASTEXITCODE -ne 0) { Fail "docker push failed" }
    $digest = PushedDigest
    if ($LASTEXITCODE -ne 0) { Fail "the image was pushed, but the repository does not know it" }
}

$result = @("PENDING")
$deadline = (Get-Date).AddSeconds([int]$scanSeconds)
while ((Get-Date) -lt $deadline) {
    $line = ScanResult 2>$null
    # A scan that has not begun is not found.
    $result = if ($LASTEXITCODE -eq 0) { @("$line" -split '\s+') } else { @("PENDING") }
    if ($result[0] -ne "PENDING" -and $result[0] -ne "IN_PROGRESS") { break }
    Start-Sleep -Seconds $ScanPollSeconds
}

# ACTIVE is what enhanced scanning says when it is through.
if ($result[0] -eq "COMPLETE" -or $result[0] -eq "ACTIVE") {
    $severities = "CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"
    $findings = @()
    for ($number = 0; $number -lt $severities.Count; $number++) {
        $count = $result[$number + 1]
        if ($count -ne "None" -and $count -ne "0") { $findings += "$($severities[$number]) $count" }
    }
    $found = $findings -join ", "
    if (-not $found) { $found = "none" }
    Say "Findings of the scan: $found"
    if ($found -like "CRITICAL *" -and $env:ALLOW_CRITICAL_FINDINGS -ne "true") {
        Fail "the scan found something critical in $image@$digest" $CriticalFindings
    }
} else {
    Say "The scan has given no result; look at it in the console"
}
Write-Output "$image@$digest"
