import { type Acknowledgment, Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/**
 * Says to whoever checks the template with cdk-nag why a finding is meant to be as it is. The reason
 * is for a security reviewer: what is granted, to whom, and why nothing narrower exists.
 */
export function acknowledge(construct: IConstruct, findings: readonly Acknowledgment[]): void {
  Validations.of(construct).acknowledge(...findings)
}
