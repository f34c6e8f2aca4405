import type { Template } from 'aws-cdk-lib/assertions'

/** A statement of a template, its references not resolved. */
export interface Statement {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Principal?: { readonly AWS?: unknown }
  readonly Resource?: unknown
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export interface PolicyRequest {
  readonly action: string
  /** As `toName` writes names. */
  readonly resource?: string
  readonly principal?: string
  /** Context keys of IAM, such as `aws:PrincipalTag/jobId`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>
}

const VARIABLE = /\$\{([^}]+)\}/g

/** A name with its references: `<StoresBucket.Arn>/jobs/…`, `<Table>`. */
export function toName(node: unknown): string {
  if (typeof node !== 'object' || node === null) return String(node)
  const [intrinsic, value] = Object.entries(node)[0] ?? []
  if (intrinsic === 'Ref') return `<${String(value)}>`
  if (intrinsic === 'Fn::GetAtt') return `<${(value as string[]).join('.')}>`
  if (intrinsic !== 'Fn::Join') throw new Error(`a name made by ${intrinsic}`)
  const [delimiter, items] = value as [string, unknown[]]
  return items.map(toName).join(delimiter)
}

/** All statements of a role: those in it, and those of the policies that are attached to it. */
export function statementsOfRole(template: Template, roleId: string): Statement[] {
  const { Properties } = template.findResources('AWS::IAM::Role')[roleId] as {
    Properties: { Policies?: { PolicyDocument: { Statement: Statement[] } }[] }
  }
  const inRole = (Properties.Policies ?? []).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  )
  const attached = Object.values(template.findResources('AWS::IAM::Policy')).flatMap((policy) => {
    const { Roles, PolicyDocument } = policy['Properties'] as {
      Roles: unknown[]
      PolicyDocument: { Statement: Statement[] }
    }
    return Roles.map(toName).includes(`<${roleId}>`) ? PolicyDocument.Statement : []
  })
  return [...inRole, ...attached]
}

/**
 * What IAM answers, as far as the policies of this service go: any statement that allows is enough,
 * there is no deny, and a variable without a value makes its statement match nothing.
 *
 * @throws Error on whatever else a statement may hold, so that nothing is passed over
 */
export function allows(statements: readonly Statement[], request: PolicyRequest): boolean {
  return statements.some((statement) => {
    if (statement.Effect !== 'Allow') throw new Error(`effect ${statement.Effect}`)
    return (
      [statement.Action].flat().some((action) => isLike(request.action, action)) &&
      matchesResource(statement, request) &&
      matchesPrincipal(statement, request) &&
      Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) => holds(operator, { key, wanted, request })),
      )
    )
  })
}

function matchesResource({ Resource }: Statement, request: PolicyRequest): boolean {
  if (Resource === undefined) return request.resource === undefined
  return [Resource].flat().some((each) => isLikeAny(request.resource ?? '', each, request))
}

function matchesPrincipal({ Principal }: Statement, { principal }: PolicyRequest): boolean {
  if (Principal === undefined) return principal === undefined
  return [Principal.AWS].flat().some((each) => toName(each) === principal)
}

function holds(
  operator: string,
  { key, wanted, request }: { key: string; wanted: unknown; request: PolicyRequest },
): boolean {
  const value = request.context?.[key]
  const values = value === undefined ? [] : [value].flat()
  const patterns = [wanted].flat()
  switch (operator) {
    case 'Null':
      return (value === undefined) === (String(wanted) === 'true')
    case 'StringLike':
      return values.some((each) => patterns.some((one) => isLikeAny(each, one, request)))
    case 'StringEquals':
      return values.some((each) => patterns.includes(each))
    // True of none, as IAM has it.
    case 'ForAllValues:StringEquals':
      return values.every((each) => patterns.includes(each))
    default:
      throw new Error(`the operator ${operator}`)
  }
}

function isLikeAny(text: string, pattern: unknown, { context = {} }: PolicyRequest): boolean {
  let isComplete = true
  const filled = toName(pattern).replaceAll(VARIABLE, (_, key: string) => {
    const value = context[key]
    isComplete &&= typeof value === 'string'
    return String(value)
  })
  return isComplete && isLike(text, filled)
}

/** `*` and `?` as IAM reads them. */
function isLike(text: string, pattern: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
  const source = escaped.replaceAll('*', '.*').replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(text)
}
