import { parseSync, visitorKeys, type Node } from 'oxc-parser'
import { OPERATORS, type Edit } from './operators.ts'

/** One fault that can be put into one file. */
export interface Place extends Edit {
  /** From the root of the repository. */
  readonly file: string
  readonly line: number
  /** What stands there now, in one line. */
  readonly before: string
}

const MAX_SHOWN = 160

/**
 * All faults that can be put into a source. Types, imports and what is thrown are left out: the first
 * two do nothing, and of the third only the words would change.
 *
 * @throws SyntaxError where the text is no TypeScript
 */
export function findPlaces(file: string, source: string): Place[] {
  const places: Place[] = []
  const visit = (node: Node): void => {
    if (isLeftOut(node)) return
    for (const operate of Object.values(OPERATORS)) {
      for (const edit of operate(node, source)) places.push(toPlace(file, source, edit))
    }
    for (const child of childrenOf(node)) visit(child)
  }
  visit(parse(file, source))
  return places
}

/** The source with the fault in it. */
export function applyEdit(source: string, { start, end, text }: Edit): string {
  return source.slice(0, start) + text + source.slice(end)
}

/** @throws SyntaxError where the text is no TypeScript */
export function parse(file: string, source: string): Node {
  const { program, errors } = parseSync(file, source)
  if (errors[0] !== undefined) throw new SyntaxError(`${file}: ${errors[0].message}`)
  return program
}

const WITH_VALUE = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'])

function isLeftOut({ type }: Node): boolean {
  if (type.startsWith('TS')) return !WITH_VALUE.has(type)
  return /^(Import|ExportAll)|^ThrowStatement$/.test(type) && type !== 'ImportExpression'
}

function childrenOf(node: Node): Node[] {
  const fields = node as unknown as Record<string, Node | (Node | null)[] | null | undefined>
  return (visitorKeys[node.type] ?? [])
    .flatMap((key) => fields[key] ?? [])
    .filter((child) => child !== null)
}

function toPlace(file: string, source: string, edit: Edit): Place {
  const line = source.slice(0, edit.start).split('\n').length
  const lineEnd = source.indexOf('\n', edit.start)
  const from = source.lastIndexOf('\n', edit.start - 1) + 1
  const to = Math.max(edit.end, lineEnd === -1 ? source.length : lineEnd)
  const before = source.slice(from, to).replaceAll(/\s+/g, ' ').trim()
  return { ...edit, file, line, before: before.slice(0, MAX_SHOWN) }
}
