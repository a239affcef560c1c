import type { Command } from 'commander'
import { print } from '../answer.ts'
import { addVerb, group } from '../command.ts'
import { CliError } from '../failure.ts'

/** `assay package convert` */
export function addPackage(program: Command): void {
  const parent = group(program, {
    usage: 'package',
    summary: 'Bring a task package of an older format over.',
    examples: ['assay package convert ./old-digits ./digits'],
  })
  addConvert(parent)
}

function addConvert(parent: Command): void {
  addVerb(parent, {
    usage: 'convert <folder> <new-folder>',
    summary: 'Write a package of an older format as one of the present format.',
    details:
      'The new folder gets package/ and, beside it, pool.safetensors: the held-out pool, which was in the package before. Give the pool to validators alone. Graphs and weights stay as they are, but the spec hash is new: create a task of the new package. Samples of a pool that contributors have had already are of no use; a new pool is better.',
    examples: ['assay package convert ./old-digits ./digits'],
  })
    .option('--json', 'data as JSON on stdout, everything else on stderr')
    .action(async (dir: string, out: string, { json }: { json?: boolean }) => {
      const { packageDir, poolFile, specHash, samples } = await convert(dir, out)
      const text = `${packageDir}: the package, spec hash ${specHash}\n${poolFile}: the held-out pool of ${samples} samples, for validators alone`
      print({ data: { package: packageDir, pool: poolFile, specHash, samples }, text }, json)
    })
}

async function convert(dir: string, out: string) {
  // Loaded only here: the other verbs start faster without an engine.
  const { convertPackage } = await import('@assay/engine/node/convert-package.ts')
  const { EngineRefusal } = await import('@assay/engine/refusal.ts')
  try {
    const { converted, packageDir, poolFile } = await convertPackage(dir, out)
    const { specHash, spec } = converted
    return { packageDir, poolFile, specHash, samples: spec.pool.samples }
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'failed',
      `The package ${dir} can't be converted: ${error.message}.`,
      'Give the folder of a package of the format before this one, unchanged, and a new folder.',
    )
  }
}
