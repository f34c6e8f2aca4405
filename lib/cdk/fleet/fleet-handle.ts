import type * as iam from 'aws-cdk-lib/aws-iam'

/** What API and scaler need of the fleet. */
export interface FleetHandle {
  /** The variables of `lib/registry/env.ts` that say where cluster, ECS services and worker are. */
  readonly environmentForScaler: Readonly<Record<string, string>>
  /** Seeing the fleet, changing its counts and placing versions. */
  grantScaler(grantee: iam.IGrantable): void
  /** Seeing the fleet, and nothing more. */
  grantObserver(grantee: iam.IGrantable): void
}
