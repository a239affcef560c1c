import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blobHash } from '@assay/engine/hash.ts'
import { indexPool } from '@assay/engine/judge/pool-copies.ts'
import { serializeModel, startState } from '@assay/engine/package/model.ts'
import { readModel } from '@assay/engine/package/model-blob.ts'
import type { State } from '@assay/engine/package/state.ts'
import { delta } from '@assay/engine/run/update.ts'
import { withMemory } from '@assay/oracle/blob-memory.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { openFileStore } from '@assay/store/file-store.ts'
import { forgetCheckedOpenings } from '@assay/store/opening-record.ts'
import { contribute } from './contribute.ts'
import { openCpuClock } from './cpu-clock.ts'
import { factsOf, membersOf, openFederation } from './federation.ts'
import { judgeCohort } from './judge-cohort.ts'
import type { Crowd, Part } from './parts.ts'
import type { EachSeconds } from './report.ts'

/** Steps to which updates are compared: as many as an oracle remembers. */
const GLOBAL_STEPS = 5
/** In the first round code is compiled; daemons run for many rounds. */
const WARM_UP_ROUNDS = 1

/**
 * Plays rounds of one cohort: every member trains and shows what the first seat reads, that seat judges all of them.
 *
 * @returns mean CPU seconds of each part, in the rounds after the first; and those of preparing the pool, once for all rounds
 */
export async function playCohort(
  crowd: Crowd,
  { steps, seed, rounds }: { steps: number; seed: Hash; rounds: number },
): Promise<{ each: EachSeconds; indexSeconds: number }> {
  const federation = await openFederation(crowd, steps, seed)
  const { task } = federation
  const dir = await mkdtemp(join(tmpdir(), 'assay-judge-'))
  const files = await openFileStore({ dir: join(dir, 'store') })
  const clock = openCpuClock<Part>()
  const began = process.cpuUsage()
  const index = indexPool(federation.pool, { seed, spec: task.spec })
  const { user, system } = process.cpuUsage(began)
  const indexSeconds = (user + system) / 1e6
  let [base, baseModel]: [State, Uint8Array] = [task.init, serializeModel(task.spec, task.init)]
  await files.put(baseModel)
  const first = task.init
  for (let round = 1; round <= WARM_UP_ROUNDS + rounds; round++) {
    if (round === WARM_UP_ROUNDS + 1) clock.reset()
    const facts = factsOf(federation, { round, baseModelHash: blobHash(baseModel) })
    const played = { federation, facts, base, clock, store: withMemory(files), dir: join(dir, String(round)) }
    const members = []
    for (const index of membersOf(facts)) members.push(await contribute(played, index))
    const steps =
      round === 1 ? [] : Array.from({ length: GLOBAL_STEPS }, () => () => delta(task.spec, first, base))
    // Nothing that the seat reads is in its memory yet.
    forgetCheckedOpenings()
    baseModel = await judgeCohort({ ...played, store: withMemory(files), members, steps, index })
    await files.put(baseModel)
    base = startState(task, readModel(task.spec, baseModel).state)
  }
  await federation.engine.close()
  await rm(dir, { recursive: true })
  return { each: clock.meanSeconds, indexSeconds }
}
