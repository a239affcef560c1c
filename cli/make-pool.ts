import { randomBytes } from 'node:crypto'
import { bytesHash, type Hash } from '@assay/engine/hash.ts'
import { readAnyPool, writePool } from '@assay/engine/package/pool.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { CliError } from './failure.ts'
import { readPackage, readSampleBytes, sampleBytesOf } from './read-package.ts'

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
  const samples = readSampleBytes(sampleBytesOf(data), data, spec, { isPool: true })
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
