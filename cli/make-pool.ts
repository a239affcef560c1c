import { randomBytes } from 'node:crypto'
import { bytesHash, type Hash } from '@assay/engine/hash.ts'
import { columnsText, type Dataset, readPoolSamples } from '@assay/engine/package/data.ts'
import { readAnyPool, writePool } from '@assay/engine/package/pool.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { CliError } from './failure.ts'
import { readPackage, sampleBytesOf } from './read-package.ts'

/**
 * Writes samples as a held-out pool of a package, under a new secret salt. Only its owner can read the file.
 *
 * @throws CliError when the samples can't be a pool of the package
 */
export async function makePool(
  dir: string,
  { data, out }: { data: string; out: string },
): Promise<{ root: Hash; samples: number }> {
  const { spec } = await readPackage(dir)
  const samples = readFresh(data, spec)
  const bytes = writePool({ samples, saltSeed: bytesHash(randomBytes(32)) }, spec)
  try {
    const { root } = readAnyPool(bytes, spec)
    await writeWholeFile(out, bytes, { mode: 0o600 })
    return { root, samples: samples.n }
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError('usage', `No pool of ${data}: ${error.message}.`, 'Give --data other samples.')
  }
}

function readFresh(file: string, spec: TaskSpec): Dataset {
  const bytes = sampleBytesOf(file)
  try {
    return readPoolSamples(bytes, spec)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'usage',
      `The samples of ${file} can't be used: ${error.message}.`,
      `Give --data a safetensors file with ${columnsText(spec, { isPool: true })}.`,
    )
  }
}
