import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient, AssayReader } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iWindowAccusationsAbi } from '../../generated/IWindowAccusations.ts'
import { claimsPass } from '../../protocol/asked-windows.ts'
import type { CaseFacts } from '../../protocol/cases.ts'
import { cohortPlace, cohortSeats } from '../../protocol/cohorts.ts'
import { type PageProof, pageProof } from '../../protocol/page-proof.ts'
import { replayWindow } from '../../protocol/sampling.ts'
import { entryAt, unpackEntry } from '../../protocol/score-words.ts'
import { readSealedBeacon } from '../rounds/read-round-basis.ts'
import { readSubmissions } from '../rounds/read-submissions.ts'
import { readTaskParams } from '../tasks/read-task-params.ts'
import { factsArgument } from './facts-argument.ts'
import { readRoundProof } from './read-round-proof.ts'
import { readSaid, statementOf } from './read-statement.ts'
import type { SeatProof } from './request-window.ts'

/** A seat that claims to have replayed a window, and all that proves it. */
export type PassClaim = {
  validator: Address
  /** Of the contributor's submission. */
  page: PageProof
  /** What the seat said of the update. */
  said: SeatProof
  /** Which of the drawn windows, from 0. */
  drawn: number
}

export type AccusePassParameters = PassClaim & {
  /** An open case about a false step. */
  caseId: bigint
  /** Of the case. */
  facts: CaseFacts
}

/**
 * The seats that had to replay the window of a case about a step, and claim to have replayed all of theirs: one, or two after a redraw.
 *
 * @example const [claim] = await readPassClaims(reader, { facts })
 * @returns none where the window wasn't drawn, or nobody claims it
 * @throws AssayError `RoundNotKept`, `LogsIncomplete` (transient)
 */
export async function readPassClaims(
  reader: AssayReader,
  { facts }: { facts: Pick<CaseFacts, 'taskId' | 'round' | 'subject' | 'defendant'> },
): Promise<PassClaim[]> {
  const { taskId, round, subject, defendant } = facts
  const { proof: record, weights, span } = await readRoundProof(reader, { taskId, round })
  const [submissions, beacon, params] = await Promise.all([
    readSubmissions(reader, { taskId, round, span }),
    readSealedBeacon(reader, { taskId, round }),
    readTaskParams(reader, { taskId }),
  ])
  const { committeeSize, replayWindows, windowsPerRound: totalWindows, maxRounds } = params
  const windowsDrawn = Math.min(replayWindows, totalWindows)
  const own = submissions.find(({ contributor }) => contributor.toLowerCase() === defendant.toLowerCase())
  const place =
    own === undefined ? undefined : cohortPlace({ beacon, count: submissions.length, index: own.index })
  if (own === undefined || place === undefined) return []
  const { contributor } = own
  const drawn = Array.from({ length: windowsDrawn }, (_, i) =>
    replayWindow({ beacon, contributor, i, totalWindows }),
  ).indexOf(subject)
  if (drawn < 0) return []

  const { cohort, position } = place
  const seat = drawn % committeeSize
  const draw = { seat, drawn, seatCount: committeeSize, windowsDrawn, isLastRound: round >= maxRounds }
  const isRedrawn = weights.filter((weight) => weight > 0).length >= 2 * committeeSize
  const found = ([0, 1] as const).slice(0, isRedrawn ? 2 : 1).map(async (attempt) => {
    const seats = cohortSeats({ beacon, cohort, attempt, weights, committeeSize })
    const validator = record.validators[seats[seat]!]!
    const statement = statementOf(await readSaid(reader, { taskId, round, validator }), attempt)
    const index = statement.cohorts.indexOf(cohort)
    if (index < 0) return []
    const sheet = [statement.words[2 * index]!, statement.words[2 * index + 1]!] as [bigint, bigint]
    if (!claimsPass(unpackEntry(entryAt(sheet, position)), draw)) return []
    const said: SeatProof = { statement, record, index: BigInt(index), member: BigInt(position) }
    return [{ validator, page: pageProof(submissions, own.index), said, drawn }]
  })
  return (await Promise.all(found)).flat()
}

/** The call of {@link accusePass}, unsigned. */
export function accusePassCall(deployment: Deployment, parameters: AccusePassParameters): Call {
  const { caseId, facts, validator, page, said, drawn } = parameters
  return {
    to: deployment.contracts.windowAccusations,
    data: encodeFunctionData({
      abi: iWindowAccusationsAbi,
      functionName: 'accusePass',
      args: [caseId, factsArgument(facts), validator, page, said, BigInt(drawn)],
    }),
    action: `accuse ${validator} in case ${caseId} of claiming that it replayed the window`,
  }
}

/**
 * Accuses a seat that claims to have replayed the window of an open case about a step. It takes no bond: if the case ends guilty, the
 * seat loses stake (`executeFor`), else nothing.
 *
 * @example
 * for (const claim of await readPassClaims(reader, { facts })) await accusePass(client, { caseId, facts, ...claim })
 */
export function accusePass(
  client: AssayClient,
  parameters: AccusePassParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, accusePassCall(client.deployment, parameters), options)
}
