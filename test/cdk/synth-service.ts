import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { App, type AppProps } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { ScalableJobStack, type ScalableJobStackProps } from '../../lib/cdk/scalable-job-stack.ts'
import type { Service } from '../../lib/service/service.ts'
import { readServiceFile } from '../../lib/service/read-service-file.ts'
import { makeOnce } from './make-once.ts'

const ROOT = resolve(import.meta.dirname, '../..')

export const DIGITS = join(ROOT, 'examples/digits/service.json')

export interface Synth {
  readonly app: App
  readonly stack: ScalableJobStack
  readonly template: Template
}

export interface SynthOptions {
  readonly service?: Service
  readonly props?: Partial<ScalableJobStackProps>
}

/** The feature flags of cdk.json; among them the one that makes template findings errors. */
function flags(): Record<string, unknown> {
  const text = readFileSync(join(ROOT, 'cdk.json'), 'utf8')
  return (JSON.parse(text) as { context: Record<string, unknown> }).context
}

/** A folder for an assembly. */
export function makeOutdir(): string {
  return mkdtempSync(join(tmpdir(), 'cdk-out-'))
}

/** An app as the CLI makes it. */
export function makeApp(props: AppProps = {}): App {
  return new App({
    outdir: makeOutdir(),
    ...props,
    context: { ...flags(), ...props.context },
  })
}

/** The stack of the digits example, or of another service. */
export function synthService(options: SynthOptions = {}): Synth {
  return makeOnce(options, () => synthAnew(options))
}

function synthAnew({ service, props = {} }: SynthOptions): Synth {
  const app = makeApp()
  const stack = new ScalableJobStack(app, 'ScalableJob-digits', {
    service: service ?? readServiceFile(DIGITS),
    ...props,
  })
  return { app, stack, template: Template.fromStack(stack) }
}
