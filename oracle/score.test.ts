import { openDaemonDatabase } from '@assay/daemon/database.ts'
import { openTold } from '@assay/daemon/told.ts'
import type { Deployment } from '@assay/sdk/client/deployment.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { voteOf } from '@assay/sdk/protocol/commitments.ts'
import { expect } from 'chai'
import { decodeFunctionData, pad, zeroHash } from 'viem'
import type { SheetDuty } from './duties.ts'
import type { OracleContext } from './oracle-context.ts'
import type { RoundFacts } from './round-facts.ts'
import { commitSheet, redrawCallsOf, revealSheet } from './score.ts'
import { makeSheet, type Sheet } from './sheet.ts'
import { findSheet, keepSheet, restoreSheet, SIGN_ONCE_MIGRATION } from './sign-once.ts'

const rounds = '0x00000000000000000000000000000000000000ab'
const deployment = { contracts: { rounds } } as unknown as Deployment

describe('second committees before a reveal', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => 2 * i)
  const drawn = (count: number) =>
    redrawCallsOf(deployment, 7n, numbers(count)).map(({ to, data }) => {
      expect(to).to.equal(rounds)
      const { functionName, args } = decodeFunctionData({ abi: iRoundsAbi, data })
      expect([functionName, args[0]]).to.deep.equal(['redrawCommittees', 7n])
      return args[1]
    })

  it('are left to the reveal while it has gas enough for them', () => {
    expect([drawn(0), drawn(64)]).to.deep.equal([[], []])
  })

  it('are drawn in parts, each cohort once', () => {
    expect(drawn(65).map((part) => (part as number[]).length)).to.deep.equal([64, 1])
    expect(drawn(128).flat()).to.deep.equal(numbers(128))
  })
})

describe('a sheet that is due', () => {
  const validator = `0x${'ab'.repeat(20)}` as const
  const facts = {
    taskId: 7n,
    round: 3,
    beacon: zeroHash,
    count: 3,
    weights: [256],
    committeeSize: 1,
    rosterIndex: 0,
  } as unknown as RoundFacts
  const duty = (kind: SheetDuty['kind'], lastCall: boolean): SheetDuty => ({
    kind,
    attempt: 0,
    lastCall,
    secondsLeft: 0,
    endsAt: 0,
  })

  /** An oracle without a database's past: what it warns of, and what it sends. */
  function newcomer({ strangers = 0 } = {}) {
    const warnings: string[] = []
    const posted: string[] = []
    const context = {
      reader: {
        deployment,
        chain: { readContract: async () => [0n, [zeroHash]] },
      },
      account: { address: validator },
      db: openDaemonDatabase(':memory:', [SIGN_ONCE_MIGRATION]),
      told: openTold(),
      signal: new AbortController().signal,
      log: { warn: (_: unknown, text: string) => warnings.push(text) },
      outbox: {
        stateOf: () => 'none',
        strangersInFlight: async () => strangers,
        post: async ({ duty: name }: { duty: string }) => posted.push(name),
      },
    } as unknown as OracleContext
    return { context, warnings, posted }
  }

  it('waits while the node holds transactions that the database does not know: a commitment may be one', async () => {
    const { context, posted } = newcomer({ strangers: 1 })
    const failure = await commitSheet(context, facts, duty('commit', false)).catch((error: Error) => error)
    expect(failure).to.have.property('message').that.contains('holds transactions of this account')
    expect(posted).to.deep.equal([])
  })

  it('is said not to be committed to only if the chain says so, and once', async () => {
    const { context, warnings, posted } = newcomer()
    for (let i = 0; i < 3; i++) await revealSheet(context, facts, duty('reveal', false))
    expect(warnings).to.deep.equal(['nothing to reveal: this validator did not commit in time'])
    expect(posted).to.deep.equal([])
  })

  it('is never replaced by one with another digest than that on chain', () => {
    const { context } = newcomer()
    const place = { chainId: 1, rounds: validator, taskId: 7n, round: 3, attempt: 0 as const, validator }
    const [own, other] = [zeroHash, deployment.contracts.rounds].map((salt) =>
      makeSheet(place, [], pad(salt, { size: 32 })),
    ) as [Sheet, Sheet]
    keepSheet(context.db, other)
    expect(() => restoreSheet(context.db, own, voteOf(other.digest))).to.throw(
      'not the one that was committed',
    )
    expect(findSheet(context.db, place)).to.deep.equal(other)
    expect(restoreSheet(context.db, own, voteOf(own.digest))).to.deep.equal(own)
  })
})
