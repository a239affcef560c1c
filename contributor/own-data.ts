import { readFile, stat } from 'node:fs/promises'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { isRaw, rawSamples } from '@assay/engine/node/raw-samples.ts'
import { type Dataset, DEFAULT_DATA_LIMITS, readDataset, sampleTree } from '@assay/engine/package/data.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { dataRootOf } from '@assay/sdk/protocol/data-root.ts'
import { treeRoot } from '@assay/sdk/protocol/merkle.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { ContributorContext, OwnData } from './contributor-context.ts'

/** Most samples whose tree is kept in memory, 16 MB. That of more of them is made again for each window. */
const MOST_KEPT = 65_536

type DataNeeds = Pick<ContributorContext, 'config' | 'bench' | 'secrets' | 'params' | 'behaviour'>

/**
 * Reads the contributor's samples and computes their root, once.
 *
 * @throws FatalDaemonError when the file is missing, or isn't a data set of this task
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

/**
 * Refuses samples other than those that the chain has the root of: they would fail every replay.
 *
 * @param enrolledRoot from the chain, at a block at which the account is enrolled
 * @throws FatalDaemonError like {@link openOwnData}, and when the file or the key seed is another one than at enrolment
 */
export async function requireEnrolledData(
  { config, data }: Pick<ContributorContext, 'config' | 'data'>,
  enrolledRoot: Hash,
): Promise<void> {
  const { root } = await data()
  if (root === enrolledRoot) return
  const { dataFile, taskId } = config
  throw new FatalDaemonError(
    `The samples in ${dataFile} have the root ${root} under this key; the account enrolled in task ${taskId} with ${enrolledRoot}. Every check of its work would fail. Put the original file back, or leave the task (assay leave ${taskId}) and enrol again with this one.`,
  )
}

async function readOwnData({ config, bench, secrets, params, behaviour }: DataNeeds): Promise<OwnData> {
  const contents = await bench.package(params.specHash)
  try {
    const samples = await samplesAt(config.dataFile, contents)
    const dataset = behaviour.prepareData?.(samples, contents) ?? samples
    const secret = secrets.data(config.taskId)
    const tree = sampleTree(dataset, secret)
    const sampleRoot = treeRoot(tree)
    const root = dataRootOf(sampleRoot, dataset.n)
    return { dataset, secret, sampleRoot, tree: dataset.n > MOST_KEPT ? undefined : tree, root }
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new FatalDaemonError(`${config.dataFile} is not a data set of this task: ${error.message}`)
  }
}

/** Samples of a data file, or made of files of the contributor's own. */
async function samplesAt(path: string, contents: TaskPackage): Promise<Dataset> {
  if (await isRaw(path)) return rawSamples(path, contents)
  return readDataset(await readDataFile(path, DEFAULT_DATA_LIMITS.maxBytes), contents.spec)
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
