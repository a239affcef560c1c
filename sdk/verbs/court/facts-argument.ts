import { CASE_KINDS, type CaseFacts } from '../../protocol/cases.ts'

/** The facts as the court's calls take them: with the number of the kind. */
export const factsArgument = (facts: CaseFacts) => ({ ...facts, kind: CASE_KINDS.indexOf(facts.kind) })
