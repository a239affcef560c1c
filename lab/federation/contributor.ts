import { type Dataset, sampleTree } from '@assay/engine/package/data.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { dataRootOf } from '@assay/sdk/protocol/data-root.ts'
import { type MerkleTree, treeRoot } from '@assay/sdk/protocol/merkle.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { NEWCOMER, type Standing } from '@assay/sdk/protocol/settlement.ts'
import type { PrivateKeyAccount } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { LabBehaviour } from '../attacks/attack.ts'
import type { Work } from './work.ts'

/** A contributor with what the chain would know of it. */
export type LabContributor = {
  index: number
  isAttacker: boolean
  account: PrivateKeyAccount
  behaviour: LabBehaviour
  /** The samples that it enrolled with, and the secret of their salts. */
  data: Dataset
  secret: Hash
  tree: MerkleTree
  dataRoot: Hash
  standing: Standing
  /** Rounds that pay is held of, in their order. */
  heldRounds: number[]
  /** Reward wei. */
  credited: bigint
  /** Its works by round. */
  works: Map<number, Work>
}

/** Enrols somebody. The same seed and index give the same account, whoever attacks. */
export function enrol(
  { seed, contents, beacon }: { seed: Hash; contents: TaskPackage; beacon: Hash },
  one: { index: number; isAttacker: boolean; shard: Dataset; behaviour: LabBehaviour },
): LabContributor {
  const { index, isAttacker, shard, behaviour } = one
  const account = accountOf({ seed, beacon }, one)
  const data = behaviour.prepareData?.(shard, contents) ?? shard
  const secret = deriveSeed(seed, 'salts of samples', BigInt(index))
  const tree = sampleTree(data, secret)
  return {
    index,
    isAttacker,
    account,
    behaviour,
    data,
    secret,
    tree,
    dataRoot: dataRootOf(treeRoot(tree), data.n),
    standing: NEWCOMER,
    heldRounds: [],
    credited: 0n,
    works: new Map(),
  }
}

/** Accounts that somebody makes who chooses among them. */
const ACCOUNTS_TO_CHOOSE = 64

function accountOf(
  { seed, beacon }: { seed: Hash; beacon: Hash },
  { index, behaviour: { chooseAccount } }: { index: number; behaviour: LabBehaviour },
): PrivateKeyAccount {
  const own = privateKeyToAccount(deriveSeed(seed, 'contributor', BigInt(index)))
  if (chooseAccount === undefined) return own
  const others = Array.from({ length: ACCOUNTS_TO_CHOOSE - 1 }, (_, i) =>
    privateKeyToAccount(deriveSeed(seed, 'other account', BigInt(index), BigInt(i))),
  )
  const all = [own, ...others]
  return all[
    chooseAccount(
      all.map(({ address }) => address),
      beacon,
    )
  ]!
}
