#!/usr/bin/env bash
# Roles of the official image: jobmanager, standalone-job, taskmanager, help, or any other command. Settings come from conf/config.yaml,
# over it JOB_MANAGER_RPC_ADDRESS, TASK_MANAGER_NUMBER_OF_TASK_SLOTS and FLINK_PROPERTIES (a "key: value" per line, without blanks in
# it, as there), over these the arguments after the role. conf/ is only read.
set -euo pipefail

class_path="$FLINK_HOME/lib/*"
conf=$FLINK_HOME/conf
settings=(
  "-Djobmanager.rpc.address=${JOB_MANAGER_RPC_ADDRESS:-$(hostname -f)}"
  -Dblob.server.port=6124
  -Dquery.server.port=6125
)
[ -z "${TASK_MANAGER_NUMBER_OF_TASK_SLOTS:-}" ] || settings+=("-Dtaskmanager.numberOfTaskSlots=$TASK_MANAGER_NUMBER_OF_TASK_SLOTS")
while IFS= read -r line; do
  line=$(tr -d '[:space:]' <<<"$line")
  [ -z "$line" ] || [ "${line:0:1}" = '#' ] || settings+=("-D${line%%:*}=${line#*:}")
done <<<"${FLINK_PROPERTIES:-}"

# What Flink's own configuration opens of the JDK, and the log to standard output.
jvm=(
  -XX:+ExitOnOutOfMemoryError
  --add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED
  --add-opens=java.base/java.lang=ALL-UNNAMED
  --add-opens=java.base/java.net=ALL-UNNAMED
  --add-opens=java.base/java.io=ALL-UNNAMED
  --add-opens=java.base/java.nio=ALL-UNNAMED
  --add-opens=java.base/java.util=ALL-UNNAMED
  --add-opens=java.base/java.util.concurrent=ALL-UNNAMED
  --add-opens=java.base/java.time=ALL-UNNAMED
  "-Dlog4j2.configurationFile=$conf/log4j-console.properties"
)

# Sizes as Flink derives them from its memory options: the JVM's on the first line, Flink's own (-D key=value ...) on the second.
resources() { # command of BashJavaUtils
  java -Xshare:auto -XX:TieredStopAtLevel=1 -cp "$class_path" org.apache.flink.runtime.util.bash.BashJavaUtils "$1" \
    --configDir "$conf" "${settings[@]}" "${arguments[@]}" 2>&1 >/tmp/flink-resources.$$ || {
    cat /tmp/flink-resources.$$ >&2
    exit 1
  }
  sed -n 's/^BASH_JAVA_UTILS_EXEC_RESULT://p' /tmp/flink-resources.$$
  rm -f /tmp/flink-resources.$$
}

run() { # command of BashJavaUtils, main class
  local lines derived sized
  mapfile -t lines < <(resources "$1")
  [ ${#lines[@]} -ge 2 ] || {
    echo "Flink cannot derive its memory from these settings; see above" >&2
    exit 1
  }
  read -r -a sized <<<"${lines[0]}"
  read -r -a derived <<<"${lines[1]}"
  # shellcheck disable=SC2086 # the user's options
  exec java "${sized[@]}" "${jvm[@]}" ${FLINK_ENV_JAVA_OPTS:-} -cp "$class_path" "$2" --configDir "$conf" \
    "${derived[@]}" "${settings[@]}" "${arguments[@]}"
}

role=${1:-help}
arguments=("${@:2}")
case $role in
  jobmanager) run GET_JM_RESOURCE_PARAMS org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint ;;
  standalone-job) run GET_JM_RESOURCE_PARAMS org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint ;;
  taskmanager) run GET_TM_RESOURCE_PARAMS org.apache.flink.runtime.taskexecutor.TaskManagerRunner ;;
  help) echo "Usage: $(basename "$0") (jobmanager|standalone-job|taskmanager|COMMAND)" ;;
  *) exec "$@" ;;
esac
