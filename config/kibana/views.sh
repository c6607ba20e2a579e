#!/usr/bin/env bash
# Import data views into Kibana; what is there under the same id is replaced.
#
#   views.sh URL FOLDER FILE     FOLDER holds elastic_password, FILE is an export of saved objects (NDJSON)
set -euo pipefail
url=$1
folder=$2
file=$3

answer=$(curl --silent --show-error --fail-with-body --max-time 60 --retry 20 --retry-delay 3 --retry-connrefused \
    --config <(printf 'user = "elastic:%s"\n' "$(cat "$folder/elastic_password")") --header 'kbn-xsrf: true' \
    --form "file=@$file" "$url/api/saved_objects/_import?overwrite=true")
echo "$answer"
# Kibana answers 200 also where it refused an object.
[[ $answer == *'"success":true'* ]] || { echo "not everything was imported" >&2; exit 1; }
