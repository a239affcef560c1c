import { openDaemonDatabase } from '@assay/daemon/database.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import type { OracleBehaviour } from './behaviour.ts'
import { inTimeFor } from './deadlines.ts'
import { ModelLostError } from './models.ts'
import type { OracleContext } from './oracle-context.ts'
import type { RoundFacts } from './round-facts.ts'
import { findVote, SIGN_ONCE_MIGRATION } from './sign-once.ts'
import { chooseAggregates, modelOrBase, postVotes } from './vote.ts'

const BASE = deriveSeed(zeroHash, 'base model')
const facts = {
  taskId: 7n,
  round: 3,
  baseModelHash: BASE,
  params: { specHash: zeroHash },
} as unknown as RoundFacts
const clock = (lastCall: boolean, ms: number) => ({ lastCall, secondsLeft: ms / 1_000, endsAt: 0 })
const noAnswer = () => Promise.reject(new StoreError('unavailable', 'no answer'))

/** An oracle whose package comes as said. */
function oracle(packageOf: () => Promise<unknown>, behaviour: OracleBehaviour = {}, stop?: AbortSignal) {
  const warnings: string[] = []
  const context = {
    behaviour,
    bench: { package: packageOf },
    db: openDaemonDatabase(':memory:', [SIGN_ONCE_MIGRATION]),
    signal: stop ?? new AbortController().signal,
    log: { warn: ({ reason }: { reason: string }) => warnings.push(reason) },
  } as unknown as OracleContext
  return { context, warnings }
}

describe('the vote for the next model', () => {
  const vote = (packageOf: () => Promise<unknown>, lastCall: boolean, ms = 600_000) =>
    modelOrBase(oracle(packageOf).context, facts, clock(lastCall, ms), 1n)

  it('waits for a store until the last call, and is then for the base model', async () => {
    const early = await vote(noAnswer, false).catch((error: unknown) => error)
    expect(early).to.be.instanceOf(StoreError)
    expect(await vote(noAnswer, true)).to.equal(BASE)
  })

  it('is for the base model whatever hangs, is lost or fails', async () => {
    expect(await vote(() => new Promise(() => undefined), true, 20)).to.equal(BASE)
    for (const error of [new ModelLostError('gone'), new EngineRefusal('graph', 'step.onnx failed')])
      expect(await vote(() => Promise.reject(error), true)).to.equal(BASE)
  })

  it('is not given up for a fault of this program, nor because the daemon stops', async () => {
    const fault = new Error("the node's log lags behind")
    expect(await vote(() => Promise.reject(fault), true).catch((error: unknown) => error)).to.equal(fault)
    const { context } = oracle(noAnswer, {}, AbortSignal.abort(new Error('stopping')))
    const stopped = await modelOrBase(context, facts, clock(true, 600_000), 1n).catch(
      (error: unknown) => error,
    )
    expect(stopped).to.be.instanceOf(Error)
  })
})

describe('the votes for aggregates', () => {
  const hashOf = (cohort: number | 'model'): Hash => deriveSeed(zeroHash, `aggregate ${cohort}`)
  const results = new Map([0, 1, 2].map((cohort) => [cohort, []]))
  /** The store keeps back what cohort 1 needs. */
  const behaviour: OracleBehaviour = {
    chooseVote: async ({ subject }) => (subject === 1 ? noAnswer() : hashOf(subject)),
  }
  const choose = (context: OracleContext, lastCall: boolean) =>
    inTimeFor(clock(lastCall, 600_000), context.signal, (deadline) =>
      chooseAggregates(context, facts, [0, 1, 2], { results, votes: [], deadline, lastCall }),
    )
  const kept = ({ db }: OracleContext) =>
    [0, 1, 2].map((subject) => findVote(db, { taskId: 7n, round: 3, subject }))

  it('are kept for every cohort that can be worked out, and wait for the others', async () => {
    const { context } = oracle(noAnswer, behaviour)
    const early = await choose(context, false).catch((error: unknown) => error)
    expect(early).to.be.instanceOf(StoreError)
    expect(kept(context)).to.deep.equal([hashOf(0), undefined, hashOf(2)])
  })

  it('go without the others at the last call', async () => {
    const { context, warnings } = oracle(noAnswer, behaviour)
    await choose(context, true)
    expect(kept(context)).to.deep.equal([hashOf(0), undefined, hashOf(2)])
    expect(warnings).to.deep.equal(['no answer'])
  })

  it('go at the last call also without one that fails for a fault of this program, which is told', async () => {
    const fault = new Error("the node's log lags behind")
    const { context } = oracle(noAnswer, {
      chooseVote: async ({ subject }) => (subject === 1 ? Promise.reject(fault) : hashOf(subject)),
    })
    expect(await choose(context, true)).to.deep.equal({ error: fault })
    expect(kept(context)).to.deep.equal([hashOf(0), undefined, hashOf(2)])
    expect(await choose(context, false).catch((error: unknown) => error)).to.equal(fault)
  })

  it('are sent once each, however they come to be there', async () => {
    const posted: string[] = []
    const { context } = oracle(noAnswer)
    const sender = {
      ...context,
      reader: { deployment: { contracts: { rounds: `0x${'12'.repeat(20)}` } } },
      outbox: { post: async ({ duty }: { duty: string }) => posted.push(duty) },
    } as unknown as OracleContext
    const votesOn = (cohorts: number[]) => cohorts.map((cohort) => ({ cohort, hash: hashOf(cohort) }))
    for (const cohorts of [
      [0, 2],
      [0, 2],
      [0, 1, 2],
    ])
      await postVotes(sender, facts, votesOn(cohorts), clock(true, 1))
    expect(posted).to.deep.equal(['vote/0,2', 'vote/0,2', 'vote/0,2', 'vote/1'])
  })
})
