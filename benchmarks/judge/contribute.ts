/** What a contributor does in a round, with the contributor's own functions. */
import { join } from 'node:path'
import { openSecrets } from '@assay/contributor/secrets.ts'
import { openTraceFiles, type WrittenTrace } from '@assay/contributor/trace-file.ts'
import { sampleTree } from '@assay/engine/package/data.ts'
import { type State, stateProof } from '@assay/engine/package/state.ts'
import { makeWindowEvidence } from '@assay/engine/run/evidence.ts'
import { type Border, trainWindows } from '@assay/engine/run/train.ts'
import { updateFile } from '@assay/engine/run/update.ts'
import type { Member, RoundFacts } from '@assay/oracle/round-facts.ts'
import { windowsToLookAt, windowsToReplay } from '@assay/oracle/verify/windows.ts'
import { submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { dataRootOf } from '@assay/sdk/protocol/data-root.ts'
import { type MerkleTree, treeRoot } from '@assay/sdk/protocol/merkle.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import { signEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { encryptEvidence, encryptEvidenceKey, type WindowReader } from '@assay/store/evidence-encryption.ts'
import { type Opening, signOpening } from '@assay/store/opening-record.ts'
import { evidenceKey as evidenceName, openingKey } from '@assay/store/records.ts'
import { hexToBytes, type PrivateKeyAccount, toHex } from 'viem'
import type { CpuClock } from './cpu-clock.ts'
import { CHAIN_ID, COHORT, type Federation, ROUNDS } from './federation.ts'
import type { Part } from './parts.ts'

/** A round that is played, and what measures and stores it. */
export type Played = {
  federation: Federation
  facts: RoundFacts
  base: State
  store: BlobStore
  clock: CpuClock<Part>
  /** Folder of the traces. */
  dir: string
}

type Own = { account: PrivateKeyAccount; secret: Hash; tree: MerkleTree; index: number; seed: Hash }

/** Trains as contributor `index`, publishes its opening, and evidence of what the first seat of its committee reads. */
export async function contribute(played: Played, index: number): Promise<Member> {
  const { federation, facts, clock } = played
  const account = federation.contributors[index]!
  const data = federation.shards[index]!
  const secret = secretsOf(played, account).data(facts.taskId)
  const own = {
    account,
    secret,
    // Made once when a contributor starts, and kept.
    tree: sampleTree(data, secret),
    index,
    seed: batchSeed({ ...facts, contributor: account.address }),
  }
  const trace = await clock.of('trace', () => writeTrace(played, own))
  const opening = await clock.of('opening', () => open(played, own, trace))
  const member = memberOf(played, own, opening)
  const seat = { cohort: COHORT, seat: 0 }
  const place = { facts, attempt: 0, seat } as const
  for (const { window, others } of [...windowsToReplay(place, member), ...windowsToLookAt(place, member)])
    await clock.of('evidence', () => show(played, own, { trace, member, window, others }))
  return member
}

async function writeTrace({ federation, facts, base, clock, dir }: Played, own: Own): Promise<WrittenTrace> {
  const { engine, task, shards } = federation
  const shard = { data: shards[own.index]!, round: facts.round, batchSeed: own.seed }
  async function* states() {
    const windows = trainWindows({ engine, base, ...shard })
    const next = (): Promise<IteratorResult<Border>> => clock.of('training', () => windows.next(), 0)
    for (let one = await next(); one.done !== true; one = await next()) yield one.value.state
  }
  await clock.of('training', () => undefined)
  return openTraceFiles(join(dir, String(own.index))).write(task.spec, states())
}

/** Commits to the training, and opens it, as after the seal. */
async function open(
  { federation, facts, store, dir }: Played,
  { account, secret, tree, index }: Own,
  { stateHashes, stateRoot, final }: WrittenTrace,
): Promise<Opening> {
  const { spec } = federation.task
  const last = stateHashes.length - 1
  const content = {
    updateHash: updateFile(spec, final).hash,
    stateRoot,
    steps: spec.steps,
    dataRoot: dataRootOf(treeRoot(tree), federation.shards[index]!.n),
  }
  const kept = await openTraceFiles(join(dir, String(index))).read({ stateRoot, stateHashes }, spec, last)
  const update = updateFile(spec, kept!)
  await store.put(update)
  const opening = {
    ...placeOf(facts, account),
    ...content,
    salt: secret,
    updateSizeBytes: update.sizeBytes,
    finalState: { stateHash: stateHashes[last]!, proof: stateProof(stateHashes, last) },
  }
  await store.putRecord(openingKey(submissionCommitment(opening)), await signOpening(opening, account))
  return opening
}

function placeOf({ taskId, round, baseModelHash }: RoundFacts, { address }: PrivateKeyAccount) {
  return { chainId: CHAIN_ID, rounds: ROUNDS, taskId, round, contributor: address, baseModelHash }
}

function memberOf(
  { federation: { crowd, shards } }: Played,
  { account, index }: Own,
  opening: Opening,
): Member {
  return {
    contributor: account.address,
    index,
    commitment: submissionCommitment(opening),
    enrolled: true,
    flagged: false,
    reputationBps: crowd.reputationBps,
    seen: crowd.seen,
    heldRounds: [],
    dataRoot: opening.dataRoot,
    sampleCount: shards[index]!.n,
  }
}

type Shown = { trace: WrittenTrace; member: Member; window: number; others: readonly WindowReader[] }

/** Publishes the evidence of a window, sealed to those who read it. */
async function show(played: Played, own: Own, { trace, member, window, others }: Shown): Promise<void> {
  const { federation, facts, store, dir } = played
  const { spec } = federation.task
  const { account, secret, tree, index, seed } = own
  const borderOf = (border: number) => openTraceFiles(join(dir, String(index))).read(trace, spec, border)
  const evidence = makeWindowEvidence({
    spec,
    window,
    stateHashes: trace.stateHashes,
    start: (await borderOf(0))!,
    stateBefore: (await borderOf(window))!,
    data: federation.shards[index]!,
    secret,
    tree,
    batchSeed: seed,
  })
  const place = { commitment: member.commitment, window }
  const key = secretsOf(played, account).evidenceKey(place, evidence)
  const encrypted = encryptEvidence(evidence, key, place)
  const blob = await store.put(encrypted)
  const self = facts.validators[facts.rosterIndex!]!
  const readers = [{ validator: self, encryptionKey: hexToBytes(facts.encryptionKeys.get(self)!) }, ...others]
  for (const reader of readers) {
    const name = evidenceName(member.commitment, window, reader.validator)
    const encryptedKey = toHex(encryptEvidenceKey(key, reader, place)!)
    const record = { blob, sizeBytes: encrypted.length, encryptedKey }
    await store.putRecord(name, await signEncryptedBlob(name, record, account))
  }
}

function secretsOf({ federation: { seed } }: Played, { address }: PrivateKeyAccount) {
  const reader = { deployment: { chainId: CHAIN_ID, contracts: { rounds: ROUNDS } } }
  return openSecrets({ config: { privateKey: seed }, reader }, `${address}${'0'.repeat(24)}`)
}
