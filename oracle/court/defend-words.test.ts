import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { openDocket } from '../docket.ts'
import { addressOf, OWN, STEP_CASE, wordOf } from '../fixtures/lone-oracle.ts'
import type { OracleContext } from '../oracle-context.ts'
import { ownDefence } from './defend-words.ts'

const SAID = wordOf(77)
const FACTS: CaseFacts = { ...STEP_CASE.facts, kind: 'falseScore', defendant: OWN, accused: SAID }

describe('a validator that is accused of something false', () => {
  /** @param base that the chain has of this account in whatever case */
  const contextWith = (base = 0n) =>
    ({
      account: { address: OWN },
      docket: openDocket(),
      log: { error: () => undefined },
      reader: { deployment: { contracts: {} }, chain: { readContract: async () => base } },
    }) as unknown as OracleContext
  const computing = (value: Hash) => async () => ({ value, witness: zeroHash })

  it('finds itself right where it comes to the same value again, and guilty where it doesn’t', async () => {
    const one = { caseId: 4n, facts: FACTS }
    expect(await ownDefence(contextWith(), one, computing(SAID))).to.equal('acquitted')
    expect(await ownDefence(contextWith(), one, computing(wordOf(78)))).to.equal('guilty')
    expect(await ownDefence(contextWith(), one, async () => 'missing')).to.equal(undefined)
  })

  it('computes once a case, and only where it is accused', async () => {
    const context = contextWith()
    let computed = 0
    const counting = async () => {
      computed += 1
      return { value: SAID, witness: zeroHash }
    }
    const facts = { ...FACTS, defendant: addressOf(5) }
    for (let i = 0; i < 3; i++) await ownDefence(context, { caseId: 4n, facts: FACTS }, counting)
    expect(await ownDefence(context, { caseId: 5n, facts }, counting)).to.equal(undefined)
    const step: CaseFacts = { ...FACTS, kind: 'falseStep' }
    expect(await ownDefence(context, { caseId: 6n, facts: step }, counting)).to.equal(undefined)
    expect(computed).to.equal(1)
  })

  it('answers also where it was added for the same vote', async () => {
    const facts: CaseFacts = { ...FACTS, kind: 'falseAggregate', defendant: addressOf(5) }
    expect(await ownDefence(contextWith(7n), { caseId: 7n, facts }, computing(SAID))).to.equal('acquitted')
    expect(await ownDefence(contextWith(0n), { caseId: 7n, facts }, computing(SAID))).to.equal(undefined)
  })
})
