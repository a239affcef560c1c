import { ASSAY, amountText, type TokenUnit } from '@assay/sdk/client/amounts.ts'
import type { EarningsState } from '@assay/sdk/protocol/money-views.ts'
import type { JurorPlace } from '@assay/sdk/verbs/court/read-juror.ts'
import { type CaseAgainst, stageText } from './case-text.ts'
import { deadlineText } from './format.ts'

/** Pay that cases keep, and these cases. */
type Seized = {
  earnings: Pick<EarningsState, 'seized' | 'cases'>
  token: TokenUnit
  cases: readonly CaseAgainst[]
}

/** Weight of a juror's least stake. */
const LEAST_WEIGHT = 256n

/** What open cases keep from the account. */
export function seizedLines({ earnings, token, cases }: Seized): string[] {
  const { seized, cases: count } = earnings
  if (count === 0) return []
  const against = count === 1 ? 'an open case against you keeps' : `${count} open cases against you keep`
  return [
    `  seized    ${amountText(seized, token)}: ${against} it, and what is held`,
    ...cases.flatMap(caseLines).map((line) => `            ${line}`),
  ]
}

function caseLines(one: CaseAgainst): string[] {
  const { caseId, added, facts, state, endsBy, now } = one
  const as = added === undefined ? '' : ` against ${facts.defendant}, to which you were added`
  const first = `case ${caseId}${as}: ${stageText(one)}`
  if (!state.isClosed) return [first, `it ends by ${deadlineText(endsBy, now)} at the latest`]
  return [
    first,
    `for you it ends with assay case execute ${caseId} --defendant ${added}, which anyone can send`,
  ]
}

/** What the jury has of the account's stake. */
export function juryLine(
  { juror, jurorMinStake }: { juror: JurorPlace | undefined; jurorMinStake: bigint },
  now: number,
): string[] {
  if (juror === undefined) return []
  const { place, weight, from, until } = juror
  if (place === undefined)
    return [
      'Jury      the place has passed on, the stake of it waits to be released: a running assay oracle does it',
    ]
  const reserved = amountText((jurorMinStake * BigInt(weight)) / LEAST_WEIGHT, ASSAY)
  const waits = from > now ? `, can be drawn from ${deadlineText(from, now)}` : ''
  const leaves = until === undefined ? '' : `, leaves at ${deadlineText(until, now)}`
  return [
    `Jury      juror at place ${place}: ${reserved} of the stake answers for its votes${waits}${leaves}`,
  ]
}
