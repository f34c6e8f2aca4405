import type * as ecs from 'aws-cdk-lib/aws-ecs'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as s3 from 'aws-cdk-lib/aws-s3'
import { Annotations } from 'aws-cdk-lib'
import { Construct } from 'constructs'
import { ServiceError } from '../../registry/errors.ts'
import type { StorageMount } from '../../service/service.ts'
import { acknowledgeWildcards } from '../acknowledge.ts'
import type { CapacityKind } from './machines/capacity-plan.ts'
import type { FleetNetwork } from './fleet-network.ts'
import { S3FileSystem } from './s3-file-system.ts'
import { joinVolumes, type TaskVolumes } from './task-volumes.ts'

export interface StorageMountsProps {
  readonly storage: readonly StorageMount[]
  readonly network: FleetNetwork
}

/** Who acts where. */
interface StorageRoles {
  readonly taskRole: iam.IGrantable
  /** Of the programs that sync what cannot be mounted. */
  readonly jobRole: iam.IGrantable
}

type Volume = ecs.CfnTaskDefinition.VolumeProperty

/** `fs-0123.efs.eu-central-1.amazonaws.com` */
const EFS_SERVER = /^(fs-[0-9a-f]+)\.efs\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/

/**
 * The folders of `storage` in service.json.
 *
 * | | Managed Instances, Fargate | Auto Scaling group |
 * | --- | --- | --- |
 * | S3, OSS | S3 Files | an empty folder that jobs sync, and the right to do so |
 * | NFS on EFS | EFS volume | EFS volume |
 * | other NFS | refused | NFS volume |
 *
 * S3 Files cannot be mounted where tasks have the launch type EC2: they would fail to start.
 * Source: Amazon ECS Developer Guide, "Use Amazon S3 Files volumes".
 */
export class StorageMounts extends Construct {
  readonly #props: StorageMountsProps
  readonly #fileSystems = new Map<string, S3FileSystem>()

  constructor(scope: Construct, id: string, props: StorageMountsProps) {
    super(scope, id)
    this.#props = props
  }

  /** The volumes for tasks on this capacity; ECS mounts them with the role of the task. */
  volumesFor(kind: CapacityKind, roles: StorageRoles): TaskVolumes {
    return joinVolumes(
      this.#props.storage.map((mount, index) => {
        const { mountPath, readOnly } = mount
        const name = `storage-${index}`
        const volume = { name, ...this.#sourceFor(mount, { kind, roles, index }) }
        const isSynced = kind === 'auto-scaling-group' && mount.source.kind !== 'nfs'
        const mountPoint = {
          sourceVolume: name,
          containerPath: mountPath,
          readOnly: readOnly && !isSynced,
        }
        return { volumes: [volume], mountPoints: [mountPoint] }
      }),
    )
  }

  /** What a task cannot start without. */
  get mountTargets(): S3FileSystem['mountTargets'] {
    return [...this.#fileSystems.values()].flatMap(({ mountTargets }) => mountTargets)
  }

  #sourceFor(
    { source, readOnly, mountPath }: StorageMount,
    how: { kind: CapacityKind; roles: StorageRoles; index: number },
  ): Omit<Volume, 'name'> {
    const { kind, roles, index } = how
    if (source.kind === 'nfs') return nfsVolume(source, { kind, readOnly, index })
    if (kind === 'auto-scaling-group') {
      this.#grantSync(source, { jobRole: roles.jobRole, readOnly, index })
      this.#warnOfSync(source, mountPath)
      return { host: {} }
    }
    const files = this.#fileSystemOf(source)
    files.grantMount(roles.taskRole, { readOnly })
    return { s3FilesVolumeConfiguration: { fileSystemArn: files.fileSystem.attrFileSystemArn } }
  }

  #fileSystemOf({ bucket, prefix }: { bucket: string; prefix: string }): S3FileSystem {
    const key = `${bucket}/${prefix}`
    const known = this.#fileSystems.get(key)
    if (known !== undefined) return known
    const { network } = this.#props
    const id = `Bucket${this.#fileSystems.size + 1}`
    const made = new S3FileSystem(this, id, { bucketName: bucket, prefix, network })
    this.#fileSystems.set(key, made)
    return made
  }

  #grantSync(
    { bucket, prefix }: { bucket: string; prefix: string },
    { jobRole, readOnly, index }: { jobRole: iam.IGrantable; readOnly: boolean; index: number },
  ): void {
    const found = s3.Bucket.fromBucketName(this, `Synced${index + 1}`, bucket)
    const objects = found.arnForObjects(prefix === '' ? '*' : `${prefix.replace(/\/$/, '')}/*`)
    const write = ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:PutObject']
    iam.Grant.addToPrincipal({
      grantee: jobRole,
      actions: ['s3:GetObject', ...(readOnly ? [] : write)],
      resourceArns: [objects],
    })
    acknowledgeWildcards(
      jobRole.grantPrincipal,
      { resources: [objects] },
      'The objects of one folder that storage of service.json names.',
    )
    iam.Grant.addToPrincipal({
      grantee: jobRole,
      actions: ['s3:ListBucket'],
      resourceArns: [found.bucketArn],
    })
  }

  #warnOfSync({ bucket, prefix }: { bucket: string; prefix: string }, mountPath: string): void {
    Annotations.of(this).addWarningV2(
      `@scalable-job/storage-needs-sync:${mountPath}`,
      `storage ${mountPath}: an auto-scaling-group mounts no bucket; the folder starts empty, and a job that needs it begins with \`aws s3 sync s3://${bucket}/${prefix} ${mountPath}\``,
    )
  }
}

function nfsVolume(
  { server, path }: { server: string; path: string },
  { kind, readOnly, index }: { kind: CapacityKind; readOnly: boolean; index: number },
): Omit<Volume, 'name'> {
  const filesystemId = EFS_SERVER.exec(server)?.[1]
  if (filesystemId !== undefined) {
    const efs = { filesystemId, rootDirectory: path, transitEncryption: 'ENABLED' }
    return { efsVolumeConfiguration: efs }
  }
  if (kind !== 'auto-scaling-group') throw foreignNfs(server, index)
  const options = ['nfsvers=4.1', 'hard', 'timeo=600', 'retrans=2', readOnly ? 'ro' : 'rw']
  return {
    dockerVolumeConfiguration: {
      scope: 'task',
      driver: 'local',
      driverOpts: { type: 'nfs', device: `:${path}`, o: [`addr=${server}`, ...options].join(',') },
    },
  }
}

function foreignNfs(server: string, index: number): ServiceError {
  const path = `storage[${index}].nfs.server`
  const problem = 'is no file system of Amazon EFS, and only an auto-scaling-group mounts others'
  const allowed = 'fs-….efs.<region>.amazonaws.com, or capacity auto-scaling-group'
  const message = `${path} ${problem}: got ${server}; allowed: ${allowed}`
  const details = [{ path, problem, got: server, allowed }]
  return new ServiceError('invalid-service-config', message, { details })
}
