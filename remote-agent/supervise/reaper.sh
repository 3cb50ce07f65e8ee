# Between the supervisor and the training: records the child before it starts and the exit code after, so that the end
# is known whoever is killed. Shell, because it must cost nothing and outlive a killed Node.
# Arguments: the attempt's folder, then for each command its number of arguments and the arguments.
attempt=$1
shift
# Becomes the training itself: writes its own pid and start time, then execs. $0 is the attempt's folder.
begin='
start() { set -- $(sed "s/.*) //" /proc/$$/stat 2>/dev/null); echo "${20}"; }
(umask 077; printf "{\"pid\":%s,\"start\":\"%s\"}\n" $$ "$(start)" >"$0/child.json.tmp") && mv -f "$0/child.json.tmp" "$0/child.json"
exec "$@"'
# Caught, not ignored: an ignored signal would stay ignored in the training.
trap : INT TERM HUP
rc=0
while [ $# -gt 0 ] && [ "$rc" -eq 0 ]; do
  count=$1
  shift
  words=
  i=1
  while [ "$i" -le "$count" ]; do
    words="$words \"\${$i}\""
    i=$((i + 1))
  done
  # In the foreground: a background job of sh would ignore SIGINT. Only positions are evaluated, never their text.
  eval "sh -c \"\$begin\" \"\$attempt\" $words"
  rc=$?
  i=1
  while [ "$i" -le "$count" ]; do
    shift
    i=$((i + 1))
  done
done
# The training has ended: from here on every file is ours, and private.
umask 077
times >"$attempt/times"
if ! { printf '%s\n' "$rc" >"$attempt/rc.tmp" && mv -f "$attempt/rc.tmp" "$attempt/rc"; } 2>/dev/null; then
  # The disk is full: over the blocks of the reserve, without making it shorter.
  printf '%s\n' "$rc" 1<>"$attempt/rc.reserve"
fi
exit "$rc"
