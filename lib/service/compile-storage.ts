import type { ServiceJson } from './schema/service-schema.ts'
import type { StorageMount } from './service.ts'

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
