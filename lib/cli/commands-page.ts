import type { Command } from './command.ts'
import { GLOBAL_OPTIONS, optionWord } from './show-help.ts'

/** The reference page of the command line as Markdown, made from the commands themselves. */
export function commandsPage(commands: readonly Command[]): string {
  const intro = [
    '# Command line',
    'Every command talks to the API of one service: the one that `--url` and `--token` name, else',
    '`SCALABLE_JOB_API_URL` and `SCALABLE_JOB_TOKEN`, else the one that runs in the current folder.',
    '',
    'Exit codes: 0 done · 1 the service or the job says no · 2 the command line cannot be understood',
    '· 130 interrupted. A command that follows a job exits with the exit status of the job.',
  ]
  const list = commands.map(({ name, summary }) => `| [\`${name}\`](#${name}) | ${summary} |`)
  return [
    `${intro[0]}\n\n${intro.slice(1).join('\n')}\n`,
    `| Command | What it does |\n| --- | --- |\n${list.join('\n')}\n`,
    `## Options of every command\n\n${optionTable(GLOBAL_OPTIONS)}`,
    ...commands.map(commandSection),
  ].join('\n')
}

function commandSection({ name, usage, description, options, examples }: Command): string {
  const parts = [
    `## ${name}\n\n\`\`\`text\nscalable-job ${`${name} ${usage}`.trim()}\n\`\`\`\n`,
    `${description}\n`,
  ]
  if (Object.keys(options).length > 0) parts.push(optionTable(options))
  if (examples.length > 0) {
    const lines = examples.map(({ line, what }) => `# ${what}\n${line}`)
    parts.push(`\`\`\`bash\n${lines.join('\n\n')}\n\`\`\`\n`)
  }
  return parts.join('\n')
}

function optionTable(options: Command['options']): string {
  const rows = Object.entries(options).map(([name, spec]) => {
    const what = spec.many === true ? `${spec.what} May be repeated.` : spec.what
    return `| \`${optionWord(name, spec)}\` | ${what.replaceAll('|', '\\|')} |`
  })
  return `| Option | Meaning |\n| --- | --- |\n${rows.join('\n')}\n`
}
