import { type Address, type ContractFunctionArgs, encodeFunctionData, zeroAddress, zeroHash } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import type { Call, SendOptions, Sent } from '../../client/send.ts'
import { iWindowAccusationsAbi } from '../../generated/IWindowAccusations.ts'
import type { Accusation } from '../../protocol/accusation.ts'
import type { PageProof } from '../../protocol/page-proof.ts'
import type { Hash } from '../../protocol/random.ts'
import { openCase } from './open-case.ts'

/** What a seat said of one update: its statement, the record of the round, and where the update's entry stands. */
export type SeatProof = RequestArguments[4]

/** What another seat of the same committee said of that update. */
export type SecondSeat = RequestArguments[5]

type RequestArguments = ContractFunctionArgs<typeof iWindowAccusationsAbi, 'nonpayable', 'requestWindow'>

const NOBODY: SecondSeat = {
  validator: zeroAddress,
  statement: { attempt: 0, hasSheets: false, cohorts: [], words: [], salt: zeroHash, voteHashes: [] },
  index: 0n,
}

export type RequestWindowParameters = {
  taskId: bigint
  round: number
  contributor: Address
  /** Of the submission, from `readPageProof`. */
  page: PageProof
  /** What the caller's own seat said. */
  said: SeatProof
  /** Who else said that the window was withheld: with it the contributor pays half of the readers, left out the caller pays all. */
  second?: SecondSeat | undefined
  /** Which of the drawn windows, from 0. */
  drawn: number
  /** ASSAY wei, from `caseBond`. */
  bond: bigint
}

/** The accusation that has to be committed to in an earlier block. @param challenger the validator that asks */
export function windowAccusation(
  { taskId, round, contributor }: Pick<RequestWindowParameters, 'taskId' | 'round' | 'contributor'>,
  challenger: Address,
): Accusation {
  return { challenger, kind: 'windowWithheld', taskId, round, defendant: contributor }
}

/** Asking for the window with a bond that the court was approved for, after the commitment, unsigned. */
export function requestWindowCall(
  deployment: Deployment,
  {
    taskId,
    round,
    contributor,
    page,
    said,
    second = NOBODY,
    drawn,
    salt,
  }: Omit<RequestWindowParameters, 'bond'> & { salt: Hash },
): Call {
  return {
    to: deployment.contracts.windowAccusations,
    data: encodeFunctionData({
      abi: iWindowAccusationsAbi,
      functionName: 'requestWindow',
      args: [taskId, round, contributor, page, said, second, BigInt(drawn), salt],
    }),
    action: `ask ${contributor} for drawn window ${drawn} of round ${round} in task ${taskId}`,
  }
}

/**
 * Asks for a drawn window that the caller's seat didn't get, and that its sheet says was withheld: readers will say whether the
 * contributor gives it to them. If it does, the caller pays their fees, with a second seat half of them. Approves the court for the bond
 * first, and commits to the request one block before.
 *
 * @example const sent = await requestWindow(client, { taskId, round, contributor, page, said, drawn: 0, bond })
 * @returns the number of the case: `value.caseId`
 */
export function requestWindow(
  client: AssayClient,
  parameters: RequestWindowParameters,
  options?: SendOptions,
): Promise<Sent<{ caseId: bigint }>> {
  const accusation = windowAccusation(parameters, client.wallet.account.address)
  const callWith = (salt: Hash) => requestWindowCall(client.deployment, { ...parameters, salt })
  return openCase(client, { accusation, callWith, bond: parameters.bond }, options)
}
