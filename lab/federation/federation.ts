/** A federation of the lab: who takes part, what they share, and what happened so far. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { indexPool, type PoolIndex } from '@assay/engine/judge/pool-copies.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { assembleTaskPackage, createTask } from '@assay/engine/node/task-package.ts'
import { contentHashes } from '@assay/engine/package/content-hash.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { modelFileHash } from '@assay/engine/package/model.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import type { Attack, AttackMeans, KnownMember } from '../attacks/attack.ts'
import type { LabDataset } from '../datasets/lab-dataset.ts'
import type { Partition } from '../deal.ts'
import { seededRng } from '../rng.ts'
import type { Rule } from '../rules/rule.ts'
import { enrol, type LabContributor } from './contributor.ts'
import { type MemoryStore, openMemoryStore } from './memory-store.ts'
import { termsOf, VALIDATORS } from './terms.ts'
import { joinTask, type LabValidator, openSeenUpdates, type ValidatorGround } from './validator.ts'

/** What a federation is made from. */
export type FederationOptions = {
  dataset: LabDataset
  attack: Attack
  rule: Rule
  /** Share of the contributors, or of the validators, who attack, 0…1. */
  fraction: number
  partition: Partition
  contributors: number
  rounds: number
  /** Of a round. */
  steps: number
  /** Drawn for a replay of an audited update. */
  windows: number
  seed: Hash
  /** Whether all updates are audited in every round, as if all contributors were newcomers. */
  auditsAll: boolean
  /** Whether shown samples are compared with the pool's for near copies, which takes as long as all the rest. */
  findsNearCopies: boolean
}

export type Federation = Omit<ValidatorGround, 'store'> & {
  options: FederationOptions
  store: MemoryStore
  params: TaskParams
  contributors: LabContributor[]
  validators: LabValidator[]
  /** Samples by contributor before anybody changed them. */
  shards: readonly Dataset[]
  /** The honest updates of the rounds that attackers may look at, by round. */
  honest: Map<number, State[]>
  /** What the chain shows of the members of the cohort that is judged now. */
  judged: readonly KnownMember[]
  close(): Promise<void>
}

/** The task, everybody enrolled and joined. The same options but for the attack give the same people, samples and draws. */
export async function openFederation(options: FederationOptions): Promise<Federation> {
  const { dataset, seed, steps, contributors, partition, rounds, windows } = options
  const made = await dataset.contents({ seed, steps })
  const { taskJson, files } = await createTask(made)
  const contents = await assembleTaskPackage(taskJson, files)
  const dataDir = await mkdtemp(join(tmpdir(), 'assay-lab-'))
  const engine = await openEngine(contents)
  const db = openSeenUpdates()
  const ground = {
    contents,
    engine,
    pool: made.pool.samples,
    poolIndex: indexOf(made.pool.samples, contents.spec, options),
    store: openMemoryStore(),
    db,
    models: [{ hash: modelFileHash(contents.spec, contents.init), state: contents.init }],
    submissions: new Map(),
    beacons: [beaconOf(seed, 0)],
    dataDir,
  }
  const shards = await dataset.shards({ seed, contributors, partition })
  const federation: Federation = {
    ...ground,
    options,
    params: termsOf(contents, { contributors, rounds, windows }),
    contributors: [],
    validators: [],
    shards,
    honest: new Map(),
    judged: [],
    close: async () => {
      db.close()
      await engine.close()
      await rm(dataDir, { recursive: true })
    },
  }
  federation.contributors.push(...enrolAll(federation))
  federation.validators.push(...joinAll(federation))
  return federation
}

/** The beacon of a round, which nobody in the lab can choose. */
export function beaconOf(seed: Hash, round: number): Hash {
  return deriveSeed(seed, 'beacon', BigInt(round))
}

function enrolAll(federation: Federation): LabContributor[] {
  const { options, shards, contents, beacons } = federation
  const { attack, contributors, seed, fraction } = options
  const attackers = attack.play === undefined ? [] : drawn(seed, contributors, fraction)
  const shared = new Map<string, Float32Array>()
  return shards.map((shard, index) => {
    const place = attackers.indexOf(index)
    const behaviour = place < 0 ? {} : attack.play!(meansOf(federation, { place, attackers, shared }))
    const isAttacker = place >= 0
    return enrol({ seed, contents, beacon: beacons[0]! }, { index, isAttacker, shard, behaviour })
  })
}

function meansOf(
  { options, shards, pool, honest, contents }: Federation,
  {
    place,
    attackers,
    shared,
  }: { place: number; attackers: readonly number[]; shared: Map<string, Float32Array> },
): AttackMeans {
  const { seed, contributors, dataset } = options
  return {
    seed: deriveSeed(seed, 'attacker', BigInt(place)),
    place,
    attackers: attackers.length,
    contributors,
    firstShard: shards[attackers[0]!]!,
    pool,
    dataset,
    contents,
    crowd: { shared, honest: (round) => honest.get(round) ?? [] },
  }
}

function joinAll(federation: Federation): LabValidator[] {
  const { attack, seed, fraction } = federation.options
  const attackers = attack.judge === undefined ? [] : drawn(seed, VALIDATORS, fraction)
  const members = () => federation.judged
  return Array.from({ length: VALIDATORS }, (_, index) => {
    const place = attackers.indexOf(index)
    const means = { seed: deriveSeed(seed, 'judge', BigInt(index)), members }
    const behaviour = place < 0 ? {} : attack.judge!(means)
    return joinTask(federation, { seed, index, isAttacker: place >= 0, behaviour })
  })
}

/** What finds the pool's samples: exact copies alone, unless near ones are looked for, too. */
function indexOf(
  pool: Dataset,
  spec: TaskSpec,
  { findsNearCopies, seed }: Pick<FederationOptions, 'findsNearCopies' | 'seed'>,
): PoolIndex {
  if (findsNearCopies) return indexPool(pool, { seed: deriveSeed(seed, 'pool copies'), spec })
  return { hashes: new Set(contentHashes(pool)), views: [], ranked: new Map() }
}

/** Who attacks: so many of them, drawn by the seed. */
function drawn(seed: Hash, people: number, fraction: number): number[] {
  const all = Array.from({ length: people }, (_, i) => i)
  return seededRng(seed, 'who attacks')
    .shuffled(all)
    .slice(0, Math.round(fraction * people))
}
