import { writeDeclarations } from './declarations.ts'
import { isUpToDate, markBuilt, removeOld } from './output.ts'
import { buildPrograms } from './programs.ts'

/** Everything that runs outside of the sources. */
export async function buildAll(): Promise<void> {
  await buildWithoutTypes()
  writeDeclarations()
}

/** What programs of this repository need, where a source is newer: types are for other packages. */
export async function buildIfChanged(): Promise<void> {
  if (!isUpToDate()) await buildWithoutTypes()
}

async function buildWithoutTypes(): Promise<void> {
  removeOld(await buildPrograms())
  markBuilt()
}
