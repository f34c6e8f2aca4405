import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Template } from 'aws-cdk-lib/assertions'
import { ScalableJobStack } from '../../lib/cdk/scalable-job-stack.ts'
import type { Service } from '../../lib/service/service.ts'
import { makeApp } from '../cdk/synth-service.ts'

export type Program = 'api' | 'authorizer' | 'scaler'

const DESCRIPTIONS: Readonly<Record<Program, RegExp>> = {
  api: /^API of/,
  authorizer: /^Authorizer of/,
  scaler: /^Scaler of/,
}

export interface Bundled {
  /** Path of the bundle as it would be uploaded. */
  readonly file: string
  readonly memoryMib: number
  /** Names of the variables that the stack sets. */
  readonly variables: readonly string[]
}

/** The functions of a service, from the assembly of its stack: what runs here is what is deployed. */
export function bundleFunctions(service: Service): Readonly<Record<Program, Bundled>> {
  const app = makeApp()
  const stack = new ScalableJobStack(app, 'Bundled', { service })
  const functions = Object.values(
    Template.fromStack(stack).findResources('AWS::Lambda::Function'),
  ).map(({ Properties }) => Properties as FunctionProperties)
  const find = (program: Program): Bundled => {
    const found = functions.find(({ Description }) => DESCRIPTIONS[program].test(Description ?? ''))
    if (found === undefined) throw new Error(`no function for ${program}`)
    const hash = found.Code.S3Key.replace('.zip', '')
    const folder = readdirSync(app.outdir).find((name) => name === `asset.${hash}`)
    if (folder === undefined) throw new Error(`no asset for ${program}`)
    return {
      file: join(app.outdir, folder, 'index.mjs'),
      memoryMib: found.MemorySize,
      variables: Object.keys(found.Environment.Variables),
    }
  }
  return { api: find('api'), authorizer: find('authorizer'), scaler: find('scaler') }
}

interface FunctionProperties {
  readonly Description?: string
  readonly Code: { readonly S3Key: string }
  readonly MemorySize: number
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> }
}
