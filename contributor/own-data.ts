import { readFile, stat } from 'node:fs/promises'
import { remember } from '@assay/daemon/database.ts'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { DEFAULT_DATA_LIMITS, dataRoot, readDataset } from '@assay/engine/package/data.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { ContributorContext, OwnData } from './contributor-context.ts'

type DataNeeds = Pick<ContributorContext, 'config' | 'bench' | 'secrets' | 'params' | 'behaviour' | 'db'>

/**
 * Reads the contributor's samples and computes their root, once. The root is recorded. Samples with another root would
 * fail every replay, so they are refused.
 *
 * @throws FatalDaemonError when the file is missing, isn't a data set of this task, or changed since enrolment
 */
export function openOwnData(needs: DataNeeds): () => Promise<OwnData> {
  let opened: Promise<OwnData> | undefined
  return () => {
    opened ??= readOwnData(needs).catch((error) => {
      opened = undefined
      throw error
    })
    return opened
  }
}

async function readOwnData({ config, bench, secrets, params, behaviour, db }: DataNeeds): Promise<OwnData> {
  const contents = await bench.package(params.specHash)
  const bytes = await readDataFile(config.dataFile, DEFAULT_DATA_LIMITS.maxBytes)
  try {
    const samples = readDataset(bytes, contents.spec)
    const dataset = behaviour.prepareData?.(samples, contents) ?? samples
    const secret = secrets.data(config.taskId)
    const root = dataRoot(dataset, secret)
    const kept = remember(db, `data-root/${config.taskId}`, root)
    if (kept === root) return { dataset, secret, root }
    throw new FatalDaemonError(
      `The samples in ${config.dataFile} have the root ${root}; this contributor committed to ${kept}. Put the original file back, or leave the task and enrol again with a new data directory.`,
    )
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new FatalDaemonError(`${config.dataFile} is not a data set of this task: ${error.message}`)
  }
}

async function readDataFile(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size <= maxBytes) return await readFile(path)
    throw new FatalDaemonError(
      `${path} has ${size} bytes; at most ${maxBytes} are read. Enrol with fewer samples.`,
    )
  } catch (error) {
    if (error instanceof FatalDaemonError) throw error
    throw new FatalDaemonError(
      `The samples in ${path} cannot be read (${(error as Error).message}). Name the file with dataFile.`,
    )
  }
}
