import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContributorBehaviour, TrainingWork } from '@assay/contributor/behaviour.ts'
import { parseState, type State, serializeState } from '@assay/engine/package/state.ts'
import { windowCount } from '@assay/engine/package/task-spec.ts'
import { delta } from '@assay/engine/run/update.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { straightTrace } from './fake-trace.ts'
import { noisy } from './gaussian.ts'

/** Length of the noise as a fraction of the copied update's. */
const DEFAULT_NOISE = 0.05

/**
 * Sends an accomplice's update with a little noise. Commitments hide updates until it is too late, so this needs somebody who gives
 * its update away: `accomplice`, with the same folder.
 */
export function copy(options: { seed: Hash; sharedDir: string; noise?: number }): ContributorBehaviour {
  const { seed, sharedDir, noise = DEFAULT_NOISE } = options
  return {
    train: async (work) => {
      const { base, contents, blocksSinceOpened } = work
      // The accomplice trains in the round's first block; reading earlier would make the outcome a matter of luck.
      const copied = blocksSinceOpened > 0 ? await readShared(sharedDir, work) : undefined
      if (!copied) return undefined
      const step = delta(contents.spec, base, copied)
      const rootMeanSquare = Math.sqrt(step.reduce((sum, value) => sum + value * value, 0) / step.length)
      const final = noisy(copied, { seed, sigma: noise * rootMeanSquare, work })
      return straightTrace(base, final, windowCount(contents.spec))
    },
  }
}

/** Works honestly, and leaves its update in a folder for whoever wants to copy it before it is opened. */
export function accomplice({ sharedDir }: { sharedDir: string }): ContributorBehaviour {
  return {
    train: async (work, honest) => {
      const trace = await honest()
      const path = sharedPath(sharedDir, work)
      await mkdir(sharedDir, { recursive: true })
      await writeFile(`${path}.tmp`, serializeState(work.contents.spec, trace.at(-1)!))
      await rename(`${path}.tmp`, path)
      return trace
    },
  }
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
