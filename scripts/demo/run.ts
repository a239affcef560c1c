import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digitsTestSet, digitsTrainingSet } from '@assay/lab/digits.ts'
import { epochSeconds } from '@assay/sdk/protocol/task-params.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { closeTaskCall } from '@assay/sdk/verbs/tasks/close-task.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { httpStore } from '@assay/store/http-store.ts'
import { type Cast, castOf, demoSeed } from './cast.ts'
import { accuraciesOf, trainCentrally } from './central.ts'
import { type DemoChain, startChain } from './chain.ts'
import { type Ledger, readLedger } from './ledger.ts'
import { createLockstep, type Lockstep } from './lockstep.ts'
import type { DemoOptions } from './options.ts'
import type { StartMessage } from './participant.ts'
import { createProcesses, type Participant, type Processes } from './processes.ts'
import { makeReport } from './report.ts'
import type { DemoReport } from './report-types.ts'
import { type DemoTask, deployOn, setUpTask, writeShards } from './setup.ts'
import { startMessages } from './start-messages.ts'
import { transact } from './transact.ts'

const CHAIN_ID = 31337
/** A round that takes more blocks is stuck. */
const MOST_BLOCKS_A_ROUND = 300
const INTERRUPTION_MS = 100
const LARGEST_MODEL_BYTES = 64 * 1024 * 1024

const CLI = join(import.meta.dirname, '../../cli/assay.ts')
const PARTICIPANT = join(import.meta.dirname, 'participant.ts')
const SLOW_STORE = join(import.meta.dirname, 'slow-store.ts')

export interface DemoRun {
  report: DemoReport
  ledger: Ledger
}

/** Is told how far the demo is. */
export interface Progress {
  step(sentence: string): void
  phase(round: number, phase: string): void
}

/**
 * Runs the whole demo: chain, store, task, contributors, validators, rounds. Whatever happens, its processes are ended and its temporary files removed afterwards.
 *
 * @param signal ends it early
 * @throws Error with a sentence that says what went wrong, such as which process died and what it said last
 */
export async function runDemo(
  options: DemoOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<DemoRun> {
  const workDir = await mkdtemp(join(tmpdir(), 'assay-demo-'))
  const processes = createProcesses(join(options.outputDir, 'logs'))
  const killAll = () => processes.kill()
  process.once('exit', killAll)
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true })
  })
  aborted.catch(() => undefined) // handled by the race below
  try {
    return await Promise.race([perform(options, progress, processes, workDir), processes.failure, aborted])
  } catch (error) {
    // Ctrl-C reaches all processes of a terminal: one of them may die before this process gets the signal.
    await new Promise((wake) => setTimeout(wake, INTERRUPTION_MS))
    throw signal.aborted ? new Error('interrupted') : error
  } finally {
    await processes.stop()
    process.removeListener('exit', killAll)
    await rm(workDir, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function perform(
  options: DemoOptions,
  progress: Progress,
  processes: Processes,
  workDir: string,
): Promise<DemoRun> {
  const cast = castOf(options)
  progress.step('starting the chain and the blob store')
  const chain = await startChain(CHAIN_ID)
  processes.watch('anvil', chain.process)
  const storeUrl = await startStore(processes, workDir)
  progress.step('deploying the contracts, publishing and funding the digits task')
  const deployment = await deployOn(chain, cast.owner)
  const demoTask = await setUpTask({ chain, deployment, cast, options, storeUrl, workDir })
  const shards = await writeShards(options, demoTask, workDir)
  progress.step(`starting ${cast.contributors.length} contributors and ${cast.validators.length} validators`)
  const storeUrls = [...(await startSlowStores(processes, options.slowStores)), storeUrl]
  const messages = startMessages({
    options,
    cast,
    demoTask,
    rpcUrl: chain.rpcUrl,
    storeUrls,
    shards,
    workDir,
  })
  const participants = await startParticipants(processes, messages)
  const lockstep = createLockstep({ chain, ...demoTask, processes, participants })
  await enrolAll(lockstep, demoTask, cast)
  progress.phase(1, 'Submit')

  const startedAt = performance.now()
  await playRounds(lockstep, demoTask, options.rounds, progress)
  progress.step('letting the court end its cases')
  await lockstep.endCases()
  progress.step('letting the last pay mature, closing the task')
  await endTask(lockstep, chain, demoTask, cast)
  progress.step('training centrally for comparison, measuring accuracies')
  return report({ options, cast, demoTask, storeUrl, startedAt })
}

async function startStore(processes: Processes, workDir: string): Promise<string> {
  processes.start('store', CLI, ['store', '--dir', join(workDir, 'blobs'), '--port', '0'])
  const { url } = await processes.message('store', 'listening')
  return url as string
}

/** Stores that drip or hang. They are named first, so that everybody asks them first. */
function startSlowStores(processes: Processes, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, i) => `slow-store-${i + 1}`)
  return Promise.all(
    names.map(async (name) => {
      processes.start(name, SLOW_STORE)
      return (await processes.message(name, 'listening')).url as string
    }),
  )
}

/** Starts all of them. The first one of each role leaves its compiled code behind for the others, before they start. */
async function startParticipants(
  processes: Processes,
  messages: Map<string, StartMessage>,
): Promise<Participant[]> {
  const all = [...messages]
  const isFirst = ([, { role }]: [string, StartMessage], at: number) =>
    all.findIndex(([, other]) => other.role === role) === at
  const start = async ([name, message]: [string, StartMessage]) => {
    const participant = processes.start(name, PARTICIPANT, [name]) // its name shows in ps
    await processes.message(name, 'ready')
    const [loaded, idle] = ['loaded', 'idle'].map((type) => processes.message(name, type))
    participant.send(message)
    await loaded
    return { participant, idle }
  }
  const first = all.filter(isFirst).map(start)
  await Promise.all(first)
  const others = all.filter((one, at) => !isFirst(one, at)).map(start)
  const started = await Promise.all([...first, ...others])
  await Promise.all(started.map(({ idle }) => idle))
  return started.map(({ participant }) => participant)
}

/** Blocks until everybody has a part in the task. */
async function enrolAll({ step }: Lockstep, { reader, taskId }: DemoTask, cast: Cast): Promise<void> {
  for (let block = 0; block < MOST_BLOCKS_A_ROUND; block++) {
    await step()
    const { round } = await readRound(reader, { taskId })
    if (round > 0) return
  }
  throw new Error(
    `No round opened within ${MOST_BLOCKS_A_ROUND} blocks although ${cast.contributors.length} contributors were started: see the logs.`,
  )
}

async function playRounds(
  { advance }: Lockstep,
  { reader, taskId }: DemoTask,
  rounds: number,
  progress: Progress,
) {
  let last = await readRound(reader, { taskId })
  for (let blocks = 0; ; blocks++) {
    const now = await advance()
    if (now.phase !== last.phase || now.round !== last.round) {
      progress.phase(now.round, now.phase)
      if (now.round !== last.round) blocks = 0
    }
    if (now.phase === 'Idle' && now.round === rounds) return
    if (blocks > MOST_BLOCKS_A_ROUND)
      throw new Error(`Round ${now.round} has been in phase ${now.phase} for too many blocks: see the logs.`)
    last = now
  }
}

/** Lets everything mature and be claimed, then has the owner close the task and take back what is free. */
async function endTask(
  { step }: Lockstep,
  chain: DemoChain,
  { reader, taskId }: DemoTask,
  cast: Cast,
): Promise<void> {
  const params = await readTaskParams(reader, { taskId })
  await step(2 * epochSeconds(params))
  await step()
  for (let blocks = 1; (await chain.waitingTransactions()) > 0; blocks++) {
    if (blocks === MOST_BLOCKS_A_ROUND) throw new Error('The last claims get into no block: see the logs.')
    await step()
  }
  await transact(chain, [{ account: cast.owner, ...closeTaskCall(reader.deployment, { taskId }) }])
}

async function report(at: {
  options: DemoOptions
  cast: Cast
  demoTask: DemoTask
  storeUrl: string
  startedAt: number
}): Promise<DemoRun> {
  const { options, cast, demoTask, storeUrl, startedAt } = at
  const { reader, taskId, taskPackage } = demoTask
  const ledger = await readLedger(reader, taskId)
  const store = httpStore({ url: storeUrl })
  const test = await digitsTestSet()
  const models = await Promise.all(
    ledger.rounds.map(({ modelHash }) => store.get(modelHash, { maxBytes: LARGEST_MODEL_BYTES })),
  )
  const accuracies = await accuraciesOf({ taskPackage, models, test })
  const centralized = await trainCentrally({
    taskPackage,
    data: await digitsTrainingSet(),
    test,
    rounds: ledger.rounds.length,
    seed: demoSeed(options.seed),
  })
  const { seed, slowStores } = options
  return {
    report: await makeReport({
      reader,
      taskId,
      cast,
      ledger,
      seed,
      slowStores,
      startedAt,
      accuracies,
      centralized,
    }),
    ledger,
  }
}
