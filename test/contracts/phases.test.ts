import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { PHASE_TABLE, PHASES, type Phase, type PhaseCall } from '@assay/sdk/protocol/phases.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { type Abi, decodeErrorResult, encodeFunctionData, type Hex, zeroHash } from 'viem'
import { honest, playRound } from '../../benchmarks/gas/play-round.ts'
import { read, type Stage, send, setStage, TASK_ID, warpTo } from '../../benchmarks/gas/stage.ts'

/** Each call with dummy arguments: only whether the phase allows it matters. */
const CALLS: Record<PhaseCall, readonly unknown[]> = {
  openRound: [],
  submit: [zeroHash],
  submitBatch: [1, [], [], '0x'],
  closeSubmissions: [],
  seal: [],
  commitScores: [zeroHash],
  revealScores: [[], [], zeroHash],
  settle: [[0], []],
  redrawCommittees: [[0]],
  voidCohort: [0],
  voteAggregates: [[], []],
  voteModel: [zeroHash],
  finalizeRound: [],
}

/**
 * The sdk's phase table against the contracts: every function is tried in each phase, and only those that the table allows must get
 * past the check of the phase.
 */
describe('The phase table', () => {
  const seen = new Map<Phase, PhaseCall[]>()
  let stage: Stage

  before(async () => {
    const seed = deriveSeed(zeroHash, 'phases')
    stage = await setStage({ seed, contributorCount: 4, validatorCount: 7, committeeSize: 3 })
    await look()
    await playRound(stage, { ...honest, watch: look })
    await playSilentRound()
  })

  for (const { name, allows } of PHASE_TABLE)
    it(`tells what Rounds accepts in ${name}`, () => {
      expect(seen.get(name), `${name} was not reached`).to.have.members([...allows])
    })

  /** A round that nobody scores: it goes through the phases that a round with majorities skips. */
  async function playSilentRound(): Promise<void> {
    const keeper = stage.outsider.address
    await send(stage, keeper, 'rounds', 'openRound', [TASK_ID])
    const { submitEnd } = await read(stage, 'lens', 'roundOf', [TASK_ID])
    for (const { address } of stage.contributors)
      await send(stage, address, 'rounds', 'submit', [TASK_ID, deriveSeed(stage.seed, 'unseen')])
    await warpTo(stage, submitEnd)
    await send(stage, keeper, 'rounds', 'closeSubmissions', [TASK_ID])
    await stage.request('hardhat_mine', ['0x2'])
    await send(stage, keeper, 'rounds', 'seal', [TASK_ID])
    const sealed = await read(stage, 'lens', 'roundOf', [TASK_ID])
    for (const time of [sealed.revealEnd, sealed.redrawCommitEnd, sealed.redrawRevealEnd]) {
      await warpTo(stage, time)
      await look()
    }
    await send(stage, keeper, 'rounds', 'voidCohort', [TASK_ID, 0])
    await look()
  }

  /** Tries every function in the phase that the round is in; once a phase is enough. */
  async function look(): Promise<void> {
    const { phase, cohortVoteEnd } = await read(stage, 'lens', 'roundOf', [TASK_ID])
    const name = PHASES[phase]!
    if (!seen.has(name)) seen.set(name, await acceptedCalls())
    if (name !== 'CohortVote') return
    const before = (await stage.request('evm_snapshot', [])) as Hex
    await warpTo(stage, cohortVoteEnd)
    await look()
    await stage.request('evm_revert', [before])
  }

  async function acceptedCalls(): Promise<PhaseCall[]> {
    const accepted: PhaseCall[] = []
    for (const [call, args] of Object.entries(CALLS) as [PhaseCall, readonly unknown[]][]) {
      if ((await refusalOf(call, args)) !== 'Rounds_WrongPhase') accepted.push(call)
    }
    return accepted
  }

  /** The name of the error that a call ends with; undefined when it doesn't, or says nothing. */
  async function refusalOf(functionName: PhaseCall, args: readonly unknown[]): Promise<string | undefined> {
    // Whether `settle` is allowed depends on its cohort too: it gets that far only with the right members.
    const members = functionName === 'settle' ? [[0], stage.contributors.map(({ address }) => address)] : args
    const abi: Abi = iRoundsAbi
    const data = encodeFunctionData({ abi, functionName, args: [TASK_ID, ...members] })
    const from = stage.validators[0]!.address
    try {
      await stage.request('eth_call', [{ from, to: stage.addresses.rounds, data }, 'latest'])
      return undefined
    } catch (error) {
      const revert = (error as { data?: Hex }).data
      return revert === undefined || revert === '0x'
        ? undefined
        : decodeErrorResult({ abi, data: revert }).errorName
    }
  }
})
