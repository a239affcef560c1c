import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { caseBond, readingCosts, windowPenalty } from '@assay/sdk/protocol/cases.ts'
import { allowCalls } from '@assay/sdk/verbs/assay-token/allow.ts'
import type { WithheldOpening } from '@assay/sdk/verbs/court/accuse-withholding.ts'
import { commitAccusationCall } from '@assay/sdk/verbs/court/commit-accusation.ts'
import { accusationSalt } from '@assay/sdk/verbs/court/open-case.ts'
import { type CourtTerms, readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { readWindowRequests, requestOf } from '@assay/sdk/verbs/court/read-window-requests.ts'
import {
  requestWindow,
  requestWindowCall,
  type SecondSeat,
  windowAccusation,
} from '@assay/sdk/verbs/court/request-window.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { BOND_GAS_AT_MOST, requireAccepted } from '../bond.ts'
import { CliError } from '../failure.ts'
import { type SenderOptions, senderOf } from '../options.ts'
import { perform } from '../transaction.ts'

/** Asks for a window that the sender's seat said was withheld from it. */
export async function openWindowCase(
  of: WithheldOpening & { window: number },
  options: SenderOptions,
): Promise<void> {
  const validator = await senderOf(options)
  if (validator === undefined) {
    throw new CliError(
      'usage',
      'With --window it must be known who sends the call: only a seat can ask.',
      'Name the validator with --account.',
    )
  }
  const { taskId, round, contributor, window } = of
  await perform(options, async (reader) => {
    const params = await readTaskParams(reader, { taskId })
    const [terms, requests] = await Promise.all([
      readCourtTerms(reader),
      readWindowRequests(reader, { taskId, round, validator }),
    ])
    const request = requestOf(requests, { round, validator, contributor, window })
    const bond = caseBond('windowWithheld', params.contributorStake, terms)
    const salt = accusationSalt()
    const call = requestWindowCall(reader.deployment, { ...request, salt })
    const commitment = commitAccusationCall(reader.deployment, {
      ...windowAccusation(request, validator),
      salt,
    })
    const { assayToken: token, court: spender } = reader.deployment.contracts
    const approvals = await allowCalls(reader, { token, spender, amount: bond, owner: validator })
    const said = amountText(bond, ASSAY, 'exact')
    return {
      title: `Ask for window ${window} of ${contributor} in round ${round} of task ${taskId}`,
      moves: [{ amount: said, from: 'your wallet', to: 'the court, as your bond' }],
      notes: stakesText(terms, { stake: params.contributorStake, contributor, second: request.second }),
      spends: { token, unit: ASSAY, amount: bond },
      calls: [...approvals, commitment, call],
      gasAtMost: BOND_GAS_AT_MOST,
      rehearse: () => requireAccepted(reader, call, validator),
      send: (client) => requestWindow(client, { ...request, bond }),
      done: ({ caseId }) => ({
        data: { caseId, bond, ...of },
        text: `Case ${caseId} is open, with your bond of ${said}. See what comes next: assay case show ${caseId}`,
      }),
    }
  })
}

type Stakes = { stake: bigint; contributor: string; second: SecondSeat | undefined }

/** What is lost when. */
function stakesText(terms: CourtTerms, { stake, contributor, second }: Stakes): string[] {
  const costs = readingCosts({ contributorStake: stake, saidByTwo: second !== undefined }, terms)
  const amounts = [costs.asker, costs.contributor, windowPenalty(stake)]
  const [share, cost, penalty] = amounts.map((wei) => amountText(wei, ASSAY))
  const whoPays =
    second === undefined
      ? `No second seat says that it was withheld from it, too. Three readers are drawn. If they get the window, you pay them: ${share} of the bond. ${contributor} pays nothing then`
      : `${second.validator} says so, too. Three readers are drawn. If they get the window, you lose ${share} of the bond, and ${contributor} ${cost} of stake`
  return [
    whoPays,
    `If most of them don't get it, ${contributor} loses ${penalty} of stake, more as a repeat, and its pay in the task that isn't mature now`,
    'Then you get the bond back and at most 40 % of what is taken, after the fees of readers: assay case withdraw',
  ]
}
