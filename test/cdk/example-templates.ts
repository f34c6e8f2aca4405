import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { readServiceFile } from '../../lib/service/read-service-file.ts'
import { offlineContext, synthesizeService } from '../../tools/cost/synthesize-service.ts'
import type { Template } from '../../tools/cost/template.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const EXAMPLES = join(ROOT, 'examples')
const SNAPSHOTS = join(ROOT, 'test/snapshots')
const SYNTH_MS = 60_000

/** Every example that can be deployed. */
export const EXAMPLE_NAMES: readonly string[] = readdirSync(EXAMPLES)
  .filter((name) => existsSync(serviceFile(name)))
  .toSorted()

export function serviceFile(name: string): string {
  return join(EXAMPLES, name, 'service.json')
}

export function snapshotFile(name: string): string {
  return join(SNAPSHOTS, `${name}.template.json`)
}

/** As `npx cdk synth` makes it: by the example's own app where it has one. */
export async function synthesizeExample(name: string): Promise<Template> {
  const app = join(EXAMPLES, name, 'app.ts')
  if (existsSync(app)) return synthesizeApp(app)
  return synthesizeService({ service: readServiceFile(serviceFile(name)) })
}

/** Runs an app as the CDK command line does, in a process of its own. */
async function synthesizeApp(app: string): Promise<Template> {
  const outdir = mkdtempSync(join(tmpdir(), 'scalable-job-synth-'))
  try {
    const CDK_CONTEXT_JSON = JSON.stringify(offlineContext())
    const env = { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON }
    await promisify(execFile)(process.execPath, [app], { env, timeout: SYNTH_MS })
    const [file = 'none'] = readdirSync(outdir).filter((each) => each.endsWith('.template.json'))
    return JSON.parse(readFileSync(join(outdir, file), 'utf8')) as Template
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}

/**
 * The template without what changes with every change of code: hashes of assets, versions of
 * workers and of the API.
 */
export function normalize(template: Template, apiVersion: string): string {
  return `${JSON.stringify(template, null, 2)
    .replaceAll(/\b[0-9a-f]{64}\b/g, '<asset>')
    .replaceAll(/\b[0-9a-f]{12}-[0-9a-f]{8}\b/g, '<worker version>')
    .replaceAll(`"${apiVersion}"`, '"<version>"')}\n`
}
