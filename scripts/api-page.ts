import { makeOpenApiDocument } from '../lib/api/openapi/openapi-document.ts'

interface Operation {
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema?: { readonly default?: unknown }
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** The routes as Markdown, from the same schemas that check the requests. */
export function apiSections(): string[] {
  const { paths } = makeOpenApiDocument('0') as unknown as Document
  return Object.entries(paths).flatMap(([path, operations]) => {
    return Object.entries(operations).map(([method, operation]) => {
      return section(`${method.toUpperCase()} ${path}`, operation)
    })
  })
}

function section(route: string, operation: Operation): string {
  const { summary, description, parameters = [], responses } = operation
  const parts = [
    `## \`${route}\``,
    `${summary}.${description === undefined ? '' : ` ${description}`}`,
  ]
  const shown = parameters.map(describeParameter)
  if (shown.length > 0) parts.push(shown.join('\n'))
  parts.push(`Answers: ${Object.entries(responses).map(describeAnswer).join(' · ')}`)
  return parts.join('\n\n')
}

function describeParameter({ name, in: place, required, description, schema }: Parameter): string {
  const preset = schema?.default === undefined ? '' : ` Default ${JSON.stringify(schema.default)}.`
  const must = required === true && place !== 'path' ? ' Required.' : ''
  const what = (description ?? '').replace(/\.$/, '')
  return `- \`${name}\` (${place}): ${what}.${must}${preset}`
}

/** Of an error its codes; errors.md says when each is answered. */
function describeAnswer([status, { description }]: [string, { description: string }]): string {
  const codes = [...description.matchAll(/`([a-z-]+)`:/g)].map(([, code]) => `\`${code}\``)
  return `**${status}** ${Number(status) >= 400 ? codes.join(', ') : description.replace(/\.$/, '')}`
}
