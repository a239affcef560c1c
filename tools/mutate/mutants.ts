import { type Node, type Range, rangeOf, walk } from '../solidity/ast.ts'
import type { Edit } from '../solidity/edits.ts'
import { COLLECTOR } from '../solidity/test-runner.ts'

/** One small change of a contract. */
export interface Mutant {
  file: string
  /** Function or modifier that it is in. */
  where: string
  line: number
  /** What stands there, and what instead. */
  text: string
  instead: string
  /** Its place among the mutants of the same function, text and replacement, from 0: lines move, this doesn't. */
  occurrence: number
}

/** A mutant, and how the source has it: `changed` is taken instead of `inner` while it is switched on. */
export interface Site {
  mutant: Mutant
  range: Range
  kind: 'expression' | 'statement'
  changed: string
}

const SWAPS: Record<string, string[]> = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '<<': ['>>'],
  '>>': ['<<'],
  '&': ['|'],
  '|': ['&'],
  '^': ['&'],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '==': ['!='],
  '!=': ['=='],
  '&&': ['||'],
  '||': ['&&'],
}
const ASSIGNMENTS: Record<string, string> = {
  '+=': '-=',
  '-=': '+=',
  '*=': '/=',
  '/=': '*=',
  '|=': '&=',
  '&=': '|=',
  '^=': '|=',
  '<<=': '>>=',
  '>>=': '<<=',
}
const CALLABLES = ['FunctionDefinition', 'ModifierDefinition']
const CONDITIONAL = ['IfStatement', 'Conditional']

/** All mutants of a file, from top to bottom. */
export function sitesIn(file: string, source: string, tree: Node): Site[] {
  const bytes = Buffer.from(source)
  const sites: Site[] = []
  const seen = new Map<string, number>()
  walk(tree, (node, parents) => {
    const callable = [node, ...parents].find(({ nodeType }) => CALLABLES.includes(nodeType))
    if (callable === undefined || node === callable) return true
    if (node.nodeType === 'InlineAssembly' || isNotCode(node, callable)) return false
    for (const { at, kind, changed } of changesOf(node, parents, bytes)) {
      const range = kind === 'statement' ? withSemicolon(bytes, at) : rangeOf(at)
      const text = oneLine(textOf(bytes, at))
      const mutant = { file, where: nameOf(callable), text, instead: oneLine(changed) }
      const key = JSON.stringify(mutant)
      const occurrence = seen.get(key) ?? 0
      seen.set(key, occurrence + 1)
      sites.push({
        mutant: { ...mutant, line: lineOf(bytes, range.start), occurrence },
        range,
        kind,
        changed,
      })
    }
    return true
  })
  return sites.sort((a, b) => a.range.start - b.range.start || b.range.end - a.range.end)
}

/** Parameters, and the modifiers' and base constructors' names: they hold no expressions that could be another. */
function isNotCode(node: Node, callable: Node): boolean {
  return (
    node !== callable.body &&
    ['ParameterList', 'OverrideSpecifier', 'StructuredDocumentation'].includes(node.nodeType)
  )
}

interface Change {
  at: Node
  kind: Site['kind']
  changed: string
}

function changesOf(node: Node, parents: readonly Node[], bytes: Buffer): Change[] {
  const own = { BinaryOperation: swapped, UnaryOperation: turned, Literal: moved, Identifier: moved }
  const change = own[node.nodeType as keyof typeof own]
  const expressions = change?.(node, parents, bytes) ?? []
  if (CONDITIONAL.includes(node.nodeType)) expressions.push(...decided(node))
  if (parents[0]?.nodeType === 'ForStatement') return expressions
  return [...expressions, ...statementChanges(node, bytes)]
}

/** Another operator. */
function swapped(node: Node, _parents: readonly Node[], bytes: Buffer): Change[] {
  if (typeOf(node).startsWith('int_const')) return []
  const [left, right] = [
    textOf(bytes, node.leftExpression as Node),
    textOf(bytes, node.rightExpression as Node),
  ]
  return (SWAPS[node.operator as string] ?? []).map((operator) => ({
    at: node,
    kind: 'expression',
    changed: `${left} ${operator} ${right}`,
  }))
}

/** A negation left out, a count the other way. */
function turned(node: Node, parents: readonly Node[], bytes: Buffer): Change[] {
  if (parents[0]?.nodeType === 'ExpressionStatement' || parents[0]?.nodeType === 'ForStatement') return []
  const inner = textOf(bytes, node.subExpression as Node)
  if (node.operator === '!') return [{ at: node, kind: 'expression', changed: inner }]
  if (node.operator === '~') return [{ at: node, kind: 'expression', changed: inner }]
  return counted(node, inner, 'expression')
}

function counted(node: Node, inner: string, kind: Site['kind'], end = ''): Change[] {
  const other = { '++': '--', '--': '++' }[node.operator as string]
  if (other === undefined) return []
  return [{ at: node, kind, changed: (node.prefix ? other + inner : inner + other) + end }]
}

/** A number or a constant, one larger; `true` for `false`. */
function moved(node: Node, parents: readonly Node[], bytes: Buffer): Change[] {
  const text = textOf(bytes, node)
  if (node.nodeType === 'Literal' && node.kind === 'bool') {
    return [{ at: node, kind: 'expression', changed: text === 'true' ? 'false' : 'true' }]
  }
  const operation = parents[0]
  if (operation?.nodeType !== 'BinaryOperation') return []
  const type = (operation.commonType as { typeString: string }).typeString
  if (!/^u?int\d+$/.test(type)) return []
  const isNumber =
    node.nodeType === 'Literal' && node.kind === 'number' && !text.includes('e') && !node.subdenomination
  const isConstant = node.nodeType === 'Identifier' && /^[A-Z][A-Z0-9_]+$/.test(text) && typeOf(node) === type
  if (!isNumber && !isConstant) return []
  return [{ at: node, kind: 'expression', changed: `${type}(${text} + 1)` }]
}

/** A condition that always holds, and one that never does. */
function decided(node: Node): Change[] {
  const at = node.condition as Node
  return ['true', 'false'].map((changed) => ({ at, kind: 'expression', changed }))
}

/** A statement left out, or assigning with another operator. */
function statementChanges(node: Node, bytes: Buffer): Change[] {
  if (node.nodeType === 'EmitStatement') return [{ at: node, kind: 'statement', changed: '' }]
  if (node.nodeType !== 'ExpressionStatement') return []
  const expression = node.expression as Node
  const removed: Change = { at: node, kind: 'statement', changed: '' }
  if (expression.nodeType === 'UnaryOperation') {
    return [
      removed,
      ...counted(expression, textOf(bytes, expression.subExpression as Node), 'statement', ';'),
    ].map((change) => ({ ...change, at: node }))
  }
  const other = expression.nodeType === 'Assignment' ? ASSIGNMENTS[expression.operator as string] : undefined
  if (other === undefined) return [removed]
  const [left, right] = [expression.leftHandSide as Node, expression.rightHandSide as Node]
  return [removed, { ...removed, changed: `${textOf(bytes, left)} ${other} ${textOf(bytes, right)};` }]
}

/**
 * The edits that put mutants into a source, each behind a switch.
 *
 * @param sites of one file
 * @param numberOf the number that switches a mutant on
 */
export function switches(sites: readonly Site[], numberOf: (site: Site) => number): Edit[] {
  return sites.map((site) => {
    const isOn = `${SWITCH}.isOn(${numberOf(site)})`
    const wrap =
      site.kind === 'expression'
        ? (inner: string) => `(${isOn} ? ${site.changed} : ${inner})`
        : (inner: string) => `{ if (${isOn}) { ${site.changed} } else { ${inner} } }`
    return { ...site.range, wrap }
  })
}

export const SWITCH = 'MutantSwitch'

/** The number that switches no mutant on, but tells the collector of EDR which ones are reached. */
export const REPORTING = 2 ** 40

/** A library that tells whether a mutant is on: it is if the block's coinbase is its number. */
export const SWITCH_SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {__NomicFoundationCoverage as Collector} from "${COLLECTOR}";

library ${SWITCH} {
    function isOn(uint256 number) internal pure returns (bool) {
        uint256 on = _asPure(_coinbase)();
        if (on == ${REPORTING}) Collector.sendHit(number);
        return on == number;
    }

    function _coinbase() private view returns (uint256 value) {
        assembly { value := coinbase() }
    }

    function _asPure(function() internal view returns (uint256) given)
        private pure returns (function() internal pure returns (uint256) taken)
    {
        assembly { taken := given }
    }
}
`

/** A statement's range doesn't have its semicolon. */
function withSemicolon(bytes: Buffer, node: Node): Range {
  const { start, end } = rangeOf(node)
  return { start, end: bytes.indexOf(';', end) + 1 }
}

function nameOf(callable: Node): string {
  return (callable.name as string) || (callable.kind as string)
}

function typeOf(node: Node): string {
  return (node.typeDescriptions as { typeString?: string } | undefined)?.typeString ?? ''
}

function textOf(bytes: Buffer, node: Node): string {
  const { start, end } = rangeOf(node)
  return bytes.toString('utf8', start, end)
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

function lineOf(bytes: Buffer, at: number): number {
  let line = 1
  for (let i = 0; i < at; ++i) if (bytes[i] === 10) ++line
  return line
}
