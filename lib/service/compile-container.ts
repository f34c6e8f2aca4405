import type { ServiceJson } from './schema/service-schema.ts'
import type { Container } from './service.ts'

/** The first container; with a port its command is the model server, without one the init command. */
export function compileContainer(json: ServiceJson): Container {
  const [given] = json.containers
  if (given === undefined) throw new RangeError('containers is empty, which the schema refuses')
  const { port } = given
  const start = given.command ?? given.script
  const { job_user: jobUser } = json.scalable_job
  const env = given.env.filter(({ name }) => port === undefined || name !== 'PORT')
  return {
    image: given.image,
    env: compileEnv(env),
    startSeconds: json.scalable_job.start_seconds,
    ...(port === undefined ? {} : { port }),
    ...(jobUser === undefined ? {} : { jobUser }),
    ...(start === undefined
      ? {}
      : port === undefined
        ? { initCommand: start }
        : { serverCommand: start }),
  }
}

/** `[{name, value}]` as an object. */
export function compileEnv(
  entries: readonly { readonly name: string; readonly value: string }[],
): Record<string, string> {
  return Object.fromEntries(entries.map(({ name, value }) => [name, value]))
}
