import type { RemovalPolicy } from 'aws-cdk-lib'
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb'
import * as iam from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { TABLE_SHAPE } from '../../job/table-shape.ts'

/** What the port does with the table; `Query` is for its indexes too. */
const ROW_ACTIONS = [
  'dynamodb:BatchGetItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
]

export interface JobTableProps {
  readonly removalPolicy: RemovalPolicy
}

/** The table that holds the truth: on demand, with point-in-time recovery and time to live. */
export class JobTable extends Construct {
  readonly table: dynamodb.TableV2

  constructor(scope: Construct, id: string, { removalPolicy }: JobTableProps) {
    super(scope, id)
    const { partitionKey, sortKey, timeToLive, indexes } = TABLE_SHAPE
    this.table = new dynamodb.TableV2(this, 'Table', {
      partitionKey: text(partitionKey),
      sortKey: text(sortKey),
      timeToLiveAttribute: timeToLive,
      globalSecondaryIndexes: indexes.map((index) => ({
        indexName: index.name,
        partitionKey: text(index.partitionKey),
        sortKey: text(index.sortKey),
        projectionType: dynamodb.ProjectionType.KEYS_ONLY,
      })),
      billing: dynamodb.Billing.onDemand(),
      encryption: dynamodb.TableEncryptionV2.dynamoOwnedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy,
    })
  }

  /** Reading and writing rows. Each index is named: CDK's own grants take all there may ever be. */
  grantRows(grantee: iam.IGrantable): void {
    const { tableArn } = this.table
    const indexArns = TABLE_SHAPE.indexes.map(({ name }) => `${tableArn}/index/${name}`)
    iam.Grant.addToPrincipal({ grantee, actions: ROW_ACTIONS, resourceArns: [tableArn] })
    iam.Grant.addToPrincipal({ grantee, actions: ['dynamodb:Query'], resourceArns: indexArns })
  }
}

function text(name: string): dynamodb.Attribute {
  return { name, type: dynamodb.AttributeType.STRING }
}
