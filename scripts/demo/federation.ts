import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { epochSeconds } from '@assay/sdk/protocol/task-params.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { closeTaskCall } from '@assay/sdk/verbs/tasks/close-task.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { type Cast, castOf } from './cast.ts'
import { type DemoChain, startChain } from './chain.ts'
import { createLockstep, type Lockstep } from './lockstep.ts'
import type { FederationOptions } from './options.ts'
import type { StartMessage } from './participant.ts'
import { createProcesses, type Participant, type Processes } from './processes.ts'
import { type DemoTask, deployOn, type FederatedTask, setUpTask } from './setup.ts'
import { startMessages } from './start-messages.ts'
import { transact } from './transact.ts'

const CHAIN_ID = 31337
/** A round that takes more blocks is stuck. */
const MOST_BLOCKS_A_ROUND = 300
const INTERRUPTION_MS = 100

const CLI = join(import.meta.dirname, '../../cli/assay.ts')
const PARTICIPANT = join(import.meta.dirname, 'participant.ts')
const SLOW_STORE = join(import.meta.dirname, 'slow-store.ts')

/** Is told how far a federation is. */
export interface Progress {
  step(sentence: string): void
  phase(round: number, phase: string): void
}

/** What is left of a federation when its task is closed. Its chain and its store still run. */
export interface PlayedTask extends DemoTask {
  cast: Cast
  rpcUrl: string
  storeUrl: string
  /** When the first round started, by the process's clock (`performance.now()`). */
  startedAt: number
}

/**
 * Has contributors and validators, each in a process of its own, train a task on a chain of its own: chain, store, task,
 * rounds. Whatever happens, the processes are ended and temporary files removed afterwards.
 *
 * @param plan.makeTask writes what is trained; it gets a folder for that
 * @param plan.finish looks at the result while the chain and the store still run
 * @param signal ends it early
 * @throws Error with a sentence that says what went wrong, such as which process died and what it said last
 */
export async function runFederation<Result>(
  options: FederationOptions,
  plan: {
    makeTask: (workDir: string) => Promise<FederatedTask>
    finish: (played: PlayedTask) => Promise<Result>
  },
  progress: Progress,
  signal: AbortSignal,
): Promise<Result> {
  const workDir = await mkdtemp(join(tmpdir(), 'assay-demo-'))
  const processes = createProcesses(join(options.outputDir, 'logs'))
  const killAll = () => processes.kill()
  process.once('exit', killAll)
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true })
  })
  aborted.catch(() => undefined) // handled by the race below
  const perform = async () => {
    const task = await plan.makeTask(workDir)
    return plan.finish(await play({ options, task, progress, processes, workDir }))
  }
  try {
    return await Promise.race([perform(), processes.failure, aborted])
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

async function play(at: {
  options: FederationOptions
  task: FederatedTask
  progress: Progress
  processes: Processes
  workDir: string
}): Promise<PlayedTask> {
  const { options, task, progress, processes, workDir } = at
  const cast = castOf(options)
  progress.step('starting the chain and the blob store')
  const chain = await startChain(CHAIN_ID)
  processes.watch('anvil', chain.process)
  const storeUrl = await startStore(processes, workDir)
  progress.step('deploying the contracts, publishing and funding the task')
  const deployment = await deployOn(chain, cast.owner)
  const demoTask = await setUpTask({ chain, deployment, cast, options, storeUrl, task })
  progress.step(`starting ${cast.contributors.length} contributors and ${cast.validators.length} validators`)
  const storeUrls = [...(await startSlowStores(processes, options.slowStores)), storeUrl]
  const { shards, trainer } = task
  const people = { options, cast, demoTask, rpcUrl: chain.rpcUrl, storeUrls, shards, trainer, workDir }
  const participants = await startParticipants(processes, startMessages(people))
  const lockstep = createLockstep({ chain, ...demoTask, processes, participants })
  await enrolAll(lockstep, demoTask, cast)
  progress.phase(1, 'Submit')

  const startedAt = performance.now()
  await playRounds(lockstep, demoTask, options.rounds, progress)
  progress.step('letting the court end its cases')
  await lockstep.endCases()
  progress.step('letting the last pay mature, closing the task')
  await endTask(lockstep, chain, demoTask, cast)
  return { ...demoTask, cast, rpcUrl: chain.rpcUrl, storeUrl, startedAt }
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
