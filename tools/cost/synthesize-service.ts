import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import cdkJson from '../../cdk.json' with { type: 'json' }
import type { ScalableJobProps } from '../../lib/cdk/scalable-job-props.ts'
import { ScalableJobStack } from '../../lib/cdk/scalable-job-stack.ts'
import type { Template } from './template.ts'

/**
 * The template that `npx cdk synth` makes of a service, with the settings of cdk.json and nothing
 * left on disk. Needs no account and no network. Mistakes that CDK finds in it are errors.
 */
export function synthesizeService(props: ScalableJobProps): Template {
  const outdir = mkdtempSync(join(tmpdir(), 'scalable-job-synth-'))
  try {
    const app = new App({ outdir, context: offlineContext(), analyticsReporting: false })
    const stack = new ScalableJobStack(app, 'Service', props)
    return app.synth().getStackArtifact(stack.artifactId).template as Template
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}

/** Notes go to whoever deploys. */
export function offlineContext(): Record<string, unknown> {
  return {
    ...cdkJson.context,
    '@aws-cdk/core:annotationsInValidationReport': false,
  }
}
