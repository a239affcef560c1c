import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import { CASE_VERDICTS, type CaseFacts, type CaseVerdict } from '../../protocol/cases.ts'
import { factsArgument } from './facts-argument.ts'

export type ConcludeParameters = { caseId: bigint; facts: CaseFacts }

/** The call of {@link conclude}, unsigned. */
export function concludeCall(deployment: Deployment, { caseId, facts }: ConcludeParameters): Call {
  return {
    to: deployment.contracts.court,
    data: encodeFunctionData({
      abi: iCourtAbi,
      functionName: 'conclude',
      args: [caseId, factsArgument(facts)],
    }),
    action: `have the verdict of case ${caseId} noted`,
  }
}

/**
 * Has a case's verdict noted once the deadline of an answer or of an appeal is over. Anyone can.
 *
 * @example const { value } = expectDone(await conclude(client, { caseId, facts }))
 * @returns the verdict, and the unix seconds from which a penalty can be taken
 */
export function conclude(
  client: AssayClient,
  parameters: ConcludeParameters,
  options?: SendOptions,
): Promise<Sent<{ verdict: CaseVerdict; readyAt: number }>> {
  return withValue(send(client, concludeCall(client.deployment, parameters), options), (receipt) => {
    const { verdict, readyAt } = eventIn(receipt, iCourtAbi, 'VerdictReached')
    return { verdict: CASE_VERDICTS[verdict] ?? 'none', readyAt: Number(readyAt) }
  })
}
