import { openTold } from '@assay/daemon/told.ts'
import { expect } from 'chai'
import type { ContributorContext } from './contributor-context.ts'
import { attendCases, openMeanwhile } from './meanwhile.ts'

describe('what a contributor does while it trains', () => {
  it('is looked at again and again until the training is over, and ends before its result counts', async () => {
    const order: string[] = []
    const training = Promise.withResolvers<string>()
    const slow = Promise.withResolvers<void>()
    const look = async () => {
      order.push('look')
      if (order.length < 3) return
      training.resolve('trained')
      // The result is there: this look is over before it is given back.
      await slow.promise
      order.push('looked')
    }
    const meanwhile = openMeanwhile(look, async () => undefined)
    const waiting = meanwhile(training.promise).then((result) => order.push(result))
    await training.promise
    await Promise.resolve()
    slow.resolve()
    await waiting
    expect(order).to.deep.equal(['look', 'look', 'look', 'looked', 'trained'])
  })

  it('waits without a look of its own where a look trains again', async () => {
    let looks = 0
    const training = Promise.withResolvers<number>()
    const meanwhile = openMeanwhile(
      async () => {
        looks += 1
        training.resolve(await meanwhile(Promise.resolve(7)))
      },
      async () => undefined,
    )
    expect(await meanwhile(training.promise)).to.equal(7)
    expect(looks).to.equal(1)
  })

  it('ends with training that fails', async () => {
    const meanwhile = openMeanwhile(
      async () => undefined,
      async (signal) => void (await new Promise((resolve) => signal.addEventListener('abort', resolve))),
    )
    const failed = await meanwhile(Promise.reject(new Error('diverged'))).catch(
      (error: Error) => error.message,
    )
    expect(failed).to.equal('diverged')
    expect(await meanwhile(Promise.resolve('again'))).to.equal('again')
  })
})

describe('cases that a contributor looks at while it trains', () => {
  it('are looked at once a block, again where that failed, which it says once', async () => {
    const updated: bigint[] = []
    const said: string[] = []
    let number = 7n
    let isDown = true
    const context = {
      reader: {
        chain: {
          getBlock: async () => ({ number, timestamp: 1n, baseFeePerGas: null }),
          readContract: async () => Promise.reject(new Error('the node is away')),
        },
        deployment: { contracts: {} },
      },
      config: { taskId: 1n },
      account: { address: `0x${'1'.repeat(40)}` },
      outbox: {
        update: async (block: { number: bigint }) => {
          updated.push(block.number)
          if (!isDown) throw new Error('the node is away still')
        },
      },
      signal: new AbortController().signal,
      told: openTold(),
      log: { warn: ({ reason }: { reason: string }) => void said.push(reason) },
    } as unknown as ContributorContext
    const look = attendCases(context)
    await look()
    await look()
    expect(updated).to.deep.equal([7n, 7n])
    expect(said).to.deep.equal(['the node is away'])
    isDown = false
    number = 8n
    await look()
    expect(said.at(-1)).to.equal('the node is away still')
  })
})
