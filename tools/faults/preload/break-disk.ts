import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { diskFault, random, type Role } from './fault-state.ts'

const ASYNC = ['writeFile', 'copyFile', 'mkdir', 'link', 'rename'] as const
const SYNC = ['writeFileSync', 'appendFileSync', 'renameSync'] as const

type Function = (...args: unknown[]) => unknown

/** Lets calls of `node:fs` that write fail or take long, as the control file says. */
export function breakDisk(role: Role): void {
  const promises = fs.promises as unknown as Record<string, Function>
  for (const name of ASYNC) {
    const real = promises[name] as Function
    promises[name] = async (...args) => {
      const disk = diskFault(role)
      if (disk !== undefined && random.chance(disk.share)) {
        await sleep(disk.delayMs)
        if (disk.code !== undefined) throw makeError(disk.code, name)
      }
      return real(...args)
    }
  }
  const sync = fs as unknown as Record<string, Function>
  for (const name of SYNC) {
    const real = sync[name] as Function
    sync[name] = (...args: unknown[]) => {
      const disk = diskFault(role)
      if (disk?.code !== undefined && random.chance(disk.share)) throw makeError(disk.code, name)
      return real(...args)
    }
  }
  syncBuiltinESMExports()
}

function makeError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: made by the campaign, ${syscall}`), { code, syscall })
}
