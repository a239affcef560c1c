import { DEFAULT_TOLERANCE, type Mode } from '@assay/engine/package/mode.ts'
import { Argument, type Command } from 'commander'
import { print } from '../answer.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { modeText } from '../mode-text.ts'
import { wholeNumber } from '../whole-number.ts'

type ModeOptions = { relativeL2Ppm?: number; tolerantBps?: number; json?: boolean }

/** Largest numbers that the options take; the package's own limits are lower. */
const MOST_PPM = 1_000_000
const MOST_BPS = 10_000

/** `assay package mode` */
export function addMode(parent: Command): void {
  addVerb(parent, {
    usage: 'mode <folder>',
    summary: "Make a package exact, or tolerant of other runtimes' bits.",
    details:
      'In an exact task every window of training is the same bits when a validator trains it again, and a false step costs stake. In a tolerant one it ends near them, so that contributors may train in another runtime or on a GPU: a window that ends too far away is not paid and costs no stake, and steps count for less. Only task.json changes, and the spec hash: a task on chain keeps the package that it was created of.',
    examples: [
      'assay package mode ./digits/package tolerant',
      'assay package mode ./digits/package tolerant --relative-l2-ppm 5000 --tolerant-bps 9000',
    ],
  })
    .addArgument(new Argument('<mode>', 'what training must be').choices(['exact', 'tolerant']))
    .option(
      '--relative-l2-ppm <number>',
      `how far a window may end from its replay, in millionths of what it changes (default: ${DEFAULT_TOLERANCE.relativeL2Ppm})`,
      wholeNumber('--relative-l2-ppm', MOST_PPM),
    )
    .option(
      '--tolerant-bps <number>',
      `what a step counts for, in ten-thousandths of an exact one (default: ${DEFAULT_TOLERANCE.tolerantBps})`,
      wholeNumber('--tolerant-bps', MOST_BPS),
    )
    .option('--json', 'data as JSON on stdout, everything else on stderr')
    .action(async (dir: string, name: 'exact' | 'tolerant', options: ModeOptions) => {
      const { specHash, spec } = await changed(dir, modeOf(name, options))
      const text = `${dir}: ${modeText(spec.mode)}; spec hash ${specHash}`
      print({ data: { specHash, mode: spec.mode }, text }, options.json)
    })
}

function modeOf(name: 'exact' | 'tolerant', { relativeL2Ppm, tolerantBps }: ModeOptions): Mode {
  if (name === 'tolerant')
    return {
      ...DEFAULT_TOLERANCE,
      ...(relativeL2Ppm !== undefined && { relativeL2Ppm }),
      ...(tolerantBps !== undefined && { tolerantBps }),
    }
  if (relativeL2Ppm === undefined && tolerantBps === undefined) return 'exact'
  throw new CliError(
    'usage',
    `${relativeL2Ppm === undefined ? '--tolerant-bps' : '--relative-l2-ppm'} is for tolerant packages, the mode is exact.`,
    'Leave it away, or make the package tolerant.',
  )
}

async function changed(dir: string, mode: Mode) {
  // Loaded only here: the other verbs start faster without an engine.
  const { changeMode } = await import('@assay/engine/node/package-mode.ts')
  const { EngineRefusal } = await import('@assay/engine/refusal.ts')
  try {
    return await changeMode(dir, mode)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'failed',
      `The mode of ${dir} can't be changed: ${error.message}.`,
      error.code === 'spec' ? 'Give numbers within these limits.' : 'Give the folder of a task package.',
    )
  }
}
