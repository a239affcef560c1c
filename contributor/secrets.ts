import type { DaemonConfig } from '@assay/daemon/run-daemon.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { concatBytes, hexToBytes, sha256 } from 'viem'

/**
 * A contributor's secrets, all from one seed: whoever has the key can compute them again, so a lost database loses no round.
 * Each is bound to the chain and the contract, so that no deployment learns those of another.
 */
export type Secrets = {
  /** Behind the salts of the samples under the data root. */
  data(taskId: bigint): Hash
  /** Salt of a commitment to exactly this content. */
  commitment(taskId: bigint, round: number, content: Hash): Hash
  /** 64 bytes for encrypting this message to this key under this name, and nothing else. */
  encryption(key: string, publicKey: Uint8Array, message: Uint8Array): Uint8Array
}

/** @param keySeed secret; derived from the private key when left out */
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
      // The label keeps its old word: another one would encrypt the same evidence to other bytes after an update.
      const halves = [1n, 2n].map((half) => hexToBytes(deriveSeed(seed, 'sealing', half, ...binding)))
      return concatBytes(halves)
    },
  }
}
