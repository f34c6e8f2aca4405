import type { BlockStatement, Node } from 'oxc-parser'

/** One change of the text between two offsets. */
export interface Edit {
  readonly operator: string
  readonly start: number
  readonly end: number
  readonly text: string
}

type Operator = (node: Node, source: string) => readonly Edit[]

const ARITHMETIC: Record<string, string> = { '+': '-', '-': '+', '*': '/', '/': '*', '%': '*' }
const ASSIGNED: Record<string, string> = { '+=': '-=', '-=': '+=', '*=': '/=' }
const COMPARISON: Record<string, readonly string[]> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
}

/** Words that stand for one another: of a job, a worker, a task, a machine, an end of a try. */
const STATES: readonly (readonly string[])[] = [
  ['queued', 'running', 'succeeded', 'failed', 'canceled'],
  ['starting', 'idle', 'busy', 'draining'],
  ['command', 'query'],
  ['stopping', 'starting', 'running'],
]

/** Each kind of fault, and where it can be put into a node. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  arith: (node, source) => {
    if (node.type === 'AssignmentExpression') {
      const other = ASSIGNED[node.operator]
      return other === undefined ? [] : [swap('arith', node, source, other)]
    }
    if (node.type !== 'BinaryExpression') return []
    const other = ARITHMETIC[node.operator]
    if (other === undefined || isText(node.left) || isText(node.right)) return []
    return [swap('arith', node, source, other)]
  },
  cmp: (node, source) =>
    node.type === 'BinaryExpression'
      ? (COMPARISON[node.operator] ?? []).map((to) => swap('cmp', node, source, to))
      : [],
  logic: (node, source) =>
    node.type === 'LogicalExpression' && node.operator !== '??'
      ? [swap('logic', node, source, node.operator === '&&' ? '||' : '&&')]
      : [],
  nullish: (node, source) =>
    node.type === 'LogicalExpression' && node.operator === '??'
      ? [replace('nullish', node, `(${textOf(node.right, source)})`)]
      : [],
  bool: (node) =>
    node.type === 'Literal' && typeof node.value === 'boolean'
      ? [replace('bool', node, String(!node.value))]
      : [],
  number: (node) =>
    node.type === 'Literal' && typeof node.value === 'number'
      ? [replace('number', node, String(node.value + 1))]
      : [],
  status: (node) => {
    if (node.type !== 'Literal' || typeof node.value !== 'string') return []
    const { value } = node
    const others = STATES.filter((words) => words.includes(value)).flat()
    return [...new Set(others)]
      .filter((word) => word !== value)
      .map((word) => replace('status', node, `'${word}'`))
  },
  neg: (node, source) =>
    node.type === 'IfStatement' || node.type === 'ConditionalExpression'
      ? [replace('neg', node.test, `!(${textOf(node.test, source)})`)]
      : [],
  early: (node, source) => {
    const body = bodyOf(node)
    if (body === undefined || /\breturn\s+[^\n;]/.test(textOf(body, source))) return []
    return body.body
      .filter(({ type }) => type === 'ExpressionStatement')
      .map(({ start }) => ({ operator: 'early', start, end: start, text: 'if (1 > 0) return\n' }))
  },
  rmassign: (node) =>
    node.type === 'ExpressionStatement' && isAssignment(node.expression)
      ? [replace('rmassign', node, ';')]
      : [],
  rmcall: (node) =>
    node.type === 'ExpressionStatement' && isCall(node.expression)
      ? [replace('rmcall', node, ';')]
      : [],
  rmguard: (node) =>
    node.type === 'IfStatement' && node.alternate === null && isExit(node.consequent)
      ? [replace('rmguard', node, ';')]
      : [],
  spread: (node, source) => {
    const parts = elementsOf(node)
    return parts
      .filter(({ type }) => type === 'SpreadElement' || type === 'Property')
      .map((part) => ({ ...replace('spread', part, ''), end: endWithComma(part.end, source) }))
  },
  await: (node, source) =>
    node.type === 'ExpressionStatement' && node.expression.type === 'AwaitExpression'
      ? [replace('await', node, `void ${textOf(node.expression.argument, source)}`)]
      : [],
  finally: (node) =>
    node.type === 'TryStatement' && node.finalizer !== null && node.finalizer.body.length > 0
      ? [replace('finally', node.finalizer, '{}')]
      : [],
}

type Span = { readonly start: number; readonly end: number }

function replace(operator: string, { start, end }: Span, text: string): Edit {
  return { operator, start, end, text }
}

type Infix = Span & { readonly left: Span; readonly operator: string }

/** The operator alone: only blanks, comments and brackets stand beside it between the two sides. */
function swap(operator: string, node: Infix, source: string, text: string): Edit {
  const start = source.indexOf(node.operator, node.left.end)
  return { operator, start, end: start + node.operator.length, text }
}

function textOf({ start, end }: Span, source: string): string {
  return source.slice(start, end)
}

function isText(node: Node): boolean {
  return (
    node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string')
  )
}

function bodyOf(node: Node): BlockStatement | undefined {
  if (node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression') {
    return node.body ?? undefined
  }
  if (node.type !== 'ArrowFunctionExpression') return undefined
  return node.body.type === 'BlockStatement' ? node.body : undefined
}

function isAssignment({ type }: Node): boolean {
  return type === 'AssignmentExpression' || type === 'UpdateExpression'
}

function isCall(node: Node): boolean {
  return (
    node.type === 'CallExpression' || (node.type === 'AwaitExpression' && isCall(node.argument))
  )
}

function isExit(node: Node): boolean {
  const last = node.type === 'BlockStatement' ? node.body.at(-1) : node
  return last !== undefined && /^(Return|Throw|Continue|Break)Statement$/.test(last.type)
}

function elementsOf(node: Node): readonly Node[] {
  if (node.type === 'ObjectExpression') return node.properties
  if (node.type !== 'ArrayExpression') return []
  return node.elements.filter((each) => each?.type === 'SpreadElement')
}

function endWithComma(end: number, source: string): number {
  const comma = /^\s*,/.exec(source.slice(end))
  return end + (comma?.[0].length ?? 0)
}
