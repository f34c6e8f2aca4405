import { formatPath } from '../parsing/parse-with-schema.ts'
import type { ServiceJson } from './schema/service-schema.ts'
import type { IgnoredKey } from './service.ts'

interface MootKey {
  readonly path: readonly PropertyKey[]
  readonly isMoot: boolean
  readonly why: string
}

const NO_QUERIES = 'without containers[0].port there are no query jobs'
const ALIBABA_MACHINE =
  'a machine of Alibaba Cloud; name an EC2 instance type such as g5.xlarge, or let cpu, memory and gpu choose'

/**
 * Keys of `given` that count as such but have no effect beside the other settings.
 *
 * @param json `given` after the schema has filled in its defaults
 */
export function listMootKeys(json: ServiceJson, given: unknown): IgnoredKey[] {
  const candidates = [
    ...besideTheType(json),
    ...besideAnotherKey(json),
    ...withoutQueries(json),
    ...ofMachines(json),
    ...ofLists(json),
  ]
  return candidates
    .filter(({ path, isMoot }) => isMoot && isGiven(given, path))
    .map(({ path, why }) => ({ path: formatPath(path, ''), why }))
}

function besideTheType({ metadata }: ServiceJson): MootKey[] {
  const path = ['metadata', 'enable_webservice']
  const isWeb = metadata.type === 'ScalableJobService'
  return [
    {
      path,
      isMoot: metadata.enable_webservice === true && !isWeb,
      why: 'only a ScalableJobService has a web front end',
    },
    {
      path,
      isMoot: metadata.enable_webservice === false && isWeb,
      why: 'a ScalableJobService always serves its front end',
    },
  ]
}

function besideAnotherKey({ metadata, autoscaler, scalable_job: ours }: ServiceJson): MootKey[] {
  const { command, query } = ours.retry
  return [
    {
      path: ['metadata', 'instance'],
      isMoot: autoscaler.min !== undefined && autoscaler.min !== metadata.instance,
      why: `autoscaler.min is ${autoscaler.min} and wins`,
    },
    {
      path: ['metadata', 'rpc', 'keepalive'],
      isMoot: ours.limits.query.run_seconds !== undefined,
      why: 'scalable_job.limits.query.run_seconds is set and wins',
    },
    {
      path: ['metadata', 'eas', 'termination_grace_period'],
      isMoot: ours.timing.stop_seconds !== undefined,
      why: 'scalable_job.timing.stop_seconds is set and wins',
    },
    {
      path: ['queue', 'max_delivery'],
      isMoot: command.max_retries !== undefined && query.max_retries !== undefined,
      why: 'scalable_job.retry sets max_retries and wins',
    },
  ]
}

function withoutQueries({ containers }: ServiceJson): MootKey[] {
  const paths = [
    ['metadata', 'rpc', 'worker_threads'],
    ['metadata', 'rpc', 'keepalive'],
    ['scalable_job', 'queries_beside_command'],
    ['scalable_job', 'limits', 'query'],
    ['scalable_job', 'retry', 'query'],
    ['scalable_job', 'timing', 'lease_seconds', 'query'],
  ]
  const isMoot = containers[0]?.port === undefined
  return paths.map((path) => ({ path, isMoot, why: NO_QUERIES }))
}

function ofMachines({ cloud, front_end: frontEnd }: ServiceJson): MootKey[] {
  const { instance_type: one, instances = [] } = cloud.computing
  const frontMachine = frontEnd?.instance_type
  const several = instances.flatMap(({ type }, index) => {
    const path = ['cloud', 'computing', 'instances', index]
    return [
      { path, isMoot: isAlibaba(type), why: ALIBABA_MACHINE },
      {
        path: [...path, 'spot_price_limit'],
        isMoot: !isAlibaba(type),
        why: 'asks for a Spot machine; the price itself is not limited',
      },
    ]
  })
  const onEc2 = frontMachine !== undefined && !isAlibaba(frontMachine)
  const why = 'front_end.instance_type is set, and its machine is used whole'
  return [
    { path: ['cloud', 'computing', 'instance_type'], isMoot: isAlibaba(one), why: ALIBABA_MACHINE },
    ...several,
    { path: ['front_end', 'instance_type'], isMoot: isAlibaba(frontMachine), why: ALIBABA_MACHINE },
    { path: ['front_end', 'cpu'], isMoot: onEc2, why },
    { path: ['front_end', 'memory'], isMoot: onEc2, why },
  ]
}

function ofLists({ containers, storage }: ServiceJson): MootKey[] {
  const [first, ...others] = containers
  const ports = (first?.env ?? []).map(({ name }, index) => ({
    path: ['containers', 0, 'env', index],
    isMoot: first?.port !== undefined && name === 'PORT',
    why: 'PORT is set to the port that the model server has to listen on',
  }))
  const sidecars = others.map((_, index) => ({
    path: ['containers', index + 1],
    isMoot: true,
    why: 'a worker runs one container, the first',
  }))
  return [...ports, ...sidecars, ...storage.map(toMootMount)]
}

function toMootMount({ s3, oss, nfs }: ServiceJson['storage'][number], index: number): MootKey {
  const isMoot = s3 === undefined && oss === undefined && nfs === undefined
  return { path: ['storage', index], isMoot, why: 'only s3, oss and nfs can be mounted' }
}

function isAlibaba(machine: string | undefined): boolean {
  return machine?.startsWith('ecs.') ?? false
}

function isGiven(given: unknown, path: readonly PropertyKey[]): boolean {
  let here = given
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return false
    here = (here as Record<PropertyKey, unknown>)[key]
  }
  return here !== undefined
}
