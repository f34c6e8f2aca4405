import { expect, test } from 'vitest'
import { synthService } from './synth-service.ts'

/** Of assets, and in the worker's version, which holds the hash of its image. */
const HASH = /\b[0-9a-f]{64}\b|\b[0-9a-f]{12}-[0-9a-f]{8}\b/g

// Review it as you review code: what changes here changes in the accounts of users.
test('the template of the digits service changes only on purpose', async () => {
  const { template } = synthService()
  const text = JSON.stringify(template.toJSON(), null, 2).replaceAll(HASH, '<hash>')
  await expect(`${text}\n`).toMatchFileSnapshot('snapshots/digits.template.json')
})
