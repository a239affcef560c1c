import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A contract in test/properties/ whose function `prove` asserts something of the real contracts. */
export interface Property {
  /** Path of its file, from the repository's root. */
  file: string
  contract: string
  /** What it says, in words. */
  claim: string
  /** `bmc` follows each path from any state; `chc` also finds invariants of loops and states. */
  engine: 'bmc' | 'chc'
  /** How often a loop is followed. What is proved is only of runs that need no more: `reaches` has to show the longest. */
  loops: number
  /** What some run has to fulfil at the last assertion, in Solidity; `true` if nothing else is said. */
  reaches: string
  /** Files whose private and external functions it calls: they are made internal and public for it. */
  opened: string[]
  /** Functions of other files that the property overrides with its own, as `path:name`: they are made virtual for it. */
  played: string[]
  /** Functions of other files that no run of the property comes to, as `path:name`: the solver proves that instead of following them. */
  avoided: string[]
  /** Why the solver doesn't come to an end with it. */
  undecided?: string
}

const CONTRACT = /((?:^\/\/\/.*\n)*)^contract (\w+)/gm
const TAGS = ['engine', 'loops', 'reaches', 'opens', 'plays', 'avoids', 'undecided']
export const FOLDER = 'test/properties'

/** All properties, by file and place in it. @throws if one is written down wrongly, with its name */
export function allProperties(root: string): Property[] {
  const files = globSync(`${FOLDER}/*.sol`, { cwd: root }).sort()
  return files.flatMap((file) => propertiesIn(file, readFileSync(join(root, file), 'utf8')))
}

/** The properties of a file. @throws if one is written down wrongly, with its name */
export function propertiesIn(file: string, source: string): Property[] {
  return [...source.matchAll(CONTRACT)].map(([, comment, contract]) =>
    propertyOf(file, contract!, comment!.replaceAll(/^\/\/\/ ?/gm, '')),
  )
}

function propertyOf(file: string, contract: string, comment: string): Property {
  const claim = /^@notice (.*?)(?=\n@|$(?![\s\S]))/ms.exec(comment)?.[1]?.replaceAll(/\s+/g, ' ').trim()
  if (!claim) throw new Error(`${file}: ${contract} has no @notice that says what it proves`)
  const tags = new Map(
    [...comment.matchAll(/^@custom:(\w+) (.*?)(?=\n@|$(?![\s\S]))/gms)].map(([, tag, text]) => [
      tag!,
      text!.replaceAll(/\s+/g, ' ').trim(),
    ]),
  )
  for (const tag of tags.keys())
    if (!TAGS.includes(tag)) throw new Error(`${file}: ${contract}: @custom:${tag} isn't one of ${TAGS}`)
  const engine = tags.get('engine') ?? 'bmc'
  if (engine !== 'bmc' && engine !== 'chc') throw new Error(`${file}: ${contract}: no engine ${engine}`)
  const loops = Number(tags.get('loops') ?? 1)
  if (!Number.isSafeInteger(loops) || loops < 1)
    throw new Error(`${file}: ${contract}: loops must be a whole number from 1 on`)
  const reaches = tags.get('reaches') ?? 'true'
  const listed = (tag: string) => (tags.get(tag) ?? '').split(' ').filter((path) => path !== '')
  const undecided = tags.get('undecided')
  return {
    file,
    contract,
    claim,
    engine,
    loops,
    reaches,
    opened: listed('opens'),
    played: listed('plays'),
    avoided: listed('avoids'),
    ...(undecided === undefined ? {} : { undecided }),
  }
}

/** Where a contract's assertions begin in a source, in characters. */
export function assertionsIn(source: string, contract: string): number[] {
  const start = source.search(new RegExp(`^contract ${contract}\\b`, 'm'))
  if (start < 0) throw new Error(`there is no contract ${contract}`)
  const length = source.slice(start).search(/^}/m)
  const body = source.slice(start, start + length)
  return [...body.matchAll(/\bassert\(/g)].map(({ index }) => start + index)
}

/**
 * The source with one more assertion after the last one: that no run is there and fulfils a condition. One that does has to break it. What
 * comes before isn't changed by it, so that one answer of the solver has both.
 */
export function withEnd(source: string, contract: string, reaches: string): string {
  const last = assertionsIn(source, contract).at(-1)
  if (last === undefined) throw new Error(`${contract} asserts nothing`)
  const end = closingOf(source, last + 'assert'.length)
  return `${source.slice(0, end)}; assert(!(${reaches}))${source.slice(end)}`
}

/** Where the parenthesis that opens at `open` is closed. */
function closingOf(source: string, open: number): number {
  let depth = 0
  for (let i = open; i < source.length; ++i) {
    if (source[i] === '(') ++depth
    if (source[i] === ')' && --depth === 0) return i + 1
  }
  throw new Error('a parenthesis is never closed')
}

/** A contract's source as a harness sees it: what is private or external can be called from it, and nothing else changes. */
export function opened(source: string): string {
  return source.replaceAll(/^( {4}.*?|\s+\) )\b(private|external)\b/gm, (_, before: string, word: string) =>
    /^\s*(\/\/|\*)/.test(before) ? `${before}${word}` : before + (word === 'private' ? 'internal' : 'public'),
  )
}

/**
 * A contract's source whose internal function `name` a harness overrides. A call of another contract, `_TO.name`, becomes one of an
 * internal function `_name` that the harness has: the solver takes it that any other call changes all of this contract's storage.
 *
 * @param others sources that declare what other contracts have
 * @throws if there is no such function or call
 */
export function played(source: string, name: string, others: readonly string[] = []): string {
  if (name.includes('.')) return playedCall(source, name, others)
  const whole = new RegExp(
    `(function ${name}\\([^{;]*?\\binternal\\b)([^{;]*)\\{(?:\\}|\\n.*?^ {4}\\})\\n`,
    'ms',
  )
  if (!whole.test(source)) throw new Error(`there is no internal function ${name} to play`)
  return source.replace(whole, '$1 virtual$2{\n        revert();\n    }\n')
}

function playedCall(source: string, call: string, others: readonly string[]): string {
  const name = call.split('.')[1]
  const declared = new RegExp(`^ {4}(function )(${name}\\([^;{]*)\\bexternal\\b([^;{]*);\\n`, 'm')
  const declaration = others.map((other) => declared.exec(other)).find((found) => found !== null)
  if (!source.includes(`${call}(`) || !declaration) throw new Error(`there is no call ${call} to play`)
  const [, keyword, head, rest] = declaration
  return source
    .replaceAll(`${call}(`, `_${name}(`)
    .replace(
      /\}\n$/,
      () => `\n    ${keyword}_${head}internal virtual${rest} {\n        revert();\n    }\n}\n`,
    )
}

/** A source whose function `name` only asserts that nothing calls it. @throws if there is no such function */
export function avoided(source: string, name: string): string {
  const body = new RegExp(`(^ {4}function ${name}\\([^;{]*\\{\\n).*?(^ {4}\\}\\n)`, 'ms')
  if (!body.test(source)) throw new Error(`there is no function ${name} to avoid`)
  return source.replace(body, '$1        assert(false);\n        revert();\n$2')
}
