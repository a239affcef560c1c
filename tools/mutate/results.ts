import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Explained } from './explained.ts'
import type { Mutant } from './mutants.ts'

/** What became of a mutant. `hung`: its tests never ended, which is as good as failing. */
export interface Outcome {
  mutant: Mutant
  kind: 'killed' | 'hung' | 'survived' | 'uncompilable'
  /** The first test that failed. */
  by?: string
  /** What it depends on: it counts only for the same sources. */
  digest: string
}

/** Outcomes of this and earlier runs, by mutant. */
export type Outcomes = Map<string, Outcome>

export function keyOf({ file, where, text, instead, occurrence }: Mutant): string {
  return JSON.stringify([file, where, text, instead, occurrence])
}

export function readOutcomes(path: string): Outcomes {
  if (!existsSync(path)) return new Map()
  const outcomes = JSON.parse(readFileSync(path, 'utf8')) as Outcome[]
  return new Map(outcomes.map((outcome) => [keyOf(outcome.mutant), outcome]))
}

/** Writes all outcomes; whoever is interrupted goes on from there. */
export function writeOutcomes(path: string, outcomes: Outcomes): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.draft`, JSON.stringify([...outcomes.values()], null, 1))
  renameSync(`${path}.draft`, path)
}

/** A seeded sample: those whose hash with the seed is smallest. Another mutant more or less leaves the rest of it as it was. */
export function sampleOf<T extends { mutant: Mutant }>(sites: readonly T[], size: number, seed: string): T[] {
  const rank = ({ mutant }: T) =>
    createHash('sha256')
      .update(`${seed} ${keyOf(mutant)}`)
      .digest('hex')
  const ranked = sites.map((site) => ({ site, rank: rank(site) })).sort((a, b) => (a.rank < b.rank ? -1 : 1))
  return ranked.slice(0, size).map(({ site }) => site)
}

/** Compares survivors with what is explained: those that aren't, and explanations without a survivor. */
export function judged(outcomes: readonly Outcome[], explained: readonly Explained[]) {
  const survivors = outcomes.filter(({ kind }) => kind === 'survived').map(({ mutant }) => mutant)
  const isOf = (mutant: Mutant, { file, where, text, instead, occurrence }: Explained) =>
    mutant.file === file &&
    mutant.where === where &&
    mutant.text === text &&
    mutant.instead === instead &&
    (occurrence === undefined || occurrence === mutant.occurrence)
  const unexplained = survivors.filter((mutant) => !explained.some((one) => isOf(mutant, one)))
  // Only who was tried can tell that an explanation is needless.
  const tried = outcomes.filter(({ kind }) => kind !== 'uncompilable').map(({ mutant }) => mutant)
  const needless = explained.filter(
    (one) => tried.some((mutant) => isOf(mutant, one)) && !survivors.some((mutant) => isOf(mutant, one)),
  )
  const compiled = outcomes.filter(({ kind }) => kind !== 'uncompilable').length
  const killedShare = compiled === 0 ? 1 : (compiled - survivors.length) / compiled
  return { survivors, unexplained, needless, compiled, killedShare }
}
