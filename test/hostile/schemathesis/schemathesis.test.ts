import { expect, onTestFinished, test } from 'vitest'
import { ROUTES } from '../../../lib/api/routes.ts'
import { makeJsonLog } from '../../../lib/adapters/node/json-log.ts'
import { aLiveApi, TOKEN } from '../../support/a-live-api.ts'
import { hurriedClock } from './hurried-clock.ts'
import { playWorkers } from './play-workers.ts'
import { hasSchemathesis, runSchemathesis } from './run-schemathesis.ts'

/** `npm run schemathesis` sets many, and a seed where a run is to be repeated. */
const EXAMPLES = Number(process.env['SCHEMATHESIS_EXAMPLES'] ?? 15)
const SEED = Number(process.env['SCHEMATHESIS_SEED'] ?? 1)
/** About 15 s for the usual number of examples on a quiet machine. */
const WITHIN_MS = 150_000 + EXAMPLES * 2_000

test.runIf(hasSchemathesis)(
  'every route does what /openapi.json says, whatever is sent: no fault, no other status, header or body',
  { timeout: WITHIN_MS + 30_000 },
  async () => {
    const faults: string[] = []
    const log = makeJsonLog({ write: (line) => faults.push(line), level: 'warn' })
    const live = await aLiveApi({ clock: hurriedClock, log })
    const ending = new AbortController()
    const playing = playWorkers(live, ending.signal)
    onTestFinished(async () => {
      ending.abort()
      await playing
      await live.close()
    })
    const { url, folder } = live
    const tries = { url, folder, token: TOKEN, examples: EXAMPLES, seed: SEED }
    const { isClean, says } = await runSchemathesis({ ...tries, withinMs: WITHIN_MS })
    expect(isClean ? '' : says).toBe('')
    // Each but the one that the document came from.
    expect(says).toContain(`Tested: ${ROUTES.length - 1}`)
    expect(faults).toEqual([])
  },
)
