import { type Address, parseEventLogs, type TransactionReceipt, toHex } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import type { Accusation } from '../../protocol/accusation.ts'
import type { Hash } from '../../protocol/random.ts'
import { allow } from '../assay-token/allow.ts'
import { commitAccusationCall } from './commit-accusation.ts'

export type OpenCaseParameters = {
  accusation: Accusation
  /** Opens the case. @param salt that hides the accusation until then */
  callWith: (salt: Hash) => Call
  /** ASSAY wei. */
  bond: bigint
}

/** What hides an accusation until its case is opened: 32 random bytes. */
export const accusationSalt = (): Hash => toHex(crypto.getRandomValues(new Uint8Array(32)))

/**
 * Approves the court for the bond, commits to the accusation, and opens its case one block later.
 *
 * @returns the number of the case: `value.caseId`
 */
export async function openCase(
  client: AssayClient,
  { accusation, callWith, bond }: OpenCaseParameters,
  options?: SendOptions,
): Promise<Sent<{ caseId: bigint }>> {
  const { assayToken: token, court } = client.deployment.contracts
  const allowed = await allow(client, { token, spender: court, amount: bond })
  if (allowed.status === 'failed' || allowed.status === 'pending') return allowed
  const salt = accusationSalt()
  const commitment = commitAccusationCall(client.deployment, { ...accusation, salt })
  const committed = await send(client, commitment, options)
  if (committed.status !== 'done') return committed
  return withValue(send(client, callWith(salt), { ...options, inNextBlock: true }), (receipt) => ({
    caseId: openedCase(receipt, court),
  }))
}

/** The court emits the event, while another contract was called. */
function openedCase({ logs, transactionHash }: TransactionReceipt, court: Address): bigint {
  const own = logs.filter(({ address }) => address.toLowerCase() === court.toLowerCase())
  const [opened] = parseEventLogs({ abi: iCourtAbi, logs: own, eventName: 'CaseOpened' })
  if (opened === undefined) throw new Error(`transaction ${transactionHash} opened no case`)
  return opened.args.caseId
}
