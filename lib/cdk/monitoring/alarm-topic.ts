import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as kms from 'aws-cdk-lib/aws-kms'
import * as sns from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'

const CLOUDWATCH = 'cloudwatch.amazonaws.com'

/**
 * Where the alarms of a service go: encrypted, TLS only, open to this account's alarms alone. The
 * key is the topic's own, because CloudWatch may not use AWS's key for SNS (Amazon CloudWatch User
 * Guide, "Alarm actions": an encrypted topic). It costs a dollar a month; a topic of the account
 * (`alarmTopic`) saves it.
 */
export class AlarmTopic extends Construct {
  readonly topic: sns.Topic

  constructor(scope: Construct, id: string, { emails }: { emails: readonly string[] }) {
    super(scope, id)
    const key = new kms.Key(this, 'Key', {
      description: 'Alarms of a Scalable Job service on their way',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    this.topic = new sns.Topic(this, 'Topic', { masterKey: key, enforceSSL: true })
    this.#letAlarmsIn(key)
    for (const email of emails) this.topic.addSubscription(new EmailSubscription(email))
  }

  /** A policy of one's own takes the place of the default one, so alarms are named in it. */
  #letAlarmsIn(key: kms.Key): void {
    const { account } = Stack.of(this)
    const principals = [new iam.ServicePrincipal(CLOUDWATCH)]
    const conditions = { StringEquals: { 'aws:SourceAccount': account } }
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals,
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions,
      }),
    )
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'], // in the policy of a key: that key
        conditions,
      }),
    )
  }
}
