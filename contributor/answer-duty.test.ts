import type { Block } from '@assay/daemon/clock.ts'
import type { PostRequest } from '@assay/daemon/outbox.ts'
import { seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { serializeState } from '@assay/engine/package/state.ts'
import { iCourtAbi } from '@assay/sdk/generated/ICourt.ts'
import { CASE_KINDS, CASE_VERDICTS } from '@assay/sdk/protocol/cases.ts'
import { expect } from 'chai'
import {
  type Address,
  createPublicClient,
  custom,
  decodeFunctionData,
  encodeAbiParameters,
  encodeEventTopics,
  encodeFunctionResult,
  getAddress,
  numberToHex,
  zeroHash,
} from 'viem'
import { answerDuty } from './answer-duty.ts'
import { makeWorkplace, type OpenContext, type Workplace } from './fixtures/workplace.ts'
import { openCasesAgainst } from './own-cases.ts'
import { ensureWork } from './work.ts'
import { fieldsOf, findFields, type Work } from './work-log.ts'

const CHALLENGER = getAddress(`0x${'c0'.repeat(20)}`)
const DEADLINE = 2_000
const EARNINGS = { matured: 0n, pending: 0n, held: 0n, seized: 0n, nextMaturesAt: undefined }

/** A case as its event and the court tell it. */
type Told = {
  kind: (typeof CASE_KINDS)[number]
  verdict: (typeof CASE_VERDICTS)[number]
  accused: `0x${string}`
}

describe('a contributor that is accused of withholding an opening', () => {
  let place: Workplace
  let context: OpenContext
  let work: Work
  let posted: PostRequest[]
  let told: { level: string; fields: object; text: string }[]
  let asked: string[]

  before(async () => {
    place = await makeWorkplace()
    context = await place.open()
    const { spec, init } = place.contents
    const basis = {
      round: 1,
      baseModelHash: blobHash(serializeState(spec, init)),
      previousBeacon: seedOf('beacon'),
    }
    work = (await ensureWork(context, basis, 0))!
  })
  beforeEach(() => {
    posted = []
    told = []
    asked = []
    context.told.forget('accused')
  })
  after(async () => {
    await context.close()
    await place.remove()
  })

  it('posts the fields from its records at once, before the deadline', async () => {
    await duty({ kind: 'openingWithheld', verdict: 'none', accused: work.commitment })
    expect(posted).to.have.length(1)
    const [{ call, ...name }] = posted as [PostRequest]
    expect(name).to.deep.equal({ taskId: 1n, round: 1, duty: 'answer/3', endsAt: DEADLINE })
    expect(call.to).to.equal(context.reader.deployment.contracts.court)
    const { functionName, args } = decodeFunctionData({ abi: iCourtAbi, data: call.data })
    expect(functionName).to.equal('postOpening')
    expect(args?.[0]).to.equal(3n)
    expect(args?.[2]).to.deep.equal(fieldsOf(work))
    expect(told).to.have.length(1)
    expect(told[0]).to.deep.include({ level: 'warn', text: 'accused of withholding the opening: posted it' })
    expect(told[0]!.fields).to.deep.equal({ round: 1, case: 3, challenger: CHALLENGER })
    expect(context.tally.openCases).to.equal(1)
  })

  it('asks nothing of the chain while no case is open against it', async () => {
    await duty({ kind: 'openingWithheld', verdict: 'none', accused: work.commitment }, { cases: 0 })
    expect({ asked, posted }).to.deep.equal({ asked: [], posted: [] })
    expect(context.tally.openCases).to.equal(0)
  })

  it('leaves cases to others that have a verdict, are past the deadline, or are about something else', async () => {
    const open: Told = { kind: 'openingWithheld', verdict: 'none', accused: work.commitment }
    await duty({ ...open, verdict: 'guilty' })
    await duty({ ...open, kind: 'falseStep' })
    await duty(open, { time: DEADLINE })
    expect({ posted, told }).to.deep.equal({ posted: [], told: [] })
  })

  it('that withholds on purpose does not answer', async () => {
    const behaviour = { shouldOpen: () => false }
    await duty({ kind: 'openingWithheld', verdict: 'none', accused: work.commitment }, { behaviour })
    expect(posted).to.deep.equal([])
  })

  it('says once what to do when its records lack the commitment', async () => {
    const unknown: Told = { kind: 'openingWithheld', verdict: 'none', accused: zeroHash }
    await duty(unknown)
    await duty(unknown)
    expect(posted).to.deep.equal([])
    expect(told).to.have.length(1)
    expect(told[0]!.level).to.equal('error')
    expect(told[0]!.text).to.include('restore the data directory').and.include('assay case answer 3')
  })

  it('finds the fields in the records of a stopped daemon by their commitment', () => {
    const { db } = context
    const { taskId, round, commitment } = work
    expect(findFields(db, { taskId, round, commitment })).to.deep.equal(fieldsOf(work))
    expect(findFields(db, { taskId, round: 2, commitment })).to.equal(undefined)
    expect(findFields(db, { taskId, round, commitment: zeroHash })).to.equal(undefined)
  })

  /** Does the duty at a block with one case. */
  async function duty(
    about: Told,
    {
      cases = 1,
      time = DEADLINE - 1,
      behaviour = {},
    }: { cases?: number; time?: number; behaviour?: object } = {},
  ): Promise<void> {
    const block = { number: 9n, timestamp: BigInt(time) } as Block
    const say = (level: string) => (fields: object, text: string) => void told.push({ level, fields, text })
    const outbox = {
      post: async (request: PostRequest) => {
        posted.push(request)
        return { status: 'sent', hash: zeroHash }
      },
      stateOf: () => 'none',
    }
    const log = { warn: say('warn'), error: say('error') }
    const stand = { ...context, reader: readerOf(about), outbox, log, behaviour } as unknown as OpenContext
    const open = await openCasesAgainst(stand, { block, earnings: { ...EARNINGS, cases } })
    await answerDuty(stand, { block, cases: open })
  }

  function readerOf(about: Told) {
    const { deployment } = context.reader
    const request = async ({ method, params }: { method: string; params?: unknown }) => {
      asked.push(method)
      if (method === 'eth_blockNumber') return '0x9'
      const [{ address }] = (method === 'eth_getLogs' ? params : [{}]) as [{ address?: Address }]
      if (method === 'eth_getLogs') return address === deployment.contracts.court ? [openedLog(about)] : []
      if (method === 'eth_call') return stateOf(about)
      throw new Error(`this test does not answer ${method}`)
    }
    return { deployment, chain: createPublicClient({ transport: custom({ request }) }) }
  }

  function openedLog({ kind, accused }: Told) {
    const defendant = context.account.address
    const facts = {
      kind: CASE_KINDS.indexOf(kind),
      taskId: 1n,
      round: 1,
      subject: 0,
      challenger: CHALLENGER,
      bond: 20n,
      defendant,
      base: 100n,
      accused,
      context: zeroHash,
      evidence: zeroHash,
      committee: 0n,
      committedAt: 7n,
    }
    const event = iCourtAbi.find((item) => item.type === 'event' && item.name === 'CaseOpened')
    const [factsType] = (event?.inputs ?? []).filter(({ name }) => name === 'facts')
    const args = { caseId: 3n, taskId: 1n, defendant }
    return {
      address: context.reader.deployment.contracts.court,
      topics: encodeEventTopics({ abi: iCourtAbi, eventName: 'CaseOpened', args }),
      data: encodeAbiParameters([factsType!], [facts] as never),
      blockNumber: '0x8',
      blockHash: zeroHash,
      transactionHash: zeroHash,
      transactionIndex: '0x0',
      logIndex: '0x0',
      removed: false,
    }
  }

  function stateOf({ verdict }: Told) {
    return encodeFunctionResult({
      abi: iCourtAbi,
      functionName: 'caseOf',
      result: {
        factsHash: numberToHex(1, { size: 21 }),
        verdict: CASE_VERDICTS.indexOf(verdict),
        isClosed: false,
        wasSuspended: false,
        instance: 0,
        readyAt: DEADLINE,
        panelIds: [0, 0, 0],
      },
    })
  }
})
