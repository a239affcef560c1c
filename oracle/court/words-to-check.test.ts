import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { expect } from 'chai'
import { type Address, numberToHex, zeroHash } from 'viem'
import { type CastVote, hashesToCheck } from './words-to-check.ts'

const accountOf = (n: number): Address => numberToHex(n, { size: 20 })
const hashOf = (n: number): Hash => numberToHex(n, { size: 32 })
const AUDITOR = accountOf(1)
const BASE = hashOf(99)
/** Three cohorts. */
const ROUND = {
  taskId: 1n,
  round: 2,
  beacon: deriveSeed(zeroHash, 'beacon'),
  baseModelHash: BASE,
  submissions: 40,
}
const vote = (validator: number, cohort: number, hash: number): CastVote => ({
  validator: accountOf(validator),
  cohort,
  hash: hashOf(hash),
})

describe('the votes that an oracle computes again', () => {
  const check = (...votes: CastVote[]) =>
    hashesToCheck(ROUND, votes, AUDITOR).map(({ subject, accused, defendant, kind }) => ({
      subject,
      accused,
      defendant,
      kind,
    }))

  it('are each hash once where seats disagree, with the first who voted for it', () => {
    const found = [0, 1, 2].flatMap((cohort) =>
      check(vote(2, cohort, 7), vote(3, cohort, 8), vote(4, cohort, 8), vote(5, cohort, 7)),
    )
    expect(found.map(({ accused }) => BigInt(accused))).to.deep.equal([7n, 8n, 7n, 8n, 7n, 8n])
    expect(found.slice(0, 2).map(({ defendant }) => defendant)).to.deep.equal([accountOf(2), accountOf(3)])
    expect(found[0]!.kind).to.equal('falseAggregate')
  })

  it('are those of one cohort that is drawn where all agree, so that a captured committee is no safe place', () => {
    const all = [0, 1, 2].map((cohort) => vote(2, cohort, 10 + cohort))
    const drawn = check(...all)
    expect(drawn).to.have.length(1)
    const others = Array.from(
      { length: 20 },
      (_, i) => hashesToCheck(ROUND, all, accountOf(50 + i))[0]!.subject,
    )
    expect(new Set(others).size, 'each oracle has its own').to.equal(3)
  })

  it('are all models but the base model, and nothing that this oracle voted for itself', () => {
    const models = [
      vote(2, ROOT_COHORT, 5),
      vote(3, ROOT_COHORT, 6),
      vote(4, ROOT_COHORT, 99),
      vote(1, ROOT_COHORT, 6),
    ]
    expect(check(...models)).to.deep.equal([
      { subject: ROOT_COHORT, accused: hashOf(5), defendant: accountOf(2), kind: 'falseModel' },
    ])
    expect(
      check(vote(1, 0, 5), vote(2, 0, 5), vote(3, 0, 6)).map(({ accused }) => BigInt(accused)),
    ).to.deep.equal([6n])
  })

  it('are at most sixteen, models first', () => {
    const many = Array.from({ length: 30 }, (_, i) => vote(2, 0, 100 + i))
    const found = check(...many, vote(3, ROOT_COHORT, 7))
    expect(found).to.have.length(16)
    expect(found[0]!.kind).to.equal('falseModel')
  })
})
