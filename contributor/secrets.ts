import type { DaemonConfig } from '@assay/daemon/run-daemon.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { concatBytes, hexToBytes, sha256 } from 'viem'

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
  /** 64 random-looking bytes for encrypting this message to this key under this name, and for nothing else. */
  encryption(key: string, publicKey: Uint8Array, message: Uint8Array): Uint8Array
}

/** @param keySeed secret; derived from the private key if undefined */
export function openSecrets(
  { config, reader }: { config: Pick<DaemonConfig, 'privateKey'>; reader: Pick<AssayReader, 'deployment'> },
  keySeed: Hash | undefined,
): Secrets {
  const { chainId, contracts } = reader.deployment
  const root = keySeed ?? deriveSeed(config.privateKey, 'assay contributor')
  const seed = deriveSeed(root, 'place', BigInt(chainId), BigInt(contracts.rounds))
  return {
    data: (taskId) => deriveSeed(seed, 'data', taskId),
    commitment: (taskId, round, content) => deriveSeed(seed, 'commitment', taskId, BigInt(round), content),
    encryption: (key, publicKey, message) => {
      const binding = [sha256(new TextEncoder().encode(key)), sha256(publicKey), sha256(message)]
      // Never change this label: after an update of the program, the same evidence must be encrypted to the same bytes.
      const halves = [1n, 2n].map((half) => hexToBytes(deriveSeed(seed, 'sealing', half, ...binding)))
      return concatBytes(halves)
    },
  }
}
