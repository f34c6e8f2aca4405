import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Patch } from './mutant.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const loaded = new Map<string, readonly Patch[]>()

// A module that was loaded as part of a mutant loads everything else as part of it too.
registerHooks({
  resolve(specifier, context, nextResolve) {
    const result = nextResolve(specifier, context)
    const mutant = mutantOf(context.parentURL)
    const isOurs = result.url.startsWith('file:') && !result.url.includes('/node_modules/')
    return mutant === null || !isOurs
      ? result
      : { ...result, url: `${result.url}?mutant=${mutant}` }
  },
  load(url, context, nextLoad) {
    const patches = loaded.get(mutantOf(url) ?? '') ?? []
    const path = url.startsWith('file:') ? fileURLToPath(url.split('?')[0] ?? url) : ''
    const own = patches.filter(({ file }) => join(ROOT, file) === path)
    if (own.length === 0) return nextLoad(url, context)
    const source = own.reduce(
      (text, { find, replace }) => text.replace(find, () => replace),
      readFileSync(path, 'utf8'),
    )
    return { format: 'module-typescript', source, shortCircuit: true }
  },
})

function mutantOf(url: string | undefined): string | null {
  return url?.startsWith('file:') === true ? new URL(url).searchParams.get('mutant') : null
}

/** How often each patch's text stands in its file: anything but 1 and the mutant has rotted. */
export function countPlaces(patches: readonly Patch[]): readonly number[] {
  return patches.map(({ file, find }) => {
    return readFileSync(join(ROOT, file), 'utf8').split(find).length - 1
  })
}

/** Loads a module, and all of ours that it imports, anew with the patches in place. */
export async function loadMutated<T>(path: string, patches: readonly Patch[]): Promise<T> {
  const name = String(loaded.size + 1)
  loaded.set(name, patches)
  return (await import(`${pathToFileURL(join(ROOT, path)).href}?mutant=${name}`)) as T
}
