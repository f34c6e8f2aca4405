import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import type { ServiceCall } from './service-call.ts'

/** Longer than most answers take, shorter than any try may last. */
const SLOW_MS = { least: 200, more: 800 }

const everything = (): boolean => true

/** The connection ends, and nothing has happened. */
export const requestLost: Fault = {
  kind: 'connection reset, before it took effect',
  hits: everything,
  answer: async () => 'drop',
}

/** The connection ends, and the call has taken effect. */
export const answerLost: Fault = {
  kind: 'connection reset, after it took effect',
  hits: everything,
  answer: async (_call, { pass }) => {
    await pass()
    return 'drop'
  },
}

/** No answer ever comes, and nothing has happened. */
export const silence: Fault = {
  kind: 'no answer, without effect',
  hits: isNoPoll,
  answer: async () => 'hang',
}

/** No answer ever comes, and the call has taken effect. */
export const silentEffect: Fault = {
  kind: 'no answer, after it took effect',
  hits: isNoPoll,
  answer: async (_call, { pass }) => {
    await pass()
    return 'hang'
  },
}

/** The head of the answer and half of its body. */
export const answerCut: Fault = {
  kind: 'answer cut short',
  hits: ({ request }) => request.method !== 'HEAD',
  answer: async (_call, { pass }) => {
    const whole = await pass()
    return whole.body.length === 0 ? { untouched: whole } : { cut: whole }
  },
}

export const slowAnswer: Fault = {
  kind: 'slow answer',
  hits: everything,
  answer: async (_call, { pass, random }) => {
    await sleep(SLOW_MS.least + random() * SLOW_MS.more)
    return pass()
  },
}

/** A long poll that is never answered would only keep its worker waiting half a minute. */
function isNoPoll({ action }: ServiceCall): boolean {
  return action !== 'ReceiveMessage'
}
