import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrainingWork } from '@assay/contributor/behaviour.ts'
import { parseState, type State, serializeState } from '@assay/engine/package/state.ts'
import { windowCount } from '@assay/engine/package/task-spec.ts'
import { delta } from '@assay/engine/run/update.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import type { SimulatedContributor } from './behaviour.ts'
import { noisy, straightTrace } from './fake-trace.ts'

/** Commitments hide updates until it is too late to copy them, so this needs somebody who gives its update away. */
export const copy: SimulatedContributor = {
  role: 'contributor',
  name: 'copy',
  description: 'contributors that send an accomplice’s update with a little noise',
  defaultCount: 1,
  parameter: {
    meaning: 'length of the noise as a fraction of the copied update’s',
    default: 0.05,
    least: 0,
    most: 1,
  },
  expected: { mostPayBps: 3_000 },
  deviate: ({ seed, sharedDir, parameter: noise }) => ({
    train: async (work) => {
      const { base, contents, blocksSinceStart } = work
      // The accomplice trains in the round's first block; reading earlier would make the outcome a matter of luck.
      const copied = blocksSinceStart > 0 ? await readShared(sharedDir, work) : undefined
      if (!copied) return undefined
      const step = delta(contents.spec, base, copied)
      const rootMeanSquare = Math.sqrt(step.reduce((sum, value) => sum + value * value, 0) / step.length)
      const final = noisy(copied, { seed, sigma: noise * rootMeanSquare, work })
      return straightTrace(base, final, windowCount(contents.spec))
    },
  }),
  // Works honestly, but puts its update into the folder before the open phase.
  accomplice: ({ sharedDir }) => ({
    train: async (work, honest) => {
      const trace = await honest()
      const path = sharedPath(sharedDir, work)
      await mkdir(sharedDir, { recursive: true })
      await writeWholeFile(path, serializeState(work.contents.spec, trace.at(-1)!))
      return trace
    },
  }),
}

async function readShared(sharedDir: string, work: TrainingWork): Promise<State | undefined> {
  try {
    return parseState(work.contents.spec, await readFile(sharedPath(sharedDir, work)))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function sharedPath(sharedDir: string, { taskId, round }: Pick<TrainingWork, 'taskId' | 'round'>): string {
  return join(sharedDir, `task-${taskId}-round-${round}.safetensors`)
}
