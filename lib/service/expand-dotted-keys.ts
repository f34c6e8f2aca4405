import { type ErrorDetail, showValue } from '../registry/errors.ts'
import { type Fields, isFields } from '../parsing/checks.ts'

/** PAI-EAS writes these both nested and dotted: `"rpc": {"keepalive": 1}`, `"rpc.keepalive": 1`. */
export const DOTTED_SECTIONS = {
  root: ['unit', 'runtime'],
  metadata: ['rpc', 'eas', 'rolling_strategy', 'scheduling'],
} as const

/**
 * `service.json` with every dotted key in its nested form.
 *
 * A key given in both forms with two values is a mistake; the nested value stands meanwhile.
 */
export function expandDottedKeys(raw: unknown): { value: unknown; mistakes: ErrorDetail[] } {
  if (!isFields(raw)) return { value: raw, mistakes: [] }
  const root = expandSections(raw, DOTTED_SECTIONS.root, '')
  const { metadata } = root.value
  if (!isFields(metadata)) return root
  const inner = expandSections(metadata, DOTTED_SECTIONS.metadata, 'metadata.')
  return {
    value: { ...root.value, metadata: inner.value },
    mistakes: [...root.mistakes, ...inner.mistakes],
  }
}

function expandSections(given: Fields, sections: readonly string[], prefix: string) {
  const mistakes: ErrorDetail[] = []
  const expanded = new Map<string, unknown>(Object.entries(given))
  for (const section of sections) {
    const nested = expanded.get(section)
    const dotted = Object.keys(given).filter((key) => key.startsWith(`${section}.`))
    if (dotted.length === 0 || (nested !== undefined && !isFields(nested))) continue
    const inner = new Map<string, unknown>(Object.entries(nested ?? {}))
    for (const key of dotted) {
      expanded.delete(key)
      const name = key.slice(section.length + 1)
      if (!inner.has(name)) inner.set(name, given[key])
      else if (inner.get(name) !== given[key]) mistakes.push(givenTwice(prefix + key, given[key]))
    }
    expanded.set(section, Object.fromEntries(inner))
  }
  return { value: Object.fromEntries(expanded), mistakes }
}

function givenTwice(path: string, value: unknown): ErrorDetail {
  return {
    path,
    problem: 'is given both nested and dotted, with two values',
    got: showValue(value, path),
    allowed: 'one of the two forms',
  }
}
