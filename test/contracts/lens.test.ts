import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { Failure } from '@assay/sdk/client/errors.ts'
import { cohortSeats } from '@assay/sdk/protocol/cohorts.ts'
import { scoreCommitment } from '@assay/sdk/protocol/commitments.ts'
import { PHASE_TABLE, PHASES, type Phase } from '@assay/sdk/protocol/phases.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { cohortBounds } from '@assay/sdk/protocol/sampling.ts'
import { NOT_AUDITED, packSheet, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { readCohortVotes } from '@assay/sdk/verbs/rounds/read-cohort-votes.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readMaySubmit } from '@assay/sdk/verbs/rounds/read-may-submit.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readRoundAndPool } from '@assay/sdk/verbs/rounds/read-round-and-pool.ts'
import { readStanding } from '@assay/sdk/verbs/rounds/read-standing.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { readTaskFunds } from '@assay/sdk/verbs/tasks/read-task-funds.ts'
import { expect } from 'chai'
import { type Address, createPublicClient, custom, type Hex, zeroAddress, zeroHash } from 'viem'
import { honest, playRound } from '../../benchmarks/gas/play-round.ts'
import {
  enrol,
  give,
  read,
  type Stage,
  send,
  setStage,
  TASK_ID,
  VALIDATOR_STAKE,
  warpTo,
} from '../../benchmarks/gas/stage.ts'
import { answerOf, answers, answersAbout, type Pair } from './lens-questions.ts'

const CONTRIBUTORS = 18
const COMMITTEE_SIZE = 3
const NEWCOMERS = 8
const UNKNOWN_TASK = 9n
const taskId = TASK_ID

/**
 * Views of Rounds are made twice: by RoundsLens in Solidity, and by the sdk from slots that Rounds shows. Whole rounds are played, with
 * a redraw and with more contributors than slots, and both are asked everything in each phase.
 */
describe('The sdk and RoundsLens', () => {
  const pairs = new Map<Phase, Pair[]>()
  const calls: Address[] = []
  let stage: Stage
  let reader: AssayReader
  let submitting: { blockNumber: bigint; state: RoundState } | undefined
  let chances: boolean[]
  let ofCases: Pair[]

  before(async () => {
    const seed = deriveSeed(zeroHash, 'lens')
    stage = await setStage({
      seed,
      contributorCount: CONTRIBUTORS,
      validatorCount: 2 * COMMITTEE_SIZE + 1,
      committeeSize: COMMITTEE_SIZE,
    })
    reader = readerOf(stage, calls)
    await look()
    await playRound(stage, { ...honest, watch: look })
    await look()
    ofCases = await openCases()
    await playRedrawnRound()
    chances = await openCrowdedRound()
  })

  for (const { name } of PHASE_TABLE)
    it(`say the same in ${name}`, () => {
      const found = pairs.get(name) ?? []
      expect(found, `${name} was not reached`).to.not.be.empty
      for (const { question, lens, sdk } of found) expect(sdk, question).to.deep.equal(lens)
    })

  it('met a redraw, results, votes and pay', () => {
    const told = JSON.stringify(
      [...pairs.values()].flat().map(({ sdk }) => sdk),
      (_, value) => (typeof value === 'bigint' ? `${value}n` : value),
    )
    for (const sign of ['"attempt":1', '"settled":true', '"isVoid":true', '"revealed":3', '"seen":1'])
      expect(told).to.include(sign)
    expect(told).to.match(/"pending":"[1-9]/)
    expect(told, 'three votes').to.match(/\["[1-9]\d+n","[1-9]\d+n","[1-9]\d+n"\]/)
  })

  it('draw alike who may submit when there are more contributors than slots', async () => {
    const everybody = stage.contributors.map(({ address }) => address)
    const drawn = await Promise.all(
      everybody.map((contributor) => read(stage, 'lens', 'maySubmit', [taskId, contributor])),
    )
    expect(chances).to.deep.equal(drawn)
    expect(new Set(drawn), 'the draw told nobody off, or everybody').to.have.lengthOf(2)
  })

  it('say the same of an announced pool, of a bid that is not ready and of one that left', async () => {
    const snapshot = (await stage.request('evm_snapshot', [])) as Hex
    const [leaver, stayer] = stage.validators
    const poolRoot = deriveSeed(zeroHash, 'another pool')
    await send(stage, stage.outsider.address, 'tasks', 'announcePool', [taskId, poolRoot])
    await send(stage, stayer!.address, 'rounds', 'ready', [taskId, poolRoot])
    await send(stage, leaver!.address, 'tasks', 'leaveValidators', [taskId])
    const [newcomer] = ((await stage.request('eth_accounts', [])) as Address[]).slice(-1)
    await give(stage, newcomer!, VALIDATOR_STAKE)
    await send(stage, newcomer!, 'registry', 'stake', [VALIDATOR_STAKE])
    await send(stage, newcomer!, 'tasks', 'joinValidators', [taskId, VALIDATOR_STAKE, poolRoot])
    const found = [
      ...(await answers(stage, reader)),
      ...(await answersAbout(stage, reader, [newcomer!, leaver!.address, stayer!.address])),
    ]
    for (const { question, lens, sdk } of found) expect(sdk, question).to.deep.equal(lens)
    const { bid } = await readValidator(reader, { taskId, validator: newcomer! })
    expect(bid).to.include({ standing: 'joined', isReady: false })
    await stage.request('evm_revert', [snapshot])
  })

  it('say the same of what cases keep and take, and of a model that a verdict undoes', () => {
    expect(ofCases).to.not.be.empty
    for (const { question, lens, sdk } of ofCases) expect(sdk, question).to.deep.equal(lens)
  })

  it('refuse a task and a cohort that are not there alike', async () => {
    const account = stage.outsider.address
    const refused = await Promise.all(
      [
        [read(stage, 'lens', 'roundOf', [UNKNOWN_TASK]), readRound(reader, { taskId: UNKNOWN_TASK })],
        [
          read(stage, 'lens', 'earningsOf', [UNKNOWN_TASK, account]),
          readEarnings(reader, { taskId: UNKNOWN_TASK, account }),
        ],
        [
          read(stage, 'lens', 'roundOf', [UNKNOWN_TASK]),
          readStanding(reader, { taskId: UNKNOWN_TASK, contributor: account }),
        ],
        [read(stage, 'lens', 'cohortOf', [taskId, 7]), readCohort(reader, { taskId, cohort: 7 })],
        [read(stage, 'lens', 'votesOf', [taskId, 7]), readCohortVotes(reader, { taskId, cohort: 7 })],
      ].map((asked) => Promise.all(asked.map(answerOf))),
    )
    const names = refused.map(([failure]) => (failure as Failure).name)
    expect(names).to.deep.equal([
      'Rounds_UnknownTask',
      'Rounds_UnknownTask',
      'Rounds_UnknownTask',
      'Rounds_UnknownCohort',
      'Rounds_UnknownCohort',
    ])
    for (const [lens, sdk] of refused) expect(sdk).to.deep.equal(lens)
  })

  it('are asked for a block long gone, with the time of that block', async () => {
    const { blockNumber, state } = submitting!
    expect(await readRound(reader, { taskId, blockNumber })).to.deep.equal(state)
    expect((await readRound(reader, { taskId })).round).to.be.above(state.round)
  })

  it('differ in whom clients ask: Rounds itself, once for each view', async () => {
    const [contributor, validator] = [stage.contributors[0]!.address, stage.validators[0]!.address]
    const { rounds, tasks } = stage.addresses
    const asked = async (read: () => Promise<unknown>) => {
      calls.length = 0
      await read()
      return [...calls]
    }
    expect(await asked(() => readRound(reader, { taskId }))).to.deep.equal([rounds])
    expect(await asked(() => readRoster(reader, { taskId }))).to.deep.equal([rounds])
    expect(await asked(() => readValidator(reader, { taskId, validator }))).to.deep.equal([rounds])
    expect(await asked(() => readEarnings(reader, { taskId, account: validator }))).to.deep.equal([rounds])
    expect(await asked(() => readStanding(reader, { taskId, contributor }))).to.deep.equal([rounds])
    expect(await asked(() => readRoundAndPool(reader, { taskId }))).to.deep.equal([rounds])
    expect(await asked(() => readMaySubmit(reader, { taskId, contributor }))).to.deep.equal([rounds])
    expect(await asked(() => answerOf(readCohort(reader, { taskId, cohort: 0 })))).to.deep.equal([rounds])
    expect(await asked(() => answerOf(readCohortVotes(reader, { taskId, cohort: 0 })))).to.deep.equal([
      rounds,
    ])
    expect(await asked(() => readParticipant(reader, { taskId, contributor }))).to.have.members([
      rounds,
      tasks,
    ])
    expect(await asked(() => readTaskFunds(reader, { taskId }))).to.have.members([rounds, tasks])
  })

  /** Two cases against validators that the last round paid, one of them won, and a verdict on a model while a round is open. */
  async function openCases(): Promise<Pair[]> {
    const snapshot = (await stage.request('evm_snapshot', [])) as Hex
    const { court } = stage.addresses
    const model = deriveSeed(zeroHash, 'an older model')
    const paid: Address[] = []
    for (const { address: account } of stage.validators)
      if ((await readEarnings(reader, { taskId, account })).pending > 0n) paid.push(account)
    const [kept, taken] = paid as [Address, Address]
    for (const account of [kept, taken]) await send(stage, court, 'rounds', 'seize', [taskId, account])
    await send(stage, court, 'rounds', 'forfeit', [taskId, taken])
    await send(stage, stage.outsider.address, 'rounds', 'openRound', [taskId])
    await send(stage, court, 'rounds', 'rollBackModel', [taskId, 1, model])
    const found = [...(await answers(stage, reader)), ...(await answersAbout(stage, reader, [kept, taken]))]
    expect((await readRound(reader, { taskId })).rollBackHash).to.equal(model)
    const { seized, cases } = await readEarnings(reader, { taskId, account: kept })
    expect(seized > 0n && cases === 1, 'nothing was seized').to.equal(true)
    expect((await readTaskFunds(reader, { taskId })).forfeited > 0n, 'nothing was forfeited').to.equal(true)
    await stage.request('evm_revert', [snapshot])
    return found
  }

  /** Nobody scores first; then a second committee's seat does, and all cohorts end void. */
  async function playRedrawnRound(): Promise<void> {
    const keeper = stage.outsider.address
    await send(stage, keeper, 'rounds', 'openRound', [taskId])
    const { submitEnd } = await read(stage, 'lens', 'roundOf', [taskId])
    for (const { address } of stage.contributors)
      await send(stage, address, 'rounds', 'submit', [taskId, deriveSeed(stage.seed, 'unseen')])
    await warpTo(stage, submitEnd)
    await send(stage, keeper, 'rounds', 'closeSubmissions', [taskId])
    await stage.request('hardhat_mine', ['0x2'])
    await send(stage, keeper, 'rounds', 'seal', [taskId])
    await look()
    const sealed = await readRound(reader, { taskId })
    await warpTo(stage, sealed.revealEnd!)
    const reveal = await commitInRedraw(sealed)
    await look()
    await warpTo(stage, sealed.redrawCommitEnd!)
    await reveal()
    await look()
    await warpTo(stage, sealed.redrawRevealEnd!)
    for (const cohort of [0, 1]) {
      await send(stage, keeper, 'rounds', 'voidCohort', [taskId, cohort])
      await look()
    }
    await send(stage, keeper, 'rounds', 'finalizeRound', [taskId])
    await look()
  }

  /** A seat of cohort 0's second committee commits to a sheet. @returns what reveals it */
  async function commitInRedraw({ beacon, round, submissions }: RoundState): Promise<() => Promise<unknown>> {
    const { validators, weights } = await readRoster(reader, { taskId })
    const draw = { beacon: beacon!, cohort: 0, weights, committeeSize: COMMITTEE_SIZE }
    const [first] = cohortSeats({ ...draw, attempt: 1 })
    const validator = validators[first!]!
    const { size } = cohortBounds(submissions, 0)
    const words = [...packSheet(Array.from({ length: size }, () => scoreEntry({ quality: NOT_AUDITED })))]
    const { chainId } = stage
    const { rounds } = stage.addresses
    const sheet = { cohorts: [0], words, salt: zeroHash }
    const digest = scoreCommitment({ chainId, rounds, taskId, round, attempt: 1, validator, ...sheet })
    await send(stage, validator, 'rounds', 'commitScores', [taskId, digest])
    return () => send(stage, validator, 'rounds', 'revealScores', [taskId, [0], words, zeroHash])
  }

  /** Opens a round for which more are enrolled than there are slots. @returns who may submit, as the sdk says */
  async function openCrowdedRound(): Promise<boolean[]> {
    const accounts = (await stage.request('eth_accounts', [])) as Address[]
    for (const address of accounts.slice(1, 1 + NEWCOMERS)) await enrol(stage, { address })
    await send(stage, stage.outsider.address, 'rounds', 'openRound', [taskId])
    const everybody = stage.contributors.map(({ address: contributor }) => ({ taskId, contributor }))
    return Promise.all(everybody.map((place) => readMaySubmit(reader, place)))
  }

  /** Asks both everything in the phase that the round is in. */
  async function look(): Promise<void> {
    const view = await read(stage, 'lens', 'roundOf', [taskId])
    const phase = PHASES[view.phase]!
    if (phase === 'Submit') {
      submitting ??= {
        blockNumber: await reader.chain.getBlockNumber(),
        state: await readRound(reader, { taskId }),
      }
    }
    pairs.set(phase, [...(pairs.get(phase) ?? []), ...(await answers(stage, reader))])
    if (phase !== 'CohortVote') return
    const before = (await stage.request('evm_snapshot', [])) as Hex
    await warpTo(stage, view.cohortVoteEnd)
    await look()
    await stage.request('evm_revert', [before])
  }
})

/** A reader of the stage's chain that notes whom it calls. */
function readerOf({ addresses, chainId, request }: Stage, calls: Address[]): AssayReader {
  const { token: assayToken, registry: stakeRegistry, tasks, rounds } = addresses
  const transport = custom({
    request: ({ method, params }: { method: string; params: unknown[] }) => {
      if (method === 'eth_call') calls.push((params[0] as { to: Address }).to)
      return request(method, params)
    },
  })
  // No view may need the lens, the beacon or another piece of code.
  const others = {
    beacon: zeroAddress,
    roundsExtension: zeroAddress,
    roundsMembership: zeroAddress,
    roundsCases: zeroAddress,
    roundsLens: zeroAddress,
    accusations: zeroAddress,
    court: zeroAddress,
    jury: zeroAddress,
    canaries: zeroAddress,
    windowAccusations: zeroAddress,
  }
  return {
    chain: createPublicClient({ transport, cacheTime: 0 }),
    deployment: {
      network: 'hardhat',
      chainId,
      startBlock: 0,
      commit: '',
      contracts: { assayToken, stakeRegistry, tasks, rounds, ...others },
    },
  }
}
