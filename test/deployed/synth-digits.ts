import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ScalableJobStack } from '../../lib/cdk/scalable-job-stack.ts'
import { readServiceFile } from '../../lib/service/read-service-file.ts'
import type { Template } from '../../tools/cost/template.ts'
import { DIGITS, makeApp } from '../cdk/synth-service.ts'

/** A file or folder of the assembly, and its key in the bucket for assets. */
export interface FileAsset {
  readonly path: string
  readonly packaging: 'zip' | 'file'
  readonly objectKey: string
}

export interface DigitsAssembly {
  readonly stackName: string
  readonly template: Template
  /** The code of the functions, and the template. */
  readonly files: readonly FileAsset[]
  /** Folder from which the image of the worker is built. */
  readonly imageFolder: string
}

/**
 * The digits example as `npx cdk deploy` would upload it, with the functions and the worker bundled.
 *
 * @param port - for the model server. In its task's own network any port is free; here, where the
 * worker runs on this machine, it must be one that is.
 */
export function synthDigits(port: number): DigitsAssembly {
  const digits = readServiceFile(DIGITS)
  const service = { ...digits, container: { ...digits.container, port } }
  const app = makeApp()
  const { stackName, artifactId } = new ScalableJobStack(app, 'ScalableJob-digits', { service })
  const { directory } = app.synth()
  const read = (name: string): unknown => JSON.parse(readFileSync(join(directory, name), 'utf8'))
  const assets = read(`${artifactId}.assets.json`) as AssetManifest
  const [image] = Object.values(assets.dockerImages)
  if (image === undefined) throw new Error('the stack has no image of the worker')
  return {
    stackName,
    template: read(`${artifactId}.template.json`) as Template,
    files: Object.values(assets.files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ objectKey }) => ({
        path: join(directory, source.path),
        packaging: source.packaging,
        objectKey,
      })),
    ),
    imageFolder: join(directory, image.source.directory),
  }
}

/** Source: cloud assembly schema, `AssetManifest`. */
interface AssetManifest {
  readonly files: Readonly<Record<string, FileEntry>>
  readonly dockerImages: Readonly<
    Record<string, { readonly source: { readonly directory: string } }>
  >
}

interface FileEntry {
  readonly source: { readonly path: string; readonly packaging: 'zip' | 'file' }
  readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>
}
