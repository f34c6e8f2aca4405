import type { LocalService } from './start-service.ts'

const COMMAND = { taskType: 'command', command: 'echo hello from job $SCALABLE_JOB_ID' }
/** For a service that takes nothing else. */
const QUERY = { taskType: 'query', request: { path: '/' }, input: { hello: 'model' } }

/** What a person needs first: the address, the token, and a line that works when pasted. */
export function welcome(local: LocalService, file: string): string {
  const { service, url, publicUrl, token, folders } = local
  const { min, max } = service.scaling
  const lines = [
    `Service "${service.name}" from ${file}`,
    '',
    `  API      ${publicUrl}`,
    `  Console  ${publicUrl}/#token=${token}`,
    `  Token    ${token}`,
    `  Workers  ${min} to ${max}, jobs of type ${service.taskTypes.join(' and ')}`,
    `  State    ${folders.state}`,
    '',
    'Submit a job (paste this in another terminal):',
    '',
    `  curl -sS '${url}/jobs' -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' \\`,
    `    -d '${JSON.stringify(service.taskTypes.includes('command') ? COMMAND : QUERY)}'`,
    '',
    'and look at it: npx scalable-job list, or the console above. Ctrl-C drains and stops.',
    '',
  ]
  const ignored = service.ignored.map(({ path, why }) => `  ${path}: ${why}`)
  if (ignored.length > 0) lines.push('Keys without a meaning here:', ...ignored, '')
  return `${lines.join('\n')}\n`
}
