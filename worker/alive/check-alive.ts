/**
 * The container's health check: `check-alive <work root> <seconds>`. It looks at the worker's main
 * loop alone, never at a job or at the model server, and answers unhealthy (exit 1) only once the
 * loop has been stuck for longer than any lease: whatever ran there has been ended by its guard by
 * then, so ECS loses nothing by replacing the task.
 */
import { stuckSeconds } from './alive-file.ts'

const [workRoot = '', seconds = ''] = process.argv.slice(2)
const stuck = stuckSeconds(workRoot, Date.now())
process.exit(stuck !== undefined && stuck > Number(seconds) ? 1 : 0)
