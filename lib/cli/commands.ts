import type { CliCommand } from './command.ts'
import { artifactsCommand } from './commands/artifacts.ts'
import { cancelCommand } from './commands/cancel.ts'
import { doctorCommand } from './commands/doctor.ts'
import { listCommand } from './commands/list.ts'
import { logsCommand } from './commands/logs.ts'
import { outputCommand } from './commands/output.ts'
import { resultCommand } from './commands/result.ts'
import { retryCommand } from './commands/retry.ts'
import { serviceCommand } from './commands/service.ts'
import { statusCommand } from './commands/status.ts'
import { submitCommand } from './commands/submit.ts'

/** Every command that talks to a service, in the order of the help. */
export const COMMANDS: readonly CliCommand[] = [
  submitCommand,
  statusCommand,
  listCommand,
  logsCommand,
  resultCommand,
  artifactsCommand,
  cancelCommand,
  retryCommand,
  outputCommand,
  serviceCommand,
  doctorCommand,
]
