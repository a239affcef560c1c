import { type Address, concat, encodeFunctionData, type Hex, size } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventsIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Hash } from '../../protocol/random.ts'

export type SubmitBatchParameters = {
  taskId: bigint
  round: number
  /** Signatures of 65 bytes, from `signSubmission`. */
  signed: readonly { contributor: Address; commitment: Hash; signature: Hex }[]
}

/** Why a relayed submission was not taken, in the order of the contract's enum. */
export const SKIP_REASONS = [
  'notEnrolled',
  'alreadySubmitted',
  'notDrawn',
  'slotsFull',
  'badSignature',
  'enrolledTooLate',
] as const

export type SubmitBatchValue = {
  accepted: number
  skipped: { contributor: Address; reason: (typeof SKIP_REASONS)[number] }[]
}

/** The call of {@link submitBatch}, unsigned. @throws RangeError for a signature that isn't 65 bytes. */
export function submitBatchCall(
  deployment: Deployment,
  { taskId, round, signed }: SubmitBatchParameters,
): Call {
  const odd = signed.find(({ signature }) => size(signature) !== 65)
  if (odd !== undefined) {
    throw new RangeError(
      `the signature of ${odd.contributor} has ${size(odd.signature)} bytes: 65 are needed`,
    )
  }
  const contributors = signed.map(({ contributor }) => contributor)
  const commitments = signed.map(({ commitment }) => commitment)
  const signatures = concat(signed.map(({ signature }) => signature))
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({
      abi: iRoundsAbi,
      functionName: 'submitBatch',
      args: [taskId, round, contributors, commitments, signatures],
    }),
    action: `relay ${signed.length} submissions to task ${taskId}`,
  }
}

/**
 * Relays signed submissions. Invalid, late or repeated ones are skipped and listed in the result; the others count.
 *
 * @example await submitBatch(client, { taskId: 1n, round: 3, signed: [{ contributor, commitment, signature }] })
 */
export function submitBatch(
  client: AssayClient,
  parameters: SubmitBatchParameters,
  options?: SendOptions,
): Promise<Sent<SubmitBatchValue>> {
  return withValue(send(client, submitBatchCall(client.deployment, parameters), options), (receipt) => ({
    accepted: eventsIn(receipt, iRoundsAbi, 'BatchSubmitted').flatMap(({ contributors }) => contributors)
      .length,
    skipped: eventsIn(receipt, iRoundsAbi, 'SubmissionSkipped').map(({ contributor, reason }) => ({
      contributor,
      reason: SKIP_REASONS[reason]!,
    })),
  }))
}
