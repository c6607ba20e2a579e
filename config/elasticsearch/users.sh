#!/usr/bin/env bash
# Set the password of Kibana's own user and make the users of treatywatch; again: the same.
# Their roles are in roles.yml, which Elasticsearch reads as a file.
#
#   users.sh URL FOLDER     FOLDER holds elastic_password, kibana_password and treatywatch_password
set -euo pipefail
url=$1
folder=$2

secret() {   # name; passwords go into JSON, so nothing that would need quoting
    local value
    value=$(cat "$folder/$1")
    [[ $value =~ ^[A-Za-z0-9]{12,}$ ]] || { echo "$1: at least 12 letters and digits, nothing else" >&2; exit 1; }
    printf '%s' "$value"
}

call() {   # method, path; body on standard input. The password goes in by a file descriptor: ps would show an argument.
    curl --silent --show-error --fail-with-body --max-time 30 --retry 20 --retry-delay 2 --retry-connrefused \
        --config <(printf 'user = "elastic:%s"\n' "$elastic") --header 'Content-Type: application/json' \
        --request "$1" --data-binary @- "$url$2"
    echo
}

elastic=$(secret elastic_password)
kibana=$(secret kibana_password)
treatywatch=$(secret treatywatch_password)
printf '{"password": "%s"}' "$kibana" | call POST /_security/user/kibana_system/_password
printf '{"password": "%s", "roles": ["treatywatch_writer"]}' "$treatywatch" | call PUT /_security/user/treatywatch
echo "users: done"
