import type { ServiceJson } from './schema/service-schema.ts'
import type { Container, Cloud, Resources, StorageMount } from './service.ts'

/** The first container; with a port its command is the model server, without one the init command. */
export function compileContainer(json: ServiceJson): Container {
  const [given] = json.containers
  if (given === undefined) throw new RangeError('containers is empty, which the schema refuses')
  const { port } = given
  const start = given.command ?? given.script
  const { job_user: jobUser } = json.scalable_job
  const env = given.env.filter(({ name }) => port === undefined || name !== 'PORT')
  return {
    image: given.image,
    env: compileEnv(env),
    startSeconds: json.scalable_job.start_seconds,
    ...(port === undefined ? {} : { port }),
    ...(jobUser === undefined ? {} : { jobUser }),
    ...(start === undefined
      ? {}
      : port === undefined
        ? { initCommand: start }
        : { serverCommand: start }),
  }
}

/** `[{name, value}]` as an object. */
export function compileEnv(
  entries: readonly { readonly name: string; readonly value: string }[],
): Record<string, string> {
  return Object.fromEntries(entries.map(({ name, value }) => [name, value]))
}

const MIB_PER_GB = 1024
/** EC2 g and p families; ECS gn, vgn and ebmgn families of Alibaba Cloud. */
const GPU_MACHINE = /^(?:(?:g|gr|p)\d|ecs\.(?:gn|vgn|ebmgn))/

/** What one worker gets. */
export function compileResources(json: ServiceJson): Resources {
  const { cpu, memory, gpu, shm_size: sharedGb } = json.metadata
  const disk = json.features['eas.aliyun.com/extra-ephemeral-storage']
  return {
    cpu,
    memoryMib: memory,
    gpu: gpu ?? (listMachines(json).some(({ type }) => GPU_MACHINE.test(type)) ? 1 : 0),
    ...(sharedGb === undefined ? {} : { sharedMemoryMib: sharedGb * MIB_PER_GB }),
    ...(disk === undefined ? {} : { ephemeralStorageGib: toGib(disk) }),
  }
}

/** The machines that exist on EC2, in the order given. */
export function compileCloud(json: ServiceJson): Cloud {
  const machines = listMachines(json)
  const isAlibaba = ({ type }: { type: string }): boolean => type.startsWith('ecs.')
  const alibabaTypes = machines.filter(isAlibaba).map(({ type }) => type)
  return {
    instanceTypes: machines.filter((machine) => !isAlibaba(machine)),
    ...(alibabaTypes.length > 0 && { alibabaTypes }),
  }
}

function listMachines({ cloud: { computing } }: ServiceJson) {
  if (computing.instance_type !== undefined) return [{ type: computing.instance_type, spot: false }]
  return (computing.instances ?? []).map(({ type, spot_price_limit: limit }) => ({
    type,
    spot: limit !== undefined,
  }))
}

/** `30Gi`, `1Ti`; the schema lets nothing else through. */
function toGib(amount: string): number {
  return Number.parseInt(amount, 10) * (amount.endsWith('Ti') ? 1024 : 1)
}

type MountJson = ServiceJson['storage'][number]

/** The mounts that can be mounted; the others are in the report of ignored keys. */
export function compileStorage(mounts: readonly MountJson[]): StorageMount[] {
  return mounts.flatMap((mount) => {
    const source = compileSource(mount)
    if (source === undefined) return []
    const mountPath = mount.mount_path.replace(/\/$/, '')
    return [{ mountPath, ...source }]
  })
}

function compileSource(mount: MountJson): Omit<StorageMount, 'mountPath'> | undefined {
  if (mount.nfs !== undefined) {
    const { server, path, readOnly } = mount.nfs
    return { source: { kind: 'nfs', server, path }, readOnly }
  }
  for (const kind of ['s3', 'oss'] as const) {
    const given = mount[kind]
    if (given === undefined) continue
    const [bucket = '', ...folders] = given.path.slice(`${kind}://`.length).split('/')
    return { source: { kind, bucket, prefix: folders.join('/') }, readOnly: given.readOnly }
  }
  return undefined
}
