#!/usr/bin/env bash
# Runs Kafka in its container: prepares the folder for its data once.
set -euo pipefail
run() { java -Xmx384m -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '/opt/kafka/lib/*' "$@"; }
[ -f /var/lib/kafka/meta.properties ] \
  || run -XX:TieredStopAtLevel=1 kafka.tools.StorageTool format -t 4L6g3nShT-eMCtK--X86sw -c /opt/kafka/kafka.properties
exec java -Xmx384m -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '/opt/kafka/lib/*' kafka.Kafka /opt/kafka/kafka.properties
