import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { caseBond } from '@assay/sdk/protocol/cases.ts'
import { penaltyOf } from '@assay/sdk/protocol/penalties.ts'
import { ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { allowCalls } from '@assay/sdk/verbs/assay-token/allow.ts'
import {
  accuseTwoStatements,
  accuseTwoStatementsCall,
  statementsAccusation,
  type TwoStatements,
} from '@assay/sdk/verbs/court/accuse-two-statements.ts'
import { commitAccusationCall } from '@assay/sdk/verbs/court/commit-accusation.ts'
import { accusationSalt } from '@assay/sdk/verbs/court/open-case.ts'
import { readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { readProvenBase } from '@assay/sdk/verbs/court/read-proven-base.ts'
import type { Address } from 'viem'
import { BOND_GAS_AT_MOST, requireAccepted } from '../bond.ts'
import { type SenderOptions, senderOf } from '../options.ts'
import { perform } from '../transaction.ts'

/** What a case about two statements is opened with. */
export interface StatementsOptions extends SenderOptions {
  round: number
  twoStatements: string
}

/** Accuses who signed two values for one slot. */
export async function openStatementsCase(taskId: bigint, options: StatementsOptions): Promise<void> {
  const { round, twoStatements: file } = options
  const sender = await senderOf(options)
  await perform<{ caseId: bigint }>(options, async (reader) => {
    const { chainId, contracts } = reader.deployment
    // Loaded only here: the other verbs start faster without it.
    const { readTwoStatements } = await import('../statements-file.ts')
    const place = { chainId, rounds: contracts.rounds, taskId, round }
    const { statements, validator } = await readTwoStatements(file, place)
    const [{ proof, base }, terms] = await Promise.all([
      readProvenBase(reader, { taskId, round, validator }),
      readCourtTerms(reader),
    ])
    const bond = caseBond('twoStatements', base, terms)
    const accused = { taskId, round, validator, statements, proof }
    const salt = accusationSalt()
    const call = accuseTwoStatementsCall(reader.deployment, { ...accused, salt })
    const approval = { token: contracts.assayToken, spender: contracts.court, amount: bond }
    const before =
      sender === undefined
        ? []
        : [
            ...(await allowCalls(reader, { ...approval, owner: sender })),
            commitAccusationCall(reader.deployment, { ...statementsAccusation(accused, sender), salt }),
          ]
    const said = amountText(bond, ASSAY, 'exact')
    return {
      title: `Accuse ${validator} of signing two values for ${slotText(statements)}, in round ${round} of task ${taskId}`,
      moves: [{ amount: said, from: 'your wallet', to: 'the court, as your bond' }],
      notes: stakesText(validator, penaltyOf('twoStatements', base, 0)),
      spends: { token: contracts.assayToken, unit: ASSAY, amount: bond },
      calls: [...before, call],
      gasAtMost: BOND_GAS_AT_MOST,
      rehearse: () => requireAccepted(reader, call, sender),
      send: (client) => accuseTwoStatements(client, { ...accused, bond }),
      done: ({ caseId }) => ({
        data: { caseId, bond, taskId, round, validator, kind: statements.kind, slot: statements.slot },
        text: `Case ${caseId} is open, with your bond of ${said}. The signatures decide it; have the verdict noted: assay case conclude ${caseId}`,
      }),
    }
  })
}

function slotText({ kind, slot }: TwoStatements): string {
  if (kind === 'sheets') return `its sheets of attempt ${slot}`
  return slot === ROOT_COHORT ? 'its vote on the next model' : `its vote on cohort ${slot}`
}

function stakesText(validator: Address, penalty: bigint): string[] {
  return [
    `${validator} loses ${amountText(penalty, ASSAY)} of stake, and its pay in the task that isn't mature now`,
    'Then you get the bond back and at most 40 % of what is taken: assay case withdraw',
  ]
}
