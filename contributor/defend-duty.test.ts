import type { Block } from '@assay/daemon/clock.ts'
import type { PostRequest } from '@assay/daemon/outbox.ts'
import { tolerant } from '@assay/engine/fixtures/inexact.ts'
import { seedOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { serializeState } from '@assay/engine/package/state.ts'
import { iCourtAbi } from '@assay/sdk/generated/ICourt.ts'
import { CASE_KINDS, PANEL_STATUSES } from '@assay/sdk/protocol/cases.ts'
import { expect } from 'chai'
import { decodeFunctionData, getAddress, parseEther, zeroHash } from 'viem'
import { defendDuty } from './defend-duty.ts'
import { STORED } from './fixtures/court-answers.ts'
import { makeWorkplace, type OpenContext, type Workplace } from './fixtures/workplace.ts'
import { openCasesAgainst } from './own-cases.ts'
import { ensureWork } from './work.ts'
import type { Work } from './work-log.ts'

const CHALLENGER = getAddress(`0x${'c0'.repeat(20)}`)
const EARNINGS = { matured: 0n, pending: 0n, held: 0n, seized: 0n, nextMaturesAt: undefined }
const WINDOW = 3
const ENDED = 1_000
const APPEAL_SECONDS = 100
const BOND = parseEther('40')

/** What the court tells of the one case. */
type Told = {
  report?: `0x${string}`
  status?: (typeof PANEL_STATUSES)[number]
  time?: number
  allowance?: bigint
  /** It has appealed in a case about a window, too, for the same bond. */
  hasAppealed?: boolean
}

describe('a contributor that is accused of a false step', () => {
  let place: Workplace
  const open: OpenContext[] = []
  let posted: PostRequest[] = []
  let alarms: { fields: object; text: string }[] = []

  before(async () => {
    place = await makeWorkplace()
  })
  beforeEach(() => {
    posted = []
    alarms = []
  })
  after(async () => {
    for (const context of open) await context.close()
    await place.remove()
  })

  it('alarms its operator once, and appeals a conviction that training again contradicts', async () => {
    const { context, work } = await begin('honest')
    await duty(context, work, { status: 'committing' })
    await duty(context, work, { report: seedOf('another state') })
    expect(alarms).to.have.length(1)
    expect(alarms[0]!.fields).to.deep.include({
      case: 3,
      window: WINDOW,
      challenger: CHALLENGER,
      trainedRight: true,
    })
    expect(alarms[0]!.text).to.include('which training it again contradicts').and.include('assay case show 3')
    expect(posted.map(({ duty }) => duty)).to.deep.equal(['appeal/3/0'])
    expect(posted[0]!.endsAt).to.equal(ENDED + APPEAL_SECONDS)
    expect(decodeFunctionData({ abi: iCourtAbi, data: posted[0]!.call.data }).functionName).to.equal('appeal')
  })

  it('approves the court for the bond first, and pays none without a budget that covers it', async () => {
    const { context, work } = await begin('poor')
    const report = seedOf('another state')
    await duty(context, work, { report, allowance: 0n })
    expect(posted.map(({ duty }) => duty)).to.deep.equal([`court/approve/0/${BOND}`])
    posted = []
    for (const courtBudgetWei of [0n, BOND - 1n]) await duty(context, work, { report }, courtBudgetWei)
    expect(posted).to.deep.equal([])
  })

  it('counts what it pays in cases about windows, too', async () => {
    const { context, work } = await begin('asked')
    const told = { report: seedOf('another state'), hasAppealed: true }
    await duty(context, work, told, 2n * BOND - 1n)
    expect(posted).to.deep.equal([])
    await duty(context, work, told, 2n * BOND)
    expect(posted.map(({ duty }) => duty)).to.deep.equal(['appeal/3/0'])
  })

  it('appeals nothing that finds for it, that no panel has decided, or too late', async () => {
    const { context, work } = await begin('calm')
    await duty(context, work, { report: work.stateHashes[WINDOW + 1]! })
    await duty(context, work, { report: zeroHash })
    for (const status of ['drawing', 'committing', 'revealing', 'empty'] as const)
      await duty(context, work, { report: seedOf('another state'), status })
    await duty(context, work, { report: seedOf('another state'), time: ENDED + APPEAL_SECONDS })
    expect(posted).to.deep.equal([])
  })

  it('trains nothing again in a tolerant task, and appeals whatever convicts it there', async () => {
    const lenient = await makeWorkplace(tolerant(smallTask()))
    const { context, work } = await begin('tolerant', false, lenient)
    const engine = () => Promise.reject(new Error('this trains'))
    const idle = { ...context, bench: { ...context.bench, engine } }
    await duty(idle, work, { report: seedOf('another state') })
    expect(posted.map(({ duty }) => duty)).to.deep.equal(['appeal/3/0'])
    expect(alarms).to.deep.equal([])
    await lenient.remove()
  })

  it('says so, and appeals nothing, where training again does not give what was committed to', async () => {
    const { context, work } = await begin('faker', true)
    await duty(context, work, { report: seedOf('another state') })
    expect(alarms[0]!.fields).to.deep.include({ trainedRight: false })
    expect(alarms[0]!.text).to.include('does not give the committed state')
    expect(posted).to.deep.equal([])
  })

  /** A contributor with its work of round 1, whose last window it may have faked. */
  async function begin(
    name: string,
    isFaked = false,
    at = place,
  ): Promise<{ context: OpenContext; work: Work }> {
    const behaviour = isFaked
      ? {
          train: async (_: unknown, honest: () => Promise<Map<string, Float32Array>[]>) => {
            const trace = await honest()
            return [...trace.slice(0, -1), trace[0]!]
          },
        }
      : {}
    const context = await at.open({ dataDir: `${at.dir}/${name}`, behaviour })
    open.push(context)
    const baseModelHash = blobHash(serializeState(at.contents.spec, at.contents.init))
    const work = await ensureWork(context, { round: 1, baseModelHash, previousBeacon: seedOf('beacon') }, 0)
    return { context, work: work! }
  }

  /** Does the duty at a block with one case. */
  async function duty(context: OpenContext, work: Work, told: Told, courtBudgetWei = BOND): Promise<void> {
    const block = { number: 9n, timestamp: BigInt(told.time ?? ENDED + 1) } as Block
    const outbox = {
      post: async (request: PostRequest) => {
        posted.push(request)
        return { status: 'sent', hash: zeroHash }
      },
    }
    const log = {
      warn: () => undefined,
      error: (fields: object, text: string) => void alarms.push({ fields, text }),
    }
    const config = { ...context.config, courtBudgetWei }
    const reader = readerOf(context, work, told)
    const stand = { ...context, config, outbox, log, reader } as unknown as OpenContext
    const cases = await openCasesAgainst(stand, { block, earnings: { ...EARNINGS, cases: 1 } })
    await defendDuty(stand, { block, cases })
  }

  function readerOf({ reader: { deployment }, account }: OpenContext, work: Work, told: Told) {
    const { report = zeroHash, status = 'ended', allowance = BOND } = told
    const answers: Record<string, unknown> = {
      appealOf: { appellant: account.address, bond: BOND, against: 0 },
      statusOf: PANEL_STATUSES.indexOf(status),
      revealEndOf: BigInt(ENDED),
      panelOf: { drawnAt: ENDED - 120, drawn: 7n },
      reportOf: report,
      terms: { appealSeconds: APPEAL_SECONDS },
      lastInstance: 1n,
      verdictSeconds: 0n,
      executionSeconds: 0n,
      appealBond: BOND,
      balanceOf: BOND,
      allowance,
    }
    const facts = {
      kind: CASE_KINDS.indexOf('falseStep'),
      taskId: 1n,
      round: 1,
      subject: WINDOW,
      challenger: CHALLENGER,
      bond: BOND / 2n,
      defendant: account.address,
      base: parseEther('100'),
      accused: work.stateHashes[WINDOW + 1]!,
      context: work.stateHashes[WINDOW]!,
      evidence: zeroHash,
      committee: 0n,
      committedAt: 0n,
    }
    const window = { ...facts, kind: CASE_KINDS.indexOf('windowWithheld') }
    const cases = [{ caseId: 3n, facts }, ...(told.hasAppealed ? [{ caseId: 4n, facts: window }] : [])]
    const chain = {
      getContractEvents: async () => cases.map((args) => ({ args, blockNumber: 8n })),
      readContract: async ({ functionName, args }: { functionName: string; args: readonly unknown[] }) => {
        if (functionName === 'caseOf') return stored(args[0] === 4n ? 1 : 0)
        if (functionName in answers) return answers[functionName]
        throw new Error(`this test does not answer ${functionName}`)
      },
    }
    return { deployment, chain }
  }
})

/** What the chain has of a case without a verdict. @param instance how often it was appealed */
const stored = (instance: number) => ({ ...STORED, instance, panelIds: [5, instance === 0 ? 0 : 6, 0] })
