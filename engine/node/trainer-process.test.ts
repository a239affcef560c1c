import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { inexact, tolerant } from '../fixtures/inexact.ts'
import { noisyTask } from '../fixtures/noisy-task.ts'
import { blobs, seedOf } from '../fixtures/small-tasks.ts'
import type { TaskPackage } from '../package/task-contents.ts'
import { EngineRefusal } from '../refusal.ts'
import type { Engine, Trainer } from '../run/runner.ts'
import { train, windowBatches } from '../run/train.ts'
import { openEngine } from './session.ts'
import { writeTaskPackage } from './task-package.ts'
import { openTrainerProcess } from './trainer-process.ts'

const PROGRAM = fileURLToPath(new URL('../fixtures/inexact-trainer.ts', import.meta.url))
const OFF = 1e-3
const data = blobs(41, seedOf('shard'))

describe('a program that trains', () => {
  let dir: string
  let task: TaskPackage
  let engine: Engine
  const open: { close(): Promise<void> }[] = []

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-trainer-'))
    task = await writeTaskPackage(dir, tolerant(noisyTask()))
    engine = await openEngine(task)
  })
  after(async () => {
    for (const one of [...open, engine]) await one.close()
    await rm(dir, { recursive: true })
  })

  const start = (command: string) => {
    const trainer = openTrainerProcess(task.spec, command)
    open.push(trainer)
    return trainer
  }
  const node = (script: string) => `"${process.execPath}" -e '${script}'`
  const trained = (trainer: Trainer) =>
    train({ engine: trainer, base: task.init, data, round: 1, batchSeed: seedOf('batches') })
  const failure = async (trainer: Trainer): Promise<EngineRefusal> => {
    const error = await trained(trainer).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(EngineRefusal)
    return error as EngineRefusal
  }

  it('is asked for each window, with all that a step takes, and its states are those of the trace', async () => {
    const trainer = start(`"${process.execPath}" "${PROGRAM}" "${dir}" ${OFF}`)
    // Calls are answered in their order, however many wait.
    const [theirs, again] = await Promise.all([trained(trainer), trained(trainer)])
    expect(again).to.deep.equal(theirs)
    const ours = await trained(inexact(engine, OFF))
    expect(theirs).to.deep.equal(ours)
    expect(theirs.stateRoot).to.not.equal((await trained(engine)).stateRoot)
  })

  it('may end in values that are not finite, as the engine may', async () => {
    const trainer = start(`"${process.execPath}" "${PROGRAM}" "${dir}" 0`)
    const huge = { ...data, inputs: { x: data.inputs.x!.map(() => 3e38) } }
    const batch = windowBatches(task.spec, { data: huge, round: 1, batchSeed: seedOf('batches') }, 0)
    const { state, losses } = await trainer.steps(task.init, batch)
    expect([...state.values()].some((values) => values.includes(Number.NaN))).to.equal(true)
    expect(losses).to.have.length(batch.length)
  })

  it('says so when it can’t be started, ends, or ended before', async () => {
    const nothing = await failure(start('assay-has-no-such-program 2>&-'))
    expect(nothing.code).to.equal('engine')
    expect(nothing.message).to.match(
      /^the trainer "assay-has-no-such-program 2>&-" can't go on: it ended with code 127/,
    )
    const ending = start(node('process.stdin.once("data", () => process.exit(3))'))
    expect((await failure(ending)).message).to.contain('it ended with code 3')
    expect((await failure(ending)).message).to.contain('it ended with code 3')
  })

  it('is ended with all that it started, whatever it is doing', async () => {
    const forever = start(`${node('process.on("SIGTERM", () => 0); setInterval(() => 0, 1e6)')} && true`)
    const asked = trained(forever).catch((error: Error) => error.message)
    await forever.close()
    expect(await asked).to.match(/closed its standard output|it ended with SIGKILL|can't go on/)
    // The shell must not keep the output open.
    const mute = start(`exec ${node('process.stdin.on("data", () => 0); require("fs").closeSync(1)')}`)
    expect((await failure(mute)).code).to.equal('engine')
    await mute.close()
    const nothing = start('assay-has-no-such-program 2>&-')
    await failure(nothing)
    await nothing.close()
  })

  it('refuses what else is written to its output, and answers of another form', async () => {
    const chatty = await failure(
      start(node('process.stdin.once("data", () => console.log("loading the model"))')),
    )
    expect(chatty.code, 'no divergence of the training').to.equal('engine')
    expect(chatty.message).to.contain('is something else written to its standard output?')
    const empty = node(
      'const b = Buffer.alloc(18); b[0] = 10; b[8] = 2; b.write("{}", 16); process.stdin.once("data", () => process.stdout.write(b))',
    )
    expect((await failure(start(empty))).message).to.contain("the trainer's answer has no losses F32")
  })
})
