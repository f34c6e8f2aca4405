import type { ServiceJson } from './schema/service-schema.ts'
import type { Cloud, Resources } from './service.ts'

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
