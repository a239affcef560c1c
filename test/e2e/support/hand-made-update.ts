import { updateBytes } from '@assay/engine/fixtures/update-bytes.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { type Dataset, dataRoot } from '@assay/engine/package/data.ts'
import { type State, stateHash, stateProof, stateRoot } from '@assay/engine/package/state.ts'
import { makeWindowEvidence } from '@assay/engine/run/evidence.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { StepCase } from '@assay/engine/run/step-case.ts'
import { type Training, train } from '@assay/engine/run/train.ts'
import { submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import { signEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { encryptEvidence, encryptEvidenceKey, type WindowReader } from '@assay/store/evidence-encryption.ts'
import { type Opening, signOpening } from '@assay/store/opening-record.ts'
import { openingKey, evidenceKey as recordKey } from '@assay/store/records.ts'
import { type Address, hexToBytes, type PrivateKeyAccount, toHex, zeroHash } from 'viem'

/** Where an update belongs. */
type UpdatePlace = {
  chainId: number
  rounds: Address
  taskId: bigint
  round: number
  previousBeacon: Hash
  baseModelHash: Hash
}

/** An update made by a test's hand, so that each part of it can be wrong on purpose. */
export type HandMadeUpdate = {
  account: PrivateKeyAccount
  data: Dataset
  secret: Hash
  training: Training
  /** The blob as it is published; a hostile one need not be the training's. */
  blob: Uint8Array
  opening: Opening
  commitment: Hash
  batchSeed: Hash
}

export type UpdateOptions = {
  engine: Engine
  base: State
  place: UpdatePlace
  account: PrivateKeyAccount
  data: Dataset
  /** Published instead of the trained state. */
  blob?: Uint8Array
  /** Claimed as last state of the trace instead of the trained one: a trace that ends elsewhere. */
  fakeFinal?: State
  opening?: Partial<Opening>
}

/** The secret behind a test contributor's data root. */
export function dataSecretOf(contributor: Address): Hash {
  return deriveSeed(zeroHash, 'test data secret', BigInt(contributor))
}

/** Trains an update as a contributor would, or fakes parts of it, and commits to it. */
export async function makeUpdate(options: UpdateOptions): Promise<HandMadeUpdate> {
  const { engine, base, place, account, data, fakeFinal } = options
  const { previousBeacon, ...committed } = place
  const secret = dataSecretOf(account.address)
  const seed = batchSeed({ ...place, contributor: account.address })
  const honest = await train({ engine, base, data, round: place.round, batchSeed: seed })
  const training = fakeFinal === undefined ? honest : withFinal(engine, honest, fakeFinal)
  const blob = options.blob ?? updateBytes(engine.spec, training.final)
  const last = training.stateHashes.length - 1
  const opening: Opening = {
    ...committed,
    contributor: account.address,
    updateHash: blobHash(blob),
    stateRoot: training.stateRoot,
    steps: engine.spec.steps,
    dataRoot: dataRoot(data, secret),
    salt: deriveSeed(seed, 'test salt'),
    updateSizeBytes: blob.length,
    finalState: { stateHash: training.stateHashes[last]!, proof: stateProof(training.stateHashes, last) },
    ...options.opening,
  }
  return {
    account,
    data,
    secret,
    training,
    blob,
    opening,
    commitment: submissionCommitment(opening),
    batchSeed: seed,
  }
}

function withFinal({ spec }: Engine, honest: Training, final: State): Training {
  const stateHashes = [...honest.stateHashes.slice(0, -1), stateHash(spec, final)]
  const borders = [...honest.borders.slice(0, -1), final]
  return { ...honest, final, borders, stateHashes, stateRoot: stateRoot(stateHashes) }
}

/** Publishes blob and opening. */
export async function publishUpdate(store: BlobStore, update: HandMadeUpdate): Promise<void> {
  await store.put(update.blob)
  await store.putRecord(openingKey(update.commitment), await signOpening(update.opening, update.account))
}

/** The evidence of a window. */
export function evidenceOf({ spec }: Engine, update: HandMadeUpdate, window: number): Uint8Array {
  const { training, data, secret, batchSeed: seed } = update
  const { stateHashes, borders } = training
  return makeWindowEvidence({
    spec,
    window,
    stateHashes,
    start: borders[0]!,
    stateBefore: borders[window]!,
    stateAfter: borders[window + 1]!,
    data,
    secret,
    batchSeed: seed,
  })
}

/** What a case about a window is computed from. */
export function stepCaseOf(engine: Engine, update: HandMadeUpdate, window: number): StepCase {
  const { opening: fields, data } = update
  return { window, fields, sampleCount: data.n, evidence: evidenceOf(engine, update, window) }
}

/** A state that no training gives: half of another one. */
export function halved(state: State): State {
  return new Map([...state].map(([name, data]) => [name, data.map((x) => x / 2)]))
}

/** Publishes the evidence of a window for its readers; `of` shows another window's instead. */
export async function publishEvidence(
  store: BlobStore,
  engine: Engine,
  update: HandMadeUpdate,
  to: { window: number; readers: readonly WindowReader[]; of?: number },
): Promise<void> {
  const { batchSeed: seed, commitment, account } = update
  const evidence = evidenceOf(engine, update, to.of ?? to.window)
  const place = { commitment, window: to.window }
  // The same evidence is always encrypted alike, so that a test that goes back in time can publish it again.
  const evidenceKey = hexToBytes(deriveSeed(seed, 'test evidence key', blobHash(evidence)))
  const encrypted = encryptEvidence(evidence, evidenceKey, place)
  const blob = await store.put(encrypted)
  for (const reader of to.readers) {
    const key = recordKey(commitment, to.window, reader.validator)
    const encryptedKey = encryptEvidenceKey(evidenceKey, reader, place)!
    const record = { blob, sizeBytes: encrypted.length, encryptedKey: toHex(encryptedKey) }
    await store.putRecord(key, await signEncryptedBlob(key, record, account))
  }
}
