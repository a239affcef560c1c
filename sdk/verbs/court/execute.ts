import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import type { CaseFacts } from '../../protocol/cases.ts'
import { factsArgument } from './facts-argument.ts'

export type ExecuteParameters = { caseId: bigint; facts: CaseFacts }

/** What an execution took. ASSAY wei, but for `forfeited`: reward wei of the task. */
export type Executed = {
  /** Asked for; 0 if the offence was punished already. */
  penalty: bigint
  taken: bigint
  forfeited: bigint
  /** What the court owes the challenger, besides its bond. */
  reward: bigint
}

/** The call of {@link execute}, unsigned. */
export function executeCall(deployment: Deployment, { caseId, facts }: ExecuteParameters): Call {
  return {
    to: deployment.contracts.court,
    data: encodeFunctionData({
      abi: iCourtAbi,
      functionName: 'execute',
      args: [caseId, factsArgument(facts)],
    }),
    action: `carry out the verdict of case ${caseId}`,
  }
}

/**
 * Carries out the verdict Guilty of a case once it is due: takes the defendant's penalty and settles the bonds. Anyone can.
 *
 * @example const sent = await execute(client, { caseId, facts })
 * @returns what was taken: `value.taken`
 */
export function execute(
  client: AssayClient,
  parameters: ExecuteParameters,
  options?: SendOptions,
): Promise<Sent<Executed>> {
  return withValue(send(client, executeCall(client.deployment, parameters), options), (receipt) => {
    const { penalty, taken, forfeited } = eventIn(receipt, iCourtAbi, 'PenaltyTaken')
    const { reward } = eventIn(receipt, iCourtAbi, 'CaseClosed')
    return { penalty, taken, forfeited, reward }
  })
}
