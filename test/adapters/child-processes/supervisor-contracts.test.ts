import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import { defineFleetContract } from '../../contracts/fleet-contract.ts'
import { defineTaskProtectionContract } from '../../contracts/task-protection-contract.ts'
import { TestFleet } from './test-fleet.ts'

defineFleetContract('supervisor', async () => {
  const fleet = await TestFleet.open({ restartBackoff: { initialSeconds: 0.1 } })
  fleet.supervisor.deploy('v9')
  return {
    fleet: fleet.supervisor,
    latestVersion: 'v9',
    protect: async (taskId) => void (await (await fleet.protectionOf(taskId)).protect(10)),
    release: async (taskId) => void (await (await fleet.protectionOf(taskId)).release()),
    endWorker: async (taskId) => void process.kill((await fleet.report(taskId)).pid, 'SIGUSR2'),
    close: () => fleet.close(),
  }
})

defineTaskProtectionContract('agent endpoint of the supervisor', async () => {
  const fleet = await TestFleet.open()
  const [one, other] = await fleet.start(2)
  return {
    protections: [
      await fleet.protectionOf(one!.taskId),
      await fleet.protectionOf(other!.taskId),
    ] as const,
    now: () => systemClock.now(),
    setDesired: (desired) => fleet.supervisor.setDesired('a', desired),
    cutOff: () => fleet.supervisor.stopAll({ graceSeconds: 0 }),
    close: () => fleet.close(),
  }
})
