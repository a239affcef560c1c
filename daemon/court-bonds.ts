import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { iCourtAbi } from '@assay/sdk/generated/ICourt.ts'
import { CASE_VERDICTS } from '@assay/sdk/protocol/cases.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { type Address, erc20Abi } from 'viem'
import type { DaemonConfig } from './run-daemon.ts'
import type { WorkContext } from './work-context.ts'

/** Who pays bonds out of a budget. */
type Payer = Pick<WorkContext, 'reader' | 'account' | 'outbox' | 'told' | 'log'> & {
  config: Pick<DaemonConfig, 'taskId'> & { courtBudgetWei?: bigint | undefined }
}

/** A bond to pay: for a case about a round, or for an appeal in one. */
type Bond = { round: number; bond: bigint; cases: readonly CourtCase[]; purpose: string }

/** Whether budget, wallet and approval cover a bond. Posts the approval if it is missing; says once why a bond is too much. */
export async function canPay(context: Payer, { round, bond, cases, purpose }: Bond): Promise<boolean> {
  const { reader, config, account, outbox, told, log } = context
  const { assayToken: token, court: spender } = reader.deployment.contracts
  const atRisk = await bondsAtRisk(context, cases)
  const left = (config.courtBudgetWei ?? 0n) - atRisk.sum
  const ofToken = { address: token, abi: erc20Abi } as const
  const [balance, allowance] = await Promise.all([
    reader.chain.readContract({ ...ofToken, functionName: 'balanceOf', args: [account.address] }),
    reader.chain.readContract({ ...ofToken, functionName: 'allowance', args: [account.address, spender] }),
  ])
  if (left < bond || balance < bond) {
    const [needs, budget, wallet] = [bond, left, balance].map((wei) => amountText(wei, ASSAY))
    if (told.isNews('court budget', `${round} ${purpose}`))
      log.warn({ round, needs, budget, wallet }, `${purpose}, but a bond is too much`)
    return false
  }
  if (allowance >= bond) return true
  const { taskId } = config
  const call = approveCall({ token, spender, amount: left })
  // Each bond takes its part of the approval, and a restart may bring another budget.
  const duty = `court/approve/${atRisk.paid}/${left}`
  const result = await outbox.post({ taskId, round, duty, call })
  if ('reason' in result && told.isNews('court approval', result.reason))
    log.warn({ round, reason: result.reason }, 'the court can not be approved for bonds')
  return false
}

/** Bonds that this account paid, how many, and the ASSAY wei of those that are in open cases or were lost. */
async function bondsAtRisk(
  context: Payer,
  cases: readonly CourtCase[],
): Promise<{ paid: number; sum: bigint }> {
  const own = context.account.address.toLowerCase()
  let [paid, sum] = [0, 0n]
  for (const one of cases) {
    const { facts, state } = one
    if (facts.challenger.toLowerCase() === own) {
      paid += 1
      if (!state.isClosed || state.verdict !== 'guilty') sum += facts.bond
    }
    for (const appealed of await appealsIn(context, one)) {
      if (appealed.appellant.toLowerCase() !== own) continue
      paid += 1
      if (!state.isClosed || appealed.isLost) sum += appealed.bond
    }
  }
  return { paid, sum }
}

/** An appeal in a case. */
type AppealState = { appellant: Address; bond: bigint; isLost: boolean }

/** The appeals in a case, by the instance that they are against. */
export async function appealsIn(
  { reader }: Pick<Payer, 'reader'>,
  { caseId, state }: CourtCase,
): Promise<AppealState[]> {
  const { chain, deployment } = reader
  const at = { address: deployment.contracts.court, abi: iCourtAbi, functionName: 'appealOf' } as const
  const instances = Array.from({ length: state.instance }, (_, i) => BigInt(i))
  const read = instances.map((instance) => chain.readContract({ ...at, args: [caseId, instance] }))
  const appeals = await Promise.all(read)
  return appeals.map(({ appellant, bond, against }) => ({
    appellant,
    bond,
    isLost: CASE_VERDICTS[against] === state.verdict,
  }))
}
