import type { CliCommand } from './command.ts'
import { makeProgram } from './run-cli.ts'

/** The reference page of the command line as Markdown: what `--help` shows of each command. */
export function commandsPage(commands: readonly CliCommand[]): string {
  let shown = ''
  const output = { write: (text: string | Uint8Array) => (shown += String(text)) }
  const line = { run: () => Promise.reject(new Error('no command runs here')) }
  const program = makeProgram(line, commands, { stdout: output, stderr: output })
  const list = program.commands.map((command) => {
    return `| [\`${command.name()}\`](#${command.name()}) | ${command.summary()} |`
  })
  const sections = program.commands.map((command) => {
    shown = ''
    command.outputHelp()
    return `## ${command.name()}\n\n\`\`\`text\n${shown.trim()}\n\`\`\`\n`
  })
  return [
    INTRO,
    `| Command | What it does |\n| --- | --- |\n${list.join('\n')}\n`,
    ...sections,
  ].join('\n')
}

const INTRO = `# Command line

Every command talks to the API of one service: the one that \`--url\` and \`--token\` name, else
\`SCALABLE_JOB_API_URL\` and \`SCALABLE_JOB_TOKEN\`, else the one that runs in the current folder.

Exit codes: 0 done · 1 the service or the job says no · 2 the command line cannot be understood
· 130 interrupted. A command that follows a job exits with the exit status of the job.
`
