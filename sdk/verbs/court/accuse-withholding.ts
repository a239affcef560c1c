import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient, AssayReader } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { AssayError } from '../../client/errors.ts'
import type { Call, SendOptions, Sent } from '../../client/send.ts'
import { iAccusationsAbi } from '../../generated/IAccusations.ts'
import type { Accusation } from '../../protocol/accusation.ts'
import { type PageProof, pageProof } from '../../protocol/page-proof.ts'
import type { Hash } from '../../protocol/random.ts'
import { readSubmissions } from '../rounds/read-submissions.ts'
import { openCase } from './open-case.ts'

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

/** The accusation that has to be committed to in an earlier block. @param challenger who opens the case */
export function withholdingAccusation(
  { taskId, round, contributor }: WithheldOpening,
  challenger: Address,
): Accusation {
  return { challenger, kind: 'openingWithheld', taskId, round, defendant: contributor }
}

/** Opening the case with a bond that the court was approved for, after the commitment, unsigned. */
export function accuseWithholdingCall(
  deployment: Deployment,
  { taskId, round, contributor, page, salt }: Omit<AccuseWithholdingParameters, 'bond'> & { salt: Hash },
): Call {
  return {
    to: deployment.contracts.accusations,
    data: encodeFunctionData({
      abi: iAccusationsAbi,
      functionName: 'accuseOfWithholding',
      args: [taskId, round, contributor, page, salt],
    }),
    action: `accuse ${contributor} of withholding its opening of round ${round} in task ${taskId}`,
  }
}

/**
 * Opens a case against a contributor that keeps back the fields of its commitment. Approves the court for the bond first, and commits
 * to the accusation one block before.
 *
 * @example
 * const page = await readPageProof(reader, { taskId, round, contributor })
 * const sent = await accuseWithholding(client, { taskId, round, contributor, page, bond })
 * @returns the number of the case: `value.caseId`
 */
export function accuseWithholding(
  client: AssayClient,
  parameters: AccuseWithholdingParameters,
  options?: SendOptions,
): Promise<Sent<{ caseId: bigint }>> {
  const accusation = withholdingAccusation(parameters, client.wallet.account.address)
  const callWith = (salt: Hash) => accuseWithholdingCall(client.deployment, { ...parameters, salt })
  return openCase(client, { accusation, callWith, bond: parameters.bond }, options)
}
