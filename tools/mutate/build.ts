import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Artifact } from '@nomicfoundation/edr'
import { CompilerError, compiled } from '../solidity/compiler.ts'
import { applied, withLibrary } from '../solidity/edits.ts'
import { dependentsOf, deploysByName, readTestSources } from '../solidity/sources.ts'
import { artifactsOf, COLLECTOR, collectorLibrary, shippedArtifacts } from '../solidity/test-runner.ts'
import { type Site, SWITCH, SWITCH_SOURCE, switches } from './mutants.ts'

/** Compiled tests with mutants that are switched on by number, from 1 on. */
export interface Build {
  artifacts: string
  sites: ReadonlyMap<number, Site>
  /** Sites that had to be left out: with all of them a function needs more stack than there is. */
  left: Site[]
}

/**
 * Compiles tests with as many of the mutants as one compilation can have. Contracts without any must be compiled already.
 *
 * @param root folder of the repository
 * @param tests files
 * @param sites of the mutants, of one or several files
 * @param path file to write the artifacts to
 * @param replaced text of files that aren't read, by path
 * @throws {CompilerError} if a source doesn't compile without its mutants either
 */
export function build(
  root: string,
  tests: readonly string[],
  sites: readonly Site[],
  path: string,
  replaced: ReadonlyMap<string, string> = new Map(),
): Build {
  let kept = [...sites]
  const left: Site[] = []
  while (kept.length > 0) {
    const numbers = new Map(kept.map((site, i) => [site, i + 1]))
    try {
      const texts = textsWith(root, numbers, replaced)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, JSON.stringify(artifactsWith(root, tests, texts)))
      return { artifacts: path, sites: new Map([...numbers].map(([site, number]) => [number, site])), left }
    } catch (error) {
      if (!(error instanceof CompilerError)) throw error
      const out = toLeaveOut(error, kept, textsWith(root, numbers, replaced))
      if (out.size === 0) throw error
      left.push(...out)
      kept = kept.filter((site) => !out.has(site))
    }
  }
  return { artifacts: path, sites: new Map(), left }
}

/** Code of the tests and of all that has a mutant. Other contracts that they deploy are there as they ship. */
function artifactsWith(
  root: string,
  tests: readonly string[],
  texts: ReadonlyMap<string, string>,
): Artifact[] {
  const contracts = globSync('contracts/*.sol', { cwd: root })
  const sources = readTestSources(root, [...tests, ...texts.keys()], contracts, texts)
  const changed = dependentsOf(sources, texts.keys())
  const files = Object.keys(sources).filter((file) => file.startsWith('test/') || changed.has(file))
  const fresh = artifactsOf(compiled(sources, files))
  if (!deploysByName(sources)) return fresh
  return [...fresh, ...shippedArtifacts(root).filter(({ id }) => !changed.has(id.source))]
}

/** Each file with its mutants in it. */
function textsWith(
  root: string,
  numbers: ReadonlyMap<Site, number>,
  replaced: ReadonlyMap<string, string>,
): Map<string, string> {
  const texts = new Map([...replaced, [`${SWITCH}.sol`, SWITCH_SOURCE], [COLLECTOR, collectorLibrary()]])
  for (const file of new Set([...numbers.keys()].map(({ mutant }) => mutant.file))) {
    const sites = [...numbers.keys()].filter(({ mutant }) => mutant.file === file)
    const source = replaced.get(file) ?? readFileSync(join(root, file), 'utf8')
    texts.set(
      file,
      withLibrary(
        applied(
          source,
          switches(sites, (site) => numbers.get(site)!),
        ),
        SWITCH,
      ),
    )
  }
  return texts
}

/** Half of the mutants in the function that the compiler refuses, all if there is one; none if they aren't at fault. */
function toLeaveOut(
  error: CompilerError,
  kept: readonly Site[],
  texts: ReadonlyMap<string, string>,
): Set<Site> {
  const text = texts.get(error.file ?? '')
  if (text === undefined || error.start === undefined) return new Set()
  const before = Buffer.from(text).toString('utf8', 0, error.start + 1)
  const where = [...before.matchAll(/\b(?:(?:function|modifier) (\w+)|(constructor)\b)/g)].at(-1)
  const name = where?.[1] ?? where?.[2]
  const inside = kept.filter(({ mutant }) => mutant.file === error.file && mutant.where === name)
  return new Set(inside.length === 1 ? inside : inside.filter((_, i) => i % 2 === 1))
}
