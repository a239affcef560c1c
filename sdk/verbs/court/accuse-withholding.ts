import { type Address, encodeFunctionData, parseEventLogs, type TransactionReceipt } from 'viem'
import type { AssayClient, AssayReader } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { AssayError } from '../../client/errors.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iAccusationsAbi } from '../../generated/IAccusations.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import { type PageProof, pageProof } from '../../protocol/page-proof.ts'
import { allow } from '../assay-token/allow.ts'
import { readSubmissions } from '../rounds/read-submissions.ts'

/** Whose opening of which round. */
export type WithheldOpening = { taskId: bigint; round: number; contributor: Address }

export type AccuseWithholdingParameters = WithheldOpening & {
  /** Of the submission, from {@link readPageProof}. */
  page: PageProof
  /** ASSAY wei, from `withholdingBond`. */
  bond: bigint
}

/**
 * Proves a contributor's submission with the round's events.
 *
 * @example const page = await readPageProof(reader, { taskId, round, contributor })
 * @throws AssayError `NoSubmission` when the contributor has none in that round
 */
export async function readPageProof(reader: AssayReader, of: WithheldOpening): Promise<PageProof> {
  const { taskId, round, contributor } = of
  const submissions = await readSubmissions(reader, { taskId, round })
  const own = submissions.find((one) => one.contributor.toLowerCase() === contributor.toLowerCase())
  if (own !== undefined) return pageProof(submissions, own.index)
  throw new AssayError({
    name: 'NoSubmission',
    values: { taskId, round, contributor, submissions: submissions.length },
    message: `${contributor} submitted nothing in round ${round} of task ${taskId}, which has ${submissions.length} submissions.`,
    fix: 'Name an account that submitted in that round.',
    kind: 'refused',
  })
}

/** Opening the case with a bond that the court was approved for, unsigned. */
export function accuseWithholdingCall(
  deployment: Deployment,
  { taskId, round, contributor, page }: Omit<AccuseWithholdingParameters, 'bond'>,
): Call {
  return {
    to: deployment.contracts.accusations,
    data: encodeFunctionData({
      abi: iAccusationsAbi,
      functionName: 'accuseOfWithholding',
      args: [taskId, round, contributor, page],
    }),
    action: `accuse ${contributor} of withholding its opening of round ${round} in task ${taskId}`,
  }
}

/**
 * Opens a case against a contributor that keeps back the fields of its commitment. Approves the court for the bond first.
 *
 * @example
 * const page = await readPageProof(reader, { taskId, round, contributor })
 * const sent = await accuseWithholding(client, { taskId, round, contributor, page, bond })
 * @returns the number of the case: `value.caseId`
 */
export async function accuseWithholding(
  client: AssayClient,
  parameters: AccuseWithholdingParameters,
  options?: SendOptions,
): Promise<Sent<{ caseId: bigint }>> {
  const { assayToken: token, court } = client.deployment.contracts
  const allowed = await allow(client, { token, spender: court, amount: parameters.bond })
  if (allowed.status === 'failed' || allowed.status === 'pending') return allowed
  const call = accuseWithholdingCall(client.deployment, parameters)
  return withValue(send(client, call, options), (receipt) => ({ caseId: openedCase(receipt, court) }))
}

/** The case that a transaction opened. The court emits the event, while another contract was called. */
export function openedCase({ logs, transactionHash }: TransactionReceipt, court: Address): bigint {
  const own = logs.filter(({ address }) => address.toLowerCase() === court.toLowerCase())
  const [opened] = parseEventLogs({ abi: iCourtAbi, logs: own, eventName: 'CaseOpened' })
  if (opened === undefined) throw new Error(`transaction ${transactionHash} opened no case`)
  return opened.args.caseId
}
