import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient, AssayReader } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iCanariesAbi } from '../../generated/ICanaries.ts'
import { cohortPlace, cohortSeats } from '../../protocol/cohorts.ts'
import { entryAt } from '../../protocol/score-words.ts'
import { readRoundProof } from '../court/read-round-proof.ts'
import { findSheet, readSaid, statementOf } from '../court/read-statement.ts'
import type { SeatProof } from '../court/request-window.ts'
import { readSealedBeacon } from '../rounds/read-round-basis.ts'
import { readSubmissions } from '../rounds/read-submissions.ts'
import { readTaskParams } from '../tasks/read-task-params.ts'

/** What a seat said of a submission, and all that proves it. */
export type SeatWord = { validator: Address; entry: number; said: SeatProof }

/**
 * What all seats that revealed said of a submission, in both attempts, from the round's events.
 *
 * @example const words = await readSeatWords(reader, { taskId: 1n, round: 3, submission: 4 })
 * @throws AssayError `RoundNotKept`, `LogsIncomplete` (transient)
 */
export async function readSeatWords(
  reader: AssayReader,
  { taskId, round, submission }: { taskId: bigint; round: number; submission: number },
): Promise<SeatWord[]> {
  const { proof: record, weights, span } = await readRoundProof(reader, { taskId, round })
  const [submissions, beacon, params] = await Promise.all([
    readSubmissions(reader, { taskId, round, span }),
    readSealedBeacon(reader, { taskId, round }),
    readTaskParams(reader, { taskId }),
  ])
  const place = cohortPlace({ beacon, count: submissions.length, index: submission })
  if (place === undefined) throw new RangeError(`submission ${submission} of ${submissions.length}`)
  const { cohort, position } = place
  const draw = { beacon, cohort, weights, committeeSize: params.committeeSize }
  const places = cohortSeats({ ...draw, attempt: 0 })
  // A redraw needs as many other validators.
  const hasOthers = weights.filter((weight) => weight > 0).length >= 2 * params.committeeSize
  if (hasOthers) places.push(...cohortSeats({ ...draw, attempt: 1 }))
  const words = places.map(async (at): Promise<SeatWord[]> => {
    const validator = record.validators[at]!
    const said = await readSaid(reader, { taskId, round, validator })
    const found = findSheet(said, cohort)
    if (found === undefined) return []
    const { attempt, index, sheet } = found
    const statement = statementOf(said, attempt)
    const proof = { statement, record, index: BigInt(index), member: BigInt(position) }
    return [{ validator, entry: entryAt(sheet, position), said: proof }]
  })
  return (await Promise.all(words)).flat()
}

export type JudgeSeatParameters = { canaryId: bigint } & Pick<SeatWord, 'validator' | 'said'>

/** The call of {@link judgeSeat}, unsigned. */
export function judgeSeatCall(
  deployment: Deployment,
  { canaryId, validator, said }: JudgeSeatParameters,
): Call {
  return {
    to: deployment.contracts.canaries,
    data: encodeFunctionData({
      abi: iCanariesAbi,
      functionName: 'judge',
      args: [canaryId, validator, said],
    }),
    action: `book what ${validator} said of canary ${canaryId}`,
  }
}

/**
 * Books what a seat said of an opened canary. Anyone can, as long as the chain keeps the round.
 *
 * @example
 * const [word] = await readSeatWords(reader, { taskId, round, submission })
 * const sent = await judgeSeat(client, { canaryId, ...word })
 * @returns whether it was right: `value.isRight`
 */
export function judgeSeat(
  client: AssayClient,
  parameters: JudgeSeatParameters,
  options?: SendOptions,
): Promise<Sent<{ isRight: boolean }>> {
  return withValue(send(client, judgeSeatCall(client.deployment, parameters), options), (receipt) => {
    const { isRight } = eventIn(receipt, iCanariesAbi, 'SeatJudged')
    return { isRight }
  })
}
