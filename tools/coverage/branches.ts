import { type Node, type Range, rangeOf, walk } from '../solidity/ast.ts'
import type { Edit } from '../solidity/edits.ts'

/** One way that code can go: a condition that holds or doesn't, a clause of a `try`, a function that is called. */
export interface Branch {
  file: string
  /** Function or modifier that it is in. */
  where: string
  line: number
  /** `called`, a condition followed by ` is true` or ` is false`, or the head of a clause. */
  way: string
  /** Its place among the branches of the same function and way, from 0. */
  occurrence: number
}

/** Branches with the place where the source reports them: a condition has two, the one that holds first. */
interface Site {
  branches: Branch[]
  range: Range
  kind: 'condition' | 'block'
}

const CALLABLES = ['FunctionDefinition', 'ModifierDefinition']
const CONDITIONAL = ['IfStatement', 'Conditional', 'WhileStatement', 'DoWhileStatement', 'ForStatement']

/** All branches of a file, from top to bottom. Inline assembly has none: the compiler names nothing in it. */
export function sitesIn(file: string, source: string, tree: Node): Site[] {
  const bytes = Buffer.from(source)
  const sites: Site[] = []
  const seen = new Map<string, number>()
  const add = (callable: Node, at: Node, kind: Site['kind'], ways: string[]) => {
    const where = (callable.name as string) || (callable.kind as string)
    const branches = ways.map((way) => {
      const key = `${where} ${way}`
      const occurrence = seen.get(key) ?? 0
      seen.set(key, occurrence + 1)
      return { file, where, line: lineOf(bytes, rangeOf(at).start), way, occurrence }
    })
    sites.push({ branches, range: rangeOf(at), kind })
  }
  walk(tree, (node, parents) => {
    if (node.nodeType === 'InlineAssembly') return false
    if (CALLABLES.includes(node.nodeType) && node.body) add(node, node.body as Node, 'block', ['called'])
    const callable = parents.find(({ nodeType }) => CALLABLES.includes(nodeType))
    if (callable === undefined) return true
    const condition = CONDITIONAL.includes(node.nodeType) ? (node.condition as Node | null) : null
    if (condition)
      add(
        callable,
        condition,
        'condition',
        ['true', 'false'].map((is) => `${textOf(bytes, condition)} is ${is}`),
      )
    if (node.nodeType === 'TryCatchClause')
      add(callable, node.block as Node, 'block', [headOf(node, parents[0]!, bytes)])
    return true
  })
  return sites
}

function headOf(clause: Node, statement: Node, bytes: Buffer): string {
  const isFirst = (statement.clauses as Node[])[0]!.id === clause.id
  return `${isFirst ? 'try' : 'catch'} ${textOf(bytes, statement.externalCall as Node)}`
}

/** The edits that make a source report its branches. The first branch of a site has the number, a second one the next. */
export function reports(sites: readonly Site[], numberOf: (branch: Branch) => number): Edit[] {
  return sites.map(({ branches, range, kind }) => {
    const number = numberOf(branches[0]!)
    const wrap =
      kind === 'condition'
        ? (inner: string) => `((${inner}) ? ${REPORT}.yes(${number}) : ${REPORT}.no(${number + 1}))`
        : (inner: string) => `{ ${REPORT}.hit(${number}); ${inner.slice(1)}`
    return { ...range, wrap }
  })
}

export const REPORT = 'BranchReport'

/** A library that tells the collector of EDR, the chain in the tests' process, which branches were taken. */
export function reportSource(collector: string): string {
  return `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {__NomicFoundationCoverage as Collector} from "${collector}";

library ${REPORT} {
    function yes(uint256 number) internal pure returns (bool) {
        Collector.sendHit(number);
        return true;
    }

    function no(uint256 number) internal pure returns (bool) {
        Collector.sendHit(number);
        return false;
    }

    function hit(uint256 number) internal pure {
        Collector.sendHit(number);
    }
}
`
}

function textOf(bytes: Buffer, node: Node): string {
  const { start, end } = rangeOf(node)
  return bytes.toString('utf8', start, end).replaceAll(/\s+/g, ' ').trim()
}

function lineOf(bytes: Buffer, at: number): number {
  let line = 1
  for (let i = 0; i < at; ++i) if (bytes[i] === 10) ++line
  return line
}
