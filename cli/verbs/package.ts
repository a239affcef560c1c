import type { Grid } from '@assay/engine/package/sample-spec.ts'
import type { Command } from 'commander'
import { print } from '../answer.ts'
import type { CheckOptions } from '../check-package.ts'
import { addVerb, group } from '../command.ts'
import { CliError } from '../failure.ts'
import { gridOption } from '../grid.ts'
import { sizeOption } from '../size.ts'
import { addMode } from './package-mode.ts'

/** `assay package check|pool|mode|convert` */
export function addPackage(program: Command): void {
  const parent = group(program, {
    usage: 'package',
    summary:
      'Try a task package on this machine, make a new pool for it, change its mode, or bring one of an older format over.',
    examples: ['assay package check ./digits/package --terms terms.json'],
  })
  addCheck(parent)
  addPool(parent)
  addMode(parent)
  addConvert(parent)
}

function addCheck(parent: Command): void {
  addVerb(parent, {
    usage: 'check <folder>',
    summary: 'Run a package in a sandbox, as task create, enrol and join do before money moves.',
    details:
      'Both graphs are run on real samples (the held-out pool or --data) and on the extremes that somebody may send: features of 0, the largest and the smallest numbers, first and last labels, weights of any size. Times are compared with the phases of --terms, sizes with what a store takes, the pool with its root, and --data with the pool: contributors must not have any of it.',
    examples: ['assay package check ./digits/package --terms terms.json'],
  })
    .option('--pool <file>', 'the held-out pool (default: pool.safetensors beside the folder)')
    .option(
      '--data <path...>',
      'samples of contributors: data files, or their own files as assay data prepare reads them',
    )
    .option('--terms <file>', "a task's terms: tells whether this machine meets the phases")
    .option(
      '--max-blob <size>',
      'the largest blob that the stores take (default: 256 MiB)',
      sizeOption('--max-blob'),
    )
    .option('--force', "only say what this machine, the store or the pool can't do")
    .option('--json', 'data as JSON on stdout, everything else on stderr')
    .action(async (dir: string, options: CheckOptions & { json?: boolean }) => {
      // Loaded only here: the other verbs start faster without an engine.
      const { checkPackage } = await import('../check-package.ts')
      print(await checkPackage(dir, options), options.json)
    })
}

function addPool(parent: Command): void {
  addVerb(parent, {
    usage: 'pool <folder> <new-file>',
    summary: 'Make a held-out pool of fresh samples, to replace that of a running task.',
    details:
      'The samples are like those of the pool that the package names, at most as many, and no contributor must have any of them. The file is for validators alone: announce it with assay task announce-pool, then seal it to them.',
    examples: ['assay package pool ./digits/package ./next.safetensors --data fresh.safetensors'],
  })
    .requiredOption('--data <file>', 'the samples: a data file, as assay data prepare --preprocess writes it')
    .option('--json', 'data as JSON on stdout, everything else on stderr')
    .action(async (dir: string, out: string, { data, json }: { data: string; json?: boolean }) => {
      // Loaded only here: the other verbs start faster without an engine.
      const { makePool } = await import('../make-pool.ts')
      const { root, samples } = await makePool(dir, { data, out })
      const text = `${out}: a held-out pool of ${samples} samples with the root ${root}, for validators alone`
      print({ data: { pool: out, poolRoot: root, samples }, text }, json)
    })
}

function addConvert(parent: Command): void {
  addVerb(parent, {
    usage: 'convert <folder> <new-folder>',
    summary: 'Write a package of an older format as one of the present format.',
    details:
      'The new folder gets package/. A package of the oldest format held the held-out pool: that becomes pool.safetensors beside it. Give the pool to validators alone. Other packages keep their pool and its file. Graphs and weights stay as they are, but the spec hash is new: create a task of the new package. Samples of a pool that contributors have had already are of no use; a new pool is better.',
    examples: [
      'assay package convert ./old-digits ./digits',
      'assay package convert ./old-digits ./digits --grid 28x28',
    ],
  })
    .option(
      '--grid <sizes>',
      'how features lie in space: height x width x channels (1), and ",channels-first" if each channel is stored on its own. With it, validators find shifted copies of the pool, too',
      gridOption('--grid'),
    )
    .option('--json', 'data as JSON on stdout, everything else on stderr')
    .action(async (dir: string, out: string, { grid, json }: { grid?: Grid; json?: boolean }) => {
      const { packageDir, poolFile, specHash, samples } = await convert(dir, out, grid)
      const pool =
        poolFile === undefined
          ? `The held-out pool of ${samples} samples is that of the old package: use its file.`
          : `${poolFile}: the held-out pool of ${samples} samples, for validators alone`
      const text = `${packageDir}: the package, spec hash ${specHash}\n${pool}`
      print({ data: { package: packageDir, pool: poolFile ?? null, specHash, samples }, text }, json)
    })
}

async function convert(dir: string, out: string, grid: Grid | undefined) {
  // Loaded only here: the other verbs start faster without an engine.
  const { convertPackage } = await import('@assay/engine/node/convert-package.ts')
  const { EngineRefusal } = await import('@assay/engine/refusal.ts')
  try {
    const { converted, packageDir, poolFile } = await convertPackage(dir, out, { grid })
    const { specHash, spec } = converted
    return { packageDir, poolFile, specHash, samples: spec.pool.samples }
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'failed',
      `The package ${dir} can't be converted: ${error.message}.`,
      error.code === 'graph'
        ? 'Mend the graph and write the package anew: it could not be used before either.'
        : `Give the folder of a package of an older format, unchanged, ${grid ? 'a new folder, and a --grid of as many values as a sample has' : 'and a new folder'}.`,
    )
  }
}
