import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../fixtures/programs/', import.meta.url))

/** Shell text that runs one of the fixture programs. */
export function program(name: string, ...args: (string | number)[]): string {
  return [`exec ${process.execPath} ${FOLDER}${name}.mjs`, ...args].join(' ')
}
