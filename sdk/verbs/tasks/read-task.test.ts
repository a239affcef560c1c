import { expect } from 'chai'
import { createPublicClient, custom, type Hex, toFunctionSelector } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { decodeFailure } from '../../client/errors.ts'
import { readTask } from './read-task.ts'

/** Words of an answer of `paramsOf`. */
const PARAMS = 28

/** Reads a task of contracts that answer `paramsOf` with so many words, and anything else with one. */
function reading(words: number): Promise<unknown> {
  const ones = (count: number): Hex => `0x${'01'.padStart(64, '0').repeat(count)}`
  const request = async ({ params }: { params?: unknown }) => {
    const [{ data }] = params as [{ data: Hex }]
    return ones(data.startsWith(toFunctionSelector('paramsOf(uint64)')) ? words : 1)
  }
  const chain = createPublicClient({ transport: custom({ request }) })
  const deployment = { contracts: { tasks: `0x${'c1'.repeat(20)}` } }
  return readTask({ chain, deployment } as unknown as AssayReader, { taskId: 1n })
}

describe('a task on chain', () => {
  it('is not read from contracts of an earlier version, whose answers are shorter, but told to be of one', async () => {
    const failure = await reading(PARAMS - 1).then(() => 'it was read', decodeFailure)
    expect(failure).to.include({ name: 'OtherVersion', kind: 'refused' })
    expect(await reading(PARAMS)).to.include({ taskId: 1n, closed: true })
  })
})
