import { type Acknowledgment, Validations, Stack } from 'aws-cdk-lib'
import { type IConstruct, Construct } from 'constructs'

/**
 * Says to whoever checks the template with cdk-nag why a finding is meant to be as it is. The reason
 * is for a security reviewer: what is granted, to whom, and why nothing narrower exists.
 */
export function acknowledge(construct: IConstruct, findings: readonly Acknowledgment[]): void {
  Validations.of(construct).acknowledge(...findings)
}

/**
 * Says why rights of a role end in a wildcard: one entry for each action or resource, so that a
 * further wildcard is a finding again.
 *
 * @param holder a role, or a construct above it; anything else (a principal of another account) has
 * no policy here
 */
export function acknowledgeWildcards(
  holder: unknown,
  wildcards: { readonly actions?: readonly string[]; readonly resources?: readonly string[] },
  reason: string,
): void {
  if (!Construct.isConstruct(holder)) return
  const { actions = [], resources = [] } = wildcards
  const findings = [
    ...actions.map((action) => `Action::${action}`),
    ...resources.map((resource) => `Resource::${flatten(holder, resource)}`),
  ]
  acknowledge(
    holder,
    findings.map((finding) => ({ id: `AwsSolutions-IAM5[${finding}]`, reason })),
  )
}

/**
 * A name with its references and policy variables, as cdk-nag writes it:
 * `arn:<AWS::Partition>:ecs:…/<Cluster>/*`.
 */
function flatten(scope: IConstruct, text: string): string {
  return visit(Stack.of(scope).resolve(text))
}

const POLICY_VARIABLE = /\$\{([^}]+)\}/g

function visit(node: unknown): string {
  if (typeof node !== 'object' || node === null)
    return String(node).replaceAll(POLICY_VARIABLE, '<$1>')
  const [intrinsic, value] = Object.entries(node)[0] ?? []
  if (intrinsic === 'Ref') return `<${String(value)}>`
  if (intrinsic === 'Fn::GetAtt') return `<${(value as string[]).join('.')}>`
  if (intrinsic !== 'Fn::Join') return JSON.stringify(node)
  const [delimiter, items] = value as [string, unknown[]]
  return items.map(visit).join(delimiter)
}
