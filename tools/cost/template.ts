/** What of a CloudFormation template matters here. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>
}

export interface Resource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
}

/** The logical id that a `Ref` or `Fn::GetAtt` names; nothing where it is neither. */
export function referredId(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { Ref: ref, 'Fn::GetAtt': getAtt } = value as { Ref?: string; 'Fn::GetAtt'?: string[] }
  return ref ?? getAtt?.[0]
}

/** A list in a resource's properties; empty where there is none. */
export function listOf(resource: Resource, name: string): readonly unknown[] {
  const value = resource.Properties?.[name]
  return Array.isArray(value) ? value : []
}
