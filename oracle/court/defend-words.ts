import { signalWithin } from '@assay/daemon/time-limit.ts'
import type { CaseFacts, CaseVerdict } from '@assay/sdk/protocol/cases.ts'
import { verdictOf } from '@assay/sdk/protocol/cases.ts'
import { isAddedDefendant } from '@assay/sdk/verbs/court/read-added-cases.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import type { OracleContext } from '../oracle-context.ts'
import { evidenceFor } from './find-false.ts'
import { readClosedRound } from './recompute/closed-round.ts'
import { RECOMPUTATIONS, type Recomputed } from './recompute/recompute.ts'
import type { CheckedWord } from './words-to-check.ts'

/** Longest that computing one's own word again may take. */
const DEFENCE_MS = 120_000

/**
 * What this oracle finds of its own score or vote in a case against it: it computes the value again, once a case.
 *
 * @param compute comes to the value
 * @returns undefined where it isn't accused, or what it takes can't be had any more
 */
export async function ownDefence(
  context: OracleContext,
  { caseId, facts }: Pick<CourtCase, 'caseId' | 'facts'>,
  compute: (context: OracleContext, facts: WordFacts) => Promise<Recomputed> = computeAgain,
): Promise<CaseVerdict | undefined> {
  const { reader, account, docket, log } = context
  if (!isWord(facts)) return undefined
  const isOwn = facts.defendant.toLowerCase() === account.address.toLowerCase()
  if (!isOwn && !(await isAddedDefendant(reader, { caseId, account: account.address }))) return undefined
  const known = docket.defences.get(caseId)
  if (known !== undefined) return known.verdict
  const found = await compute(context, facts)
  const verdict = typeof found === 'string' ? undefined : verdictOf(found.value, facts)
  docket.defences.set(caseId, { verdict })
  const about = { case: Number(caseId), round: facts.round, verdict }
  log.error(about, 'this oracle is accused of something false; it computed it again')
  return verdict
}

type WordFacts = CaseFacts & Pick<CheckedWord, 'kind'>

function isWord(facts: CaseFacts): facts is WordFacts {
  return ['falseScore', 'falseAggregate', 'falseModel'].includes(facts.kind)
}

async function computeAgain(context: OracleContext, facts: WordFacts): Promise<Recomputed> {
  const closed = await readClosedRound(context.reader, facts)
  const evidence = await evidenceFor(context, closed, facts)
  const signal = signalWithin(context, DEFENCE_MS)
  const how = { ...context, juror: context.account.address, signal }
  return RECOMPUTATIONS[facts.kind]!.recompute(how, facts, evidence)
}
