import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { logsInRanges } from '@assay/sdk/client/logs.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { iStakeRegistryAbi } from '@assay/sdk/generated/IStakeRegistry.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readEncryptionKeys } from '@assay/sdk/verbs/tasks/read-encryption-keys.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { readTaskCount } from '@assay/sdk/verbs/tasks/read-task-count.ts'
import type { Hash } from '../blob-store.ts'
import type { Opening } from '../opening-record.ts'
import type { Address } from '../records.ts'

/** What the operator wants kept, beyond what nobody may lose yet. */
export type RetentionRules = {
  /** Nothing younger is removed. */
  seconds: number
  /** Of each task, the last rounds of which everything is kept. */
  rounds: number
  /** Whether to keep the rounds of a contributor as long as it has pay that an audit still holds. */
  held: boolean
}

/**
 * Seconds that anything may still be asked for: stake can be slashed until it has left, so no round, challenge or case
 * lasts longer than unbonding.
 */
export async function caseSeconds({ deployment, chain }: AssayReader): Promise<number> {
  const seconds = await chain.readContract({
    address: deployment.contracts.stakeRegistry,
    abi: iStakeRegistryAbi,
    functionName: 'unbondingSeconds',
  })
  return Number(seconds)
}

/** What of an opening decides whether it is kept. */
export type KeptOpening = Pick<
  Opening,
  'chainId' | 'rounds' | 'taskId' | 'round' | 'contributor' | 'updateHash'
> & { commitment: Hash }

/**
 * The openings that the rules keep, whatever their age. Whoever may upload can sign an opening of a task or round that
 * never was: it is kept by no rule.
 */
export async function keptOpenings(
  reader: AssayReader,
  openings: readonly KeptOpening[],
  rules: RetentionRules,
): Promise<KeptOpening[]> {
  const { chainId, contracts } = reader.deployment
  const count = await readTaskCount(reader)
  const newest = new Map<bigint, number>()
  const held = new Map<string, boolean>()
  const kept: KeptOpening[] = []
  for (const opening of openings) {
    const { taskId, round, contributor } = opening
    if (opening.chainId !== chainId || opening.rounds.toLowerCase() !== contracts.rounds.toLowerCase())
      continue
    if (taskId < 1n || taskId > count) continue
    const last = newest.get(taskId) ?? (await readRound(reader, { taskId })).round
    newest.set(taskId, last)
    if (round > last) continue
    const key = `${taskId} ${contributor}`
    const isKept =
      round > last - rules.rounds ||
      (rules.held && (held.get(key) ?? (await holdsPay(reader, taskId, contributor))))
    if (rules.held && round <= last - rules.rounds) held.set(key, isKept)
    if (isKept) kept.push(opening)
  }
  return kept
}

async function holdsPay(reader: AssayReader, taskId: bigint, account: Address): Promise<boolean> {
  return (await readEarnings(reader, { taskId, account })).held > 0n
}

/** The tasks of each package. */
export type Packages = ReadonlyMap<Hash, readonly { taskId: bigint; owner: Address }[]>

/** Tells who may hand over the pool of a package: the owners of its tasks, and whoever joined their validators. */
export function poolAuthors(
  reader: AssayReader,
  packages: Packages,
): (specHash: Hash, account: Address) => Promise<boolean> {
  const known = new Map<Hash, Promise<Set<string>>>()
  const authorsOf = async (specHash: Hash) => {
    const authors = new Set<string>()
    for (const { taskId, owner } of packages.get(specHash) ?? []) {
      const validators = await readEncryptionKeys(reader, { taskId })
      for (const account of [owner, ...validators.keys()]) authors.add(account.toLowerCase())
    }
    return authors
  }
  return async (specHash, account) => {
    const authors = known.get(specHash) ?? authorsOf(specHash)
    known.set(specHash, authors)
    return (await authors).has(account.toLowerCase())
  }
}

/**
 * Blobs that the tasks need: their packages, the model that each trains from, and the models and aggregates of the
 * rounds that are kept. Of a package it names task.json alone, whose text names the other files.
 */
export async function neededByTasks(
  reader: AssayReader,
  { kept, rules }: { kept: readonly KeptOpening[]; rules: RetentionRules },
): Promise<{ blobs: Set<Hash>; packages: Packages }> {
  const blobs = new Set<Hash>()
  const packages = new Map<Hash, { taskId: bigint; owner: Address }[]>()
  const count = await readTaskCount(reader)
  for (let taskId = 1n; taskId <= count; taskId++) {
    const [{ params, owner }, { round, baseModelHash }] = await Promise.all([
      readTask(reader, { taskId }),
      readRound(reader, { taskId }),
    ])
    packages.set(params.specHash, [...(packages.get(params.specHash) ?? []), { taskId, owner }])
    blobs.add(baseModelHash)
    const first = Math.max(1, round - rules.rounds + 1)
    const rounds = new Set(
      kept.filter((opening) => opening.taskId === taskId).map((opening) => opening.round),
    )
    for (let one = first; one <= round; one++) rounds.add(one)
    for (const hash of await namedInRounds(reader, taskId, [...rounds])) blobs.add(hash)
  }
  return { blobs, packages }
}

/** Rounds whose events are asked for at once. */
const ROUNDS_AT_ONCE = 64

/** The base models and the aggregates that a task's rounds name. */
async function namedInRounds(
  reader: AssayReader,
  taskId: bigint,
  rounds: readonly number[],
): Promise<Hash[]> {
  const { deployment, chain } = reader
  const to = await chain.getBlockNumber({ cacheTime: 0 })
  const range = { from: BigInt(deployment.startBlock), to }
  const named: Hash[] = []
  for (let at = 0; at < rounds.length; at += ROUNDS_AT_ONCE) {
    const filter = { taskId, round: rounds.slice(at, at + ROUNDS_AT_ONCE) }
    const contract = {
      address: deployment.contracts.rounds,
      abi: iRoundsAbi,
      args: filter,
      strict: true,
    } as const
    const opened = await logsInRanges(
      (fromBlock, toBlock) =>
        chain.getContractEvents({ ...contract, eventName: 'RoundOpened', fromBlock, toBlock }),
      range,
    )
    const voted = await logsInRanges(
      (fromBlock, toBlock) =>
        chain.getContractEvents({ ...contract, eventName: 'AggregatesVoted', fromBlock, toBlock }),
      range,
    )
    named.push(...opened.map(({ args }) => args.baseModelHash), ...voted.flatMap(({ args }) => args.hashes))
  }
  return named
}
