import { readFile } from 'node:fs/promises'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { type StepCharge, stepCharge } from '@assay/oracle/court/step-charge.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import { privateKeyToAccount } from 'viem/accounts'
import { say } from './answer.ts'
import { CliError } from './failure.ts'
import { type KeyOptions, namesKey, privateKeyOf } from './options.ts'
import { storesOf } from './store-options.ts'
import { packageOf } from './task-package.ts'

type CaseFileOptions = KeyOptions & StoreOptions & { falseStep: string; round: number; package?: string }

/** Puts a blob into the task's stores. */
export type PutBlob = (bytes: Uint8Array) => Promise<void>

/** A charge out of a kept file, and what puts its evidence, or another blob, into the stores. */
export type CaseFile = {
  charge: StepCharge
  put: () => Promise<void>
  putBlob: PutBlob
}

/**
 * Reads what an oracle kept of a replay that found a false step.
 *
 * @throws CliError when the file can't be read or is malformed, AssayError when it belongs to no submission of the round
 */
export async function readCaseFile(
  options: CaseFileOptions,
  reader: AssayReader,
  { taskId, params }: { taskId: bigint; params: TaskParams },
): Promise<CaseFile> {
  const clear = await contentOf(options.falseStep)
  const { spec } = await packageOf(options, { ...params, taskId })
  const { round } = options
  const charge = await stepCharge(reader, { spec, taskId, round, clear }).catch((error) => {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'usage',
      `${options.falseStep} is no evidence of a false step: ${error.message}.`,
      "Give a file of an oracle's data directory, in false-steps.",
    )
  })
  const putBlob = putBlobOf(options, taskId)
  return { charge, put: () => putBlob(charge.blob), putBlob }
}

/** Puts a blob into the stores that the options name. */
export function putBlobOf(options: KeyOptions & StoreOptions, taskId: bigint): PutBlob {
  return async (bytes) => {
    const { openStores } = await import('@assay/store/open-store.ts')
    // A shared folder needs no signature, and neither does a server that asks no chain.
    const signing = namesKey(options)
      ? { account: privateKeyToAccount(await privateKeyOf(options)), taskId }
      : {}
    const locations = storesOf(options).map((location) => ({ ...location, ...signing }))
    const onTrouble = (name: string, error: Error) => say(`The store ${name} has trouble: ${error.message}`)
    await (await openStores(locations, { onTrouble })).put(bytes)
  }
}

async function contentOf(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('usage', `The evidence can't be read: ${reason}`, 'Check --false-step.')
  }
}
