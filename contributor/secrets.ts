import type { DaemonConfig } from '@assay/daemon/run-daemon.ts'
import type { RoundsPlace } from '@assay/sdk/client/deployment.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import type { WindowPlace } from '@assay/store/evidence-encryption.ts'
import { hexToBytes, sha256 } from 'viem'

/**
 * A contributor's secrets, all derived from one seed. The key alone gives them back, so no round is lost with the
 * database. Each is bound to chain and contract, so that what is revealed on one deployment tells nothing about
 * another.
 */
export type Secrets = {
  /** Secret that the salts of the samples under the data root come from. */
  data(taskId: bigint): Hash
  /** Salt of the commitment to this content. */
  commitment(taskId: bigint, round: number, content: Hash): Hash
  /** 32 random-looking bytes: the key of this evidence of a window, and of nothing else. */
  evidenceKey(place: WindowPlace, evidence: Uint8Array): Uint8Array
}

/** @param keySeed secret; derived from the private key if undefined */
export function openSecrets(
  { config, reader }: { config: Pick<DaemonConfig, 'privateKey'>; reader: { deployment: RoundsPlace } },
  keySeed: Hash | undefined,
): Secrets {
  const { chainId, contracts } = reader.deployment
  const root = keySeed ?? deriveSeed(config.privateKey, 'assay contributor')
  const seed = deriveSeed(root, 'place', BigInt(chainId), BigInt(contracts.rounds))
  return {
    data: (taskId) => deriveSeed(seed, 'data', taskId),
    commitment: (taskId, round, content) => deriveSeed(seed, 'commitment', taskId, BigInt(round), content),
    // Never change this label: after an update of the program, the same evidence must be encrypted to the same bytes.
    evidenceKey: ({ commitment, window }, evidence) =>
      hexToBytes(deriveSeed(seed, 'evidence key', commitment, BigInt(window), sha256(evidence))),
  }
}
