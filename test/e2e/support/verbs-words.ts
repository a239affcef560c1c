import { AssayError } from '@assay/sdk/client/errors.ts'
import { ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { accusedValue, entryAt, isComputed } from '@assay/sdk/protocol/score-words.ts'
import { accuseScore, readScoreProof } from '@assay/sdk/verbs/court/accuse-score.ts'
import { accuseVote, readVoteProof } from '@assay/sdk/verbs/court/accuse-vote.ts'
import { accuseVoter } from '@assay/sdk/verbs/court/accuse-voter.ts'
import { readCase } from '@assay/sdk/verbs/court/read-case.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { type Reveal, readReveals } from '@assay/sdk/verbs/rounds/read-reveals.ts'
import { expect } from 'chai'
import { keccak256, toHex } from 'viem'
import { expectPassAccused } from './verbs-pass.ts'
import { done, refusalOf, type VerbsScene } from './verbs-scene.ts'

const EVIDENCE = keccak256(toHex('evidence'))
const of = { taskId: 1n, round: 1 }

/** Accuses a score, votes and a claimed pass of round 1 with proofs from events alone, then undoes it. */
export async function expectWordsProven(scene: VerbsScene): Promise<void> {
  const before = await scene.chain.snapshot()
  await expectScoreAccused(scene)
  await expectVotersAccused(scene)
  await expectPassAccused(scene)
  await scene.chain.revert(before)
}

async function expectScoreAccused({ owner }: VerbsScene): Promise<void> {
  const reveals = await readReveals(owner, of)
  const scored = placeOf(reveals, isComputed)
  const proof = await readScoreProof(owner, scored)
  const { value } = await done(accuseScore(owner, { ...scored, ...proof, evidence: EVIDENCE }))
  const { facts } = await readCase(owner, value)
  const { cohort, member, validator } = scored
  expect(facts).to.deep.include({
    kind: 'falseScore',
    round: 1,
    subject: 16 * cohort + member,
    evidence: EVIDENCE,
  })
  expect(facts.defendant).to.equal(validator)
  expect(facts.accused).to.equal(accusedValue(proof.entry))
  expect(facts.base).to.equal(proof.base)
  expect(facts.bond).to.equal(proof.bond)

  const judgement = placeOf(reveals, (entry) => !isComputed(entry))
  const refused = await readScoreProof(owner, judgement).catch(failureOf)
  expect(refused).to.include({ name: 'EntryIsJudgement' })
  const nobody = await readScoreProof(owner, { ...scored, cohort: 7 }).catch(failureOf)
  expect(nobody).to.include({ name: 'NoScores' })
}

function failureOf(error: unknown) {
  if (error instanceof AssayError) return error.failure
  throw error
}

function placeOf(reveals: readonly Reveal[], is: (entry: number) => boolean) {
  for (const { validator, cohort, sheet } of reveals)
    for (let member = 0; member < 16; member++)
      if (entryAt(sheet, member) !== 0 && is(entryAt(sheet, member)))
        return { ...of, validator, cohort, member }
  throw new Error('no seat said such a thing')
}

async function expectVotersAccused({ owner }: VerbsScene): Promise<void> {
  const { seats } = await readCohort(owner, { ...of, cohort: 0 })
  const onCohort = { ...of, validator: seats[0]!, cohort: 0 }
  const aggregate = await readVoteProof(owner, onCohort)
  const first = await done(accuseVote(owner, { ...onCohort, ...aggregate, evidence: EVIDENCE }))
  const { facts: ofAggregate } = await readCase(owner, first.value)
  expect(ofAggregate).to.include({ kind: 'falseAggregate', subject: 0, accused: aggregate.hash })
  const silent = await readVoteProof(owner, { ...onCohort, validator: seats[1]! }).catch(failureOf)
  expect(silent).to.include({ name: 'NoVote' })

  const { seats: root } = await readCohort(owner, { ...of, cohort: ROOT_COHORT })
  const [voter, other] = root.map((validator) => ({ ...of, validator, cohort: ROOT_COHORT }))
  const proof = await readVoteProof(owner, voter!)
  const { value } = await done(accuseVote(owner, { ...voter!, ...proof, evidence: EVIDENCE }))
  const { facts } = await readCase(owner, value)
  expect(facts).to.include({ kind: 'falseModel', subject: ROOT_COHORT, accused: proof.hash })
  const also = { ...value, facts, validator: other!.validator, ...(await readVoteProof(owner, other!)) }
  await done(accuseVoter(owner, also))
  expect((await refusalOf(accuseVoter(owner, also))).name).to.equal('Court_AlreadyADefendant')
}
