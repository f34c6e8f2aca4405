import { z } from 'zod'
import { ignoredKey } from './keys.ts'
import { addMistake, textLike } from '../../parsing/value-kinds.ts'

const bucketSchema = (scheme: 's3' | 'oss') =>
  z.looseObject({
    path: textLike(new RegExp(`^${scheme}://[a-z0-9][a-z0-9.-]{1,62}(/.*)?$`), {
      problem: `is not an address in ${scheme === 's3' ? 'S3' : 'OSS'}`,
      allowed: `${scheme}:// and the name of a bucket, then perhaps / and a folder`,
    }).describe(`${scheme}://bucket/folder/`),
    readOnly: z.boolean().default(false).describe('Whether jobs may only read.'),
    endpoint: ignoredKey('the endpoint follows from the region of the stack'),
  })

const SOURCES = ['s3', 'oss', 'nfs'] as const
const OTHER_SOURCES = 'only s3, oss and nfs can be mounted'

const mountSchema = z
  .looseObject({
    mount_path: textLike(/^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+\/?$/, {
      problem: 'is not an absolute path without . and .. in it',
      allowed: 'a path that begins with /, of letters, digits, ., _ and -',
    }).describe('Absolute path in the container: letters, digits, ., _ and -.'),
    s3: bucketSchema('s3').optional().describe('A folder in an S3 bucket.'),
    oss: bucketSchema('oss')
      .optional()
      .describe('A folder in OSS; on AWS, the folder of the same name in the S3 bucket so named.'),
    nfs: z
      .looseObject({
        server: z.string().min(1).describe('Host name, such as that of an EFS file system.'),
        path: textLike(/^\//, {
          problem: 'is not an absolute path',
          allowed: 'a path that begins with /',
        })
          .default('/')
          .describe('Folder on the server.'),
        readOnly: z.boolean().default(false).describe('Whether jobs may only read.'),
      })
      .optional()
      .describe('A folder on an NFS server.'),
    properties: z
      .looseObject({ resource_type: ignoredKey('says only how the PAI console shows it') })
      .optional()
      .describe('Notes for the PAI console.'),
    git: ignoredKey(OTHER_SOURCES),
    image: ignoredKey(OTHER_SOURCES),
    empty_dir: ignoredKey('the working folder of a job needs no mount'),
  })
  .superRefine((mount, context) => {
    const given = SOURCES.filter((source) => mount[source] !== undefined)
    if (given.length === 1 || isOtherwiseSourced(mount)) return
    addMistake(context, {
      path: [],
      problem: given.length === 0 ? 'does not say what to mount' : 'names more than one source',
      got: given.length === 0 ? mount : given.join(', '),
      allowed: 'exactly one of s3, oss and nfs',
    })
  })

function isOtherwiseSourced(mount: Record<string, unknown>): boolean {
  const named = SOURCES.some((source) => mount[source] !== undefined)
  return !named && ['git', 'image', 'empty_dir'].some((source) => mount[source] !== undefined)
}

/** `storage`: folders mounted into workers and front end. */
export const storageSchema = z
  .array(mountSchema)
  .superRefine((mounts, context) => {
    const paths = mounts.map((mount) => mount.mount_path.replace(/\/$/, ''))
    for (const [index, path] of paths.entries()) {
      if (paths.indexOf(path) === index) continue
      addMistake(context, {
        path: [index, 'mount_path'],
        problem: `is already the path of storage[${paths.indexOf(path)}]`,
        got: path,
        allowed: 'a path of its own for each mount',
      })
    }
  })
  .default([])
  .describe('Folders that are mounted into every worker and the front end.')
