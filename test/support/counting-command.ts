/**
 * A training in small: counts to `steps`, a checkpoint each step, goes on from the last one, and
 * leaves `count` and `starts` (how often it was started, as the checkpoints tell) as artifacts.
 */
export function countingCommand(steps: number, stepSeconds: number): string {
  return `
    cd "$SCALABLE_JOB_CHECKPOINT_DIR"
    read count starts < state 2>/dev/null || { count=0; starts=0; }
    starts=$((starts + 1))
    echo "start $starts goes on from $count"
    while [ "$count" -lt ${steps} ]; do
      count=$((count + 1))
      echo "$count $starts" > state.new && mv state.new state
      echo "step $count"
      sleep ${stepSeconds}
    done
    cp state "$SCALABLE_JOB_ARTIFACTS_DIR/state"`
}
