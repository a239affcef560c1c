import { fileURLToPath } from 'node:url'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { tolerant } from '@assay/engine/fixtures/inexact.ts'
import { seedOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { serializeState, stateHash } from '@assay/engine/package/state.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { checkWindowEvidence } from '@assay/engine/run/evidence.ts'
import { train } from '@assay/engine/run/train.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import { expect } from 'chai'
import { evidenceOf } from './evidence-duty.ts'
import { makeWorkplace, type OpenContext, type Workplace } from './fixtures/workplace.ts'
import { type TrainerConfig, withTrainer } from './trainer.ts'
import { borderOf, ensureWork } from './work.ts'

const PROGRAM = fileURLToPath(new URL('../engine/fixtures/inexact-trainer.ts', import.meta.url))
const PREVIOUS_BEACON = seedOf('beacon')

describe('what a contributor trains with', () => {
  const places: Workplace[] = []
  const open: OpenContext[] = []
  const begin = async (contents: Parameters<typeof makeWorkplace>[0]) => {
    const place = await makeWorkplace(contents)
    places.push(place)
    const context = await place.open()
    open.push(context)
    return { place, context }
  }
  const chosen = async ({ bench, params, signal }: OpenContext, config: TrainerConfig, until = signal) =>
    withTrainer(bench, params.specHash, { chosen: config, signal: until })
  after(async () => {
    for (const context of open) await context.close()
    for (const place of places) await place.remove()
  })

  it('is the engine in an exact task: anything else would cost stake', async () => {
    const { context } = await begin(smallTask())
    const refusal = await chosen(context, { kind: 'program', command: 'true' }).catch(
      (error: unknown) => error,
    )
    expect(refusal).to.be.instanceOf(FatalDaemonError)
    expect((refusal as Error).message).to.match(/^The task is exact: .* Leave --trainer away/)
  })

  it('may be a program in a tolerant one, whose windows the engine finds near enough', async () => {
    const { place, context } = await begin(tolerant(smallTask()))
    const command = `"${process.execPath}" "${PROGRAM}" "${place.dir}/package" 0.001`
    const bench = await chosen(context, { kind: 'program', command })
    const training = { ...context, bench }
    const { contents, dir } = place
    const { spec, init } = contents
    await context.store.put(serializeState(spec, init))
    const basis = {
      round: 1,
      baseModelHash: blobHash(serializeState(spec, init)),
      previousBeacon: PREVIOUS_BEACON,
    }
    const work = (await ensureWork(training, basis, 0))!
    // Kept in files, because no other training gives the same bits.
    expect(stateHash(spec, await borderOf(context, work, 2))).to.equal(work.stateHashes[2])
    const engine = await context.bench.engine(context.params.specHash)
    const { dataset, root } = await context.data()
    const claim = {
      window: 1,
      round: 1,
      stateRoot: work.stateRoot,
      dataRoot: root,
      sampleCount: dataset.n,
      batchSeed: batchSeed({
        taskId: 1n,
        round: 1n,
        contributor: context.account.address,
        previousBeacon: PREVIOUS_BEACON,
      }),
      start: init,
      startHash: work.stateHashes[0]!,
      finalStateHash: work.stateHashes.at(-1)!,
    }
    const evidence = await evidenceOf(training, work, 1)
    expect(await checkWindowEvidence({ engine, evidence, ...claim })).to.include({ ok: true })
    const other = await place.open({ dataDir: `${dir}/other` })
    open.push(other)
    const exact = (await ensureWork(other, basis, 0))!
    expect(exact.stateRoot, 'the engine trains to other bits').to.not.equal(work.stateRoot)
    await bench.close()
  })

  it('is ended with the daemon, also a program that never answers', async () => {
    const { place, context } = await begin(tolerant(smallTask()))
    const { spec, init } = place.contents
    const stop = new AbortController()
    const command = 'cat > /dev/null'
    const bench = await chosen(context, { kind: 'program', command }, stop.signal)
    const engine = await bench.engine(context.params.specHash)
    const { dataset: data } = await context.data()
    const round = { base: init, data, round: 1, batchSeed: seedOf('batches') }
    const asked = train({ engine, ...round }).catch((error: unknown) => error)
    stop.abort()
    const error = await asked
    expect(error).to.be.instanceOf(EngineRefusal)
    expect((error as EngineRefusal).code, spec.name).to.equal('engine')
    await bench.close()
  })

  it('makes states that nobody can train again: what is lost is not trained for nothing', async () => {
    const { place, context } = await begin(tolerant(smallTask()))
    const { spec, init } = place.contents
    await context.store.put(serializeState(spec, init))
    const baseModelHash = blobHash(serializeState(spec, init))
    const work = (await ensureWork(context, { round: 1, baseModelHash, previousBeacon: PREVIOUS_BEACON }, 0))!
    await context.traces.keepNewest([])
    const trainer = { kind: 'program', command: 'true' } as const
    const lost = { ...context, config: { ...context.config, trainer } }
    const message = await borderOf(lost, work, 1).catch((error: Error) => error.message)
    expect(message).to.match(/^the states of round 1 are no longer on disk, .* Restore .*traces\.$/)
  })
})
