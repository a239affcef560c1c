import type { CaseFacts, CaseKind } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import type { OracleContext } from '../oracle-context.ts'
import { restorePool } from './open-accusation.ts'

describe('the pool that jurors are shown', () => {
  it('goes out again to stores that lost it, in cases about scores and models alone', async () => {
    const restored: Hash[] = []
    const context = {
      store: { has: async () => true },
      uploads: { restore: async (hash: Hash) => void restored.push(hash) },
    } as unknown as OracleContext
    const facts = (kind: CaseKind, digit: string) =>
      ({ kind, evidence: `0x${digit.repeat(64)}` }) as unknown as CaseFacts
    const { signal } = new AbortController()
    await restorePool(context, facts('falseScore', 'a'), signal)
    await restorePool(context, { ...facts('falseAggregate', 'b'), evidence: zeroHash }, signal)
    await restorePool(context, facts('falseStep', 'c'), signal)
    await restorePool(context, facts('falseModel', 'd'), signal)
    expect(restored).to.deep.equal([`0x${'a'.repeat(64)}`, `0x${'d'.repeat(64)}`])
  })
})
