/** Shell texts of the command jobs. Each notes in the file of effects what it does, and when. */
import { sha256 } from './expected-answer.ts'
import { FLOOD_NOW, FLOOD_READY } from './flood-files.ts'

/** `fx start`, `fx alive` and `fx end`, and a sleep that shows that the job is alive. */
function withEffects(effectsFile: string, body: string): string {
  return `
fx() { echo "$(date +%s%3N) $SCALABLE_JOB_ID $SCALABLE_JOB_ATTEMPT $1 $SCALABLE_JOB_TASK_ID" >> '${effectsFile}'; }
work() { i=0; while [ $i -lt $1 ]; do i=$((i + 1)); sleep 0.25; fx alive; done; }
fx start
${body}
`
}

export const LOG_LINE_BYTES = 80
/** Quarters of a second for which a flood waits for its word. */
const FLOOD_WAIT = 240

/** Makes the texts of one campaign. */
export function makeCommands(effectsFile: string) {
  const command = (body: string): string => withEffects(effectsFile, body)
  return {
    instant: () => command('fx end'),
    /** `quarters` of a second. */
    seconds: (quarters: number) => command(`work ${quarters}; fx end`),
    failing: (exitCode: number) => command(`fx end; exit ${exitCode}`),
    /** Fails by itself until its third attempt. */
    retried: () => command('fx end; [ "$SCALABLE_JOB_ATTEMPT" -ge 3 ] || exit 9'),
    endless: () => command('while :; do work 4; done'),
    stubborn: () => command("trap '' TERM; while :; do work 4; done"),
    /** Leaves a child in its group and a daemon behind; both show as long as they live. */
    forking: () => command('(while :; do work 4; done) & setsid sleep 300 & work 2; fx end'),
    artifacts: (files: number, bytes: number) =>
      command(`for f in $(seq ${files}); do
  head -c ${bytes} /dev/zero | tr '\\0' "$f" > "$SCALABLE_JOB_ARTIFACTS_DIR/file-$f"
done; work 1; fx end`),
    log: (lines: number) => command(`work 1; ${writeLines(lines)}; work 1; fx end`),
    /** Writes once the campaign says so, or after a while. */
    flood: (lines: number) => {
      const [ready, now] = [FLOOD_READY, FLOOD_NOW].map((infix) => `${effectsFile}${infix}`)
      return command(`: > "${ready}$SCALABLE_JOB_ID"; n=0
until [ -e "${now}$SCALABLE_JOB_ID" ] || [ $n -ge ${FLOOD_WAIT} ]; do n=$((n + 1)); work 1; done
rm -f "${ready}$SCALABLE_JOB_ID"; ${writeLines(lines)}; work 1; fx end`)
    },
    checkpoints: (steps: number) =>
      command(`cd "$SCALABLE_JOB_CHECKPOINT_DIR"
read count < state 2>/dev/null || count=0
while [ "$count" -lt ${steps} ]; do
  count=$((count + 1)); echo "$count" > state.new && mv state.new state; work 1
done
cp state "$SCALABLE_JOB_ARTIFACTS_DIR/state"; fx end`),
  }
}

function writeLines(lines: number): string {
  return `seq -f 'L%07g ${'x'.repeat(LOG_LINE_BYTES - 10)}' ${lines}`
}

/** SHA-256 of what `artifacts` writes. */
export function artifactSums(files: number, bytes: number): Record<string, string> {
  const numbers = Array.from({ length: files }, (_, at) => String(at + 1))
  return Object.fromEntries(numbers.map((name) => [`file-${name}`, sha256(name.repeat(bytes))]))
}
