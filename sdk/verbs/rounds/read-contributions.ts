import type { Address } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { AssayError } from '../../client/errors.ts'
import { logsInRanges } from '../../client/logs.ts'
import { cohortMembers } from '../../protocol/cohorts.ts'
import { type SettledMember, unpackResult } from '../../protocol/results.ts'
import { submissionsIn } from './read-submissions.ts'
import { taskEvents } from './task-events.ts'

/** What one contributor did in a task's rounds. */
export type Contribution = {
  contributor: Address
  /** Rounds in which its submission was settled. */
  rounds: number
  /** Among them those in which it scored some quality. */
  usefulRounds: number
}

/**
 * Who trained a task's model up to a round, by the chain's events, the one with the most useful rounds first.
 *
 * @example const contributions = await readContributions(reader, { taskId: 1n, lastRound: 7 })
 * @throws AssayError `LogsIncomplete` (transient) when the node lacks events
 */
export async function readContributions(
  reader: AssayReader,
  { taskId, lastRound }: { taskId: bigint; lastRound: number },
): Promise<Contribution[]> {
  const { submissions, seals, settled } = await readEvents(reader, taskId)
  const byRound = Map.groupBy(submissions, ({ round }) => round)
  const beacons = new Map(seals.map(({ args }) => [args.round, args.beacon]))
  const found = new Map<Address, Contribution>()
  for (const { args } of settled) {
    if (args.round > lastRound) continue
    const [beacon, of] = [beacons.get(args.round), byRound.get(args.round)]
    if (beacon === undefined || of === undefined) throw incomplete(taskId, args.round)
    const members = cohortMembers({ beacon, count: of.length, cohort: args.cohort })
    for (const [position, word] of args.results.entries()) {
      const one = of.find(({ index }) => index === members[position])
      if (one === undefined) throw incomplete(taskId, args.round)
      addResult(found, one.contributor, unpackResult(word))
    }
  }
  return [...found.values()].sort(
    (a, b) => b.usefulRounds - a.usefulRounds || a.contributor.localeCompare(b.contributor),
  )
}

function addResult(
  found: Map<Address, Contribution>,
  contributor: Address,
  { qualityBps }: SettledMember,
): void {
  const before = found.get(contributor) ?? { contributor, rounds: 0, usefulRounds: 0 }
  const isUseful = qualityBps > 0 ? 1 : 0
  found.set(contributor, {
    contributor,
    rounds: before.rounds + 1,
    usefulRounds: before.usefulRounds + isUseful,
  })
}

async function readEvents(reader: AssayReader, taskId: bigint) {
  const { chain } = reader
  const { filter, range } = await taskEvents(reader, taskId)
  const alone = await logsInRanges(
    (fromBlock, toBlock) =>
      chain.getContractEvents({ ...filter, eventName: 'Submitted', fromBlock, toBlock }),
    range,
  )
  const batches = await logsInRanges(
    (fromBlock, toBlock) =>
      chain.getContractEvents({ ...filter, eventName: 'BatchSubmitted', fromBlock, toBlock }),
    range,
  )
  const submissions = [...alone, ...batches].flatMap((log) =>
    submissionsIn(log).map((one) => ({ ...one, round: log.args.round })),
  )
  const seals = await logsInRanges(
    (fromBlock, toBlock) =>
      chain.getContractEvents({ ...filter, eventName: 'RoundSealed', fromBlock, toBlock }),
    range,
  )
  const settled = await logsInRanges(
    (fromBlock, toBlock) =>
      chain.getContractEvents({ ...filter, eventName: 'CohortSettled', fromBlock, toBlock }),
    range,
  )
  return { submissions, seals, settled }
}

function incomplete(taskId: bigint, round: number): AssayError {
  return new AssayError({
    name: 'LogsIncomplete',
    values: { taskId, round },
    message: `The node does not have all submissions and results of round ${round} of task ${taskId}.`,
    fix: 'Try again; if it lasts, use a node that keeps all events.',
    kind: 'transient',
  })
}
