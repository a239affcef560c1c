import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Solidity sources by the name that imports resolve to: a path in the repository, or a package's name and path. */
export type Sources = Record<string, { content: string }>

const IMPORT = /^import\b[^;]*?"([^"]+)"\s*;/gm

/**
 * Reads Solidity files and all that they import.
 *
 * @param root folder of the repository
 * @param entries paths in it
 * @param replaced text of files that aren't read, by path
 * @returns what the compiler takes as `sources`
 * @throws if a file isn't there
 */
export function readSources(
  root: string,
  entries: readonly string[],
  replaced: ReadonlyMap<string, string> = new Map(),
): Sources {
  const sources: Sources = {}
  const waiting = [...entries]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (Object.hasOwn(sources, name)) continue
    const content = replaced.get(name) ?? readFileSync(pathOf(root, name), 'utf8')
    sources[name] = { content }
    waiting.push(...importsOf(name, content))
  }
  return sources
}

/** The fixture by which tests deploy contracts by name, without importing them all. */
const SHIPPED = 'test/solidity/fixtures/Shipped.sol'

/**
 * Reads Solidity tests, all that they import and all that they deploy.
 *
 * @param contracts paths of all contracts
 */
export function readTestSources(
  root: string,
  tests: readonly string[],
  contracts: readonly string[],
  replaced?: ReadonlyMap<string, string>,
): Sources {
  const sources = readSources(root, tests, replaced)
  if (!deploysByName(sources)) return sources
  return { ...sources, ...readSources(root, contracts, replaced) }
}

/** Whether tests deploy contracts by name. */
export function deploysByName(sources: Sources): boolean {
  return Object.hasOwn(sources, SHIPPED)
}

/** Those of some sources that are among the given ones or import one of them, also through others. */
export function dependentsOf(sources: Sources, files: Iterable<string>): Set<string> {
  const found = new Set(files)
  const imports = Object.entries(sources).map(([name, { content }]) => ({
    name,
    of: importsOf(name, content),
  }))
  for (let size = -1; size !== found.size; ) {
    size = found.size
    for (const { name, of } of imports) if (of.some((file) => found.has(file))) found.add(name)
  }
  return found
}

/** Sixteen hex digits that any change of the sources changes. */
export function digestOf(sources: Sources): string {
  const hash = createHash('sha256')
  for (const name of Object.keys(sources).sort()) hash.update(`${name}\n${sources[name]!.content}\n`)
  return hash.digest('hex').slice(0, 16)
}

/** Names of the files that a source imports. */
function importsOf(name: string, content: string): string[] {
  return [...content.matchAll(IMPORT)].map(([, target]) =>
    target!.startsWith('.') ? join(dirname(name), target!) : target!,
  )
}

function pathOf(root: string, name: string): string {
  return join(root, name.startsWith('@') ? `node_modules/${name}` : name)
}
