import type { Service } from './service.ts'

/**
 * The service as it travels with a Lambda function: without what only workers need and may be
 * secret, so that whoever may read a function's code learns no token, password or key.
 */
export function toDeployedText(service: Service): string {
  const {
    token: _token,
    registryAuth: _auth,
    frontEnd: _frontEnd,
    folder: _folder,
    ...rest
  } = service
  return JSON.stringify({ ...rest, container: { ...rest.container, env: {} } })
}

/** What {@link toDeployedText} wrote in the same release. */
export function parseDeployedText(text: string): Service {
  return JSON.parse(text) as Service
}
