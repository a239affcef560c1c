/** One run of the lab by words and numbers: what a command line says, and a file of results keeps. */
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { zeroHash } from 'viem'
import { ATTACKS } from '../attacks/registry.ts'
import { DATASETS } from '../datasets/registry.ts'
import type { Partition } from '../deal.ts'
import type { FederationOptions } from '../federation/federation.ts'
import { RULES } from '../rules/registry.ts'

export type Run = {
  attack: string
  /** Share of the contributors who attack, 0…1. */
  fraction: number
  /** `iid`, or `dirichlet:` with an alpha. */
  partition: string
  dataset: string
  rule: string
  contributors: number
  rounds: number
  /** Of a round. */
  steps: number
  /** Drawn for a replay of an audited update. */
  windows: number
  seed: number
  /** Whether all updates are audited in every round. */
  auditAll: boolean
  /** Whether seats look for near copies of the pool's samples, too. */
  nearCopies: boolean
}

/** The run without attackers that a run is compared with. */
export function cleanTwin(run: Run): Run {
  return { ...run, attack: 'none', fraction: 0 }
}

/** @throws RangeError with the names or values that there are */
export function federationOptions(run: Run): FederationOptions {
  const { contributors, rounds, steps, windows, fraction } = run
  return {
    attack: named(ATTACKS, 'attack', run.attack),
    rule: named(RULES, 'rule', run.rule),
    dataset: named(DATASETS, 'dataset', run.dataset),
    partition: partitionOf(run.partition),
    seed: deriveSeed(zeroHash, 'lab', BigInt(run.seed)),
    ...{ contributors, rounds, steps, windows, fraction },
    auditsAll: run.auditAll,
    findsNearCopies: run.nearCopies,
  }
}

function named<T extends { name: string }>(all: readonly T[], kind: string, name: string): T {
  const found = all.find((one) => one.name === name)
  if (found !== undefined) return found
  throw new RangeError(`there is no ${kind} "${name}": use ${all.map((one) => one.name).join(', ')}`)
}

const LEAST_ALPHA = 0.01
const MOST_ALPHA = 100

function partitionOf(text: string): Partition {
  if (text === 'iid') return text
  const alpha = /^dirichlet:(\d+(?:\.\d+)?)$/.exec(text)?.[1]
  const value = Number(alpha)
  if (value >= LEAST_ALPHA && value <= MOST_ALPHA) return { dirichlet: value }
  throw new RangeError(
    `the partition is "${text}": use iid, or dirichlet: with a number from ${LEAST_ALPHA} to ${MOST_ALPHA}, such as dirichlet:0.5`,
  )
}
