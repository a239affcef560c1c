import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type StepCase, writeStepCase } from '@assay/engine/run/step-case.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import { encryptCaseEvidence } from '@assay/store/case-evidence.ts'
import type { Address } from 'viem'
import type { JudgeContext } from '../judge-context.ts'
import type { OracleContext } from '../oracle-context.ts'
import { placeOf } from './case-evidence.ts'

/** A window whose training this oracle found to end in another state, and the file with what shows it. */
export type KeptStep = { taskId: bigint; round: number; contributor: Address; window: number; file: string }

type Keeper = Pick<JudgeContext, 'config'>

const NAME = /^(\d+)-(\d+)-(0x[0-9a-f]{40})-(\d+)\.safetensors$/
/** Evidence shows samples of contributors: nobody else on the machine reads it. */
const PRIVATE = { file: 0o600, folder: 0o700 }

/** Of replays, and of readings: those wait for the reading's verdict, because they show what a reader voted. */
type Shelf = 'false-steps' | 'read-steps'

const folderOf = ({ config }: Keeper, shelf: Shelf) => join(config.dataDir, shelf)

/** Keeps what shows a false step, on disk when this returns: the case may open hours later, and take days. */
export async function keepStep(
  context: Keeper,
  { round, contributor }: Pick<KeptStep, 'round' | 'contributor'>,
  shown: StepCase,
): Promise<void> {
  const of = { taskId: context.config.taskId, round, contributor, window: shown.window }
  await keep(folderOf(context, 'false-steps'), of, writeStepCase(shown))
}

/**
 * Keeps what a replay was shown when it ends in another state. The miss stands even where it can't be kept: then nobody is accused of
 * it.
 */
export function stepKeeper(
  context: Keeper & Pick<JudgeContext, 'log'>,
  of: Pick<KeptStep, 'round' | 'contributor'> & Pick<StepCase, 'fields' | 'sampleCount'>,
): (shown: Pick<StepCase, 'window' | 'evidence'>) => Promise<void> {
  const { round, contributor, ...known } = of
  return async (shown) => {
    try {
      await keepStep(context, { round, contributor }, { ...known, ...shown })
    } catch (error) {
      context.log.error({ round, contributor, window: shown.window, error }, 'a false step can not be kept')
    }
  }
}

/** Keeps what shows a reader that a window ends in another state. The vote stands even where it can't be kept. */
export async function keepReadStep(
  context: Keeper & Pick<JudgeContext, 'log'>,
  facts: CaseFacts,
  evidence: Uint8Array,
): Promise<void> {
  const { taskId, round, defendant: contributor, subject: window } = facts
  try {
    await keep(folderOf(context, 'read-steps'), { taskId, round, contributor, window }, evidence)
  } catch (error) {
    context.log.error({ round, contributor, window, error }, 'a false step can not be kept')
  }
}

async function keep(
  folder: string,
  { taskId, round, contributor, window }: Omit<KeptStep, 'file'>,
  content: Uint8Array,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: PRIVATE.folder })
  const name = `${taskId}-${round}-${contributor.toLowerCase()}-${window}.safetensors`
  await writeWholeFile(join(folder, name), [content], { mode: PRIVATE.file })
}

/** All that is kept, by name. */
export async function keptSteps(context: Keeper, shelf: Shelf = 'false-steps'): Promise<KeptStep[]> {
  const folder = folderOf(context, shelf)
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.sort().flatMap((name) => {
    const [, taskId, round, contributor, window] = NAME.exec(name) ?? []
    if (taskId === undefined) return []
    return [
      {
        taskId: BigInt(taskId),
        round: Number(round),
        contributor: contributor as Address,
        window: Number(window),
        file: join(folder, name),
      },
    ]
  })
}

/** Removes what no case can need any more. */
export async function dropStep({ file }: KeptStep): Promise<void> {
  await rm(file, { force: true })
}

/**
 * Puts a case's evidence into the stores once more if they have lost it, and this oracle still has it.
 *
 * @throws StoreError 'unavailable' when they don't say so before the signal aborts
 */
export async function restoreEvidence(
  context: OracleContext,
  facts: CaseFacts,
  signal: AbortSignal,
): Promise<void> {
  if (await context.store.has(facts.evidence, { signal })) return
  const { defendant, subject } = facts
  const all = [...(await keptSteps(context)), ...(await keptSteps(context, 'read-steps'))]
  const kept = all.find(
    ({ taskId, round, contributor, window }) =>
      taskId === facts.taskId &&
      round === facts.round &&
      window === subject &&
      contributor === defendant.toLowerCase(),
  )
  if (kept === undefined) return
  const clear = new Uint8Array(await readFile(kept.file))
  await context.store.put(encryptCaseEvidence(clear, placeOf(context.reader.deployment, facts)).blob)
}
